// Package outside_test tests the repository's modules as other programs get them: from a
// module proxy, in a version, without the workspace.
package outside_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// world is where programs of others are built: with a proxy that has the modules, and with an
// empty module cache.
type world struct {
	version string
	env     []string
}

// newWorld returns a world in which the usual proxies have the other modules. What the module
// cache has is not asked of them.
func newWorld(t *testing.T) world {
	t.Helper()
	w := world{version: version(t)}
	tree := proxy(t, w.version)
	usual := strings.Fields(string(goCommand(t, ".", nil, "env", "GOPROXY", "GOMODCACHE")))
	require.Len(t, usual, 2)
	w.env = []string{
		"GOWORK=off",
		"GOPROXY=file://" + filepath.ToSlash(tree) + ",file://" + filepath.ToSlash(usual[1]) + "/cache/download," + usual[0],
		"GONOSUMDB=" + library,
		"GOMODCACHE=" + t.TempDir(),
		// Without paths of this cache in them, packages are compiled once for all runs.
		"GOFLAGS=-modcacherw -trimpath",
	}
	return w
}

// program makes a module with a main package that imports packages, and tidies it.
func (w world) program(t *testing.T, requires []string, imports ...string) string {
	t.Helper()
	dir := t.TempDir()
	code := "package main\n\n"
	for _, name := range imports {
		code += fmt.Sprintf("import _ %q\n", name)
	}
	mod := "module example.org/outside\n\ngo " + oldest + "\n"
	for _, require := range requires {
		mod += "\nrequire " + require + "\n"
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(code+"\nfunc main() {}\n"), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o666))
	goCommand(t, dir, w.env, "mod", "tidy")
	return dir
}

// oldest is the Go release that the library needs. Those who import it can state it too.
const oldest = "1.25.0"

// cost is what a program pays for an import.
type cost struct {
	requires, sums, packages, kubernetes int
	size                                 int64 // of the program, in bytes, without data for debuggers
}

func (w world) costOf(t *testing.T, dir string) (c cost) {
	t.Helper()
	mod := read(t, dir, "go.mod")
	c.requires = strings.Count(mod, "\n\t")
	if c.requires == 0 {
		c.requires = strings.Count(mod, "\nrequire ")
	}
	c.sums = strings.Count(read(t, dir, "go.sum"), "\n")
	for _, name := range strings.Fields(string(goCommand(t, dir, w.env, "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "."))) {
		if name != "example.org/outside" {
			c.packages++
		}
		if strings.HasPrefix(name, "k8s.io/") {
			c.kubernetes++
		}
	}
	built := filepath.Join(dir, "built")
	goCommand(t, dir, w.env, "build", "-ldflags", "-s -w", "-o", built, ".")
	info, err := os.Stat(built)
	require.NoError(t, err)
	c.size = info.Size()
	return c
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	return string(text)
}

func TestModules(t *testing.T) {
	w := newWorld(t)
	t.Run("each door", w.doors)
	t.Run("beside an older client-go", w.older)
	t.Run("the command", w.command)
}

// doors has an empty module import each public package, and logs what that costs.
func (w world) doors(t *testing.T) {
	var table strings.Builder
	fmt.Fprintf(&table, "\n| imports | requires | go.sum lines | packages outside std | of k8s.io | binary |\n|---|---|---|---|---|---|\n")
	for _, door := range strings.Fields(string(goCommand(t, root, []string{"GOWORK="}, "list", library+"/pkg/..."))) {
		if strings.Contains(door, "/internal/") {
			continue
		}
		dir := w.program(t, nil, door)
		c := w.costOf(t, dir)
		fmt.Fprintf(&table, "| %s | %d | %d | %d | %d | %.1f MB |\n", strings.TrimPrefix(door, library+"/"), c.requires, c.sums, c.packages, c.kubernetes, float64(c.size)/1e6)
		if door == library+"/pkg/validate" {
			continue
		}
		for _, name := range []string{"go.mod", "go.sum"} {
			assert.NotRegexp(t, `(?m)^\s*(require )?k8s\.io/`, read(t, dir, name), "%s: %s", door, name)
		}
		assert.Contains(t, read(t, dir, "go.mod"), "\ngo "+oldest+"\n", door)
	}
	t.Log(table.String())
}

// older has a program with another release of k8s.io import the library. It keeps that release.
func (w world) older(t *testing.T) {
	const release = "v0.31.4"
	dir := w.program(t, []string{"k8s.io/client-go " + release}, "k8s.io/client-go/kubernetes", library+"/pkg/jsonnet", library+"/pkg/render")
	goCommand(t, dir, w.env, "build", "-o", os.DevNull, ".")
	for line := range strings.Lines(string(goCommand(t, dir, w.env, "list", "-m", "k8s.io/client-go", "k8s.io/api", "k8s.io/apimachinery"))) {
		assert.Regexp(t, " "+release+"\n$", line)
	}
}

// command installs the command in a version.
func (w world) command(t *testing.T) {
	bin := t.TempDir()
	goCommand(t, bin, append(w.env, "GOBIN="+bin), "install", library+"/cmd/mop@"+w.version)
	out, err := exec.Command(filepath.Join(bin, "mop"), "version").Output()
	require.NoError(t, err)
	assert.Contains(t, string(out), "mop "+w.version+"\n")
}
