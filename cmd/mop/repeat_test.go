package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
)

// repeatProject is a project whose output could depend on the order of keys, files,
// environments and faults. It has keys that mix letters and digits, are dates, versions or
// prefixes of each other, many faults at once, and several environments.
const repeatProject = `
-- jsonnetfile.json --
{"version": 1, "dependencies": []}
-- lib/hostile.libsonnet --
local hashes = [std.substr(std.md5('' + i), 0, 8) for i in std.range(1, 16)];
local versions = ['v1', 'v1.9', 'v1.10', 'v1alpha1', 'v10', 'v2beta1', '1.2.3', '1.10.0', '1.9', '11', '1z', '2z', '1', '01', '001', '1e3', '0o17', '1_000'];
local dates = ['2001-01-01', '2001-1-1', '2001-01-01T10:00:00Z', '1:20', '190:20:30'];
local words = ['a', 'a1', 'a10', 'a2', 'ab', 'a-b', 'a.b', 'a_b', 'A', 'é', 'e\u0301', 'ß', '日本', '٣', '<<', '~', 'y', '', ' ', 'a b', '😀', 'x\ny', '\u2028'];
{
  keys: hashes + versions + dates + words,
  object: { [k]: k for k in self.keys },
  labels: { ['l' + h]: h for h in hashes },
  configMap(name):: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: name, labels: $.labels, annotations: $.object }, data: $.object },
  many(prefix):: { [prefix + k]: $.configMap('c%d' % i) for i in std.range(0, 3) for k in [hashes[i]] },
}
-- environments/a/main.jsonnet --
local h = import 'hostile.libsonnet';
std.trace('evaluated a', h.many('a'))
-- environments/a/spec.json --
{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"name": "a", "labels": {"t": "1"}}, "spec": {"namespace": "a", "injectLabels": true, "resourceDefaults": {"labels": {"11": "x", "1z": "y", "2z": "z"}}, "odd": 1, "odder": 2}}
-- environments/b/main.jsonnet --
local h = import 'hostile.libsonnet';
std.trace('evaluated b', h.many('b')) + {
  native: h.configMap('native') { data: { yaml: std.native('manifestYamlFromJson')(std.manifestJson(h.object)), parsed: std.toString(std.native('parseYaml')(std.native('manifestYamlFromJson')(std.manifestJson(h.object)))) } },
  imported: import 'yaml:../../files/a.yaml',
}
-- environments/b/spec.json --
{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"name": "b"}, "spec": {"namespace": "b"}}
-- environments/inline/main.jsonnet --
local h = import 'hostile.libsonnet';
{ [k]: { apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: { name: 'inline-' + std.length(k) + k }, spec: { namespace: 'n' }, data: { c: h.configMap('c') } } for k in std.filter(function(k) std.length(k) == 8, h.keys)[:4] }
-- environments/broken/main.jsonnet --
local h = import 'hostile.libsonnet';
{ [k]: { apiVersion: 'v1', metadata: { name: k } + { [l]: l for l in ['labels', 'annotations'] } } for k in h.keys } + { twice1: h.configMap('t'), twice2: h.configMap('t'), 'twice-3': h.configMap('t') }
-- environments/invalid/main.jsonnet --
local h = import 'hostile.libsonnet';
{
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' },
  spec: h.object { containers: [{ name: k, image: 'i', envFrom: [{ configMapRef: { name: k } }] } + h.object for k in h.keys[:4]], nodeSelector: h.object },
}
-- environments/other/main.jsonnet --
local h = import 'hostile.libsonnet';
h.many('a') { extra: h.configMap('extra') { data+: { ['new' + k]: k for k in h.keys } } }
-- files/a.yaml --
apiVersion: v1
kind: ConfigMap
metadata: { name: file }
data: { 11: a, 1z: b, 2z: c }
-- crds/crd.yaml --
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: foos.example.com }
spec:
  group: example.com
  names: { kind: Foo, plural: foos, singular: foo, listKind: FooList }
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: ["11", "1z", "2z"]
            properties:
              a1: { type: integer, minimum: 3 }
              a10: { type: string, enum: [x, y, z] }
              a2: { type: array, maxItems: 1, items: { type: string, pattern: '^b' } }
            x-kubernetes-validations:
            - { rule: "self.a1 > 5", message: "too small" }
            - { rule: "self.a1 > 6", message: "too small still" }
-- foo.yaml --
apiVersion: example.com/v1
kind: Foo
metadata: { name: foo, namespace: ns }
spec: { a1: 1, a10: w, a2: [a, c, d], b1: 1, b10: 2, b2: 3 }
-- lib/x_test.jsonnet --
local h = import 'hostile.libsonnet';
{ [k]: { actual: h.object, expected: { a: k } } for k in h.keys[:3] } { golden: { actual: h.object, golden: 'golden.yaml' }, same: { actual: 1, expected: 2 }, fails: { actual: h.object, fails: 'x' } }
-- lib/golden.yaml --
a: 1
-- lib/odd.jsonnet --
local a = 1, b = 2, c = import 'hostile.libsonnet';
{a:1,   'b':2}
`

// repeatCommands are the commands that print or write files, in each of their formats. The
// index is their exit status. It has no commands that use a network or print only a fixed
// text.
var repeatCommands = [][]string{
	{
		"eval environments/a", "eval environments/b -e native", "eval lib/hostile.libsonnet", "eval lib/hostile.libsonnet --engine go-jsonnet",
		"show environments/a", "show environments/b", "show environments/b --compat tanka", "show environments/b -o json", "show environments/a --provenance",
		"show environments/b --provenance", "show environments/invalid -t pod/.*",
		"export out environments/a environments/b environments/inline -r --parallel 4 --format {{env.metadata.name}}/{{.kind}}-{{.metadata.name}}",
		"export out environments/a environments/b --compat tanka --format {{.metadata.namespace}}-{{.metadata.name}}",
		"explain environments/a configmap/c1", "explain environments/a configmap/c1 data", "explain environments/a configmap/c1 -o json",
		"explain environments/b configmap/native", "trace shown.yaml:5 environments/a",
		"fmt lib", "env list", "env list --json", "env list --names", "status environments/a", "status environments/b", "env set environments/a --namespace other",
		"tool imports environments/b", "tool importers lib/hostile.libsonnet", "tool importers-count lib", "tool jpath environments/a",
		"vendor list", "vendor check", "k8s generate --crd crds --out generated", "affected HEAD",
		"help", "show --help", "completion bash", "version",
	},
	statusFindings: {
		"diff environments/a environments/other", "diff environments/a environments/other -o json", "diff environments/a environments/other -s",
		"diff --from HEAD environments/a", "diff --from HEAD -r environments/a", "diff --from HEAD -r environments/inline",
		"validate environments", "validate environments/invalid", "validate -o json environments/invalid", "validate -o sarif environments/invalid",
		"validate -o junit environments/invalid", "validate -o github environments/invalid",
		"validate -f foo.yaml --crd crds", "validate -f files -f foo.yaml --crd crds/crd.yaml -o json",
		"test lib", "test -v lib/x_test.jsonnet", "test --update lib", "lint lib", "lint lib environments", "fmt --test lib environments",
	},
	statusFailure: {
		"show environments/broken", "diff --from HEAD -r environments",
		"export out environments -r --format {{env.metadata.name}}-{{.metadata.name}}",
		"export out environments/a environments/b --format x{{.metadata.namespace}}",
	},
}

// outcome is the whole output of a command.
type outcome struct {
	stdout, stderr string
	status         int
	// written are the files that it made or changed.
	written map[string]string
}

// repeats is how often TestOutputRepeats runs a command; "make check" sets 30.
var repeats = flag.Int("repeats", 5, "run each command this often to compare what it gives")

// TestOutputRepeats runs each command many times. Its outcome is the same each time.
func TestOutputRepeats(t *testing.T) {
	t.Parallel()
	p := newRepeated(t)
	for status, commands := range repeatCommands {
		for _, command := range commands {
			t.Run(command, func(t *testing.T) {
				first := p.run(t, command)
				require.Equal(t, status, first.status, "what the command was to do was not done: %.500s", first.stderr)
				require.NotEmpty(t, first.stdout+first.stderr+fmt.Sprint(first.written))
				times := *repeats
				if strings.HasPrefix(command, "k8s generate") {
					times = 2 // it writes a thousand files
				}
				for range times - 1 {
					require.Empty(t, firstDifference(first, p.run(t, command)))
				}
			})
		}
	}
}

// firstDifference describes the first difference of two outcomes, "" if they are equal.
func firstDifference(want, got outcome) string {
	a, b := want.parts(), got.parts()
	both := maps.Clone(a)
	maps.Copy(both, b)
	for _, part := range slices.Sorted(maps.Keys(both)) {
		_, inA := a[part]
		if _, inB := b[part]; inA != inB {
			return part + " is there in one run of two"
		}
		x, y := strings.Split(a[part], "\n"), strings.Split(b[part], "\n")
		for i := range max(len(x), len(y)) {
			switch {
			case i >= len(x):
				return fmt.Sprintf("%s:%d: got also %q", part, i+1, y[i])
			case i >= len(y):
				return fmt.Sprintf("%s:%d: got no %q", part, i+1, x[i])
			case x[i] != y[i]:
				return fmt.Sprintf("%s:%d: want %q, got %q", part, i+1, x[i], y[i])
			}
		}
	}
	return ""
}

// parts returns the texts of an outcome by name.
func (o outcome) parts() map[string]string {
	parts := map[string]string{"standard output": o.stdout, "standard error": o.stderr, "status": fmt.Sprint(o.status)}
	for name, text := range o.written {
		parts["file "+name] = text
	}
	return parts
}

func TestFirstDifference(t *testing.T) {
	run := outcome{stdout: "a\nb\n", status: 1, written: map[string]string{"f": ""}}
	for _, tt := range []struct {
		name, want string
		got        outcome
	}{
		{"none", "", run},
		{"a line", `standard output:2: want "b", got "c"`, outcome{"a\nc\n", "", 1, run.written}},
		{"a line more", `standard error:2: got also ""`, outcome{"a\nb\n", "\n", 1, run.written}},
		{"a line less", `standard output:3: got no ""`, outcome{"a\nb", "", 1, run.written}},
		{"the status", `status:1: want "1", got "0"`, outcome{"a\nb\n", "", 0, run.written}},
		{"a file", "file f is there in one run of two", outcome{"a\nb\n", "", 1, nil}},
	} {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, firstDifference(run, tt.got)) })
	}
}

// repeated is a directory that is the same before each run of a command.
type repeated struct {
	dir   string
	files map[string]string
}

func newRepeated(t *testing.T) *repeated {
	p := &repeated{dir: t.TempDir(), files: map[string]string{}}
	for _, f := range txtar.Parse([]byte(repeatProject)).Files {
		p.files[f.Name] = string(f.Data)
	}
	p.restore(t, nil)
	p.files["shown.yaml"] = p.run(t, "show environments/a").stdout
	p.restore(t, nil)
	commit(t, p.dir)
	// The later revision of "affected" and "diff --from" has these changes.
	p.files["files/a.yaml"] += "# changed\n"
	p.files["lib/hostile.libsonnet"] += "+ { labels+:: { added: 'x' } }\n"
	p.restore(t, nil)
	return p
}

// run runs a command in the directory, and then restores the directory.
func (p *repeated) run(t *testing.T, command string) outcome {
	var stdout, stderr bytes.Buffer
	a := &app{output: newOutput(&stdout, &stderr), dir: p.dir, lookupEnv: os.LookupEnv, environ: os.Environ()}
	root := newRootCommand(a)
	args := strings.Fields(command)
	if args[0] == "export" {
		args[1] = filepath.Join(p.dir, args[1]) // it writes below the process's own directory
	}
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	o := outcome{written: map[string]string{}}
	switch {
	case errors.Is(err, errFindings):
		o.status = statusFindings
	case err != nil:
		o.status = statusFailure
		a.report(err)
	}
	o.stdout, o.stderr = stdout.String(), stderr.String()
	for name, text := range p.tree(t) {
		if was, ok := p.files[name]; !ok || was != text {
			o.written[name] = text
		}
	}
	p.restore(t, o.written)
	return o
}

// tree returns the texts of the files.
func (p *repeated) tree(t *testing.T) map[string]string {
	files := map[string]string{}
	err := filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Name() == ".git" {
			return fs.SkipDir
		}
		if d.IsDir() {
			return nil
		}
		name, err := filepath.Rel(p.dir, path)
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		files[filepath.ToSlash(name)] = string(text)
		return err
	})
	require.NoError(t, err)
	return files
}

// restore writes the files of the project, and removes others that were written.
func (p *repeated) restore(t *testing.T, written map[string]string) {
	for name := range written {
		require.NoError(t, os.RemoveAll(filepath.Join(p.dir, strings.SplitN(name, "/", 2)[0])))
	}
	for name, text := range p.files {
		path := filepath.Join(p.dir, filepath.FromSlash(name))
		if _, err := os.Stat(path); err == nil && len(written) == 0 {
			if was, err := os.ReadFile(path); err == nil && string(was) == text {
				continue
			}
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
}
