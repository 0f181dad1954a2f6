package rules

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// mostData is the limit of all the values of a ConfigMap or Secret, in bytes.
const mostData = 1 << 20

// config adds the rules for objects in a namespace that are no workloads.
func config(s engine.Table) {
	s.On("core.v1.ConfigMap", configMap)
	s.On("core.v1.Secret", secret)
	s.On("core.v1.NamespaceSpec", engine.Field("finalizers", func(n engine.Node) { n.CheckFinalizers(false) }))
	s.On("core.v1.Namespace", engine.Field("metadata", engine.Field("labels", podSecurityLabels)))
}

// configMap: a key is either in data or in binaryData.
func configMap(n engine.Node) {
	data, binary := n.Field("data"), n.Field("binaryData")
	size := dataKeys(data, false) + dataKeys(binary, true)
	binaries, _ := binary.Value.(map[string]any)
	for key, value := range data.Entries() {
		if _, ok := binaries[key]; ok {
			value.Fail(engine.RuleDuplicate, "binaryData has the same key")
		}
	}
	checkSize(n, size)
}

// dataKeys checks the keys of data, and returns the size of its values, which
// may be in base64.
func dataKeys(n engine.Node, encoded bool) int {
	size := 0
	for key, value := range n.Entries() {
		value.KeyProblems(validation.IsConfigMapKey(key))
		text := value.Text()
		if encoded {
			size += base64.RawStdEncoding.DecodedLen(len(strings.TrimRight(text, "=")))
		} else {
			size += len(text)
		}
	}
	return size
}

func checkSize(n engine.Node, size int) {
	if size > mostData {
		n.Fail(engine.RuleValue, fmt.Sprintf("want values of at most %d bytes in all, got %d", mostData, size))
	}
}

// secret: the type of a secret determines the keys or annotations that it must have.
func secret(n engine.Node) {
	checkSize(n, dataKeys(n.Field("data"), true)+dataKeys(n.Field("stringData"), false))
	switch n.Field("type").Text() {
	case "kubernetes.io/service-account-token":
		n.Field("metadata", "annotations", "kubernetes.io/service-account.name").Run(engine.Required)
	case "kubernetes.io/dockercfg":
		secretJSON(n, ".dockercfg")
	case "kubernetes.io/dockerconfigjson":
		secretJSON(n, ".dockerconfigjson")
	case "kubernetes.io/basic-auth":
		_, username := secretValue(n, "username")
		_, password := secretValue(n, "password")
		if !username && !password {
			n.Field("data").Fail(engine.RuleRequired, "want username or password, got none")
		}
	case "kubernetes.io/ssh-auth":
		if key, _ := secretValue(n, "ssh-privatekey"); key == "" {
			n.Field("data", "ssh-privatekey").Fail(engine.RuleRequired, "is required, got none")
		}
	case "kubernetes.io/tls":
		for _, key := range []string{"tls.crt", "tls.key"} {
			if _, ok := secretValue(n, key); !ok {
				n.Field("data", key).Fail(engine.RuleRequired, "is required, got none")
			}
		}
	}
}

// secretValue returns the value of a key of a secret, from stringData, which takes
// precedence, or from data.
func secretValue(n engine.Node, key string) (string, bool) {
	for _, name := range []string{"stringData", "data"} {
		data := n.Field(name)
		values, _ := data.Value.(map[string]any)
		if _, ok := values[key]; !ok {
			continue
		}
		text := data.Field(key).Text()
		if name == "data" {
			decoded, _ := data.Field(key).Bytes()
			text = string(decoded)
		}
		return text, true
	}
	return "", false
}

// secretJSON requires a key whose value is a JSON object.
func secretJSON(n engine.Node, key string) {
	text, ok := secretValue(n, key)
	if !ok {
		n.Field("data", key).Fail(engine.RuleRequired, "is required, got none")
		return
	}
	if err := json.Unmarshal([]byte(text), &map[string]any{}); err != nil {
		// The error has parts of the value.
		n.Field("data", key).Fail(engine.RuleFormat, "want a JSON object, got a string that is none")
	}
}

// podSecurityLabels checks the labels of a namespace that say which Pod Security Standard
// its pods must meet. An admission plugin of every API server does that
// (k8s.io/pod-security-admission, api/helpers.go).
func podSecurityLabels(n engine.Node) {
	for key, value := range n.Entries() {
		mode, ok := strings.CutPrefix(key, "pod-security.kubernetes.io/")
		if !ok {
			continue
		}
		switch mode {
		case "enforce", "audit", "warn":
			levels := []string{"privileged", "baseline", "restricted"}
			value.Run(engine.Required, engine.OneOf(levels...))
		case "enforce-version", "audit-version", "warn-version":
			if text := value.Text(); text != "latest" && !minorVersion().MatchString(text) {
				value.Fail(engine.RuleFormat, `want "latest" or a version as "v`+release.Oldest.String()+`", `+value.Got())
			}
		}
	}
}

var minorVersion = pattern.New(`^v1\.(0|[1-9][0-9]*)$`)
