package jsonnet_test

import (
	"context"
	"testing"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/jsonnet"
)

// callAll calls all functions of the generated library for Kubernetes' objects, each with
// its own argument, and returns their results by their paths.
const callAll = `
local k = import 'github.com/jsonnet-libs/k8s-libsonnet/1.29/gen.libsonnet';
local call(path, v) =
  if !std.isFunction(v) then walk(path, v)
  else if std.length(v) == 1 then v(path)
  else error path + ': want a function of one parameter',
      walk(path, v) =
  if std.isObject(v) then { [name]: call(path + '.' + name, v[name]) for name in std.objectFieldsAll(v) if name != 'mixin' && !std.member('#_', name[0]) }
  else v;
walk('k', k)
`

// Both engines return the same for every function of the library.
func TestLibrary(t *testing.T) {
	importer := jsonnet.Theirs(&gojsonnet.FileImporter{JPaths: []string{"../../vendor-jsonnet"}})
	vm := gojsonnet.MakeVM()
	vm.Importer(importer.Importer)
	want, err := vm.EvaluateAnonymousSnippet("all.jsonnet", callAll)
	require.NoError(t, err)
	assert.Greater(t, len(want), 1_000_000, "is that the whole library?")

	result, err := jsonnet.NewCache(0).Eval(context.Background(), jsonnet.Input{SnippetName: "all.jsonnet", Snippet: callAll, Importer: importer})
	require.NoError(t, err)
	got, err := result.JSON()
	require.NoError(t, err)
	assert.True(t, want == string(got), "the engines differ")
}
