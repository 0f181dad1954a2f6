package render_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/internal/specimen"
)

// callback is a place where a caller can give code of its own.
type callback struct {
	// options and fsys have the code do.
	options func(do func()) render.Options
	fsys    func(files fstest.MapFS, do func()) fs.FS
	// message is in the error if the code panics.
	message string
}

func callbacks() map[string]callback {
	none := func(func()) render.Options { return render.Options{} }
	at := func(op, name, message string) callback {
		return callback{none, func(files fstest.MapFS, do func()) fs.FS {
			return specimen.Stranger{MapFS: files, Op: op, Name: name, Do: do}
		}, message}
	}
	plain := func(files fstest.MapFS, _ func()) fs.FS { return files }
	return map[string]callback{
		"open of the entrypoint": at("open", "env/main.jsonnet", "main.jsonnet"),
		"open of a library":      at("open", "lib/a.libsonnet", `import "a.libsonnet"`),
		"read of a library":      at("read", "lib/a.libsonnet", `import "a.libsonnet"`),
		"read of a text":         at("read", "env/text.txt", "text.txt"),
		"read of spec.json":      at("read", "env/spec.json", "env/spec.json"),
		"stat":                   at("stat", "env", "env"),
		"native": {func(do func()) render.Options {
			return render.Options{Natives: []eval.Native{{Name: "odd", Func: func(eval.Call, []any) (any, error) { do(); return 1.0, nil }}}}
		}, plain, "odd: panicked: boom"},
		"trace": {func(do func()) render.Options { return render.Options{Trace: specimen.Writer(do)} }, plain, "the writer panicked: boom"},
	}
}

func oddFiles() fstest.MapFS {
	return fstest.MapFS{
		"env/main.jsonnet": {Data: []byte(`local a = import 'a.libsonnet'; {
			apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' },
			data: std.trace('here', { a: a.a, text: importstr 'text.txt', n: '' + (if std.native('odd') == null then 0 else std.native('odd')()) }),
		}`)},
		"env/spec.json":   {Data: []byte(`{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"name": "env"}, "spec": {"namespace": "a"}}`)},
		"env/text.txt":    {Data: []byte("text")},
		"lib/a.libsonnet": {Data: []byte(`{ a: 'a', b: import 'b.libsonnet' }`)},
		"lib/b.libsonnet": {Data: []byte(`{}`)},
	}
}

func renderOdd(ctx context.Context, c callback, engine eval.Engine, do func()) error {
	o := c.options(do)
	o.Interpreter.Engine = engine
	if o.Natives == nil {
		o.Natives = []eval.Native{{Name: "odd", Func: func(eval.Call, []any) (any, error) { return 1.0, nil }}}
	}
	p := project.New(c.fsys(oddFiles(), do))
	env, err := p.Environment(ctx, "env", ".")
	if err != nil {
		return err
	}
	_, err = render.New(p, o).Render(ctx, env.Environment)
	return err
}

var engines = map[string]eval.Engine{"compiled": eval.Compiled, "go-jsonnet": eval.GoJsonnet}

func TestCallbacksThatDoNothing(t *testing.T) {
	for name, c := range callbacks() {
		for engine, e := range engines {
			called := false
			require.NoError(t, renderOdd(t.Context(), c, e, func() { called = true }), "%s, %s", name, engine)
			assert.True(t, called, "%s, %s", name, engine)
		}
	}
}

// A panic in a caller's code is an error that says where.
func TestCallbacksThatPanic(t *testing.T) {
	for name, c := range callbacks() {
		t.Run(name, func(t *testing.T) {
			err := renderOdd(t.Context(), c, eval.Compiled, func() { panic("boom") })
			require.ErrorContains(t, err, "boom")
			assert.ErrorContains(t, err, c.message)
		})
	}
}

// Nothing waits for a caller's code once the context has ended.
func TestCallbacksThatBlock(t *testing.T) {
	errGone := errors.New("the client is gone")
	for name, c := range callbacks() {
		for engine, e := range engines {
			t.Run(name+"/"+engine, func(t *testing.T) {
				release := make(chan struct{})
				defer close(release)
				ctx, cancel := context.WithCancelCause(t.Context())
				assert.ErrorIs(t, renderOdd(ctx, c, e, func() {
					cancel(errGone)
					<-release
				}), errGone)
			})
		}
	}
}

// Changes of what a Renderer was given do not reach it.
func TestOptionsAreCopied(t *testing.T) {
	p := project.New(fstest.MapFS{"main.jsonnet": {Data: []byte("function(n) n + std.extVar('e') + std.native('f')()")}})
	o := render.Options{
		TLAs:    map[string]eval.Variable{"n": eval.String("a")},
		ExtVars: map[string]eval.Variable{"e": eval.String("a")},
		Natives: []eval.Native{{Name: "f", Func: func(eval.Call, []any) (any, error) { return "a", nil }}},
		Trace:   io.Discard,
	}
	r := render.New(p, o)
	maps.Copy(o.TLAs, map[string]eval.Variable{"n": eval.String("b")})
	maps.Copy(o.ExtVars, map[string]eval.Variable{"e": eval.String("b")})
	o.Natives[0].Func = nil
	result, err := r.Eval(t.Context(), project.Environment{Dir: ".", Entrypoint: "main.jsonnet"}, "")
	require.NoError(t, err)
	assert.Equal(t, "aaa", result.Value)
}

// What made a rendering fail is in the chain of the error.
func TestCausesStayInTheChain(t *testing.T) {
	onFire := errors.New("the disk is on fire")
	files := fstest.MapFS{
		"missing/main.jsonnet": {Data: []byte("import 'none.libsonnet'")},
		"outside/main.jsonnet": {Data: []byte("import '../../etc/passwd'")},
		"native/main.jsonnet":  {Data: []byte("std.native('f')()")},
		"disk/main.jsonnet":    {Data: []byte("importstr 'a'")},
		"spec/main.jsonnet":    {Data: []byte("{}")},
		"disk/a":               {},
		"spec/spec.json":       {},
	}
	burning := func(name string) fs.FS {
		return specimen.Stranger{MapFS: files, Op: "read", Name: name, Do: func() { panic(onFire) }}
	}
	natives := []eval.Native{{Name: "f", Func: func(eval.Call, []any) (any, error) { return nil, onFire }}}
	for name, test := range map[string]struct {
		fsys fs.FS
		env  string
		want error
	}{
		"no environment":        {files, "nowhere", fs.ErrNotExist},
		"no import":             {files, "missing", fs.ErrNotExist},
		"an import outside":     {files, "outside", project.ErrOutside},
		"a native's own error":  {files, "native", onFire},
		"a file's own error":    {burning("disk/a"), "disk", onFire},
		"an error of spec.json": {burning("spec/spec.json"), "spec", onFire},
	} {
		for engine, e := range engines {
			t.Run(name+"/"+engine, func(t *testing.T) {
				p := project.New(test.fsys)
				env, err := p.Environment(t.Context(), test.env, ".")
				if err == nil {
					_, err = render.New(p, render.Options{Natives: natives, Interpreter: eval.Interpreter{Engine: e}}).Render(t.Context(), env.Environment)
				}
				assert.ErrorIs(t, err, test.want)
			})
		}
	}
}
