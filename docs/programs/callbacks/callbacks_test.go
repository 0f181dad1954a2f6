// Package callbacks tests what a program's own code can do to mop, in each place where it can
// be given: it panics, it blocks, it lies.
package callbacks

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/render"
	"github.com/mop-platform/mop/pkg/validate"
)

// act is what a callback does before it does its work. It may panic, block, or fail.
type act func() error

// place is a place for a callback. call uses it, with act in the callback, which the call
// cannot do without. at is a part of the error's text that says where it was.
type place struct {
	name string
	at   string
	call func(ctx context.Context, act act) error
	// finding is set if the fault is a finding about an object, and no error.
	finding bool
}

var files = fstest.MapFS{
	"prod/main.jsonnet": {Data: []byte(`import 'a.libsonnet'`)},
	"prod/spec.json":    {Data: []byte(`{"spec": {"namespace": "a"}}`)},
	"lib/a.libsonnet":   {Data: []byte(`{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }`)},
}

// system is a file system whose methods act for some files.
type system struct {
	act  act
	name string
	open bool
	read bool
	stat bool
}

func (s system) acts(name string) error {
	if name != s.name {
		return nil
	}
	return s.act()
}

func (s system) Open(name string) (fs.File, error) {
	if s.open {
		if err := s.acts(name); err != nil {
			return nil, err
		}
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	return file{f, s, name}, nil
}

type file struct {
	fs.File
	system system
	name   string
}

func (f file) Read(p []byte) (int, error) {
	if f.system.read {
		if err := f.system.acts(f.name); err != nil {
			return 0, err
		}
	}
	return f.File.Read(p)
}

func (f file) ReadDir(n int) ([]fs.DirEntry, error) {
	return f.File.(fs.ReadDirFile).ReadDir(n)
}

func (f file) Stat() (fs.FileInfo, error) {
	if f.system.stat {
		if err := f.system.acts(f.name); err != nil {
			return nil, err
		}
	}
	return f.File.Stat()
}

type importer struct{ act act }

func (i importer) Import(_ context.Context, from, path string) (string, []byte, error) {
	if err := i.act(); err != nil {
		return "", nil, err
	}
	return "https://example.com/a", []byte("{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }"), nil
}

type writer struct{ act act }

func (w writer) Write(p []byte) (int, error) {
	if err := w.act(); err != nil {
		return 0, err
	}
	return len(p), nil
}

type marshaler struct{ act act }

func (m marshaler) MarshalJSON() ([]byte, error) {
	if err := m.act(); err != nil {
		return nil, err
	}
	return []byte(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}`), nil
}

type unstructured struct{ act act }

func (u unstructured) UnstructuredContent() map[string]any {
	if err := u.act(); err != nil {
		panic(err)
	}
	return map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"}}
}

func native(act act) jsonnet.Native {
	return jsonnet.Native{Name: "own", Func: func(jsonnet.Call, []any) (any, error) {
		return "x", act()
	}}
}

// renderFS renders the environment prod of a file system, and asks for what a caller asks for.
func renderFS(ctx context.Context, fsys fs.FS, c render.Config) error {
	p, err := render.OpenFS(fsys, c)
	if err != nil {
		return err
	}
	_, err = p.Render(ctx, "prod", render.Args{})
	return err
}

func renderText(ctx context.Context, code string, c render.Config, a render.Args) error {
	p, err := render.OpenFS(fstest.MapFS{"prod/main.jsonnet": {Data: []byte(code)}}, c)
	if err != nil {
		return err
	}
	_, err = p.Render(ctx, "prod", a)
	return err
}

func evaluate(ctx context.Context, c jsonnet.Config, code string, a jsonnet.Args) error {
	vm, err := jsonnet.New(c)
	if err != nil {
		return err
	}
	_, err = vm.Eval(ctx, "main.jsonnet", code, a)
	return err
}

// check checks an object, and returns the first problem that it finds as an error.
func check(ctx context.Context, object any) error {
	v, err := validate.New(validate.Config{})
	if err != nil {
		return err
	}
	report, err := v.Check(ctx, object)
	if err != nil {
		return err
	}
	for _, f := range report.Findings() {
		return errors.New(f.Problem)
	}
	return nil
}

func places() []place {
	const object = "{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: std.native('own')() } }"
	var all []place
	for _, name := range []string{"prod/main.jsonnet", "prod/spec.json", "lib/a.libsonnet"} {
		all = append(all,
			place{name: "Open of a project's " + name, at: path.Base(name), call: func(ctx context.Context, act act) error {
				return renderFS(ctx, system{act: act, name: name, open: true}, render.Config{})
			}},
			place{name: "Read of a project's " + name, at: path.Base(name), call: func(ctx context.Context, act act) error {
				return renderFS(ctx, system{act: act, name: name, read: true}, render.Config{})
			}},
		)
	}
	return append(all,
		place{name: "listing of environments", at: ".", call: func(ctx context.Context, act act) error {
			p, err := render.OpenFS(system{act: act, name: ".", open: true}, render.Config{})
			if err != nil {
				return err
			}
			for _, err := range p.Environments(ctx, ".") {
				if err != nil {
					return err
				}
			}
			return nil
		}},
		place{name: "importer of a scheme", at: "main.jsonnet:1", call: func(ctx context.Context, act act) error {
			return renderText(ctx, "import 'https://example.com/a'", render.Config{
				Imports: map[string]jsonnet.Importer{"https:": importer{act}},
			}, render.Args{})
		}},
		place{name: "native of a project", at: "main.jsonnet:1", call: func(ctx context.Context, act act) error {
			return renderText(ctx, object, render.Config{Natives: []jsonnet.Native{native(act)}}, render.Args{})
		}},
		place{name: "trace of a project", at: "trace", call: func(ctx context.Context, act act) error {
			return renderText(ctx, "std.trace('x', {})", render.Config{}, render.Args{Args: jsonnet.Args{Trace: writer{act}}})
		}},
		place{name: "importer of a VM", at: "main.jsonnet:1", call: func(ctx context.Context, act act) error {
			return evaluate(ctx, jsonnet.Config{Importer: importer{act}}, "import 'a'", jsonnet.Args{})
		}},
		place{name: "file system of a VM", at: "main.jsonnet:1", call: func(ctx context.Context, act act) error {
			fsys := system{act: act, name: "lib/a.libsonnet", open: true}
			return evaluate(ctx, jsonnet.Config{Importer: jsonnet.FS(fsys, "lib")}, "import 'a.libsonnet'", jsonnet.Args{})
		}},
		place{name: "native of a VM", at: "main.jsonnet:1", call: func(ctx context.Context, act act) error {
			return evaluate(ctx, jsonnet.Config{Natives: []jsonnet.Native{native(act)}}, "std.native('own')()", jsonnet.Args{})
		}},
		place{name: "result of a native", at: "main.jsonnet:1", call: func(ctx context.Context, act act) error {
			n := jsonnet.Native{Name: "own", Func: func(jsonnet.Call, []any) (any, error) { return marshaler{act}, nil }}
			return evaluate(ctx, jsonnet.Config{Natives: []jsonnet.Native{n}}, "std.native('own')()", jsonnet.Args{})
		}},
		place{name: "trace of a VM", at: "trace", call: func(ctx context.Context, act act) error {
			return evaluate(ctx, jsonnet.Config{}, "std.trace('x', {})", jsonnet.Args{Trace: writer{act}})
		}},
		place{name: "object that marshals itself", finding: true, call: func(ctx context.Context, act act) error {
			return check(ctx, marshaler{act})
		}},
		place{name: "object with UnstructuredContent", finding: true, call: func(ctx context.Context, act act) error {
			return check(ctx, unstructured{act})
		}},
		place{name: "origins of an object", finding: true, call: func(ctx context.Context, act act) error {
			return check(ctx, validate.Object{
				Value: map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "A"}},
				Origins: func(manifest.Path) []diag.Position {
					if err := act(); err != nil {
						panic(err)
					}
					return nil
				},
			})
		}},
	)
}

// written returns an error as its diagnostics are written, with all their places.
func written(err error) string {
	list, ok := diag.From(err)
	if !ok {
		return err.Error()
	}
	var text strings.Builder
	_ = diag.Write(&text, list, diag.Options{})
	return text.String()
}

// once calls f, and returns how long it took and its error. A panic of f fails the test.
func once(ctx context.Context, t *testing.T, p place, a act) (took time.Duration, err error) {
	t.Helper()
	begin := time.Now()
	require.NotPanics(t, func() { err = p.call(ctx, a) })
	return time.Since(begin), err
}

func TestPanics(t *testing.T) {
	for _, p := range places() {
		t.Run(p.name, func(t *testing.T) {
			_, err := once(t.Context(), t, p, func() error { panic("of the callback") })
			require.ErrorContains(t, err, "of the callback")
			assert.Contains(t, written(err), p.at)
			// It was an act of this call alone.
			_, err = once(t.Context(), t, p, func() error { return nil })
			if p.name != "origins of an object" {
				assert.NoError(t, err)
			}
		})
	}
}

// The error of a callback is in the chain. Those of writers of traces are ignored.
func TestErrors(t *testing.T) {
	mine := errors.New("error of the callback")
	for _, p := range places() {
		if p.at == "trace" {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			_, err := once(t.Context(), t, p, func() error { return mine })
			require.ErrorContains(t, err, mine.Error())
			if !p.finding {
				assert.ErrorIs(t, err, mine)
			}
		})
	}
}

// A callback blocks. The call ends at the deadline, within 50 ms. Of several calls the
// quickest counts, because the machine may have other work.
func TestBlocks(t *testing.T) {
	const deadline, late = 100 * time.Millisecond, 50 * time.Millisecond
	for _, p := range places() {
		t.Run(p.name, func(t *testing.T) {
			var least time.Duration
			for range 5 {
				end := make(chan struct{})
				ctx, cancel := context.WithTimeout(t.Context(), deadline)
				took, err := once(ctx, t, p, func() error { <-end; return nil })
				cancel()
				close(end)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				if least == 0 || took < least {
					least = took
				}
				if least <= deadline+late {
					return
				}
			}
			assert.LessOrEqual(t, least, deadline+late)
		})
	}
}

// A file system gives another text at each reading. No call gets a mixture: it is an error.
func TestChangingContent(t *testing.T) {
	var n atomic.Int64
	fsys := texts(func(name string) string {
		if name == "prod/main.jsonnet" {
			return "{ a: import 'a.libsonnet', b: import '../lib/a.libsonnet' }"
		}
		if name != "lib/a.libsonnet" {
			return "{}"
		}
		return fmt.Sprintf("{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a%d' } }", n.Add(1))
	})
	err := renderFS(t.Context(), fsys, render.Config{})
	require.ErrorContains(t, err, "lib/a.libsonnet")
}

// A file system reads fewer bytes than there are, byte by byte, or says another size.
func TestShortReads(t *testing.T) {
	for name, wrap := range map[string]func(fs.File) fs.File{
		"a byte at a time": func(f fs.File) fs.File { return slow{f} },
		"a wrong size":     func(f fs.File) fs.File { return lying{f} },
	} {
		t.Run(name, func(t *testing.T) {
			p, err := render.OpenFS(wrapped{wrap}, render.Config{})
			require.NoError(t, err)
			res, err := p.Render(t.Context(), "prod", render.Args{})
			require.NoError(t, err)
			require.Len(t, res.Objects, 1)
			assert.Equal(t, "ConfigMap a/a", res.Objects[0].String())
		})
	}
}

type texts func(name string) string

func (t texts) Open(name string) (fs.File, error) {
	if _, err := fs.Stat(files, name); err != nil {
		return nil, err
	}
	return fstest.MapFS{name: {Data: []byte(t(name))}}.Open(name)
}

type wrapped struct{ wrap func(fs.File) fs.File }

func (w wrapped) Open(name string) (fs.File, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	return w.wrap(f), nil
}

type slow struct{ fs.File }

func (s slow) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	return s.File.Read(p[:1])
}

type lying struct{ fs.File }

func (l lying) Stat() (fs.FileInfo, error) {
	info, err := l.File.Stat()
	return small{info}, err
}

type small struct{ fs.FileInfo }

func (small) Size() int64 { return 1 }
