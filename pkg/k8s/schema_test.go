package k8s_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/k8s"
	"github.com/mop-platform/mop/pkg/schema"
)

// The embedded definitions make the library that Kubernetes' own document
// makes.
func TestDefinitions(t *testing.T) {
	document, err := schema.Open(29)
	require.NoError(t, err)
	for name, o := range map[string]k8s.Options{"plain": {}, "docs": {Docs: true}} {
		t.Run(name, func(t *testing.T) {
			want := generate(t, o).files
			got := files(t, k8s.Definitions(document), o).files
			require.Len(t, got, len(want))
			for name := range want {
				assert.Equal(t, want[name], got[name], name)
			}
		})
	}
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
