package render_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/diag"
)

// loaded describes the result of a choice of environments: the names of all, and the
// objects or faults of the chosen ones.
func loaded(t *testing.T, main string, engine eval.Engine, choose func([]render.Environment) []render.Environment) string {
	t.Helper()
	p := files(map[string]string{"x/main.jsonnet": inlineEnvironment + main})
	r := render.New(p, render.Options{Interpreter: eval.Interpreter{Engine: engine}})
	var b strings.Builder
	problems := func(l diag.List) {
		for _, d := range l {
			fmt.Fprintf(&b, "%s: %s\n", d.Subject, d.Problem)
		}
	}
	f, err := r.LoadChosen(t.Context(), entry(t, p, "x"), choose)
	if l, ok := diag.From(err); ok {
		problems(l)
		return b.String()
	}
	require.NoError(t, err)
	for _, e := range f.Environments {
		fmt.Fprintf(&b, "%s at %s\n", e.Name(), e.Path)
	}
	for _, e := range f.Chosen {
		fmt.Fprintf(&b, "%s:", e.Name())
		objects, err := r.Objects(t.Context(), e)
		for _, o := range objects {
			fmt.Fprintf(&b, " %s at %s", o.ID(), o.Path())
		}
		b.WriteString("\n")
		if l, ok := diag.From(err); ok {
			problems(l)
		} else {
			require.NoError(t, err)
		}
	}
	problems(f.Warnings)
	return b.String()
}

func TestLoadChosen(t *testing.T) {
	named := func(names ...string) func([]render.Environment) []render.Environment {
		return func(all []render.Environment) []render.Environment {
			var out []render.Environment
			for _, name := range names {
				out = append(out, render.Select(all, name)...)
			}
			return out
		}
	}
	tests := []struct {
		name, main string
		choose     func([]render.Environment) []render.Environment
		want       string
	}{
		{"all", `{ b: env('b', [cm('b')]), a: [env('a', { cm: cm('a') })] }`, nil, `
a at a[0]
b at b
a: ConfigMap default/a at a[0].data.cm
b: ConfigMap default/b at b.data[0]
`},
		{"another's data", `[env('a', error 'a'), env('b', cm('b')), env('c', { x: cm(error 'c') })]`, named("b"), `
a at [0]
b at [1]
c at [2]
b: ConfigMap default/b at [1].data
`},
		{"its own data", `[env('a', error 'a'), env('b', cm('b'))]`, named("a", "b"), `
a at [0]
b at [1]
a:
x: a
b: ConfigMap default/b at [1].data
`},
		{"nothing", `[env('a', error 'a'), cm('lost')]`, named(), "a at [0]\n"},
		{"lists and objects outside", `{ l: { kind: 'XList', items: [env('a', cm('a')), cm('lost')] }, o: cm('lost') { data: error 'lost' }, n: 1, f:: error 'hidden' }`, named("a"), `
a at l.items[0]
a: ConfigMap default/a at l.items[0].data
l.items[1]: belongs to no environment and is left out
o: belongs to no environment and is left out
`},
		{"hidden data", `env('a', cm('a')) { data:: super.data }`, nil, "a at .\na:\n"},
		{"no environment", `{ a: cm('a'), b: cm(error 'b') }`, named(), "x at .\n"},
		{"no environment, evaluated", `{ a: cm('a'), b: cm('b') }`, nil, "x at .\nx: ConfigMap a at a ConfigMap b at b\n"},
		{"kinds that are no text", `{ a: { kind: { x: 1 }, apiVersion: null, e: env('a', cm('a')) }, b: { kind: 1, e: error 'b' } }`, named("a"), `
a at a.e
a: ConfigMap default/a at a.e.data
b: belongs to no environment and is left out
`},
		{"resource", `env('a', cm('a')) + { metadata+: { name: error 'name' } }`, named(), "x: name\n"},
		{"name twice", `[env('a', error 'a'), env('a', error 'a')]`, named(), "[1]: an environment called \"a\" stands at [0] already\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := strings.TrimPrefix(tt.want, "\n")
			assert.Equal(t, want, loaded(t, tt.main, eval.Compiled, tt.choose))
			if strings.Contains(want, "x: a\n") {
				// This engine can only fail as a whole.
				want = "x: a\n"
			}
			assert.Equal(t, want, loaded(t, tt.main, eval.GoJsonnet, tt.choose))
		})
	}
}

// Code that environments share is evaluated once for a File and once for each Again. Traces
// of the code that finds the environments come once.
func TestAgain(t *testing.T) {
	p := files(map[string]string{"x/main.jsonnet": inlineEnvironment + `
local shared = std.trace('shared', 'n');
std.trace('found', [env('e%d' % i, { cm: cm(shared) }) for i in std.range(1, 5)])`})
	var trace bytes.Buffer
	r := render.New(p, render.Options{Trace: &trace})
	f, err := r.Load(t.Context(), entry(t, p, "x"))
	require.NoError(t, err)
	for n, f := range []render.File{f, f.Again(t.Context()), f.Again(t.Context())} {
		for _, e := range f.Chosen {
			objects, err := r.Objects(t.Context(), e)
			require.NoError(t, err)
			require.Len(t, objects, 1)
			assert.NotEmpty(t, e.Origins(objects[0].Path()))
			e.Release()
		}
		assert.Equal(t, n+1, strings.Count(trace.String(), " shared\n"))
		assert.Equal(t, 1, strings.Count(trace.String(), " found\n"))
	}
}
