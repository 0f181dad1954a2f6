package k8s_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-jsonnet"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/k8s"
	"github.com/mop-platform/mop/internal/schema"
)

// definitions returns the definitions of Kubernetes 1.29.
func definitions(tb testing.TB) []k8s.Definition {
	tb.Helper()
	document, err := schema.Open(29)
	require.NoError(tb, err)
	return k8s.Definitions(document)
}

// generated caches the results of generate.
var generated = map[k8s.Options]library{}

// generate returns the library for Kubernetes 1.29.
func generate(tb testing.TB, o k8s.Options) library {
	tb.Helper()
	l, ok := generated[o]
	if !ok {
		l = files(tb, definitions(tb), o)
		generated[o] = l
	}
	return l
}

func files(tb testing.TB, defs []k8s.Definition, o k8s.Options) library {
	tb.Helper()
	list, err := k8s.Generate(tb.Context(), defs, o)
	require.NoError(tb, err)
	l := library{map[string]string{}, map[string]jsonnet.Contents{}, nil}
	for _, f := range list {
		l.files[f.Name] = f.Text
		l.contents["k8s/"+f.Name] = jsonnet.MakeContents(f.Text)
	}
	l.vm = l.newVM()
	return l
}

type library struct {
	files    map[string]string // texts by name
	contents map[string]jsonnet.Contents
	vm       *jsonnet.VM // parses each file once
}

// newVM returns an interpreter that finds the library as k8s.
func (l library) newVM() *jsonnet.VM {
	vm := jsonnet.MakeVM()
	vm.Importer(relative{jsonnet.MemoryImporter{Data: l.contents}})
	return vm
}

// relative imports files that exist beside the importing one.
type relative struct{ files jsonnet.MemoryImporter }

func (r relative) Import(from, name string) (jsonnet.Contents, string, error) {
	dir := from[:strings.LastIndex(from, "/")+1]
	return r.files.Import("", filepath.ToSlash(filepath.Join(dir, name)))
}

// eval returns the result of an expression over k, as JSON on one line.
func (l library) eval(tb testing.TB, expr string) string {
	tb.Helper()
	out, err := l.vm.EvaluateAnonymousSnippet("test.jsonnet",
		"local k = import 'k8s/main.libsonnet'; std.manifestJsonMinified("+expr+")")
	require.NoError(tb, err)
	var text string
	require.NoError(tb, json.Unmarshal([]byte(out), &text))
	return text
}
