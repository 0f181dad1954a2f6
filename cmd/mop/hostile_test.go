package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// commands returns the names of all commands that are no groups of commands.
func commands() []string {
	root := newRootCommand(&app{output: newOutput(io.Discard, io.Discard)})
	root.InitDefaultHelpCmd()
	var names []string
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if !cmd.HasSubCommands() {
			names = append(names, strings.TrimPrefix(cmd.CommandPath(), "mop "))
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(root)
	return names
}

// hostile is a name or text that a stranger may give.
const hostile = "a\x1b[31m\x1b]0;t\x07\u009b2J\u202e\x7f\r\n::add-mask::x\n ##[add-mask]y\nz"

// hostileRows has calls of each command that show names and texts of a project: of a file,
// an environment, an object, a package, a revision. ! stands for hostile.
var hostileRows = map[string][]string{
	"affected":             {"affected !", "affected HEAD"},
	"completion":           {"completion !", "completion bash"},
	"diff":                 {"diff environments/a! environments/b!", "diff environments/a! environments/b! -s", "diff environments/a! environments/b! -o json", "diff environments/a! environments/b! --color always", "diff --from ! environments/a!", "diff --from HEAD -r environments", "diff --from HEAD -r environments --name-only"},
	"env add":              {"env add environments/c!", "env add environments/d --server https://!", "env add environments/a!"},
	"env list":             {"env list", "env list --names", "env list --json", "env list -l !"},
	"env remove":           {"env remove environments/a!", "env remove environments/a! --yes"},
	"env set":              {"env set environments/a! --namespace n!", "env set environments/a! --server https://!", "env set environments/none!"},
	"eval":                 {"eval environments/a!", "eval wrong/main.jsonnet", "eval wrong/syntax!.jsonnet", "eval environments/a! -e !", "eval environments/a! --ext-str !", "eval wrong/trace.jsonnet", "eval wrong/trace.jsonnet --engine go-jsonnet", "eval wrong/helm.jsonnet", "eval wrong/parsed.jsonnet"},
	"explain":              {"explain environments/a! configmap/!", "explain environments/a! configmap/a data", "explain environments/a! configmap/a -o json", "explain environments/a! configmap/a data.!"},
	"export":               {"export out environments/a!", "export out environments/a! environments/b! --format {{.metadata.labels.!}}", "export out! environments/a!", "export out environments/a! --format {{.data}}/x"},
	"fmt":                  {"fmt --test wrong", "fmt -v wrong/style!.jsonnet", "fmt wrong/syntax!.jsonnet", "fmt --stdout wrong/style!.jsonnet"},
	"help":                 {"help", "help !"},
	"init":                 {"init", "init --k8s !"},
	"k8s generate":         {"k8s generate --crd crd!.yaml --out generated", "k8s generate --crd environments --out lib!"},
	"lint":                 {"lint wrong", "lint wrong/syntax!.jsonnet"},
	"show":                 {"show environments/a!", "show environments/a! -o json", "show environments/a! -t !", "show environments/b! --provenance", "show wrong/twice.jsonnet", "show wrong/kinds.jsonnet"},
	"status":               {"status environments/a!"},
	"test":                 {"test wrong", "test -v wrong", "test wrong --run !"},
	"tool imports":         {"tool imports environments/a!", "tool imports environments/a! -c !"},
	"tool importers":       {"tool importers lib/x!.libsonnet", "tool importers !"},
	"tool importers-count": {"tool importers-count lib", "tool importers-count !"},
	"tool jpath":           {"tool jpath environments/a!", "tool jpath environments/a! --debug"},
	"trace":                {"trace shown!.yaml:5 environments/a!", "trace shown!.yaml:99"},
	"validate":             {"validate environments", "validate environments -o json", "validate environments -o github", "validate environments -o junit", "validate environments -o sarif", "validate -f shown!.yaml", "validate -f crd!.yaml", "validate environments/a! -l !", "validate environments --external !"},
	"vendor add":           {"vendor add git.example.com/!/b@!", "vendor add ./lib!"},
	"vendor check":         {"vendor check"},
	"vendor install":       {"vendor install"},
	"vendor list":          {"vendor list"},
	"vendor remove":        {"vendor remove !", "vendor remove git.example.com/a/b"},
	"vendor update":        {"vendor update", "vendor update !"},
	"version":              {"version", "version -v", "version -o !"},
}

// hostileProject makes a project whose names and texts are hostile, in a new
// directory.
func hostileProject(t *testing.T) string {
	dir := filepath.Join(t.TempDir(), "p"+hostile)
	text := strings.NewReplacer("\\", `\\`, "\x1b", `\u001b`, "\x07", `\u0007`, "\r", `\r`, "\n", `\n`, "'", `\'`).Replace(hostile)
	env := `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"name": "NAME!", "labels": {"l": "!", "!": "v"}}, "spec": {"namespace": "!", "apiServer": "https://!", "unknown!": "!", "injectLabels": true, "resourceDefaults": {"labels": {"!": "!"}}}}`
	objects := `local x = import 'x!.libsonnet';
{ '!': x { metadata+: { name: '!', namespace: '!', labels: { '!': '!' } } }, a: x { metadata+: { name: 'a' }, data+: { '!': 'VALUE!' } }, pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name: '!' }, spec: { containers: [{ name: '!', image: '!', '!': 1, imagePullPolicy: '!' }] } }, odd: { apiVersion: '!/v1', kind: '!', metadata: { name: '!' } } }`
	for name, content := range map[string]string{
		"jsonnetfile.json":                  `{"version": 1, "dependencies": [{"source": {"git": {"remote": "https://git.example.com/a!/b.git", "subdir": "!"}}, "version": "v!"}, {"source": {"local": {"directory": "!"}}, "version": ""}], "legacyImports": false, "!": 1}`,
		"lib/x!.libsonnet":                  `{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '!' }, data: { '!': '!' } }`,
		"environments/a!/main.jsonnet":      strings.ReplaceAll(objects, "VALUE", "a"),
		"environments/a!/spec.json":         strings.ReplaceAll(env, "NAME", "a"),
		"environments/b!/main.jsonnet":      strings.ReplaceAll(objects, "VALUE", "b"),
		"environments/b!/spec.json":         strings.ReplaceAll(env, "NAME", "b"),
		"environments/broken!/main.jsonnet": `{ '!': error 'said: !' }`,
		"environments/unread!/main.jsonnet": `{}`,
		"environments/unread!/spec.json":    `{"kind": "!", "!": !}`,
		"wrong/main.jsonnet":                `{ a: error '!', assert false : '!' }`,
		"wrong/twice.jsonnet":               `{ a: (import 'x!.libsonnet') { metadata+: { name: '!' } }, '!': $.a, c: '!' }`,
		"wrong/kinds.jsonnet":               `{ '!': { apiVersion: 'v1', kind: '!' }, b: { apiVersion: 1, kind: 'x', metadata: { '!': '!' } }, c: { '!': ['!'] } }`,
		"wrong/syntax!.jsonnet":             `{ '!': 1, local x = import 'none!', y z }`,
		"wrong/style!.jsonnet":              `local unused = 1;   {a:import 'none!.libsonnet'}`,
		"wrong/trace.jsonnet":               `std.trace('!', std.extVar('!'))`,
		"wrong/helm.jsonnet":                `std.native('helmTemplate')('!', './!', { calledFrom: std.thisFile, '!': 1 })`,
		"wrong/parsed.jsonnet":              `std.parseYaml('!: [') + std.native('parseJson')('!') + import 'none!'`,
		"wrong/x_test.jsonnet":              `{ '!': { '!': { actual: '!', expected: 'b!' }, fails: { actual: error '!', fails: 'none!' }, golden: { actual: '!', golden: '../!' }, fine: { actual: 1, expected: 1 } } }`,
		"wrong/broken_test.jsonnet":         `{ '!': { '!': 1 } }`,
		"crd!.yaml":                         `{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "!"}, "spec": {"group": "!", "names": {"kind": "!", "plural": "!"}, "scope": "!", "versions": [{"name": "!", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "!", "description": "!"}}}]}}`,
		"shown!.yaml":                       "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata: {\"!\": \"!\", x: 1, \"!\": *a}\n",
	} {
		name = filepath.Join(dir, strings.ReplaceAll(name, "!", hostile))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		require.NoError(t, os.WriteFile(name, []byte(strings.ReplaceAll(content, "!", text)), 0o666))
	}
	commit(t, dir)
	return dir
}

// coloured matches the sequences of mop's own colours.
var coloured = regexp.MustCompile("\x1b\\[(0|1|31|32|36)m")

// The output of commands about a stranger's project has no control characters, and no line
// that the log of a system of continuous integration would obey.
func TestHostileNames(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files cannot be called so there")
	}
	t.Parallel()
	template := hostileProject(t)
	for _, name := range commands() {
		calls, ok := hostileRows[name]
		assert.True(t, ok, "%s: the command has no row; give it one", name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), filepath.Base(template))
			require.NoError(t, os.CopyFS(dir, os.DirFS(template)))
			environ := append(os.Environ(), "HOME="+t.TempDir(), "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url.file:///none/.insteadOf", "GIT_CONFIG_VALUE_0=https://")
			for _, call := range append(calls, name+" !", name+" --!", name+" ! !", name+" --log-level !", name+" --log-level=debug !") {
				product := strings.HasPrefix(call, "eval") || strings.HasPrefix(call, "show") || strings.HasPrefix(call, "tool imports") || regexp.MustCompile("--stdout|-o (json|junit|sarif)|--json").MatchString(call)
				args := strings.Fields(call)
				for i := range args {
					args[i] = strings.ReplaceAll(args[i], "!", hostile)
				}
				var stdout, stderr bytes.Buffer
				run(dir, environ, &stdout, &stderr, args...)
				out := coloured.ReplaceAllString(stdout.String(), "")
				for stream, text := range map[string]string{"standard output": out, "standard error": stderr.String()} {
					product := product && stream == "standard output"
					for line := range strings.Lines(text) {
						line = strings.TrimSuffix(line, "\n")
						if strings.HasPrefix(call, "tool jpath") && stream == "standard output" {
							continue // paths for programs keep their bytes
						}
						assert.NotContains(t, line, "\x1b", "%s of %s", stream, call)
						if product {
							continue
						}
						if strings.HasSuffix(call, "-o github") && strings.HasPrefix(line, "::") {
							line = line[2:] // mop's own prefix
						}
						assert.False(t, strings.HasPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::"), "%s of %s: %q", stream, call, line)
						assert.NotContains(t, line, "##[", "%s of %s", stream, call)
						assert.NotContains(t, line, "\u202e", "%s of %s", stream, call)
						assert.False(t, strings.ContainsFunc(line, func(r rune) bool { return r != '\t' && unicode.IsControl(r) }), "%s of %s: %q", stream, call, line)
					}
				}
				if os.Getenv("MOP_SHOW") != "" {
					t.Logf("%s\n%s%s", call, stdout.String(), stderr.String())
				}
			}
		})
	}
}

// Long texts are cut: the output of a command about an argument of 100 kB, and about a text
// of 100 MB, fits a screen.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100_000)
	short := func(t *testing.T, dir string, args ...string) string {
		var out bytes.Buffer
		both := &shared{w: &out}
		run(dir, os.Environ(), both, both, args...)
		assert.Less(t, out.Len(), 10_000, "%.300s", args)
		return out.String()
	}
	cut := `… \([0-9,]+ more bytes\)|file name too long`
	for _, name := range commands() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "jsonnetfile.json"), []byte("{}"), 0o666))
			words := strings.Fields(name)
			assert.Regexp(t, cut, short(t, dir, append(words, "--"+long)...))
			assert.Regexp(t, cut, short(t, dir, append(words, "--log-level", long)...))
			short(t, dir, append(words, long)...)
			short(t, dir, append(words, long, long)...)
		})
	}
	check := func(t *testing.T, dir string, args ...string) {
		cmd := exec.Command("mop", args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			require.ErrorAs(t, err, new(*exec.ExitError))
		}
		assert.Less(t, len(out), 10_000, "%.300s", args)
		assert.Regexp(t, cut, string(out), "%.300s", args)
	}
	t.Run("texts", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "jsonnetfile.json"), []byte("{}"), 0o666))
		for name, text := range map[string]string{
			"error":    `error std.repeat('x', 100000000)`,
			"lines":    `error std.repeat('\n', 10000000)`,
			"assert":   `{ assert false : std.repeat('x', 100000000) }`,
			"field":    `{}[std.repeat('x', 10000000)]`,
			"import":   "import '" + strings.Repeat("x", 1_000_000) + "'",
			"extVar":   `std.extVar(std.repeat('x', 10000000))`,
			"variable": strings.Repeat("x", 1_000_000),
		} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
			check(t, dir, "eval", name)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, "name"), []byte(`{ [std.repeat('x', 10000000)]: 1 }`), 0o666))
		check(t, dir, "show", "name")
		require.NoError(t, os.WriteFile(filepath.Join(dir, "a_test.jsonnet"), []byte(`{ a: { actual: std.repeat('x', 30000000), expected: std.repeat('x', 30000000) + 'y' }, b: { actual: error std.repeat('x', 10000000), expected: 1 } }`), 0o666))
		out := new(bytes.Buffer)
		cmd := exec.Command("mop", "test", "--max-memory", "1Gi")
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
		require.Error(t, cmd.Run())
		assert.Contains(t, out.String(), "0 passed, 2 failed\n")
		assert.Less(t, out.Len(), 150_000)
	})
}
