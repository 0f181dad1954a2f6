package lib_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/emitter"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
)

// The libraries work with k8s-libsonnet too. A library with exactly its functions replaces
// the one that mop generates. All environments and the cases in kubernetes evaluate to the
// same values with both.
func TestOnK8sLibsonnet(t *testing.T) {
	t.Parallel()
	signatures, err := os.ReadFile(filepath.Join("..", "..", "shared", "reference", "k8s-libsonnet-1.29.signatures.txt"))
	if err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "github.com", "jsonnet-libs", "k8s-libsonnet", "1.29", "main.libsonnet")
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
	require.NoError(t, os.WriteFile(file, []byte(k8sLibsonnet(t, strings.Fields(string(signatures)))), 0o666))

	onOurs, files := evaluateAll(t, project.Options{})
	assert.True(t, slices.ContainsFunc(files, isVendored), "nothing imports the library")
	onTheirs, files := evaluateAll(t, project.Options{ImportDirs: []string{dir}})
	assert.False(t, slices.ContainsFunc(files, isVendored), "the library is not replaced")
	if !bytes.Equal(onOurs, onTheirs) {
		t.Errorf("the libraries differ\n%s", diff.Diff("mop's", onOurs, "k8s-libsonnet", onTheirs))
	}
}

func isVendored(name string) bool { return strings.HasPrefix(name, "vendor-jsonnet/") }

// evaluateAll returns the values of all environments, and the actual values of all cases in
// kubernetes/*_test.jsonnet that do not expect a failure, as YAML. It also returns the names
// of the files that were read.
func evaluateAll(t *testing.T, o project.Options) (yaml []byte, files []string) {
	t.Helper()
	environments, err := filepath.Glob("../environments/*/main.jsonnet")
	require.NoError(t, err)
	require.NotEmpty(t, environments)
	tests, err := filepath.Glob("kubernetes/*_test.jsonnet")
	require.NoError(t, err)
	require.NotEmpty(t, tests)

	p, err := project.Find(".", o)
	require.NoError(t, err)
	result, err := eval.Eval(t.Context(), eval.NewFiles(p, 0), eval.Input{
		Dir:        "lib",
		SearchPath: p.SearchPath("lib"),
		Snippet: fmt.Sprintf(`
			local actual(cases) =
				if !std.objectHas(cases, 'actual') then std.map(actual, std.objectValues(cases))
				else if std.objectHas(cases, 'fails') then []
				else cases.actual;
			[environment() for environment in %s] + std.map(actual, %s)`, imports(environments), imports(tests)),
	})
	if list, ok := diag.From(err); ok {
		var b strings.Builder
		require.NoError(t, diag.Write(&b, list, diag.Options{}))
		t.Fatal(b.String())
	}
	require.NoError(t, err)
	yaml, err = emitter.Marshal(t.Context(), result.Value, emitter.Style{})
	require.NoError(t, err)
	return yaml, result.Files
}

// imports returns the Jsonnet for an array of the values of files.
func imports(files []string) string {
	var list []string
	for _, file := range files {
		list = append(list, "import "+eval.Literal(filepath.ToSlash(file)))
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// byHand has the functions that k8s-libsonnet adds to the generated ones and that the
// libraries call.
const byHand = `{
  local binding = {
    bindRole(role):: {
      roleRef: {
        apiGroup: std.split(role.apiVersion, '/')[0],
        kind: role.kind,
        name: role.metadata.name,
      },
    },
  },
  rbac+: {
    v1+: {
      clusterRoleBinding+: binding,
      roleBinding+: binding,
      subject+: {
        fromServiceAccount(service_account):: {
          kind: service_account.kind,
          name: service_account.metadata.name,
          namespace: service_account.metadata.namespace,
        },
      },
    },
  },
}`

// signature matches the signature of a generated function, such as
// k.core.v1.namespace.metadata.withLabels(labels). It captures the group, version and kind,
// the fields around the field that the function sets, and the function's name and
// parameter.
var signature = regexp.MustCompile(`^k\.(\w+)\.(\w+)\.(\w+)((?:\.\w+)*)\.(\w+)\((\w+)\)$`)

// groups are the beginnings of apiVersions by the names of groups in k8s-libsonnet, for
// groups that the libraries use and whose names there are not the full ones.
var groups = map[string]string{
	"core":       "",
	"networking": "networking.k8s.io/",
	"rbac":       "rbac.authorization.k8s.io/",
	"storage":    "storage.k8s.io/",
}

// k8sLibsonnet returns the Jsonnet of a library with functions for the signatures, and
// those of byHand. new(name) sets apiVersion, kind and metadata.name, withX(x) sets x, and
// withXMixin(x) adds to it.
func k8sLibsonnet(t *testing.T, signatures []string) string {
	t.Helper()
	k := object{}
	for _, s := range signatures {
		m := signature.FindStringSubmatch(s)
		require.NotNil(t, m, "%s: no signature of a function", s)
		group, version, kind, function, parameter := m[1], m[2], m[3], m[5], m[6]
		var body string
		if function == "new" {
			prefix, ok := groups[group]
			if !ok {
				prefix = group + "/"
			}
			body = fmt.Sprintf("{ apiVersion: '%s', kind: '%s', metadata: { name: %s } }",
				prefix+version, withFirst(kind, unicode.ToUpper), parameter)
		} else {
			field, isMixin := strings.CutSuffix(strings.TrimPrefix(function, "with"), "Mixin")
			colon := ":"
			if isMixin {
				colon = "+:"
			}
			body = fmt.Sprintf("{ '%s'%s %s }", withFirst(field, unicode.ToLower), colon, parameter)
		}
		at := k.below(group).below(version).below(kind)
		fields := strings.FieldsFunc(m[4], func(r rune) bool { return r == '.' })
		for _, field := range fields {
			at = at.below(field)
		}
		for _, field := range slices.Backward(fields) {
			body = fmt.Sprintf("{ '%s'+: %s }", field, body)
		}
		at[function+"("+parameter+")"] = body
	}
	return k.jsonnet("::") + " + " + byHand
}

// withFirst returns name with its first letter mapped.
func withFirst(name string, letter func(rune) rune) string {
	return string(letter(rune(name[0]))) + name[1:]
}

// object is a Jsonnet object. Its values are objects by field, and the bodies of functions,
// which are strings, by function.
type object map[string]any

// below returns the object in a field of o. It makes the object if there is none.
func (o object) below(field string) object {
	name := "'" + field + "'"
	if _, ok := o[name]; !ok {
		o[name] = object{}
	}
	return o[name].(object)
}

// jsonnet returns o as Jsonnet. colons follow the names of its fields.
func (o object) jsonnet(colons string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(o)) {
		text, isBody := o[name].(string)
		if !isBody {
			text = o[name].(object).jsonnet(":")
		}
		fmt.Fprintf(&b, "%s%s %s,\n", name, colons, text)
	}
	return "{\n" + b.String() + "}"
}
