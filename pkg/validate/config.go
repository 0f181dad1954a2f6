package validate

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/pkg/release"
)

// mostData is the size of all the values of a ConfigMap or Secret, at most.
const mostData = 1 << 20

// config adds the rules for what is in a namespace besides workloads
// (k8s.io/kubernetes, pkg/apis/core/validation).
func config(s table) {
	s.on("core.v1.ConfigMap", configMap)
	s.on("core.v1.Secret", secret)
	s.on("core.v1.NamespaceSpec", field("finalizers", func(n node) { n.checkFinalizers(false) }))
	s.on("core.v1.Namespace", field("metadata", field("labels", podSecurityLabels)))
}

// configMap: a key stands in data or in binaryData.
func configMap(n node) {
	data, binary := n.field("data"), n.field("binaryData")
	size := dataKeys(data, false) + dataKeys(binary, true)
	binaries, _ := binary.value.(map[string]any)
	for key, value := range data.entries() {
		if _, ok := binaries[key]; ok {
			value.fail(ruleDuplicate, "binaryData has the same key")
		}
	}
	checkSize(n, size)
}

// dataKeys checks the keys of data, and returns the size of its values, which
// may be in base64.
func dataKeys(n node, encoded bool) int {
	size := 0
	for key, value := range n.entries() {
		value.key(validation.IsConfigMapKey(key))
		text := value.text()
		if encoded {
			size += base64.RawStdEncoding.DecodedLen(len(strings.TrimRight(text, "=")))
		} else {
			size += len(text)
		}
	}
	return size
}

func checkSize(n node, size int) {
	if size > mostData {
		n.fail(ruleValue, fmt.Sprintf("want values of at most %d bytes in all, got %d", mostData, size))
	}
}

// secret: what must be in a secret follows from its type.
func secret(n node) {
	checkSize(n, dataKeys(n.field("data"), true)+dataKeys(n.field("stringData"), false))
	switch n.field("type").text() {
	case "kubernetes.io/service-account-token":
		n.field("metadata", "annotations", "kubernetes.io/service-account.name").run(required)
	case "kubernetes.io/dockercfg":
		secretJSON(n, ".dockercfg")
	case "kubernetes.io/dockerconfigjson":
		secretJSON(n, ".dockerconfigjson")
	case "kubernetes.io/basic-auth":
		_, username := secretValue(n, "username")
		_, password := secretValue(n, "password")
		if !username && !password {
			n.field("data").fail(ruleRequired, "want username or password, got none")
		}
	case "kubernetes.io/ssh-auth":
		if key, _ := secretValue(n, "ssh-privatekey"); key == "" {
			n.field("data", "ssh-privatekey").fail(ruleRequired, "is required, got none")
		}
	case "kubernetes.io/tls":
		for _, key := range []string{"tls.crt", "tls.key"} {
			if _, ok := secretValue(n, key); !ok {
				n.field("data", key).fail(ruleRequired, "is required, got none")
			}
		}
	}
}

// secretValue returns the value of a key of a secret: that of stringData, which
// wins, or that of data.
func secretValue(n node, key string) (string, bool) {
	for _, name := range []string{"stringData", "data"} {
		data := n.field(name)
		values, _ := data.value.(map[string]any)
		if _, ok := values[key]; !ok {
			continue
		}
		text := data.field(key).text()
		if name == "data" {
			decoded, _ := data.field(key).bytes()
			text = string(decoded)
		}
		return text, true
	}
	return "", false
}

// secretJSON asks for a key whose value is a JSON object.
func secretJSON(n node, key string) {
	text, ok := secretValue(n, key)
	if !ok {
		n.field("data", key).fail(ruleRequired, "is required, got none")
		return
	}
	if err := json.Unmarshal([]byte(text), &map[string]any{}); err != nil {
		n.field("data", key).fail(ruleFormat, "want a JSON object: "+err.Error())
	}
}

// podSecurityLabels checks the labels of a namespace that say which Pod Security
// Standard its pods must meet. An admission plugin does that, which every API
// server has (k8s.io/pod-security-admission, api/helpers.go).
func podSecurityLabels(n node) {
	for key, value := range n.entries() {
		mode, ok := strings.CutPrefix(key, "pod-security.kubernetes.io/")
		if !ok {
			continue
		}
		switch mode {
		case "enforce", "audit", "warn":
			levels := []string{"privileged", "baseline", "restricted"}
			value.run(required, oneOf(levels...))
		case "enforce-version", "audit-version", "warn-version":
			if text := value.text(); text != "latest" && !minorVersion().MatchString(text) {
				value.fail(ruleFormat, `want "latest" or a version as "v`+release.Oldest.String()+`", `+value.got())
			}
		}
	}
}

var minorVersion = pattern.New(`^v1\.(0|[1-9][0-9]*)$`)
