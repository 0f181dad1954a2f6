package render_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
)

// changing is a file system whose files change between calls and during them.
type changing struct {
	mu    sync.Mutex
	files fstest.MapFS
	// opened is called after each file that is opened, without the lock.
	opened func(name string)
	// errs are errors of files.
	errs map[string]error
}

func (c *changing) Open(name string) (fs.File, error) {
	c.mu.Lock()
	f, err := c.files.Open(name)
	if failed := c.errs[name]; failed != nil {
		err = &fs.PathError{Op: "open", Path: name, Err: failed}
	}
	c.mu.Unlock()
	if c.opened != nil {
		c.opened(name)
	}
	return f, err
}

func (c *changing) set(name, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(name, text)
}

// put is set with the lock.
func (c *changing) put(name, text string) {
	if text == "" {
		delete(c.files, name)
		return
	}
	c.files[name] = &fstest.MapFile{Data: []byte(text)}
}

var changingEntry = project.Environment{Dir: "env", Entrypoint: "env/main.jsonnet"}

func newChanging() *changing {
	return &changing{errs: map[string]error{}, files: fstest.MapFS{
		"env/main.jsonnet": {Data: []byte(`{
			apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' },
			data: { lib: (import 'lib.libsonnet').version, text: importstr 'text.txt', parts: std.join(',', std.objectFields(import 'glob-import:parts/*')) },
		}`)},
		"env/text.txt":          {Data: []byte("1")},
		"env/parts/a.libsonnet": {Data: []byte("{}")},
		"lib/lib.libsonnet":     {Data: []byte("{ version: '1' }")},
	}}
}

func data(t *testing.T, r *render.Renderer) string {
	t.Helper()
	result, err := r.Render(t.Context(), changingEntry)
	require.NoError(t, err)
	d, _ := result.Objects[0].Lookup("data")
	return fmt.Sprint(d)
}

// Each call sees the files as they are. A frozen Renderer sees them as its first call did.
func TestRendererSeesChanges(t *testing.T) {
	files := newChanging()
	r := render.New(project.New(files), render.Options{})
	frozen := r.Freeze()
	before := "map[lib:1 parts:parts/a.libsonnet text:1]"
	assert.Equal(t, before, data(t, r))
	assert.Equal(t, before, data(t, frozen))
	for _, change := range []struct{ name, text, want string }{
		{"lib/lib.libsonnet", "{ version: '2' }", "map[lib:2 parts:parts/a.libsonnet text:1]"},
		{"env/text.txt", "2", "map[lib:2 parts:parts/a.libsonnet text:2]"},
		{"env/parts/b.libsonnet", "{}", "map[lib:2 parts:parts/a.libsonnet,parts/b.libsonnet text:2]"},
		{"env/parts/a.libsonnet", "", "map[lib:2 parts:parts/b.libsonnet text:2]"},
		{"env/lib.libsonnet", "{ version: 'nearer' }", "map[lib:nearer parts:parts/b.libsonnet text:2]"},
		{"env/lib.libsonnet", "", "map[lib:2 parts:parts/b.libsonnet text:2]"},
		{"lib/lib.libsonnet", "{ version: '1' }", "map[lib:1 parts:parts/b.libsonnet text:2]"},
	} {
		files.set(change.name, change.text)
		assert.Equal(t, change.want, data(t, r), change.name)
		assert.Equal(t, before, data(t, frozen), change.name)
	}
}

// A file that could not be read, or was missing for a moment, is read again.
func TestFailuresAreNotKept(t *testing.T) {
	errOnFire := errors.New("the disk is on fire")
	for name, harm := range map[string]func(files *changing){
		"failed":  func(files *changing) { files.errs["lib/lib.libsonnet"] = errOnFire },
		"missing": func(files *changing) { files.set("lib/lib.libsonnet", "") },
		"wrong":   func(files *changing) { files.set("lib/lib.libsonnet", "{") },
	} {
		t.Run(name, func(t *testing.T) {
			files := newChanging()
			r := render.New(project.New(files), render.Options{})
			harm(files)
			_, err := r.Render(t.Context(), changingEntry)
			require.Error(t, err)
			delete(files.errs, "lib/lib.libsonnet")
			files.set("lib/lib.libsonnet", "{ version: '1' }")
			assert.Equal(t, "map[lib:1 parts:parts/a.libsonnet text:1]", data(t, r))
		})
	}
}

// A result has the files of one moment, whenever they change during the call.
func TestRenderIsOfOneMoment(t *testing.T) {
	for _, during := range []string{"env/main.jsonnet", "lib/lib.libsonnet", "env/text.txt", "env/parts/a.libsonnet", "env/lib.libsonnet"} {
		t.Run(during, func(t *testing.T) {
			files := newChanging()
			var once sync.Once
			files.opened = func(name string) {
				if name == during {
					once.Do(func() {
						// Version 2 of all.
						files.mu.Lock()
						defer files.mu.Unlock()
						files.put("lib/lib.libsonnet", "{ version: '2' }")
						files.put("env/text.txt", "2")
						files.put("env/parts/b.libsonnet", "{}")
					})
				}
			}
			got := data(t, render.New(project.New(files), render.Options{}))
			if during != "env/parts/a.libsonnet" || got != "map[lib:1 parts:parts/a.libsonnet text:1]" {
				// The pattern is expanded again at the end, when all else is known to be of before.
				assert.Equal(t, "map[lib:2 parts:parts/a.libsonnet,parts/b.libsonnet text:2]", got)
			}
		})
	}
}

// Files that never come to rest are an error, and not an endless wait.
func TestRenderOfFilesThatNeverRest(t *testing.T) {
	files := newChanging()
	n := 0
	files.opened = func(name string) {
		if name == "env/text.txt" {
			n++
			files.set(name, fmt.Sprint("version ", n))
		}
	}
	r := render.New(project.New(files), render.Options{})
	_, err := r.Render(t.Context(), changingEntry)
	assert.EqualError(t, err, "env/main.jsonnet: its files change all the time, such as env/text.txt")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = r.Render(ctx, changingEntry)
	assert.ErrorIs(t, err, context.Canceled)
}

// Two looks share the code of texts that have not changed: a warm call is cheaper.
func TestLooksShareCode(t *testing.T) {
	files := newChanging()
	r := render.New(project.New(files), render.Options{})
	data(t, r)
	data(t, r)
	warm := testing.AllocsPerRun(20, func() { data(t, r) })
	cold := testing.AllocsPerRun(20, func() { data(t, render.New(project.New(files), render.Options{})) })
	assert.Less(t, warm, cold*0.7)
}

// Arguments of one call are no others': a Renderer with other arguments shares only code.
func TestWithOtherArguments(t *testing.T) {
	p := project.New(fstest.MapFS{"main.jsonnet": {Data: []byte("function(n) (import 'lib.libsonnet').f(n)")}, "lib/lib.libsonnet": {Data: []byte("{ f(n): 'n' + n }")}})
	r := render.New(p, render.Options{})
	main := project.Environment{Dir: ".", Entrypoint: "main.jsonnet"}
	var calls sync.WaitGroup
	for i := range 50 {
		calls.Go(func() {
			with := r.With(render.Options{TLAs: map[string]eval.Variable{"n": eval.Code(fmt.Sprint(i))}})
			for range 4 {
				result, err := with.Eval(t.Context(), main, "")
				assert.NoError(t, err)
				assert.Equal(t, fmt.Sprint("n", i), result.Value)
			}
		})
	}
	calls.Wait()
}

// One greedy evaluation ends by its own limit, and lean ones beside it do not notice.
func TestLimitOfOneEvaluation(t *testing.T) {
	p := project.New(fstest.MapFS{
		"greedy.jsonnet": {Data: []byte("std.length(std.makeArray(1e8, function(i) [i]))")},
		"lean.jsonnet":   {Data: []byte("std.length(std.makeArray(10, function(i) [i]))")},
	})
	r := render.New(p, render.Options{Interpreter: eval.Interpreter{MaxMade: 8 << 20}})
	held := make([]byte, 64<<20)
	_, err := r.Eval(t.Context(), project.Environment{Dir: ".", Entrypoint: "greedy.jsonnet"}, "")
	var spent *budget.Exceeded
	require.ErrorAs(t, err, &spent)
	assert.Equal(t, budget.Exceeded{What: budget.Allocation, Limit: "8 MiB"}, *spent)
	result, err := r.Eval(t.Context(), project.Environment{Dir: ".", Entrypoint: "lean.jsonnet"}, "")
	require.NoError(t, err)
	assert.EqualValues(t, 10, result.Value)
	runtime.KeepAlive(held)
}

// A call whose context ends before its result is known to be of one moment has none.
func TestRenderThatEndsTooEarly(t *testing.T) {
	errGone := errors.New("the client is gone")
	files := newChanging()
	ctx, cancel := context.WithCancelCause(t.Context())
	files.opened = func(name string) {
		if name == "env/text.txt" {
			files.set("lib/lib.libsonnet", "{ version: '2' }")
			files.set("env/text.txt", "2")
		}
	}
	r := render.New(project.New(files), render.Options{Natives: []eval.Native{{Name: "last", Func: func(eval.Call, []any) (any, error) { return "", nil }}}})
	files.set("env/main.jsonnet", `local text = importstr 'text.txt'; { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' + (if text == '' then '' else std.native('last')()) } }`)
	last := render.Options{Natives: []eval.Native{{Name: "last", Prompt: true, Func: func(eval.Call, []any) (any, error) {
		cancel(errGone)
		return "", nil
	}}}}
	result, err := r.With(last).Render(ctx, changingEntry)
	assert.ErrorIs(t, err, errGone)
	assert.Empty(t, result.Objects)
}
