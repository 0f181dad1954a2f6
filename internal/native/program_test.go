package native_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/native"
	"github.com/mop-platform/mop/internal/project"
)

func marshal(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// newProject returns the directory of a project with the given files.
func newProject(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "jsonnetfile.json", "{}")
	for name, text := range files {
		write(t, dir, name, text)
	}
	return dir
}

func write(t testing.TB, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
}

// fixture is a project with programs that are shell scripts.
type fixture struct {
	t       *testing.T
	dir     string
	bin     string
	natives []eval.Native
}

// echo is a script that prints a ConfigMap with its arguments and its input.
const echo = `
printf 'kind: ConfigMap\nmetadata: {name: echo}\ndata:\n'
i=0; for a; do i=$((i+1)); printf '  arg%d: "%s"\n' $i "$a"; done
printf '  stdin: |2\n'; sed 's/^/    /'
`

// newFixture returns a fixture whose helm and kustomize run the given script and count
// their runs.
func newFixture(t *testing.T, files map[string]string, script string) *fixture {
	f := &fixture{t: t, dir: newProject(t, files), bin: t.TempDir()}
	for _, name := range []string{"helm", "kustomize"} {
		program := fmt.Sprintf("#!/bin/sh\necho >> %q\n%s", filepath.Join(f.bin, "runs"), script)
		write(t, f.bin, name, program)
		require.NoError(t, os.Chmod(filepath.Join(f.bin, name), 0o777))
	}
	f.natives = f.functions(native.Options{Environ: []string{"PATH=" + f.bin + ":/usr/bin:/bin"}})
	return f
}

func (f *fixture) functions(o native.Options) []eval.Native {
	o.Files = f.project()
	return native.Functions(o)
}

func (f *fixture) project() *project.Project {
	p, err := project.Find(f.dir, project.Options{})
	require.NoError(f.t, err)
	return p
}

// eval evaluates code with files as they are now.
func (f *fixture) eval(code string) (eval.Result, error) {
	return evaluate(f.t.Context(), eval.NewFiles(f.project(), 0), f.natives, code, "")
}

func (f *fixture) value(code string) any {
	f.t.Helper()
	res, err := f.eval(code)
	require.NoError(f.t, err)
	return res.Value
}

// runs returns the number of runs of a program.
func (f *fixture) runs() int {
	b, err := os.ReadFile(filepath.Join(f.bin, "runs"))
	if !errors.Is(err, os.ErrNotExist) {
		require.NoError(f.t, err)
	}
	return strings.Count(string(b), "\n")
}

const helmCall = `native('helmTemplate')('rel', './charts/foo', { calledFrom: 'environments/a/main.jsonnet' })`

var chart = map[string]string{
	"environments/a/charts/foo/Chart.yaml":       "name: foo\n",
	"environments/a/charts/foo/templates/a.yaml": "a",
}

func TestProgramErrors(t *testing.T) {
	noisy := "seq 1 20 | sed 's/^/line /' >&2\nexit 3"
	lines := ""
	for i := range 10 {
		lines += fmt.Sprintf("\n    line %d", i+1)
	}
	tests := []struct {
		name, script string
		options      native.Options
		want         string
	}{
		{"failure", "echo 'Error: values: replicas required' >&2; exit 1", native.Options{},
			"helmTemplate: helm template rel environments/a/charts/foo: exit status 1\n    Error: values: replicas required"},
		{"much on standard error", noisy, native.Options{}, "helmTemplate: helm template rel environments/a/charts/foo: exit status 3" + lines},
		{"no YAML", "echo 'a: b: c'", native.Options{}, "helmTemplate: output of helm template rel environments/a/charts/foo: line 1: mapping values are not allowed in this context"},
		{"no object", "printf 'kind: a\\n---\\n- 1\\n'", native.Options{}, "helmTemplate: document 2 of the output: want an object, got an array"},
		{"no name", "printf 'kind: a\\nmetadata: null\\n'", native.Options{},
			`helmTemplate: document 1 of the output: opts.nameFormat:1:28: executing "nameFormat" at <.metadata.name>: nil pointer evaluating interface {}.name`},
		{"equal names", "printf 'kind: Pod\\nmetadata: {name: a}\\n---\\nkind: pod\\nmetadata: {name: A}\\n'", native.Options{},
			"helmTemplate: Two resources share the same name 'pod_a'. Please adapt the name template '{{ print .kind \"_\" .metadata.name | snakecase }}'.\n" +
				`    hint: set opts.nameFormat, for example to '{{ print .metadata.namespace "_" .kind "_" .metadata.name | snakecase }}'`},
		{"not in PATH", "", native.Options{Helm: "helm4"}, "helmTemplate: program \"helm4\" not found\n    hint: install it, or say in TANKA_HELM_PATH where it is"},
		{"no PATH to search", "", native.Options{Environ: []string{}}, "helmTemplate: program \"helm\" not found\n    hint: install it, or say in TANKA_HELM_PATH where it is"},
		{"no such path", "", native.Options{Helm: "/nowhere/helm"}, "helmTemplate: program \"/nowhere/helm\" not found\n    hint: install it, or say in TANKA_HELM_PATH where it is"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, chart, tt.script)
			if tt.options.Environ == nil {
				tt.options.Environ = []string{"PATH=" + f.bin + ":/usr/bin:/bin"}
			}
			f.natives = f.functions(tt.options)
			_, err := f.eval(helmCall)
			assert.Equal(t, tt.want, text(t, err))
		})
	}
	t.Run("no project on disk", func(t *testing.T) {
		f := newFixture(t, chart, "")
		f.natives = native.Functions(native.Options{})
		_, err := f.eval(helmCall)
		assert.Equal(t, "helmTemplate: the project is not on disk", text(t, err))
	})
}

// The program sees the environment of the options and nothing else.
func TestProgramEnvironment(t *testing.T) {
	t.Setenv("MOP_TEST_SECRET", "x")
	f := newFixture(t, chart, `printf 'kind: "%s%s"\nmetadata: {name: a}\n' "$MOP_TEST_SECRET" "$HELM_SETTING"`)
	for _, tt := range []struct {
		environ []string
		want    string
	}{
		{[]string{"HELM_SETTING=s"}, "s_a"},
		{nil, "_a"},
	} {
		f.natives = f.functions(native.Options{Helm: filepath.Join(f.bin, "helm"), Environ: tt.environ})
		assert.Equal(t, []any{tt.want}, f.value("std.objectFields("+helmCall+")"))
	}
}

// Evaluations at the same time share one run.
func TestProgramRunsOnce(t *testing.T) {
	f := newFixture(t, chart, echo)
	files := eval.NewFiles(f.project(), 0)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			code := helmCall
			if i%2 == 1 {
				code = strings.Replace(code, "{", "{ nameFormat: '{{.kind}}',", 1)
			}
			res, err := evaluate(t.Context(), files, f.natives, code, "")
			assert.NoError(t, err)
			assert.Len(t, res.Value, 1)
			assert.Len(t, res.Files, 2)
		})
	}
	wg.Wait()
	assert.Equal(t, 1, f.runs())

	_, err := f.eval(helmCall)
	require.NoError(t, err)
	assert.Equal(t, 1, f.runs(), "a later evaluation")
}

// A failure is kept like a result.
func TestProgramFailsOnce(t *testing.T) {
	f := newFixture(t, chart, "exit 1")
	for range 3 {
		_, err := f.eval(helmCall)
		assert.Equal(t, "helmTemplate: helm template rel environments/a/charts/foo: exit status 1", text(t, err))
	}
	assert.Equal(t, 1, f.runs())
}

// A cancelled context kills the program. Another call that still needs the result runs the
// program again.
func TestProgramCancelled(t *testing.T) {
	f := newFixture(t, chart, `
dir=$(dirname "$0")
if test -e "$dir/quick"; then echo '{kind: a, metadata: {name: b}}'; exit; fi
: > "$dir/quick"
echo > "$dir/started"
exec sleep 600`)
	started := filepath.Join(f.bin, "started")
	require.NoError(t, exec.Command("mkfifo", started).Run())
	files := eval.NewFiles(f.project(), 0)

	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := evaluate(ctx, files, f.natives, helmCall, "")
		first <- err
	}()
	_, err := os.ReadFile(started) // until the program has started
	require.NoError(t, err)

	// A second call waits for the first. A call whose own context ends does not.
	second := make(chan error, 1)
	go func() {
		_, err := evaluate(t.Context(), files, f.natives, helmCall, "")
		second <- err
	}()
	expired, cancelExpired := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancelExpired()
	_, err = evaluate(expired, files, f.natives, helmCall, "")
	assert.ErrorIs(t, err, context.DeadlineExceeded)

	cancel()
	assert.ErrorIs(t, <-first, context.Canceled)
	assert.NoError(t, <-second)
	assert.Equal(t, 2, f.runs())
}

// Within a limit of bytes, what was got first is forgotten first, and no failure is kept.
func TestOutputWithinALimit(t *testing.T) {
	f := newFixture(t, chart, echo)
	f.natives = f.functions(native.Options{Environ: []string{"PATH=" + f.bin + ":/usr/bin:/bin"}, Cache: 4 << 10})
	call := func(name string) {
		f.value(strings.Replace(helmCall, "'rel'", "'"+name+"'", 1))
	}
	call("a")
	call("a")
	assert.Equal(t, 1, f.runs())
	for i := range 10 {
		call(fmt.Sprint("b", i))
	}
	assert.Equal(t, 11, f.runs())
	call("b9")
	assert.Equal(t, 11, f.runs(), "the last one is kept")
	call("a")
	assert.Equal(t, 12, f.runs(), "the first one is forgotten")

	failing := newFixture(t, chart, "exit 1")
	failing.natives = failing.functions(native.Options{Environ: []string{"PATH=" + failing.bin + ":/usr/bin:/bin"}, Cache: 4 << 10})
	for range 2 {
		_, err := failing.eval(helmCall)
		assert.Error(t, err)
	}
	assert.Equal(t, 2, failing.runs())
}
