package render_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/specimen"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/render"
)

// importer has files of the scheme x:.
type importer func(ctx context.Context, from, path string) (string, []byte, error)

func (i importer) Import(ctx context.Context, from, path string) (string, []byte, error) {
	return i(ctx, from, path)
}

// marshaler is a result of a native that does something when it is marshalled.
type marshaler func()

func (m marshaler) MarshalJSON() ([]byte, error) { m(); return []byte("1"), nil }

const strangeMain = `local a = import 'a.libsonnet'; {
	apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' },
	data: std.trace('here', {
		a: a.a, text: importstr 'text.txt', n: '' + std.native('odd')(),
		elsewhere: import 'x:file', globs: std.length(import 'glob-import:parts/*.json'),
	}),
}`

// strangers are the places where code of a caller runs, and what the error about each says.
func strangers() map[string]struct{ op, name, says string } {
	return map[string]struct{ op, name, says string }{
		"open of the entrypoint": {"open", "env/main.jsonnet", "main.jsonnet"},
		"open of a library":      {"open", "lib/a.libsonnet", `import "a.libsonnet"`},
		"read of a library":      {"read", "lib/a.libsonnet", `import "a.libsonnet"`},
		"stat of a library":      {"fstat", "lib/a.libsonnet", `import "a.libsonnet"`},
		"close of a library":     {"close", "lib/a.libsonnet", `import "a.libsonnet"`},
		"read of a text":         {"read", "env/text.txt", "text.txt"},
		"read of spec.json":      {"read", "env/spec.json", "env/spec.json"},
		"list of a directory":    {"readdir", "env/parts", "glob-import:parts/*.json"},
		"an entry's name":        {"name", "1.json", "glob-import:parts/*.json"},
		"native":                 {"native", "", "odd"},
		"a native's result":      {"marshal", "", "odd"},
		"importer":               {"import", "", `import "x:file"`},
		"trace":                  {"trace", "", "the writer"},
	}
}

// strange renders an environment while do runs at one place.
func strange(ctx context.Context, place struct{ op, name, says string }, l jsonnet.Limits, do func()) error {
	at := func(op string) {
		if op == place.op {
			do()
		}
	}
	fsys := specimen.Stranger{MapFS: memory(map[string]string{
		"env/main.jsonnet": strangeMain, "env/spec.json": spec, "env/text.txt": "text", "env/parts/1.json": "1",
		"lib/a.libsonnet": "{ a: 'a', b: import 'b.libsonnet' }", "lib/b.libsonnet": "{}",
	}), Op: place.op, Name: place.name, Do: do}
	p, err := render.OpenFS(fsys, render.Config{
		Limits: l,
		Natives: []jsonnet.Native{{Name: "odd", Func: func(jsonnet.Call, []any) (any, error) {
			at("native")
			return marshaler(func() { at("marshal") }), nil
		}}},
		Imports: map[string]jsonnet.Importer{"x:": importer(func(_ context.Context, _, path string) (string, []byte, error) {
			at("import")
			return path, []byte("'x'"), nil
		})},
	})
	if err != nil {
		return err
	}
	_, err = p.Render(ctx, "env", render.Args{Args: jsonnet.Args{Trace: specimen.Writer(func() { at("trace") })}})
	return err
}

func TestStrangersThatDoNothing(t *testing.T) {
	for name, place := range strangers() {
		var called atomic.Bool
		require.NoError(t, strange(t.Context(), place, jsonnet.Limits{}, func() { called.Store(true) }), name)
		assert.True(t, called.Load(), name)
	}
}

// A panic in a caller's code is an error with a place, and with the value of the panic.
func TestStrangersThatPanic(t *testing.T) {
	boom := errors.New("boom")
	for name, place := range strangers() {
		t.Run(name, func(t *testing.T) {
			err := strange(t.Context(), place, jsonnet.Limits{}, func() { panic(boom) })
			require.ErrorContains(t, err, "boom")
			assert.ErrorContains(t, err, "panic")
			assert.ErrorContains(t, err, place.says)
			assert.ErrorIs(t, err, boom)
			found, ok := diag.From(err)
			require.True(t, ok)
			assert.NotEmpty(t, found[0].At.File+found[0].Subject)
		})
	}
}

// Nothing waits for a caller's code once the context has ended.
func TestStrangersThatBlock(t *testing.T) {
	errGone := errors.New("the client is gone")
	for name, place := range strangers() {
		t.Run(name, func(t *testing.T) {
			release := make(chan struct{})
			defer close(release)
			ctx, cancel := context.WithCancelCause(t.Context())
			var once sync.Once
			err := strange(ctx, place, jsonnet.Limits{}, func() {
				once.Do(func() { cancel(errGone) })
				<-release
			})
			assert.ErrorIs(t, err, errGone)
		})
	}
}

// The limit of time holds whatever the call waits for, within 50 ms. A busy machine may need
// several attempts.
func TestStrangersAndTheLimitOfTime(t *testing.T) {
	const limit, late = 30 * time.Millisecond, 50 * time.Millisecond
	for name, place := range strangers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			best := time.Duration(math.MaxInt64)
			for attempt := 0; attempt < 40 && best > limit+late; attempt++ {
				release := make(chan struct{})
				start := time.Now()
				err := strange(t.Context(), place, jsonnet.Limits{Time: limit}, func() { <-release })
				best = min(best, time.Since(start))
				close(release)
				require.ErrorIs(t, err, jsonnet.ErrLimit)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				var exceeded *jsonnet.LimitError
				require.ErrorAs(t, err, &exceeded)
				assert.Equal(t, "time", exceeded.Limit)
				found, ok := diag.From(err)
				require.True(t, ok)
				assert.NotEmpty(t, found[0].At.File+found[0].Subject)
			}
			assert.LessOrEqual(t, best, limit+late)
		})
	}
}

// lying is a file system in which one file is as its function makes it.
type lying struct {
	fstest.MapFS
	name string
	make func(fs.File) fs.File
}

func (l lying) Open(name string) (fs.File, error) {
	f, err := l.MapFS.Open(name)
	if err == nil && name == l.name {
		f = l.make(f)
	}
	return f, err
}

// file is a file whose methods are functions, if they are not nil.
type file struct {
	fs.File
	read func([]byte) (int, error)
	info func(fs.FileInfo) fs.FileInfo
}

func (f file) Read(b []byte) (int, error) {
	if f.read == nil {
		return f.File.Read(b)
	}
	return f.read(b)
}

func (f file) Stat() (fs.FileInfo, error) {
	info, err := f.File.Stat()
	if f.info != nil {
		info = f.info(info)
	}
	return info, err
}

type info struct {
	fs.FileInfo
	size int64
}

func (i info) Size() int64 { return i.size }

// A file system that lies gives the right answer or an error with the name of the file.
func TestFilesThatLie(t *testing.T) {
	sized := func(size int64) func(fs.File) fs.File {
		return func(f fs.File) fs.File {
			return file{File: f, info: func(i fs.FileInfo) fs.FileInfo { return info{i, size} }}
		}
	}
	for name, test := range map[string]struct {
		make func(fs.File) fs.File
		want string
	}{
		"the smallest reads": {func(f fs.File) fs.File {
			return file{File: f, read: func(b []byte) (int, error) { return f.Read(b[:1]) }}
		}, ""},
		"too small a size":  {sized(0), ""},
		"a negative size":   {sized(-5), ""},
		"a huge size":       {sized(1 << 50), ""},
		"the largest size":  {sized(math.MaxInt64), ""},
		"nothing, for ever": {func(f fs.File) fs.File { return file{File: f, read: func([]byte) (int, error) { return 0, nil }} }, "multiple Read calls return no data or error"},
		"more than asked": {func(f fs.File) fs.File {
			return file{File: f, read: func(b []byte) (int, error) { return len(b) + 1, nil }}
		}, "a read of"},
		"less than nothing": {func(f fs.File) fs.File { return file{File: f, read: func([]byte) (int, error) { return -1, nil }} }, "a read of -1 bytes"},
		"an unexpected end": {func(f fs.File) fs.File {
			return file{File: f, read: func([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }}
		}, "unexpected EOF"},
		"no file": {func(fs.File) fs.File { return nil }, "panicked: runtime error"},
	} {
		t.Run(name, func(t *testing.T) {
			files := memory(map[string]string{"env/main.jsonnet": configMap("a", "{ a: import 'a.libsonnet' }"), "lib/a.libsonnet": "'a'"})
			p, err := render.OpenFS(lying{files, "lib/a.libsonnet", test.make}, render.Config{})
			require.NoError(t, err)
			res, err := p.Render(t.Context(), "env", render.Args{})
			if test.want == "" {
				assert.Equal(t, map[string]any{"a": "a"}, data(t, res, err))
				return
			}
			assert.ErrorContains(t, err, test.want)
			assert.ErrorContains(t, err, `import "a.libsonnet"`)
		})
	}
}

// A file whose content is never the same twice is an error, and not an endless wait.
func TestFilesThatNeverRest(t *testing.T) {
	n := 0
	files := memory(map[string]string{"env/main.jsonnet": configMap("a", "{ a: importstr 'a.txt' }"), "env/a.txt": ""})
	p, err := render.OpenFS(lying{files, "env/a.txt", func(f fs.File) fs.File {
		n++
		text := strings.NewReader(fmt.Sprint(n))
		return file{File: f, read: text.Read}
	}}, render.Config{})
	require.NoError(t, err)
	_, err = p.Render(t.Context(), "env", render.Args{})
	assert.EqualError(t, err, "environment env: its files change all the time, such as env/a.txt")
	res, err := p.Freeze().Render(t.Context(), "env", render.Args{})
	assert.NotEmpty(t, data(t, res, err)["a"])
}

// entries is a file system with strange entries in each directory.
type entries struct {
	fs.FS
	names []string
}

func (e entries) ReadDir(string) ([]fs.DirEntry, error) {
	all := make([]fs.DirEntry, len(e.names))
	for i, name := range e.names {
		all[i] = fs.FileInfoToDirEntry(dirInfo(name))
	}
	return all, nil
}

func (e entries) Stat(name string) (fs.FileInfo, error) { return dirInfo(name), nil }

type dirInfo string

func (d dirInfo) Name() string     { return string(d) }
func (dirInfo) Size() int64        { return 0 }
func (dirInfo) Mode() fs.FileMode  { return fs.ModeDir }
func (dirInfo) ModTime() time.Time { return time.Time{} }
func (dirInfo) IsDir() bool        { return true }
func (dirInfo) Sys() any           { return nil }

// Directories that hold themselves end the search with an error.
func TestDirectoriesThatLie(t *testing.T) {
	for name, want := range map[string]string{".": `an entry called "."`, "": `an entry called ""`, "..": `an entry called ".."`, "a/b": `an entry called "a/b"`, "a": "name too long"} {
		p, err := render.OpenFS(entries{memory(nil), []string{name}}, render.Config{})
		require.NoError(t, err)
		_, err = p.Files(t.Context(), ".", "*")
		assert.ErrorContains(t, err, want)
		for _, err := range p.Environments(t.Context(), ".") {
			assert.ErrorContains(t, err, want)
		}
	}
}

// What a native gives must be a value that JSON can express.
func TestNativesThatLie(t *testing.T) {
	cycle := map[string]any{}
	cycle["a"] = cycle
	for name, test := range map[string]struct {
		result any
		want   string
	}{
		"no number": {math.NaN(), "NaN"}, "a channel": {make(chan int), "chan int"}, "a function": {func() {}, "func()"}, "itself": {cycle, ""},
	} {
		p := open(t, map[string]string{"env/main.jsonnet": configMap("a", "{ a: std.native('odd')() }")}, render.Config{
			Natives: []jsonnet.Native{{Name: "odd", Func: func(jsonnet.Call, []any) (any, error) { return test.result, nil }}},
		})
		_, err := p.Render(t.Context(), "env", render.Args{})
		assert.ErrorContains(t, err, "odd: ", name)
		assert.ErrorContains(t, err, test.want, name)
	}
}

// Importers must give names with a scheme, and equal names equal contents.
func TestImportersThatLie(t *testing.T) {
	n := 0
	for name, test := range map[string]struct {
		importer importer
		want     string
	}{
		"a name of the project": {func(context.Context, string, string) (string, []byte, error) {
			return "lib/a.libsonnet", []byte("1"), nil
		}, `want a name that begins with x:, got "lib/a.libsonnet"`},
		"no name": {func(context.Context, string, string) (string, []byte, error) { return "", []byte("1"), nil }, `want a name that begins with x:, got ""`},
		"two contents": {func(context.Context, string, string) (string, []byte, error) {
			n++
			return "x:a", []byte(fmt.Sprint(n)), nil
		}, `"x:a" has another content than before`},
		"a cycle": {func(_ context.Context, _, path string) (string, []byte, error) {
			return path, []byte("import 'x:a'"), nil
		}, "max stack frames exceeded"},
	} {
		p := open(t, map[string]string{"env/main.jsonnet": configMap("a", "{ a: (import 'x:a') + (import 'x:b') }")}, render.Config{Imports: map[string]jsonnet.Importer{"x:": test.importer}})
		_, err := p.Render(t.Context(), "env", render.Args{})
		assert.ErrorContains(t, err, test.want, name)
	}
}
