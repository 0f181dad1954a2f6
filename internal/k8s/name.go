package k8s

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mop-platform/mop/internal/pattern"
)

// keywords are those of Jsonnet (https://jsonnet.org/ref/spec.html#lexing).
var keywords = []string{
	"assert", "else", "error", "false", "for", "function", "if", "import", "importbin", "importstr", "in",
	"local", "null", "self", "super", "tailstrict", "then", "true",
}

var (
	identifier = pattern.New(`^[_a-zA-Z][_a-zA-Z0-9]*$`)
	// definitionName matches the group, the version and the kind.
	definitionName = pattern.New(`(?:^|\.)([a-zA-Z0-9-]+)\.([a-z0-9-]+)\.([a-zA-Z0-9-]+)$`)
	// usualVersion matches the names of versions of Kubernetes' own groups.
	usualVersion = pattern.New(`^v[0-9]+(?:(?:alpha|beta)[0-9]+)?$`)
)

// groupName returns the library's name for a group with the given first label. All groups
// with a hyphen share one name, as in the libraries that are generated like k8s-libsonnet:
// cert-manager.io is k.nogroup there.
func groupName(label string) string {
	if strings.Contains(label, "-") {
		return "nogroup"
	}
	return label
}

// lowerFirstWord writes the first word in small letters, as in names of fields: APIService
// becomes apiService.
func lowerFirstWord(s string) string {
	r := []rune(s)
	for i := range r {
		if !unicode.IsUpper(r[i]) || i > 0 && i+1 < len(r) && unicode.IsLower(r[i+1]) {
			break
		}
		r[i] = unicode.ToLower(r[i])
	}
	return string(r)
}

// camelCase returns s without the characters that an identifier cannot hold. A letter after
// them becomes a capital: x-kubernetes-map-type becomes xKubernetesMapType, $ref becomes
// ref.
func camelCase(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool {
		return r != '_' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	})
	for i, w := range words[min(1, len(words)):] {
		words[i+1] = upperFirst(w)
	}
	return strings.Join(words, "")
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// parameter returns the name of the parameter for a property. For error it is err; for
// another keyword it begins with a capital, as in k8s-libsonnet and the libraries that are
// generated like it: withFor(For).
func parameter(property string) string {
	name := camelCase(property)
	if name != "" {
		name = strings.ToLower(name[:1]) + name[1:]
	}
	switch {
	case name == "error":
		return "err"
	case slices.Contains(keywords, name):
		return upperFirst(name)
	case !identifier().MatchString(name), name == "at", name == "list":
		return "_" + name // at and list are functions in the files
	}
	return name
}

// field returns the name of a field in Jsonnet.
func field(name string) string {
	if identifier().MatchString(name) && !slices.Contains(keywords, name) {
		return name
	}
	return literal(name)
}

// literal returns s as a Jsonnet string, in the quotes that jsonnetfmt chooses.
func literal(s string) string {
	quote := "'"
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = `"`
	}
	return quote + strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`, quote, `\`+quote).Replace(s) + quote
}
