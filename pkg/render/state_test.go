package render_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/specimen"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/render"
)

// versions is a project whose data tell the version of each of its files.
func versions() map[string]string {
	return map[string]string{
		"env/main.jsonnet":      configMap("a", "{ lib: (import 'lib.libsonnet').version, text: importstr 'text.txt', parts: std.join(',', std.objectFields(import 'glob-import:parts/*')) }"),
		"env/spec.json":         `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {}, "spec": {"namespace": "n1"}}`,
		"env/text.txt":          "1",
		"env/parts/a.libsonnet": "{}",
		"lib/lib.libsonnet":     "{ version: '1' }",
	}
}

// shown renders the project of versions.
func shown(t *testing.T, p *render.Project) string {
	t.Helper()
	res, err := p.Render(t.Context(), "env", render.Args{})
	d := data(t, res, err)
	return fmt.Sprint(d["lib"], " ", d["text"], " ", d["parts"], " ", res.Objects[0].ID().Namespace)
}

// Each call sees the files as they are. A frozen Project sees them as its first call did.
func TestChangesAreSeen(t *testing.T) {
	files := memory(versions())
	p, err := render.OpenFS(files, render.Config{})
	require.NoError(t, err)
	frozen := p.Freeze()
	const before = "1 1 parts/a.libsonnet n1"
	assert.Equal(t, before, shown(t, p))
	assert.Equal(t, before, shown(t, frozen))
	for _, change := range []struct{ name, text, want string }{
		{"lib/lib.libsonnet", "{ version: '2' }", "2 1 parts/a.libsonnet n1"},
		{"env/text.txt", "2", "2 2 parts/a.libsonnet n1"},
		{"env/parts/b.libsonnet", "{}", "2 2 parts/a.libsonnet,parts/b.libsonnet n1"},
		{"env/parts/a.libsonnet", "", "2 2 parts/b.libsonnet n1"},
		{"env/lib.libsonnet", "{ version: 'nearer' }", "nearer 2 parts/b.libsonnet n1"},
		{"env/lib.libsonnet", "", "2 2 parts/b.libsonnet n1"},
		{"env/spec.json", strings.Replace(versions()["env/spec.json"], "n1", "n2", 1), "2 2 parts/b.libsonnet n2"},
		{"env/spec.json", "", "2 2 parts/b.libsonnet "},
		{"lib/lib.libsonnet", "{ version: '1' }", "1 2 parts/b.libsonnet "},
	} {
		if files[change.name] = (&fstest.MapFile{Data: []byte(change.text)}); change.text == "" {
			delete(files, change.name)
		}
		assert.Equal(t, change.want, shown(t, p), change.name)
		assert.Equal(t, before, shown(t, frozen), change.name)
	}
}

// A result has the files of one moment, whichever of them is being read when they change.
func TestNoMixtures(t *testing.T) {
	for name := range versions() {
		t.Run(name, func(t *testing.T) {
			files := memory(versions())
			var once sync.Once
			var mu sync.Mutex
			p, err := render.OpenFS(watched{files, func(opened string) {
				mu.Lock()
				defer mu.Unlock()
				if opened == name {
					once.Do(func() {
						for name, text := range versions() {
							files[name] = &fstest.MapFile{Data: []byte(strings.NewReplacer("'1'", "'2'", "n1", "n2").Replace(text))}
						}
						files["env/text.txt"].Data = []byte("2")
						files["env/parts/b.libsonnet"] = &fstest.MapFile{Data: []byte("{}")}
					})
				}
			}}, render.Config{})
			require.NoError(t, err)
			got := shown(t, p)
			if name == "env/parts/a.libsonnet" && got == "1 1 parts/a.libsonnet n1" {
				return // it is opened last, when all else is known to be of before
			}
			assert.Equal(t, "2 2 parts/a.libsonnet,parts/b.libsonnet n2", got)
		})
	}
}

// A file that could not be read, or was missing for a moment, is read again.
func TestFailuresAreForgotten(t *testing.T) {
	errOnFire := errors.New("the disk is on fire")
	for name := range versions() {
		for harm, does := range map[string]func(fs.File) (fs.File, error){
			"failed":  func(fs.File) (fs.File, error) { return nil, errOnFire },
			"missing": func(fs.File) (fs.File, error) { return nil, fs.ErrNotExist },
			"panics":  func(fs.File) (fs.File, error) { panic("boom") },
			"wrong":   func(f fs.File) (fs.File, error) { return file{File: f, read: strings.NewReader("{").Read}, nil },
		} {
			t.Run(name+" "+harm, func(t *testing.T) {
				broken := true
				p, err := render.OpenFS(harmed{memory(versions()), name, &broken, does}, render.Config{})
				require.NoError(t, err)
				_, err = p.Render(t.Context(), "env", render.Args{})
				if harm == "failed" && name != "env/parts/a.libsonnet" { // only its name matters
					assert.ErrorIs(t, err, errOnFire)
				}
				broken = false
				assert.Equal(t, "1 1 parts/a.libsonnet n1", shown(t, p))
			})
		}
	}
}

// harmed is a file system with one file that may be broken.
type harmed struct {
	fstest.MapFS
	name   string
	broken *bool
	open   func(fs.File) (fs.File, error)
}

func (h harmed) Open(name string) (fs.File, error) {
	f, err := h.MapFS.Open(name)
	if err == nil && name == h.name && *h.broken {
		return h.open(f)
	}
	return f, err
}

// Arguments, targets and traces are those of one call.
func TestArgumentsOfOneCall(t *testing.T) {
	p := open(t, map[string]string{"env/main.jsonnet": `function(n) [{
		apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: name + n }, data: std.trace('of ' + n, { n: n, e: std.extVar('e') }),
	} for name in ['a', 'b']]`}, render.Config{})
	var calls sync.WaitGroup
	for i := range 30 {
		calls.Go(func() {
			n := fmt.Sprint(i)
			var trace strings.Builder
			a := render.Args{Args: jsonnet.Args{
				TLAs:    map[string]jsonnet.Var{"n": jsonnet.String(n)},
				ExtVars: map[string]jsonnet.Var{"e": jsonnet.Code("'x' + " + n)},
				Trace:   &trace,
			}, Targets: []string{"configmap/b.*"}}
			for range 3 {
				trace.Reset()
				res, err := p.Render(t.Context(), "env", a)
				if !assert.NoError(t, err) || !assert.Len(t, res.Objects, 1) {
					return
				}
				assert.Equal(t, map[string]any{"n": n, "e": "x" + n}, res.Objects[0].Map()["data"])
				assert.Equal(t, strings.Repeat("TRACE: env/main.jsonnet:2 of "+n+"\n", 2), trace.String())
			}
		})
	}
	calls.Wait()
	_, err := p.Render(t.Context(), "env", render.Args{Targets: []string{"("}})
	assert.ErrorContains(t, err, "target (: ")
	_, err = p.Render(t.Context(), "env", render.Args{Args: jsonnet.Args{TLAs: map[string]jsonnet.Var{"n": jsonnet.Value(make(chan int))}}})
	assert.ErrorContains(t, err, "top-level argument n: ")
}

// What was given to a Project or a call may be changed afterwards.
func TestGivenThingsAreCopied(t *testing.T) {
	text := func(s string) func(jsonnet.Call, []any) (any, error) {
		return func(jsonnet.Call, []any) (any, error) { return s, nil }
	}
	content := []byte("'b'")
	c := render.Config{
		ImportDirs: []string{"one"},
		Natives:    []jsonnet.Native{{Name: "f", Params: []string{"x"}, Func: text("a")}},
		Imports: map[string]jsonnet.Importer{"x:": importer(func(_ context.Context, _, path string) (string, []byte, error) {
			return path, content, nil
		})},
	}
	p := open(t, map[string]string{
		"env/main.jsonnet": "function(n) " + configMap("a", "{ a: n.a[0] + std.native('f')(x='') + (import 'x:file') + (import 'a.libsonnet') }"),
		"one/a.libsonnet":  "'c'",
	}, c)
	c.ImportDirs[0] = "two"
	c.Natives[0].Params[0] = "y"
	c.Natives[0] = jsonnet.Native{Name: "f", Func: text("changed")}
	clear(c.Imports)
	value := map[string]any{"a": []string{"n"}}
	args := render.Args{Args: jsonnet.Args{TLAs: map[string]jsonnet.Var{"n": jsonnet.Value(value)}}}
	value["a"].([]string)[0] = "changed"
	res, err := p.Render(t.Context(), "env", args)
	clear(args.TLAs)
	content[1] = 'x'
	assert.Equal(t, map[string]any{"a": "nabc"}, data(t, res, err))
	assert.NotEmpty(t, res.Origins(res.Objects[0], nil))
}

// A native reads files as the evaluation does, and a change of what it got changes nothing.
func TestNativesReadFiles(t *testing.T) {
	p := open(t, map[string]string{
		"env/main.jsonnet": configMap("a", "{ a: std.native('read')('env/text.txt') + std.native('read')('env/text.txt'), b: importstr 'text.txt' }"),
		"env/text.txt":     "text",
	}, render.Config{Natives: []jsonnet.Native{{Name: "read", Params: []string{"name"}, Func: func(c jsonnet.Call, args []any) (any, error) {
		text, err := c.ReadFile(args[0].(string))
		s := string(text)
		clear(text)
		return s, cmp(err, c.Context().Err())
	}}}})
	res, err := p.Render(t.Context(), "env", render.Args{})
	assert.Equal(t, map[string]any{"a": "texttext", "b": "text"}, data(t, res, err))
	assert.True(t, res.DependsOn("env/text.txt"))
}

// cmp returns the first error.
func cmp(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Tanka's functions are there but for those that run programs, and a Project's own come
// first.
func TestNatives(t *testing.T) {
	p := open(t, map[string]string{
		"own/main.jsonnet":       configMap("a", "{ a: std.native('sha256')('x') }"),
		"tanka/main.jsonnet":     configMap("a", "{ a: std.native('regexSubst')('x', 'axa', 'y') }"),
		"helm/main.jsonnet":      "std.native('helmTemplate')('a', './chart', { calledFrom: std.thisFile })",
		"unknown/main.jsonnet":   "std.native('sha512')('x')",
		"kustomize/main.jsonnet": "std.native('kustomizeBuild')('./base', { calledFrom: std.thisFile })",
	}, render.Config{Natives: []jsonnet.Native{{Name: "sha256", Params: []string{"x"}, Func: func(_ jsonnet.Call, args []any) (any, error) { return []any{args[0]}, nil }}}})
	res, err := p.Render(t.Context(), "tanka", render.Args{})
	assert.Equal(t, map[string]any{"a": "aya"}, data(t, res, err))
	res, err = p.Render(t.Context(), "own", render.Args{})
	assert.Equal(t, map[string]any{"a": []any{"x"}}, data(t, res, err))
	for env, want := range map[string]string{"helm": "wants to run helm, but programs are forbidden by Config.Programs", "kustomize": "wants to run kustomize, but programs are forbidden by Config.Programs", "unknown": `std.native: no function "sha512"; want "`} {
		_, err = p.Render(t.Context(), env, render.Args{})
		assert.ErrorContains(t, err, want)
	}
}

// Importers have the files of their schemes, with what those import.
func TestImports(t *testing.T) {
	errMine := errors.New("my own")
	remote := map[string]string{"x://host/a.libsonnet": "(import 'b.libsonnet') + importstr 'x://host/c'", "x://host/b.libsonnet": "import 'local.libsonnet'", "x://host/c": "c"}
	var asked []string
	p := open(t, map[string]string{
		"env/main.jsonnet":    configMap("a", "{ a: import 'x://host/a.libsonnet', b: import 'again.libsonnet' }"),
		"env/again.libsonnet": "import 'x://host/a.libsonnet'",
		"env/missing.jsonnet": "import 'x://host/none'",
		"env/fails.jsonnet":   "import 'x://host/fails'",
		"lib/local.libsonnet": "'local'",
		"env/unknown.jsonnet": "import 'y://host/a'",
		"env/b.libsonnet":     "error 'not this one'",
	}, render.Config{Imports: map[string]jsonnet.Importer{"x:": importer(func(_ context.Context, from, path string) (string, []byte, error) {
		asked = append(asked, path)
		if path == "x://host/fails" {
			return "", nil, errMine
		}
		name := path
		if !strings.HasPrefix(path, "x:") {
			name = from[:strings.LastIndexByte(from, '/')+1] + path
		}
		text, ok := remote[name]
		if !ok {
			return "", nil, fs.ErrNotExist
		}
		return name, []byte(text), nil
	})}})
	res, err := p.Render(t.Context(), "env", render.Args{})
	assert.Equal(t, map[string]any{"a": "localc", "b": "localc"}, data(t, res, err))
	assert.Equal(t, []string{"x://host/a.libsonnet", "b.libsonnet", "local.libsonnet", "x://host/c"}, asked, "each once")
	assert.True(t, res.DependsOn("x://host/b.libsonnet") && res.DependsOn("lib/local.libsonnet") && !res.DependsOn("x://host/none"))
	assert.Len(t, asked, 4)
	assert.NotEmpty(t, res.Origins(res.Objects[0], nil))
	assert.Len(t, asked, 4, "origins need no answers again")

	_, err = p.Render(t.Context(), "env/missing.jsonnet", render.Args{})
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, `import "x://host/none"`)
	_, err = p.Render(t.Context(), "env/fails.jsonnet", render.Args{})
	assert.ErrorIs(t, err, errMine)
	found, ok := diag.From(err)
	require.True(t, ok)
	assert.Equal(t, "env/fails.jsonnet:1:1", found[0].Origins[0].String())
	_, err = p.Render(t.Context(), "env/unknown.jsonnet", render.Args{})
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

// What made a call fail is in the chain of its error.
func TestCauses(t *testing.T) {
	errMine := errors.New("my own")
	p := open(t, map[string]string{
		"missing/main.jsonnet": "import 'none.libsonnet'", "outside/main.jsonnet": "import '../../etc/passwd'",
		"native/main.jsonnet": "std.native('f')()", "trace/main.jsonnet": "std.trace('a', 1)",
	}, render.Config{Natives: []jsonnet.Native{{Name: "f", Func: func(jsonnet.Call, []any) (any, error) { return nil, errMine }}}})
	for env, want := range map[string]error{"missing": fs.ErrNotExist, "outside": render.ErrOutside, "native": errMine, "trace": io.ErrClosedPipe} {
		_, err := p.Render(t.Context(), env, render.Args{Args: jsonnet.Args{Trace: specimen.Writer(func() { panic(io.ErrClosedPipe) })}})
		assert.ErrorIs(t, err, want, env)
		found, ok := diag.From(err)
		require.True(t, ok)
		assert.Equal(t, env+"/main.jsonnet:1:1", found[0].Origins[0].String())
	}
}

// A limit ends the call that exceeds it, and no other.
func TestLimits(t *testing.T) {
	p := open(t, map[string]string{
		"memory/main.jsonnet": configMap("a", "{ a: std.length(std.makeArray(1e8, function(i) [i])) }"),
		"stack/main.jsonnet":  configMap("a", "local f(n) = 1 + f(n + 1); { a: f(0) }"),
		"time/main.jsonnet":   configMap("a", "{ a: std.foldl(function(a, i) std.length(std.range(1, 1000)), std.range(1, 1000000), 0) }"),
		"lean/main.jsonnet":   configMap("a", "{ a: '' + std.length(std.makeArray(10, function(i) [i])) }"),
	}, render.Config{Limits: jsonnet.Limits{Memory: 8 << 20, Stack: 200}})
	// What the process holds besides does not count.
	held := make([]byte, 64<<20)
	for _, limit := range []string{"memory", "stack"} {
		_, err := p.Render(t.Context(), limit, render.Args{})
		require.ErrorIs(t, err, jsonnet.ErrLimit)
		assert.NotErrorIs(t, err, context.DeadlineExceeded)
		var exceeded *jsonnet.LimitError
		require.ErrorAs(t, err, &exceeded)
		assert.Equal(t, limit, exceeded.Limit)
		found, ok := diag.From(err)
		require.True(t, ok)
		require.NotEmpty(t, found[0].Origins)
		assert.Equal(t, limit+"/main.jsonnet", found[0].Origins[0].File)
		res, err := p.Render(t.Context(), "lean", render.Args{})
		assert.Equal(t, map[string]any{"a": "10"}, data(t, res, err))
	}
	held[0] = 1
	ctx, cancel := context.WithTimeout(t.Context(), 1)
	defer cancel()
	_, err := p.Render(ctx, "lean", render.Args{})
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.NotErrorIs(t, err, jsonnet.ErrLimit, "it is not a limit of the Project")
}

// The Compat of a Project decides about the form of objects.
func TestCompat(t *testing.T) {
	files := map[string]string{"env/spec.json": spec, "env/main.jsonnet": `{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', annotations: { 'tanka.dev/namespaced': 'true' } } }`}
	for compat, want := range map[render.Compat]string{0: "<nil>", render.Tanka: "map[tanka.dev/namespaced:true]"} {
		res, err := open(t, files, render.Config{Compat: compat}).Render(t.Context(), "env", render.Args{})
		require.NoError(t, err)
		assert.Equal(t, want, fmt.Sprint(res.Objects[0].Map()["metadata"].(map[string]any)["annotations"]))
	}
}

// Warnings are those of one call.
func TestWarnings(t *testing.T) {
	p := open(t, map[string]string{
		"env/main.jsonnet": configMap("a", "{ a: '' + std.parseJson('{\"a\": 12345678901234567890}').a }"),
		"env/spec.json":    `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {}, "spec": {"nmespace": "a"}}`,
	}, render.Config{})
	for range 2 {
		res, err := p.Render(t.Context(), "env", render.Args{})
		require.NoError(t, err)
		var got []string
		for _, w := range res.Warnings {
			got = append(got, w.Error())
		}
		require.Len(t, got, 2)
		assert.Contains(t, got[0], "env/spec.json:1:")
		assert.Contains(t, got[1], "12345678901234567890")
	}
}

// One call that waits for a file keeps no other call with the same look from its end.
func TestFrozenCallsThatWaitForOneFile(t *testing.T) {
	errGone := errors.New("the client is gone")
	release := make(chan struct{})
	begun := make(chan struct{})
	var once sync.Once
	p, err := render.OpenFS(watched{memory(versions()), func(name string) {
		if name == "env/text.txt" {
			once.Do(func() { close(begun) })
			<-release
		}
	}}, render.Config{})
	require.NoError(t, err)
	frozen := p.Freeze()
	first := make(chan error)
	go func() {
		_, err := frozen.Render(t.Context(), "env", render.Args{})
		first <- err
	}()
	<-begun
	ctx, cancel := context.WithCancelCause(t.Context())
	second := make(chan error)
	go func() {
		_, err := frozen.Render(ctx, "env", render.Args{})
		second <- err
	}()
	cancel(errGone)
	assert.ErrorIs(t, <-second, errGone)
	close(release)
	assert.NoError(t, <-first)
}
