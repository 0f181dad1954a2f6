package arch_test

import (
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	saysErrors      = regexp.MustCompile(`(?i)\berr(or)?s?\b|Err[A-Z]|\bfails?\b|LimitError`)
	saysConcurrency = regexp.MustCompile(`(?i)concurren|immutable|goroutine`)
)

// TestContracts tests that each exported name of a public package has a comment, that the
// comment of a function that returns an error speaks of errors, and that of a type with
// hidden fields of concurrent use. It cannot test that what they say is enough, or true.
func TestContracts(t *testing.T) {
	for _, dir := range doors(t) {
		t.Run(dir, func(t *testing.T) {
			for _, fault := range contractFaults(t, documented(t, dir)) {
				assert.Fail(t, "no contract", "%s", fault)
			}
		})
	}
}

// documented returns the documentation of a public package.
func documented(t *testing.T, dir string) *doc.Package {
	t.Helper()
	found, err := build.ImportDir(filepath.Join(root, dir), 0)
	require.NoError(t, err)
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range found.GoFiles {
		file, err := parser.ParseFile(fset, filepath.Join(found.Dir, name), nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	p, err := doc.NewFromFiles(fset, files, module+"/"+dir)
	require.NoError(t, err)
	return p
}

// contractFaults returns the exported names of a package that lack a part of their contract,
// with the part.
func contractFaults(t *testing.T, p *doc.Package) []string {
	t.Helper()
	var faults []string
	add := func(name, problem string) { faults = append(faults, name+" "+problem) }
	values := func(all []*doc.Value) {
		for _, v := range all {
			for _, spec := range v.Decl.Specs {
				spec := spec.(*ast.ValueSpec)
				for _, name := range spec.Names {
					if name.IsExported() && v.Doc == "" && spec.Doc.Text() == "" && spec.Comment.Text() == "" {
						add(name.Name, "has no comment")
					}
				}
			}
		}
	}
	function := func(name, text string, of *ast.FuncType) {
		switch {
		case text == "":
			add(name, "has no comment")
		case givesError(of) && !saysErrors.MatchString(text):
			add(name, "returns an error, of which its comment says nothing")
		}
	}
	functions := func(of string, all []*doc.Func) {
		for _, f := range all {
			function(of+f.Name, f.Doc, f.Decl.Type)
		}
	}
	values(p.Consts)
	values(p.Vars)
	functions("", p.Funcs)
	for _, typ := range p.Types {
		values(typ.Consts)
		values(typ.Vars)
		functions("", typ.Funcs)
		functions(typ.Name+".", typ.Methods)
		if typ.Doc == "" {
			add(typ.Name, "has no comment")
		}
		for _, spec := range typ.Decl.Specs {
			switch of := spec.(*ast.TypeSpec).Type.(type) {
			case *ast.StructType:
				if hides(of) && !saysConcurrency.MatchString(typ.Doc) {
					add(typ.Name, "has hidden fields, and its comment says nothing of concurrent use")
				}
			case *ast.InterfaceType:
				for _, m := range of.Methods.List {
					if f, ok := m.Type.(*ast.FuncType); ok && m.Names[0].IsExported() {
						function(typ.Name+"."+m.Names[0].Name, m.Doc.Text()+m.Comment.Text()+typ.Doc, f)
					}
				}
			}
		}
	}
	return faults
}

// givesError reports whether a function returns an error, or yields some.
func givesError(f *ast.FuncType) bool {
	if f.Results == nil {
		return false
	}
	for _, result := range f.Results.List {
		for n := range ast.Preorder(result.Type) {
			if name, ok := n.(*ast.Ident); ok && name.Name == "error" {
				return true
			}
		}
	}
	return false
}

// hides reports whether a struct has hidden fields. In the declarations of package doc,
// which leaves them out, its list is incomplete.
func hides(s *ast.StructType) bool { return s.Incomplete }

// A fault of each sort is found.
func TestContractFaults(t *testing.T) {
	const text = `// Package p is documented.
package p

const A = 1

// B is documented.
const B, c = 2, 3

// Numbers.
const (
	D = iota
	E
)

func F() {}

// G returns something.
func G() (int, error) { return 0, nil }

// H returns something. The error says what is wrong.
func H() (int, error) { return 0, nil }

// I yields something.
func I() iter.Seq2[int, error] { return nil }

// T holds something.
type T struct{ a int }

func (T) M() {}

func (T) hidden() {}

// U is safe for concurrent use.
type U struct{ a int }

// V is open.
type V struct{ A int }

// W does something.
type W interface{ M() error }

// X returns an error if it cannot.
type X interface{ M() error }
`
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", text, parser.ParseComments)
	require.NoError(t, err)
	p, err := doc.NewFromFiles(fset, []*ast.File{file}, "p")
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{
		"A has no comment",
		"F has no comment",
		"G returns an error, of which its comment says nothing",
		"I returns an error, of which its comment says nothing",
		"T has hidden fields, and its comment says nothing of concurrent use",
		"T.M has no comment",
		"W.M returns an error, of which its comment says nothing",
	}, contractFaults(t, p))
}
