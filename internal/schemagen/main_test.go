package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The files are those that the generator makes for versions.txt. The compressed ones are
// compared by their contents, because another version of Go may compress differently. The
// test needs all these versions in the Go module cache.
func TestFilesAreGenerated(t *testing.T) {
	offline := append(os.Environ(), "GOPROXY=off", "GOFLAGS=")
	releases, err := parseVersions(versionsFile)
	require.NoError(t, err)
	require.NotEmpty(t, releases)
	var modules []string
	for _, r := range releases {
		modules = append(modules, "k8s.io/kubernetes@"+r.version)
		if hasLifecycles(r, releases) {
			modules = append(modules, lifecycleModulesOf(r)...)
		}
		if !r.kinds {
			modules = append(modules, gateModulesOf(r)...)
		}
	}
	for _, module := range modules {
		if _, err := download(module, offline); err != nil {
			t.Skip(err)
		}
	}
	files, err := generate(releases, offline)
	require.NoError(t, err)
	assert.Len(t, files, 5)
	for name, want := range files {
		data, err := os.ReadFile(filepath.Join("..", "..", name))
		require.NoError(t, err)
		if filepath.Ext(name) == ".gz" {
			r, err := gzip.NewReader(bytes.NewReader(data))
			require.NoError(t, err)
			data, err = io.ReadAll(r)
			require.NoError(t, err)
		}
		// A diff would be too long to read.
		assert.True(t, bytes.Equal(want, data), `%s: run "make schemas"`, name)
	}
}

func TestParseVersions(t *testing.T) {
	got, err := parseVersions("# a\n\nv1.13.0 kinds\n  v1.29.6 exact\n# v1.31.0")
	require.NoError(t, err)
	assert.Equal(t, []release{{version: "v1.13.0", minor: 13, kinds: true}, {version: "v1.29.6", minor: 29, exact: true}}, got)

	tests := []struct{ name, in, want string }{
		{"no version", "v1.29.6\nlatest", `want a version v1.MINOR.PATCH, got "latest"`},
		{"another major version", "v2.0.0", `want a version v1.MINOR.PATCH, got "v2.0.0"`},
		{"no patch", "v1.29", `want a version v1.MINOR.PATCH, got "v1.29"`},
		{"descending", "v1.30.1\nv1.29.6", "want minor versions ascending, got v1.29.6 after v1.30.1"},
		{"twice", "v1.30.1\nv1.30.2", "want minor versions ascending, got v1.30.2 after v1.30.1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseVersions(tt.in)
			assert.EqualError(t, err, tt.want)
		})
	}
}

func TestGenerateSaysWhichVersionItLacks(t *testing.T) {
	empty := append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOMODCACHE="+t.TempDir())
	_, err := generate([]release{{version: "v1.29.6", minor: 29}}, empty)
	assert.EqualError(t, err, "kubernetes v1.29.6: k8s.io/kubernetes@v1.29.6: module lookup disabled by GOPROXY=off")
}

func TestParsePath(t *testing.T) {
	tests := []struct {
		name, path string
		want       resource
		ok         bool
	}{
		{"cluster", "/api/v1/nodes", resource{"", "v1", false}, true},
		{"the namespaces themselves", "/api/v1/namespaces", resource{"", "v1", false}, true},
		{"namespaced", "/api/v1/namespaces/{namespace}/pods", resource{"", "v1", true}, true},
		{"trailing slash", "/api/v1/namespaces/{namespace}/pods/", resource{"", "v1", true}, true},
		{"group", "/apis/apps/v1/deployments", resource{"apps", "v1", false}, true},
		{"namespaced in a group", "/apis/apps/v1/namespaces/{namespace}/deployments", resource{"apps", "v1", true}, true},
		{"object", "/api/v1/nodes/{name}", resource{}, false},
		{"subresource", "/api/v1/nodes/{name}/proxy", resource{}, false},
		{"a namespace's subresource", "/api/v1/namespaces/{name}/finalize", resource{}, false},
		{"namespaced object", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}", resource{}, false},
		{"namespaced subresource", "/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token", resource{}, false},
		{"watch", "/api/v1/watch/nodes", resource{}, false},
		{"namespaced watch", "/apis/apps/v1/watch/namespaces/{namespace}/deployments", resource{}, false},
		{"discovery", "/apis/apps/v1/", resource{}, false},
		{"core discovery", "/api/v1/", resource{}, false},
		{"elsewhere", "/.well-known/openid-configuration/", resource{}, false},
		{"root", "/", resource{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := parsePath(tt.path)
			assert.Equal(t, tt.ok, ok)
			if ok {
				assert.Equal(t, tt.want, got)
			}
		})
	}
}

func api(t *testing.T, text string) swagger {
	t.Helper()
	var s swagger
	require.NoError(t, json.Unmarshal([]byte(text), &s))
	return s
}

const (
	nodes = `"/api/v1/nodes": {"get": {"x-kubernetes-group-version-kind": {"group": "", "version": "v1", "kind": "Node"}},
		"parameters": [{"name": "pretty"}]}`
	pods = `"/api/v1/pods": {"get": {"x-kubernetes-group-version-kind": {"group": "", "version": "v1", "kind": "Pod"}}},
		"/api/v1/namespaces/{namespace}/pods": {"post": {"x-kubernetes-group-version-kind": {"group": "", "version": "v1", "kind": "Pod"}}}`
	evictions = `"/api/v1/namespaces/{namespace}/pods/{name}/eviction": {"post": {"x-kubernetes-group-version-kind": {"group": "policy", "version": "v1", "kind": "Eviction"}}}`
	bindings  = `"/api/v1/namespaces/{namespace}/bindings": {"post": {"x-kubernetes-group-version-kind": {"group": "", "version": "v1", "kind": "Binding"}}}`
	beta      = `"/apis/g/v1beta1/things": {"get": {"x-kubernetes-group-version-kind": {"group": "g", "version": "v1beta1", "kind": "Thing"}}}`
	stable    = `"/apis/g/v1/things": {"get": {"x-kubernetes-group-version-kind": {"group": "g", "version": "v1", "kind": "Thing"}}}`
	discovery = `"/api/v1/": {"get": {}}, "/api/": {"get": {}}`
)

func TestTable(t *testing.T) {
	tab := table{}
	require.NoError(t, tab.add(13, api(t, `{"paths": {`+beta+`}}`)))
	require.NoError(t, tab.add(29, api(t, `{"paths": {`+nodes+`, `+pods+`, `+beta+`, `+stable+`}}`)))
	require.NoError(t, tab.add(30, api(t, `{"paths": {`+nodes+`, `+pods+`, `+evictions+`, `+bindings+`, `+stable+`, `+discovery+`}}`)))
	assert.Equal(t, banner+`namespaced core Binding v1=1.30
cluster core Node v1=1.29-1.30
namespaced core Pod v1=1.29-1.30
cluster g Thing v1=1.29-1.30 v1beta1=1.13,1.29
cluster metrics.k8s.io NodeMetrics
namespaced metrics.k8s.io PodMetrics
`, tab.String())
}

func TestTableRefuses(t *testing.T) {
	tests := []struct{ name, paths, want string }{
		{"two scopes", beta + `, "/apis/g/v1/namespaces/{namespace}/things": {"get": {"x-kubernetes-group-version-kind": {"group": "g", "version": "v1", "kind": "Thing"}}}`,
			"Thing.g: want one scope in all versions, got two"},
		{"a kind of another group", `"/api/v1/nodes": {"get": {"x-kubernetes-group-version-kind": {"group": "g", "version": "v1", "kind": "Node"}}}`,
			`/api/v1/nodes: want a kind of "" v1, got "g" v1 Node`},
		{"two kinds", `"/api/v1/nodes": {"get": {"x-kubernetes-group-version-kind": {"version": "v1", "kind": "Node"}}, "post": {"x-kubernetes-group-version-kind": {"version": "v1", "kind": "Pod"}}}`,
			`/api/v1/nodes: want one kind, got Node and Pod`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.EqualError(t, table{}.add(29, api(t, `{"paths": {`+tt.paths+`}}`)), tt.want)
		})
	}
}

func TestRanges(t *testing.T) {
	for want, minors := range map[string][]int{
		"1.29":                     {29},
		"1.29-1.30":                {29, 30},
		"1.13,1.29-1.31,1.33,1.35": {13, 29, 30, 31, 33, 35},
	} {
		assert.Equal(t, want, ranges(minors))
	}
}

// encoded is also read by the tests of internal/schema.
const encoded = "" +
	"\x02\x1d\x1e" + // 1.29 and 1.30
	"\x0d" + "\x04type" + "\x06object" + "\x0bdescription" + "\x0aproperties" + "\x01b" + "\x04$ref" + "\x01c" +
	"\x1fx-kubernetes-group-version-kind" + "\x00" + "\x02v1" + "\x01A" + "\x06string" + "\x01a" +
	// a, in the first of them: type, description, properties, kinds.
	"\x0c\x01\x10" + "\x04" + "\x00\x01" + "\x02\x01" + "\x03\x01" + "\x04\x01\x05\x06" + "\x07\x01\x08\x09\x0a" +
	// c, in both: type.
	"\x06\x03\x03" + "\x01\x00\x0b"

func TestDefinitions(t *testing.T) {
	const (
		a = `"a": {"type": "object", "description": "<A>.", "properties": {"b": {"$ref": "#/definitions/c"}},
			"x-kubernetes-group-version-kind": [{"group": "", "version": "v1", "kind": "A"}]}`
		c = `"c": {"type": "string"}`
	)
	d := newDefinitions()
	require.NoError(t, d.add(29, api(t, `{"definitions": {`+a+`, `+c+`}}`)))
	require.NoError(t, d.add(30, api(t, `{"definitions": {`+c+`}}`)))
	assert.Equal(t, encoded, string(d.bytes()))
	descriptions, err := d.descriptionLines()
	require.NoError(t, err)
	assert.Equal(t, "\"<A>.\"\n", string(descriptions))
}

// Definitions that differ only in the description are different definitions.
func TestDefinitionsKeepDescriptionsApart(t *testing.T) {
	d := newDefinitions()
	for minor, description := range []string{"A.", "B.\nC.", "A."} {
		require.NoError(t, d.add(minor, api(t, fmt.Sprintf(`{"definitions": {"a": {"description": %q}}}`, description))))
	}
	assert.ElementsMatch(t, [][]int{{0, 2}, {1}}, slices.Collect(maps.Values(d.rows)))
	descriptions, err := d.descriptionLines()
	require.NoError(t, err)
	assert.Equal(t, "\"A.\"\n\"B.\\nC.\"\n", string(descriptions))
}

func TestDefinitionsRefuse(t *testing.T) {
	tests := []struct{ name, definitions, want string }{
		{"a keyword", `"a": {"properties": {"b": {"enum": ["c"]}}}`, `definition a: json: unknown field "enum"`},
		{"another type", `"a": {"items": {"additionalProperties": true}}`,
			"definition a: json: cannot unmarshal bool into Go struct field schema.items.additionalProperties of type main.schema"},
		{"a kind twice", `"a": {"x-kubernetes-group-version-kind": [{"version": "v1", "kind": "A"}]}, "b": {"x-kubernetes-group-version-kind": [{"version": "v1", "kind": "A"}]}`,
			"kind /v1/A: want one definition, got a and b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.EqualError(t, newDefinitions().add(29, api(t, `{"definitions": {`+tt.definitions+`}}`)), tt.want)
		})
	}
}
