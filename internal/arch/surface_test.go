package arch_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata/surface.txt")

// The most public packages, and the most exported names in all of them: of the package, of
// methods and of constants. More need a reason in the commit that raises a number.
const (
	mostDoors = 10
	mostNames = 200
)

// foreign are the modules whose types a public package may have in its exported names. All
// others have types of the standard library and of public packages.
var foreign = map[string]string{
	"pkg/jsonnet/gojsonnet": "github.com/google/go-jsonnet", // what it adapts
}

// doors returns the directories of the public packages, sorted.
func doors(t *testing.T) []string {
	t.Helper()
	out, err := list([]string{"list", module + "/pkg/..."})
	require.NoError(t, err)
	var all []string
	for _, name := range strings.Fields(out) {
		if dir := strings.TrimPrefix(name, module+"/"); !strings.Contains(dir+"/", "/internal/") {
			all = append(all, dir)
		}
	}
	require.NotEmpty(t, all)
	slices.Sort(all)
	return all
}

// TestSurface compares what "go doc -all" says about the public packages with
// testdata/surface.txt, so that a commit shows each change of the surface. With -update it
// writes the file.
func TestSurface(t *testing.T) {
	const file = "testdata/surface.txt"
	var got bytes.Buffer
	for _, dir := range doors(t) {
		out, err := exec.Command("go", "doc", "-all", module+"/"+dir).Output()
		require.NoError(t, err, dir)
		fmt.Fprintf(&got, "%s\n%s\n", strings.Repeat("=", 80), bytes.TrimSpace(out))
	}
	if *update {
		require.NoError(t, os.WriteFile(file, got.Bytes(), 0o666))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	if string(want) != got.String() {
		assert.Fail(t, "the public surface changes", "see CONTRIBUTING.md, \"What programs rely on\"; -update writes %s\n%s", file, firstDifference(string(want), got.String()))
	}
}

// firstDifference returns the first lines that differ.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < min(len(w), len(g)) && w[i] == g[i] {
		i++
	}
	some := func(lines []string) string { return strings.Join(lines[i:min(i+5, len(lines))], "\n") }
	return fmt.Sprintf("line %d:\nwant\n%s\ngot\n%s", i+1, some(w), some(g))
}

func TestSurfaceIsSmall(t *testing.T) {
	packages := surface(t)
	total := 0
	var counts strings.Builder
	for _, dir := range slices.Sorted(maps.Keys(packages)) {
		n := len(exported(packages[dir]))
		total += n
		fmt.Fprintf(&counts, "%4d %s\n", n, dir)
	}
	t.Logf("%d exported names:\n%s", total, &counts)
	assert.LessOrEqual(t, len(packages), mostDoors, "public packages")
	assert.LessOrEqual(t, total, mostNames, "exported names:\n%s", &counts)
}

// An outside program can name each type that it meets in an exported name.
func TestSurfaceHasNoInternalTypes(t *testing.T) {
	for dir, pkg := range surface(t) {
		for name, object := range exported(pkg) {
			for stranger := range strangers(dir, pkg, object) {
				assert.Fail(t, "a type that an outside program cannot name, or of another module", "%s.%s: %s", dir, name, stranger)
			}
		}
	}
}

// surface returns the public packages by their directories.
func surface(t *testing.T) map[string]*types.Package {
	t.Helper()
	dirs := doors(t)
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}"}
	for _, dir := range dirs {
		args = append(args, module+"/"+dir)
	}
	out, err := list(args)
	require.NoError(t, err)
	files := map[string]string{}
	for line := range strings.Lines(out) {
		name, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[name] = file
	}
	load := importer.ForCompiler(token.NewFileSet(), "gc", func(name string) (io.ReadCloser, error) { return os.Open(files[name]) })
	packages := map[string]*types.Package{}
	for _, dir := range dirs {
		packages[dir], err = load.Import(module + "/" + dir)
		require.NoError(t, err)
	}
	return packages
}

// exported returns the exported names of a package: those of its own, and the methods of its
// exported types as Type.Method, also those of what they embed and hide. Fields are no names.
func exported(pkg *types.Package) map[string]types.Object {
	all := map[string]types.Object{}
	for _, name := range pkg.Scope().Names() {
		object := pkg.Scope().Lookup(name)
		if !object.Exported() {
			continue
		}
		all[name] = object
		named, ok := object.Type().(*types.Named)
		if _, isType := object.(*types.TypeName); !ok || !isType || named.Obj() != object {
			continue
		}
		add := func(m types.Object) {
			if m.Exported() {
				all[name+"."+m.Name()] = m
			}
		}
		if i, ok := named.Underlying().(*types.Interface); ok {
			for m := range i.ExplicitMethods() {
				add(m)
			}
			continue
		}
		fields, _ := named.Underlying().(*types.Struct)
		for m := range types.NewMethodSet(types.NewPointer(named)).Methods() {
			// A method of an exported field is a name of the field's type.
			if len(m.Index()) == 1 || !fields.Field(m.Index()[0]).Exported() {
				add(m.Obj())
			}
		}
	}
	return all
}

// strangers returns the types in an exported name that an outside program cannot name, and
// those of modules that the package may not show.
func strangers(dir string, pkg *types.Package, object types.Object) map[string]bool {
	found := map[string]bool{}
	seen := map[types.Type]bool{}
	var walk func(types.Type)
	named := func(name *types.TypeName, args *types.TypeList) {
		for arg := range args.Types() {
			walk(arg)
		}
		switch of := name.Pkg(); {
		case of == nil: // of the language
		case of == pkg && !name.Exported():
			found[name.Name()+", which is not exported"] = true
		case of == pkg || !strings.Contains(strings.Split(of.Path(), "/")[0], "."):
		case strings.HasPrefix(of.Path(), module+"/pkg/") && !strings.Contains(of.Path()+"/", "/internal/"):
		case foreign[dir] != "" && strings.HasPrefix(of.Path(), foreign[dir]):
		default:
			found[of.Path()+"."+name.Name()] = true
		}
	}
	walk = func(t types.Type) {
		if seen[t] {
			return
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Alias:
			named(t.Obj(), t.TypeArgs())
			if t.Obj() == object {
				walk(t.Rhs())
			}
		case *types.Named:
			named(t.Obj(), t.TypeArgs())
			if t.Obj() == object {
				for p := range t.TypeParams().TypeParams() {
					walk(p.Constraint())
				}
				walk(t.Underlying())
			}
		case *types.Pointer:
			walk(t.Elem())
		case *types.Slice:
			walk(t.Elem())
		case *types.Array:
			walk(t.Elem())
		case *types.Chan:
			walk(t.Elem())
		case *types.Map:
			walk(t.Key())
			walk(t.Elem())
		case *types.Struct:
			for f := range t.Fields() {
				switch {
				case f.Exported():
					walk(f.Type())
				case f.Embedded(): // Its exported fields are those of the struct.
					of := f.Type()
					if p, ok := of.(*types.Pointer); ok {
						of = p.Elem()
					}
					walk(of.Underlying())
				}
			}
		case *types.Interface:
			for e := range t.EmbeddedTypes() {
				walk(e)
			}
			for m := range t.ExplicitMethods() {
				if m.Exported() {
					walk(m.Type())
				}
			}
		case *types.Union:
			for term := range t.Terms() {
				walk(term.Type())
			}
		case *types.Signature:
			for p := range t.TypeParams().TypeParams() {
				walk(p.Constraint())
			}
			walk(t.Params())
			walk(t.Results())
		case *types.Tuple:
			for v := range t.Variables() {
				walk(v.Type())
			}
		}
	}
	walk(object.Type())
	return found
}

// imported are packages by their paths.
type imported map[string]*types.Package

func (i imported) Import(name string) (*types.Package, error) { return i[name], nil }

// Types of internal packages, of other modules and without exported names are found wherever
// they stand in an exported name; hidden fields may have them.
func TestStrangers(t *testing.T) {
	fset := token.NewFileSet()
	known := imported{}
	check := func(name, text string) *types.Package {
		file, err := parser.ParseFile(fset, name+".go", text, 0)
		require.NoError(t, err)
		known[name], err = (&types.Config{Importer: known}).Check(name, fset, []*ast.File{file}, nil)
		require.NoError(t, err)
		return known[name]
	}
	check(module+"/internal/room", "package room; type T struct{}; type G[E any] struct{}")
	check("example.com/other", "package other; type T struct{}")
	check(module+"/pkg/first", "package first; type T struct{}; type G[E any] struct{}")
	pkg := check(module+"/pkg/door", `package door
import ("example.com/other"; "github.com/mop-platform/mop/internal/room"; "github.com/mop-platform/mop/pkg/first")

type hidden struct{}
type base struct { Field *room.T; other room.T }
func (base) Method(room.T) {}

func Parameter(map[string][]*room.T) {}
func Result() (int, room.T) { return 0, room.T{} }
func Argument() first.G[room.T] { panic(0) }
func Generic[T room.T]() {}
func Hidden() hidden { return hidden{} }
func Other() other.T { return other.T{} }
func First() first.T { return first.T{} }
func hiddenFunction() room.T { return room.T{} }
type Alias = room.T
type Defined room.G[int]
type Embedding struct { room.T }
type Base struct { *base }
type Fields struct { A func(room.T); b room.T }
type Interface interface { M() room.T; m(room.T) }
type Open struct { A first.T; B *Open; C []error; d hidden }
func (Open) M(chan<- room.T) {}
var Variable room.T
`)
	const room = module + "/internal/room."
	want := map[string]string{
		"Parameter": room + "T", "Result": room + "T", "Argument": room + "T", "Generic": room + "T", "Hidden": "hidden, which is not exported",
		"Other": "example.com/other.T", "First": "", "Alias": room + "T", "Defined": "", "Embedding": room + "T", "Base": room + "T",
		"Base.Method": room + "T", "Fields": room + "T", "Interface": room + "T", "Interface.M": room + "T", "Open": "", "Open.M": room + "T",
		"Variable": room + "T",
	}
	got := map[string]string{}
	for name, object := range exported(pkg) {
		got[name] = strings.Join(slices.Sorted(maps.Keys(strangers("pkg/door", pkg, object))), ", ")
	}
	assert.Equal(t, want, got)
}
