package eval

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"
	"github.com/google/go-jsonnet/toolutils"

	"github.com/mop-platform/mop/pkg/diag"
)

// Imports returns the files that evaluating in could read by its imports, of
// every kind and in every branch, without evaluating anything: a superset of
// what [Eval] reads but for the files of native functions. Value is nil.
//
// An import of a file that does not exist is no error, because it may stand in
// a branch that is never taken: the names are in Missing. The error is a
// [diag.List] if the entrypoint or a file that it imports cannot be parsed.
func Imports(ctx context.Context, files *Files, in Input) (Result, error) {
	w := importWalker{imp: newImporter(ctx, files, in), seen: map[string]bool{}}
	if in.File != "" {
		w.code(byName, in.File)
	} else {
		w.parse(snippet("snippet"), in.Snippet)
	}
	for _, vars := range []map[string]Variable{in.ExtVars, in.TLAs} {
		for _, name := range slices.Sorted(maps.Keys(vars)) {
			w.parse(snippet("variable "+name), vars[name].code())
		}
	}
	if ctx.Err() != nil {
		return Result{}, context.Cause(ctx)
	}
	if in.File != "" && !w.imp.read[in.File] && w.found.Err() == nil {
		return Result{}, failure(in, w.imp.failed.problem, nil, w.imp.failed.hints...)
	}
	return w.imp.result(), w.found.Err()
}

type importWalker struct {
	imp   *importer
	seen  map[string]bool
	found diag.List
}

// code follows an import of Jsonnet.
func (w *importWalker) code(from, path string) {
	contents, name, err := w.imp.Import(from, path)
	if err != nil || w.seen[name] {
		return
	}
	w.seen[name] = true
	w.parse(name, contents.String())
}

func (w *importWalker) parse(name, text string) {
	node, err := jsonnet.SnippetToAST(name, text)
	if err != nil {
		run := goJsonnetRun{imp: w.imp, in: w.imp.in}
		if l, ok := diag.From(run.diagnose(err)); ok {
			w.found = append(w.found, l...)
			return
		}
		w.found = append(w.found, diag.Diagnostic{At: diag.Position{File: name}, Problem: fmt.Sprint(err)})
		return
	}
	w.walk(name, node)
}

func (w *importWalker) walk(from string, node ast.Node) {
	switch node := node.(type) {
	case nil:
		return
	case *ast.Import:
		w.code(from, node.File.Value)
	case *ast.ImportStr:
		_, _, _ = w.imp.Import(from, node.File.Value)
	case *ast.ImportBin:
		_, _, _ = w.imp.Import(from, node.File.Value)
	}
	for _, child := range toolutils.Children(node) {
		w.walk(from, child)
	}
}
