package hostile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// module begins the import paths of the repository's packages, in all of its modules.
const module = "github.com/mop-platform/mop"

// A Graph has the references between functions of the same package. A function refers to
// another by a call, as a value, or by a method of an interface of the package that a type
// of the package implements. The references of a function literal count for the function
// around it.
type Graph struct {
	funcs map[string]*function
	// sources are the declarations of the functions.
	sources map[string]*body
}

type function struct {
	// refers has the names of the functions of the same package that it refers to.
	refers map[string]bool
	// names has every identifier in its body.
	names map[string]bool
}

// Load reads packages by patterns of the go command, and the packages of the repository that
// they import. dir is a directory of the repository. It reads no test files. The error is
// that of the go command, or about a package that cannot be parsed or type-checked.
func Load(dir string, patterns ...string) (*Graph, error) {
	list := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles,Module"}, patterns...)...)
	list.Dir = dir
	var stderr bytes.Buffer
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, stderr.String())
	}
	type listed struct {
		ImportPath, Dir, Export string
		GoFiles                 []string
		Module                  *struct{ Main bool }
	}
	exports := map[string]string{}
	var packages []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		exports[p.ImportPath] = p.Export
		if p.Module != nil && p.Module.Main {
			packages = append(packages, p)
		}
	}
	fset := token.NewFileSet()
	compiled := importer.ForCompiler(fset, "gc", func(name string) (io.ReadCloser, error) {
		return os.Open(exports[name])
	})
	g := &Graph{funcs: map[string]*function{}, sources: map[string]*body{}}
	for _, p := range packages {
		var files []*ast.File
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			files = append(files, file)
		}
		info := &types.Info{
			Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}, Implicits: map[ast.Node]types.Object{},
			Types: map[ast.Expr]types.TypeAndValue{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		}
		pkg, err := (&types.Config{Importer: compiled}).Check(p.ImportPath, fset, files, info)
		if err != nil {
			return nil, err
		}
		g.add(fset, strings.TrimPrefix(p.ImportPath, module+"/"), pkg, files, info)
	}
	return g, nil
}

func (g *Graph) add(fset *token.FileSet, short string, pkg *types.Package, files []*ast.File, info *types.Info) {
	for _, file := range files {
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			made := &function{refers: map[string]bool{}, names: map[string]bool{}}
			defined := info.Defs[f.Name].(*types.Func)
			g.funcs[short+"."+nameOf(defined)] = made
			g.sources[short+"."+nameOf(defined)] = newBody(short+"."+nameOf(defined), defined, f, info, fset)
			ast.Inspect(f.Body, func(n ast.Node) bool {
				if a, ok := n.(*ast.AssignStmt); ok && callsItself(a, info) {
					made.refers[short+"."+nameOf(info.Defs[f.Name].(*types.Func))] = true
				}
				id, ok := n.(*ast.Ident)
				if !ok {
					return true
				}
				made.names[id.Name] = true
				if used, ok := info.Uses[id].(*types.Func); ok {
					for _, name := range targets(pkg, used.Origin()) {
						made.refers[short+"."+name] = true
					}
				}
				return true
			})
		}
	}
}

// callsItself reports whether a assigns a function literal to a variable that the literal
// uses.
func callsItself(a *ast.AssignStmt, info *types.Info) bool {
	if len(a.Lhs) != 1 || len(a.Rhs) != 1 {
		return false
	}
	name, isName := a.Lhs[0].(*ast.Ident)
	literal, isLiteral := a.Rhs[0].(*ast.FuncLit)
	if !isName || !isLiteral {
		return false
	}
	itself := false
	ast.Inspect(literal, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		itself = itself || ok && info.Uses[id] != nil && info.Uses[id] == info.Uses[name]
		return !itself
	})
	return itself
}

// nameOf returns "function" or "Type.method".
func nameOf(f *types.Func) string {
	recv := f.Signature().Recv()
	if recv == nil {
		return f.Name()
	}
	t := recv.Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if named, ok := t.(*types.Named); ok {
		return named.Obj().Name() + "." + f.Name()
	}
	return f.Name()
}

// targets returns the functions of pkg that a use of f may call.
func targets(pkg *types.Package, f *types.Func) []string {
	recv := f.Signature().Recv()
	if recv == nil || !types.IsInterface(recv.Type()) {
		if f.Pkg() != pkg {
			return nil
		}
		return []string{nameOf(f)}
	}
	face, ok := recv.Type().Underlying().(*types.Interface)
	if !ok || f.Pkg() != pkg {
		return nil
	}
	var out []string
	for _, name := range pkg.Scope().Names() {
		obj, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || types.IsInterface(obj.Type()) {
			continue
		}
		pointer := types.NewPointer(obj.Type())
		if !types.Implements(pointer, face) {
			continue
		}
		if method, _, _ := types.LookupFieldOrMethod(pointer, true, pkg, f.Name()); method != nil && method.Pkg() == pkg {
			out = append(out, nameOf(method.(*types.Func).Origin()))
		}
	}
	return out
}

// Has reports whether the graph has a function of this name.
func (g *Graph) Has(name string) bool { return g.funcs[name] != nil }

// Matching returns the functions whose names match a pattern of package path.
func (g *Graph) Matching(pattern string) []string {
	var out []string
	for name := range g.funcs {
		if ok, err := path.Match(pattern, name); ok && err == nil {
			out = append(out, name)
		}
	}
	return out
}

// Mentions reports whether the identifier is in the body of the function, or of a function
// of the same package that it refers to. The graph must have the function.
func (g *Graph) Mentions(name, identifier string) bool {
	f := g.funcs[name]
	if f.names[identifier] {
		return true
	}
	for callee := range f.refers {
		if c := g.funcs[callee]; c != nil && c.names[identifier] {
			return true
		}
	}
	return false
}

// Cycles returns the sets of functions that can call themselves or each other in a cycle
// without a known function. Each set is sorted, and so are the sets.
func (g *Graph) Cycles(known func(name string) bool) [][]string {
	// Tarjan's algorithm.
	var (
		index, low = map[string]int{}, map[string]int{}
		on         = map[string]bool{}
		stack      []string
		out        [][]string
		visit      func(name string)
	)
	visit = func(name string) {
		index[name] = len(index) + 1
		low[name] = index[name]
		stack, on[name] = append(stack, name), true
		for callee := range g.funcs[name].refers {
			if g.funcs[callee] == nil || known(callee) {
				continue
			}
			if index[callee] == 0 {
				visit(callee)
				low[name] = min(low[name], low[callee])
			} else if on[callee] {
				low[name] = min(low[name], index[callee])
			}
		}
		if low[name] != index[name] {
			return
		}
		at := slices.Index(stack, name)
		set := slices.Clone(stack[at:])
		stack = stack[:at]
		for _, member := range set {
			on[member] = false
		}
		if len(set) > 1 || g.funcs[name].refers[name] {
			slices.Sort(set)
			out = append(out, set)
		}
	}
	for name := range g.funcs {
		if index[name] == 0 && !known(name) {
			visit(name)
		}
	}
	slices.SortFunc(out, slices.Compare[[]string])
	return out
}
