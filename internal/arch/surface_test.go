package arch_test

import (
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
		if unfinished[dir] {
			continue
		}
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
// exported types as Type.Method. Constants of an iota are names too, fields are not.
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
		methods := []*types.Func{}
		for m := range named.Methods() {
			methods = append(methods, m)
		}
		if i, ok := named.Underlying().(*types.Interface); ok {
			methods = slices.Collect(i.ExplicitMethods())
		}
		for _, m := range methods {
			if m.Exported() {
				all[name+"."+m.Name()] = m
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
				if f.Exported() || f.Embedded() {
					walk(f.Type())
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
