// Package arch_test tests the structure of the repository: which package may import which,
// and what only the command may do.
package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"iter"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/mop-platform/mop"

// layers lists the packages from the lowest layer up. A package may import only packages of
// lower layers.
var layers = [][]string{
	{"internal/budget", "internal/message", "internal/heap", "internal/namespace", "internal/page", "internal/pattern", "internal/pprof", "internal/ramdisk"},
	{"internal/failure", "internal/spelling", "internal/plain", "internal/document", "internal/emitter", "internal/jsonnet/internal/notation", "internal/jsonnet/survey", "internal/naming", "internal/syntax", "internal/machine", "internal/ending", "internal/version"},
	{"pkg/diag"},
	{"internal/position", "internal/convert", "internal/jsonnet", "internal/specimen", "internal/pool", "internal/program", "internal/swap"},
	{"internal/intake", "internal/timing"},
	{"pkg/manifest"},
	{"internal/layout", "internal/edit", "internal/project", "internal/eval", "internal/format", "internal/git", "internal/stream"},
	{"internal/schema", "internal/revision", "pkg/jsonnet"},
	{"internal/release", "pkg/jsonnet/gojsonnet"},
	{"internal/release/changes", "internal/release/gates"},
	{"internal/render", "internal/export", "internal/unit", "internal/native", "internal/lint", "pkg/diff", "internal/k8s"},
	{"pkg/validate/internal/engine", "internal/patch"},
	{"pkg/validate/internal/rules", "pkg/validate/internal/refer"},
	{"internal/imports", "pkg/validate/internal/crd", "internal/verdict", "internal/bundler", "internal/workspace"},
	{"pkg/render"},
	{"pkg/validate", "pkg/export", "pkg/jsonnettest", "pkg/vendoring", "internal/batch", "internal/dependency", "internal/inputs", "internal/kubeconfig", "cmd/mop/internal/option", "internal/scaffold", "internal/source", "internal/suite", "internal/summary", "internal/vendored"},
	{"cmd/mop/internal/report", "internal/compare", "internal/explain", "internal/library"},
	{"cmd/mop/internal/check"},
	{"cmd/mop", "pkg/validate/internal/corpus", "cmd/mop/internal/hostile", "internal/mutation", "internal/pace", "internal/schemagen", "internal/bench"},
	{"pkg/validate/internal/record"},
}

// list runs the go command once for the same arguments.
func list(args []string) (string, error) {
	run, _ := lists.LoadOrStore(strings.Join(args, "\n"), sync.OnceValues(func() (string, error) {
		out, err := exec.Command("go", args...).Output()
		return string(out), err
	}))
	return run.(func() (string, error))()
}

// lists are the runs of list by their arguments.
var lists sync.Map

// root is the module's root, relative to this directory.
const root = "../.."

// source is one Go file that is no test.
type source struct {
	name string // its path in the module
	file *ast.File
	fset *token.FileSet
}

// linked returns the directories of the packages that the command or another program links.
// The others are tools for tests and generators.
func linked(t *testing.T) map[string]bool {
	t.Helper()
	args := []string{"list", "-deps", module + "/cmd/mop"}
	for _, dir := range doors(t) {
		args = append(args, module+"/"+dir)
	}
	out, err := list(args)
	require.NoError(t, err)
	dirs := map[string]bool{}
	for _, name := range strings.Fields(out) {
		if dir, ok := strings.CutPrefix(name, module+"/"); ok {
			dirs[dir] = true
		}
	}
	return dirs
}

// modules are the directories of the modules that are released. programs is that of the other
// module of the workspace: its programs use mop as other programs do.
var modules = []string{root, root + "/pkg/validate", root + "/cmd/mop"}

const programs = root + "/docs/programs"

// sources returns the sources of the module, which the tests must not change.
func sources(t *testing.T) []source {
	t.Helper()
	out, err := parsed()
	require.NoError(t, err)
	require.NotEmpty(t, out)
	return out
}

// parsed reads the sources once for all tests.
var parsed = sync.OnceValues(func() (out []source, err error) {
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); base == "testdata" || base == "vendor-jsonnet" || strings.HasPrefix(base, ".") && p != root {
				return fs.SkipDir
			}
			if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil && !slices.Contains(modules, p) {
				return fs.SkipDir // a module that stands alone
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, p, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, p)
		out = append(out, source{filepath.ToSlash(name), file, fset})
		return err
	})
	return out, err
})

func layer(pkg string) int {
	return slices.IndexFunc(layers, func(l []string) bool { return slices.Contains(l, pkg) })
}

func TestImportsPointDownward(t *testing.T) {
	for _, s := range sources(t) {
		pkg := path.Dir(s.name)
		own := layer(pkg)
		if !assert.GreaterOrEqual(t, own, 0, "%s: the package stands on no layer; give it one here", s.name) {
			continue
		}
		for _, spec := range s.file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			if local, ok := strings.CutPrefix(imported, module+"/"); ok {
				assert.Less(t, layer(local), own, "%s imports %s, which does not stand below it", s.name, local)
			}
			if own <= layer("pkg/render") && !strings.HasPrefix(pkg, "pkg/validate/") {
				assert.False(t, strings.HasPrefix(imported, "k8s.io/"), "%s imports %s", s.name, imported)
			}
		}
	}
}

// One public package knows go-jsonnet, so that the others can lose it.
func TestOnePackageAdaptsGoJsonnet(t *testing.T) {
	for _, s := range sources(t) {
		if dir := path.Dir(s.name); !strings.HasPrefix(dir, "pkg/") || dir == "pkg/jsonnet/gojsonnet" {
			continue
		}
		for _, spec := range s.file.Imports {
			assert.NotContains(t, spec.Path.Value, "google/go-jsonnet", s.name)
		}
	}
}

// Only the command prints, exits, and reads flags, the environment or the working
// directory. Some generators and packages for tests do so too, but are no part of the
// command. internal/heap reads an environment variable that the Go runtime reads too.
func TestOnlyTheCommandTouchesTheProcess(t *testing.T) {
	forbidden := map[string][]string{
		"os": {"Args", "Stdin", "Stdout", "Stderr", "Exit", "Getenv", "LookupEnv", "Environ", "ExpandEnv",
			"Setenv", "Getwd", "Chdir", "UserHomeDir", "UserCacheDir", "UserConfigDir", "Getpid"},
		"fmt": {"Print", "Printf", "Println"},
	}
	for _, s := range sources(t) {
		if dir := path.Dir(s.name); dir == "cmd/mop" || dir == "internal/schemagen" || dir == "internal/bench" || dir == "internal/pace" || dir == "internal/heap" || dir == "internal/namespace" || dir == "internal/ramdisk" || dir == "pkg/validate/internal/record" {
			continue
		}
		for _, spec := range s.file.Imports {
			if path.Base(s.name) == "show.go" && spec.Path.Value == `"log/slog"` {
				// It says how a value looks in the logs of others, and logs nothing.
				continue
			}
			assert.NotContains(t, []string{`"flag"`, `"log"`, `"log/slog"`, `"github.com/spf13/pflag"`, `"github.com/spf13/cobra"`}, spec.Path.Value, s.name)
		}
		for pos, name := range selectors(s, forbidden) {
			assert.Fail(t, "forbidden outside of cmd/mop", "%s: %s", pos, name)
		}
	}
}

// selectors yields the places and texts of the selectors x.name in s where names[x] has
// name. x is the name of a package, a variable or a field.
func selectors(s source, names map[string][]string) iter.Seq2[token.Position, string] {
	return func(yield func(token.Position, string) bool) {
		for n := range ast.Preorder(s.file) {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				continue
			}
			x, ok := sel.X.(*ast.Ident)
			if field, isField := sel.X.(*ast.SelectorExpr); isField {
				x, ok = field.Sel, true
			}
			if ok && slices.Contains(names[x.Name], sel.Sel.Name) && !yield(s.fset.Position(n.Pos()), x.Name+"."+sel.Sel.Name) {
				return
			}
		}
	}
}

// Only internal/program starts other programs, because it ends them too. The packages in
// internal may start programs, because those that do are no part of the command.
func TestOnePackageStartsPrograms(t *testing.T) {
	forbidden := map[string][]string{
		"os":      {"StartProcess"},
		"syscall": {"Exec", "ForkExec", "StartProcess"},
		"unix":    {"Exec"},
	}
	linked := linked(t)
	for _, s := range sources(t) {
		if dir := path.Dir(s.name); dir == "internal/program" || !linked[dir] {
			continue
		}
		for _, spec := range s.file.Imports {
			assert.NotEqual(t, `"os/exec"`, spec.Path.Value, s.name)
		}
		for pos, name := range selectors(s, forbidden) {
			assert.Fail(t, "forbidden outside of internal/program", "%s: %s", pos, name)
		}
	}
}

// Package budget limits how much is read of a file: the input decides how long a file is,
// and whether it has an end.
func TestFilesAreReadWithinABudget(t *testing.T) {
	forbidden := map[string][]string{
		"os": {"ReadFile"}, "fs": {"ReadFile"}, "io": {"ReadAll"},
		"ioutil": {"ReadFile", "ReadAll"},
	}
	// The files that read without the budget, and why their reading ends.
	exceptions := map[string]string{
		"internal/swap/swap_linux.go":     "the kernel's list of mount points",
		"internal/machine/memory.go":      "files of the kernel and of control groups",
		"internal/program/serve_linux.go": "the kernel's list of processes",
		"cmd/mop/help.go":                 "embedded",
		"internal/schema/document.go":     "embedded",
		"internal/k8s/custom.go":          "embedded",
		"internal/native/inputs.go":       "the call of a native function has the budget",
		"internal/native/kustomize.go":    "the call of a native function has the budget",
		"internal/eval/foreign.go":        "the call of a native function has the budget",
	}
	linked := linked(t)
	excepted := map[string]bool{}
	for _, s := range sources(t) {
		dir := path.Dir(s.name)
		if dir == "internal/budget" || !linked[dir] {
			continue
		}
		var found []string
		for pos, name := range selectors(s, forbidden) {
			found = append(found, pos.String()+": "+name)
		}
		for n := range ast.Preorder(s.file) {
			// These are methods such as those of [os.Root]. Our own take a context too.
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 1 {
				if sel, ok := call.Fun.(*ast.SelectorExpr); ok && (sel.Sel.Name == "ReadFile" || sel.Sel.Name == "ReadFrom") {
					found = append(found, s.fset.Position(n.Pos()).String()+": "+sel.Sel.Name)
				}
			}
		}
		if excepted[s.name] = len(found) > 0; exceptions[s.name] == "" {
			assert.Empty(t, found, "want budget.ReadFile or one of its neighbours")
		}
	}
	for name := range exceptions {
		assert.True(t, excepted[name], "%s reads nothing that needs an exception", name)
	}
}

// The budget says why work ends, because it knows the limit that was exceeded. The error of
// a context says only that it was canceled.
func TestOnlyTheBudgetSaysWhyWorkEnds(t *testing.T) {
	for _, s := range sources(t) {
		if path.Dir(s.name) == "internal/budget" {
			continue
		}
		for pos, name := range selectors(s, map[string][]string{"context": {"Cause"}, "ctx": {"Err"}}) {
			assert.Fail(t, "want budget.Of(ctx).Err()", "%s: %s", pos, name)
		}
	}
}

func TestNoInit(t *testing.T) {
	for _, s := range sources(t) {
		for _, decl := range s.file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				assert.NotEqual(t, "init", f.Name.Name, s.name)
			}
		}
	}
}

func TestPackagesAreDocumented(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t) {
		pkg := path.Dir(s.name)
		documented[pkg] = documented[pkg] || s.file.Doc != nil
		assert.NotContains(t, []string{"util", "utils", "common", "types", "helpers", "model", "misc"}, s.file.Name.Name, s.name)
	}
	for pkg, ok := range documented {
		assert.True(t, ok, "%s has no package comment", pkg)
	}
}

// docs/layout.md has a row for each package, and no other.
func TestLayoutIsComplete(t *testing.T) {
	text, err := os.ReadFile(root + "/docs/layout.md")
	require.NoError(t, err)
	var rows []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		rows = append(rows, m[1])
	}
	packages := []string{"cmd/mop/internal/kubectl", "internal/arch"} // tests alone
	for _, s := range sources(t) {
		packages = append(packages, path.Dir(s.name))
	}
	slices.Sort(packages)
	slices.Sort(rows)
	assert.Equal(t, slices.Compact(packages), rows)
}
