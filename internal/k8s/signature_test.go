package k8s_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"
	"github.com/google/go-jsonnet/toolutils"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/k8s"
)

// The generated functions are those of k8s-libsonnet, with their parameters.
func TestSignatures(t *testing.T) {
	reference, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "reference", "k8s-libsonnet-1.29.signatures.txt"))
	if err != nil {
		t.Skip(err)
	}
	want := strings.Fields(string(reference))
	slices.Sort(want)

	got := slices.DeleteFunc(signatures(t, generate(t, k8s.Options{})), func(s string) bool {
		return strings.HasPrefix(s, "k.apiextensions.") // which k8s-libsonnet lacks
	})
	assert.Empty(t, difference(want, got), "missing")
	assert.Empty(t, difference(got, want), "too many")
	assert.Len(t, got, len(want))
}

func difference(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { _, ok := slices.BinarySearch(b, s); return ok })
}

// signatures returns the functions of gen.libsonnet, sorted, as in
// k.core.v1.container.withName(name). Their paths come from evaluation, their parameters
// from the syntax trees.
func signatures(t *testing.T, l library) []string {
	t.Helper()
	parameters := map[string]string{} // by function
	for name, text := range l.files {
		if !strings.HasPrefix(name, "_gen/") {
			continue
		}
		node, err := jsonnet.SnippetToAST(name, text)
		require.NoError(t, err)
		functions(node, func(name string, _ int, f *ast.Function) {
			var names []string
			for _, p := range f.Parameters {
				names = append(names, string(p.Name))
			}
			list := strings.Join(names, ", ")
			if before, ok := parameters[name]; ok {
				assert.Equal(t, before, list, name)
			}
			parameters[name] = list
		})
	}
	out, err := l.vm.EvaluateAnonymousSnippet("test.jsonnet", `
		local walk(x) = {
			[name]: if std.isObject(x[name]) then walk(x[name]) else std.length(x[name])
			for name in std.objectFields(x) if name != 'mixin'
		};
		local gen = import 'k8s/gen.libsonnet';
		{ [group]: walk(gen[group]) for group in std.objectFieldsAll(gen) }`)
	require.NoError(t, err)
	var tree map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &tree))

	var list []string
	var walk func(path string, tree map[string]any)
	walk = func(path string, tree map[string]any) {
		for name, v := range tree {
			if below, ok := v.(map[string]any); ok {
				walk(path+"."+name, below)
				continue
			}
			assert.EqualValues(t, strings.Count(parameters[name], ",")+1, v, name)
			list = append(list, path+"."+name+"("+parameters[name]+")")
		}
	}
	walk("k", tree)
	slices.Sort(list)
	return list
}

// functions calls f for each function that is a field of an object in node,
// with the line of the field.
func functions(node ast.Node, f func(name string, line int, function *ast.Function)) {
	if object, ok := node.(*ast.DesugaredObject); ok {
		for _, field := range object.Fields {
			name, isLiteral := field.Name.(*ast.LiteralString)
			function, isFunction := field.Body.(*ast.Function)
			if isLiteral && isFunction && name.Value != "_at" {
				f(name.Value, field.LocRange.Begin.Line, function)
			}
		}
	}
	for _, child := range toolutils.Children(node) {
		functions(child, f)
	}
}
