package jsonnettest_test

import (
	"bytes"
	"embed"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/jsonnettest"
	"github.com/mop-platform/mop/pkg/render"
)

//go:embed testdata/lib
var libs embed.FS

// A file system needs no marker of a project.
func TestEmbedded(t *testing.T) {
	p, err := render.OpenFS(libs, render.Config{})
	require.NoError(t, err)
	jsonnettest.Run(t, p, "testdata/lib")
}

func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		p := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(p), 0o777))
		require.NoError(t, os.WriteFile(p, []byte(text), 0o666))
	}
	return root
}

func open(t *testing.T, files map[string]string, c render.Config) *render.Project {
	t.Helper()
	root := fstest.MapFS{}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	p, err := render.OpenFS(root, c)
	require.NoError(t, err)
	return p
}

var inside = flag.String("inside", "", "the test of this package that runs in a process of its own")

// outer runs what f does in a process of its own, because it fails, and returns the output of
// go test -v.
func outer(t *testing.T, f func(t *testing.T)) string {
	t.Helper()
	if *inside == t.Name() {
		f(t)
		t.SkipNow() // what follows checks the output
	}
	program, err := os.Executable()
	require.NoError(t, err)
	out, _ := exec.Command(program, "-test.v", "-test.run", "^"+strings.ReplaceAll(regexp.QuoteMeta(t.Name()), "/", "$/^")+"$", "-inside", t.Name()).CombinedOutput()
	return string(out)
}

// The subtests are files with short names, then groups and cases.
func TestNames(t *testing.T) {
	out := outer(t, func(t *testing.T) {
		jsonnettest.Run(t, open(t, map[string]string{
			"lib/a_test.jsonnet":        `{ g: { c: { actual: 1, expected: 1 } }, d: { actual: 1, expected: 2 } }`,
			"lib/sub/a_test.jsonnet":    `{ c: { actual: 1, expected: 1 } }`,
			"lib/sub/b_test.jsonnet":    `{ c: { actual: error 'x', fails: 'x' } }`,
			"lib/sub/e_test.jsonnet":    `{ c: { actual: 1 } }`,
			"lib/vendor/c_test.jsonnet": `error 'vendored tests are not ours'`,
			"other/d_test.jsonnet":      `error 'not below the directory'`,
		}, render.Config{}), "lib/")
	})
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^ *--- (PASS|FAIL): TestNames/(\S+)`).FindAllStringSubmatch(out, -1) {
		got = append(got, m[1]+" "+m[2])
	}
	assert.ElementsMatch(t, []string{"FAIL a", "PASS a/g", "PASS a/g/c", "FAIL a/d", "PASS sub.a", "PASS sub.a/c", "PASS b", "PASS b/c", "FAIL e"}, got, out)
	assert.Contains(t, out, "lib/a_test.jsonnet: d: not as expected")
	assert.Contains(t, out, "lib/sub/e_test.jsonnet: c: says nothing to expect: want one of expected, fails, golden beside actual")
}

func TestRefused(t *testing.T) {
	for name, test := range map[string]struct {
		run  func(t *testing.T)
		want string
	}{
		"nil project":  {func(t *testing.T) { jsonnettest.Run(t, nil, ".") }, "render: the zero Project has no files"},
		"zero project": {func(t *testing.T) { jsonnettest.Run(t, &render.Project{}, ".") }, "render: the zero Project has no files"},
		"no tests": {func(t *testing.T) {
			jsonnettest.Run(t, open(t, map[string]string{"lib/a.jsonnet": ""}, render.Config{}), "lib")
		}, "lib: no file called *_test.jsonnet here or below"},
		"no directory": {func(t *testing.T) { jsonnettest.Run(t, open(t, nil, render.Config{}), "lib") }, "lib"},
		"outside":      {func(t *testing.T) { jsonnettest.Run(t, open(t, nil, render.Config{}), "../lib") }, "../lib"},
		"two options":  {func(t *testing.T) { jsonnettest.Run(t, nil, ".", jsonnettest.Options{}, jsonnettest.Options{}) }, "jsonnettest: want at most one Options, got 2"},
		"update memory": {func(t *testing.T) {
			jsonnettest.Run(t, open(t, map[string]string{"a_test.jsonnet": `{ a: { actual: 1, golden: 'a.yaml' } }`}, render.Config{}), ".", jsonnettest.Options{Update: true})
		}, "golden file a.yaml: cannot be written: the project is not on disk"},
		"panicking files": {func(t *testing.T) {
			p, err := render.OpenFS(panicking{}, render.Config{})
			require.NoError(t, err)
			jsonnettest.Run(t, p, ".")
		}, "panicked: no disk"},
	} {
		t.Run(name, func(t *testing.T) {
			out := outer(t, test.run)
			assert.Contains(t, out, test.want)
			assert.Contains(t, out, "--- FAIL: "+t.Name()[:strings.Index(t.Name(), "/")])
		})
	}
}

type panicking struct{}

func (panicking) Open(string) (fs.File, error) { panic("no disk") }

// Tests have what environments have: Tanka's native functions and library, natives of the
// project, and arguments.
func TestWhatTestsHave(t *testing.T) {
	upper := jsonnet.Native{Name: "upper", Params: []string{"s"}, Func: func(_ jsonnet.Call, args []any) (any, error) {
		return strings.ToUpper(args[0].(string)), nil
	}}
	var trace bytes.Buffer
	p := open(t, map[string]string{
		"lib/answer.libsonnet": "42",
		"a_test.jsonnet": `local tk = import 'tk'; {
			native: { actual: std.native('manifestYamlFromJson')('{}'), expected: '{}\n' },
			own: { actual: std.native('upper')('a'), expected: 'A' },
			tk: { actual: std.isObject(tk), expected: true },
			variable: { actual: std.extVar('x'), expected: { n: 3 } },
			lib: { actual: import 'answer.libsonnet', expected: 42 },
			trace: { actual: std.trace('traced', 1), expected: 1 },
		}`,
	}, render.Config{Natives: []jsonnet.Native{upper}})
	jsonnettest.Run(t, p, ".", jsonnettest.Options{
		Sequential: true, Args: jsonnet.Args{ExtVars: map[string]jsonnet.Var{"x": jsonnet.Value(map[string]int{"n": 3})}, Trace: &trace},
	})
	assert.Contains(t, trace.String(), "traced")
}

func TestLimits(t *testing.T) {
	p := open(t, map[string]string{"a_test.jsonnet": `{ a: { actual: std.length([[x] for x in std.range(1, 1000000)]), fails: 'allocation limit exceeded' } }`}, render.Config{Limits: jsonnet.Limits{Memory: 1 << 20}})
	jsonnettest.Run(t, p, ".")
}

func TestUpdate(t *testing.T) {
	root := tree(t, map[string]string{"jsonnetfile.json": "{}", "lib/a_test.jsonnet": `{ a: { actual: { b: 1 }, golden: 'new/a.yaml' } }`})
	p, err := render.Open(filepath.Join(root, "lib"), render.Config{})
	require.NoError(t, err)
	jsonnettest.Run(t, p, "lib", jsonnettest.Options{Update: true})
	data, err := os.ReadFile(filepath.Join(root, "lib", "new", "a.yaml"))
	require.NoError(t, err)
	assert.Equal(t, "b: 1\n", string(data))
	jsonnettest.Run(t, p, "lib")
}

// Files run in parallel unless it is not wanted: then the tests are over when Run returns.
func TestSequential(t *testing.T) {
	var mu sync.Mutex
	var done []string
	note := jsonnet.Native{Name: "note", Params: []string{"s"}, Func: func(_ jsonnet.Call, args []any) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		done = append(done, args[0].(string))
		return 1, nil
	}}
	p := open(t, map[string]string{
		"a_test.jsonnet": `{ c: { actual: std.native('note')('a'), expected: 1 } }`,
		"b_test.jsonnet": `{ c: { actual: std.native('note')('b'), expected: 1 } }`,
	}, render.Config{Natives: []jsonnet.Native{note}})
	jsonnettest.Run(t, p, ".", jsonnettest.Options{Sequential: true})
	assert.Equal(t, []string{"a", "b"}, done)
	done = nil
	jsonnettest.Run(t, p, ".")
	assert.Empty(t, done, "parallel tests wait until this one ends")
}

// outside is a test in a module of its own.
const outside = `package outside_test

import (
	"testing"

	"github.com/mop-platform/mop/pkg/jsonnettest"
	"github.com/mop-platform/mop/pkg/render"
)

func TestLibraries(t *testing.T) {
	p, err := render.Open(".", render.Config{})
	if err != nil {
		t.Fatal(err)
	}
	jsonnettest.Run(t, p, "lib")
}
`

// Go's test cache notices files on disk that are changed or new. Embedded ones are parts of
// the package.
func TestGoCachesTests(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a test")
	}
	mop, err := filepath.Abs("../..")
	require.NoError(t, err)
	sums, err := os.ReadFile(filepath.Join(mop, "go.sum"))
	require.NoError(t, err)
	own, err := os.ReadFile(filepath.Join(mop, "go.mod"))
	require.NoError(t, err)
	// With the same requirements as here, nothing has to be fetched.
	_, requirements, _ := strings.Cut(string(own), "require (")
	root := tree(t, map[string]string{
		"go.mod":             "module example.com/outside\n\ngo 1.26.0\n\nrequire github.com/mop-platform/mop v0.1.0\n\nreplace github.com/mop-platform/mop => " + mop + "\n\nrequire (" + requirements,
		"go.sum":             string(sums),
		"outside_test.go":    outside,
		"jsonnetfile.json":   "{}",
		"lib/a.libsonnet":    "1",
		"lib/a_test.jsonnet": `{ a: { actual: import 'a.libsonnet', expected: 1 }, g: { actual: 1, golden: 'golden/a.yaml' } }`,
		"lib/golden/a.yaml":  "1\n",
	})
	run := func() string {
		cmd := exec.Command("go", "test", "-mod=mod", ".")
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=")
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	require.Regexp(t, `^ok\s`, run())
	require.Contains(t, run(), "(cached)")
	for _, c := range []struct{ name, text, want string }{
		{"lib/a.libsonnet", "2", "lib/a_test.jsonnet: a: not as expected"},
		{"lib/golden/a.yaml", "2\n", "lib/a_test.jsonnet: g: not as in the golden file"},
		{"lib/b_test.jsonnet", "{ b: { actual: 1, expected: 2 } }", "lib/b_test.jsonnet: b: not as expected"},
		{"lib/golden/c_test.jsonnet", "{ c: { actual: 1, expected: 2 } }", "lib/golden/c_test.jsonnet: c: not as expected"},
	} {
		name := filepath.Join(root, c.name)
		before, absent := os.ReadFile(name)
		require.NoError(t, os.WriteFile(name, []byte(c.text), 0o666))
		require.Contains(t, run(), c.want)
		if absent != nil {
			require.NoError(t, os.Remove(name))
			continue
		}
		require.NoError(t, os.WriteFile(name, before, 0o666))
	}
}
