package eval

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/google/go-jsonnet/ast"
	"github.com/google/go-jsonnet/toolutils"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/pkg/diag"
)

// Imports returns the files that evaluating in could read by imports of every kind and in
// every branch, without evaluating anything. [Eval] reads no others, except the files of
// native functions. Value is nil. Each text is parsed once in the life of files.
//
// An import of a file that does not exist is no error, because it may be in a branch that
// is never taken. Missing has the names, and Unresolved the imports that lead to no file.
// The error is a [*diag.List] if the entrypoint cannot be read, or if it or a file that it
// imports cannot be parsed.
func Imports(ctx context.Context, files *Files, in Input) (Result, error) {
	w := importWalker{imp: newImporter(ctx, files, in), seen: map[string]bool{}, by: map[string]Unresolved{}}
	if in.File != "" {
		_ = w.code(byName, in.File, diag.Position{})
		if w.imp.failed != nil && !w.imp.read[in.File] {
			return Result{}, w.imp.failed.in(in)
		}
	} else {
		w.snippet("snippet", in.Snippet)
	}
	for _, vars := range []map[string]Variable{in.ExtVars, in.TLAs} {
		for _, name := range slices.Sorted(maps.Keys(vars)) {
			w.snippet("variable "+name, vars[name].code())
		}
	}
	err := w.found.Err()
	if ended := in.endOf(ctx, err); ended != nil {
		return Result{}, ended
	}
	result := w.imp.result()
	result.Unresolved = w.unresolved
	return result, err
}

// importList has the imports of one text, in order.
type importList struct {
	mu      sync.Mutex
	known   bool
	imports []importNode
	err     error
}

// importNode is an import, or an importstr or importbin.
type importNode struct {
	path string
	code bool
	at   ast.Location
}

// imports returns the imports of contents, which are those of the named file.
func (f *Files) imports(ctx context.Context, name string, contents jsonnet.Contents) ([]importNode, error) {
	f.mu.Lock()
	list, ok := f.parsed[contents]
	if !ok {
		list = &importList{}
		f.parsed[contents] = list
	}
	f.mu.Unlock()
	list.mu.Lock()
	defer list.mu.Unlock()
	if list.known {
		return list.imports, list.err
	}
	imports, err := parseImports(ctx, name, contents.String())
	if spent := (*budget.Exceeded)(nil); errors.As(err, &spent) || err != nil && budget.Of(ctx).Err() != nil {
		// Another evaluation may have a larger budget.
		return nil, err
	}
	list.imports, list.err, list.known = imports, err, true
	return imports, err
}

func parseImports(ctx context.Context, name, text string) ([]importNode, error) {
	node, err := jsonnet.Parse(ctx, name, text)
	if err != nil {
		return nil, err
	}
	return appendImports(nil, node), nil
}

func appendImports(list []importNode, node ast.Node) []importNode {
	switch node := node.(type) {
	case nil:
		return list
	case *ast.Import:
		list = append(list, importNode{node.File.Value, true, node.Loc().Begin})
	case *ast.ImportStr:
		list = append(list, importNode{node.File.Value, false, node.Loc().Begin})
	case *ast.ImportBin:
		list = append(list, importNode{node.File.Value, false, node.Loc().Begin})
	}
	for _, child := range toolutils.Children(node) {
		list = appendImports(list, child)
	}
	return list
}

type importWalker struct {
	imp        *importer
	seen       map[string]bool
	found      diag.List
	unresolved []Unresolved
	// by are the imports that lead to a scheme's file, by the name of the file.
	by map[string]Unresolved
}

// code follows an import of Jsonnet at a place. The error says that the import cannot be
// resolved; it may never be evaluated.
func (w *importWalker) code(from, path string, at diag.Position) error {
	contents, name, err := w.imp.Import(from, path)
	_, generated := w.imp.generated[name]
	if err != nil || w.seen[name] && !generated {
		return err
	}
	w.seen[name] = true
	if generated {
		// Each import of the generated file belongs to an import of the user's.
		w.by[name] = Unresolved{At: at, Path: path}
	}
	imports, err := w.imp.files.imports(w.imp.ctx, name, contents)
	w.follow(name, imports, err)
	return nil
}

// snippet follows the imports of code that is in no file.
func (w *importWalker) snippet(what, code string) {
	imports, err := parseImports(w.imp.ctx, snippet(what), code)
	w.follow(snippet(what), imports, err)
}

func (w *importWalker) follow(name string, imports []importNode, err error) {
	if err != nil {
		run := run{imp: w.imp, in: w.imp.in}
		l, _ := diag.From(run.diagnose(err))
		w.found = append(w.found, l...)
		return
	}
	for _, i := range imports {
		u := Unresolved{At: diag.Position{File: name, Line: i.at.Line, Column: i.at.Column}, Path: i.path}
		if by, ok := w.by[name]; ok {
			// The file was generated for this import of the user's.
			u = by
		}
		var err error
		if i.code {
			err = w.code(name, i.path, u.At)
		} else {
			_, _, err = w.imp.Import(name, i.path)
		}
		var failed *calleeError
		if errors.As(err, &failed) {
			u.Problem, u.Code, u.Values = failed.problem, failed.code, failed.about()
			w.unresolved = append(w.unresolved, u)
		}
	}
}
