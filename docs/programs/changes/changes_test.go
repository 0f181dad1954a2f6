package changes

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/render"
)

var files = fstest.MapFS{
	"web.libsonnet": {Data: []byte(`function(n) {
		config: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { n: '%d' % n } },
		secret: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { key: 'hidden%d' % n } },
	}`)},
	"one/main.jsonnet": {Data: []byte("(import '../web.libsonnet')(1)")},
	"two/main.jsonnet": {Data: []byte("(import '../web.libsonnet')(2)")},
	"jsonnetfile.lock.json": {Data: []byte(`{"version": 1, "dependencies": [{
		"source": {"git": {"remote": "https://github.com/grafana/jsonnet-libs.git", "subdir": "ksonnet-util"}},
		"version": "0123456789012345678901234567890123456789",
		"sum": "0V1bWdUE3bn2wnTqQ3kuvV8g3fc3J+S1U3yMWvNMA2Q="
	}], "legacyImports": false}`)},
}

func project(t *testing.T) *render.Project {
	p, err := render.OpenFS(files, render.Config{})
	require.NoError(t, err)
	return p
}

func TestPrint(t *testing.T) {
	var out strings.Builder
	require.NoError(t, Print(t.Context(), &out, project(t), "one", "two"))
	assert.Contains(t, out.String(), "ConfigMap")
	assert.Contains(t, out.String(), "data.n")
	assert.Contains(t, out.String(), "stringData.key")
	assert.NotContains(t, out.String(), "hidden")
}

func TestExport(t *testing.T) {
	files, err := Export(t.Context(), project(t), "one")
	require.NoError(t, err)
	assert.Len(t, files, 2)
	assert.Contains(t, files["ConfigMap-c.yaml"], `"n": "1"`)
}

func TestVersions(t *testing.T) {
	var out strings.Builder
	require.NoError(t, Versions(&out, files))
	assert.Equal(t, "github.com/grafana/jsonnet-libs/ksonnet-util 0123456789012345678901234567890123456789\n", out.String())
}
