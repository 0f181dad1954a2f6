package k8s_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/k8s"
	"github.com/mop-platform/mop/internal/schema"
)

// The embedded definitions make the same library as Kubernetes' own document, if that is in
// the Go module cache.
func TestDefinitions(t *testing.T) {
	upstream := upstreamDefinitions(t)
	for name, o := range map[string]k8s.Options{"plain": {}, "docs": {Docs: true}} {
		t.Run(name, func(t *testing.T) {
			want := files(t, upstream, o).files
			got := generate(t, o).files
			require.Len(t, got, len(want))
			for name := range want {
				assert.Equal(t, want[name], got[name], name)
			}
		})
	}
}

func upstreamDefinitions(t *testing.T) []k8s.Definition {
	t.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", "k8s.io/kubernetes@v1.29.6")
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=")
	out, err := cmd.Output()
	if err != nil {
		t.Skip("no definitions of the Kubernetes API: ", err)
	}
	var module struct{ Dir string }
	require.NoError(t, json.Unmarshal(out, &module))
	data, err := os.ReadFile(filepath.Join(module.Dir, "api", "openapi-spec", "swagger.json"))
	require.NoError(t, err)
	var swagger struct{ Definitions map[string]k8s.Definition }
	require.NoError(t, json.Unmarshal(data, &swagger))
	var defs []k8s.Definition
	for name, d := range swagger.Definitions {
		d.Name = name
		defs = append(defs, d)
	}
	return defs
}

// The definitions of every version make a library.
func TestDefinitionsOfAllVersions(t *testing.T) {
	for _, minor := range schema.Minors() {
		t.Run(minor.String(), func(t *testing.T) {
			document, err := schema.Open(minor)
			require.NoError(t, err)
			l := files(t, k8s.Definitions(document), k8s.Options{})
			assert.Equal(t, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"nodeName":"b"}}`,
				l.eval(t, `k.core.v1.pod.new('a') + k.core.v1.pod.spec.withNodeName('b')`))
		})
	}
}
