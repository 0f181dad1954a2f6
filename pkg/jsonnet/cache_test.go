package jsonnet

import (
	"runtime"
	"testing"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The Cache frees a file that only one evaluation has used, and keeps a file that two have
// used.
func TestCacheKeeps(t *testing.T) {
	data := map[string]gojsonnet.Contents{
		"lib.libsonnet": gojsonnet.MakeContents(`{ a: 1 } + { b: 2 }`),
		"own.libsonnet": gojsonnet.MakeContents(`{ c: 1 }`),
		"one.jsonnet":   gojsonnet.MakeContents(`import 'lib.libsonnet'`),
		"two.jsonnet":   gojsonnet.MakeContents(`(import 'lib.libsonnet') + (import 'own.libsonnet') + (import 'own.libsonnet')`),
	}
	cache := NewCache()
	for _, file := range []string{"one.jsonnet", "two.jsonnet"} {
		r, err := cache.Eval(t.Context(), Input{File: file, Importer: &gojsonnet.MemoryImporter{Data: data}})
		require.NoError(t, err)
		_, err = r.JSON()
		require.NoError(t, err)
	}
	runtime.GC()
	for name, kept := range map[string]bool{"lib.libsonnet": true, "own.libsonnet": false, "one.jsonnet": false, "two.jsonnet": false} {
		known := cache.programs[programKey{name, data[name]}]
		require.NotNil(t, known, name)
		assert.Equal(t, kept, known.kept != nil, name)
		assert.Equal(t, kept, known.latest.Value() != nil, name)
	}
}
