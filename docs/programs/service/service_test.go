package service

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var requests = flag.Int("requests", 1000, "the number of requests of TestMany")

// write replaces a file at once, as editors and git do.
func write(t *testing.T, file, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
	require.NoError(t, os.WriteFile(file+".new", []byte(text), 0o666))
	require.NoError(t, os.Rename(file+".new", file))
}

// project returns the directory of a project with two environments, whose library says n.
func project(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "jsonnetfile.json"), "{}")
	library(t, dir, n)
	for _, env := range []string{"one", "two"} {
		write(t, filepath.Join(dir, "environments", env, "main.jsonnet"), `
			local a = import 'a.libsonnet', b = import 'b.libsonnet';
			function(image) {
				apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '`+env+`' },
				data: { a: a, b: b, image: image },
			}`)
	}
	write(t, filepath.Join(dir, "environments/endless/main.jsonnet"), "function(image) std.foldl(function(a, i) a + a, std.range(1, 60), image)")
	return dir
}

// library writes the two files of the library, which the environments import.
func library(t *testing.T, dir string, n int) {
	write(t, filepath.Join(dir, "lib/a.libsonnet"), fmt.Sprintf("'a%d'", n))
	write(t, filepath.Join(dir, "lib/b.libsonnet"), fmt.Sprintf("'b%d'", n))
}

func get(ctx context.Context, h http.Handler, env, image string) (code int, body string) {
	query := url.Values{"env": {env}, "image": {image}}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/?"+query.Encode(), nil))
	return w.Code, w.Body.String()
}

func TestAnswers(t *testing.T) {
	dir := project(t, 1)
	p, err := Open(dir)
	require.NoError(t, err)
	h := Handler(p)
	code, body := get(t.Context(), h, "environments/one", "web:1")
	assert.Equal(t, 200, code, body)
	assert.Contains(t, body, "a: a1")
	assert.Contains(t, body, "image: web:1")

	code, body = get(t.Context(), h, "environments/three", "")
	assert.Equal(t, 404, code, body)
	code, body = get(t.Context(), h, "environments/endless", "xxxxxxxx")
	assert.Equal(t, 413, code, body)

	library(t, dir, 2)
	_, body = get(t.Context(), h, "environments/one", "web:1")
	assert.Contains(t, body, "a: a2")
	write(t, filepath.Join(dir, "lib/a.libsonnet"), "error 'broken'")
	code, body = get(t.Context(), h, "environments/one", "web:1")
	assert.Equal(t, 422, code, body)
	assert.Contains(t, body, "broken")
}

// 50 clients ask at once, with arguments of their own, while the files change. A third of
// them goes before the answer.
func TestMany(t *testing.T) {
	dir := project(t, 0)
	p, err := Open(dir)
	require.NoError(t, err)
	h := Handler(p)
	get(t.Context(), h, "environments/one", "")
	goroutines, heap := runtime.NumGoroutine(), heapInUse()

	var next, answers atomic.Int64
	var clients, editor sync.WaitGroup
	// The library's two files change one after the other, while about 50 requests are
	// answered: the answers can be of each state of both.
	changes := make(chan int64, 1)
	editor.Go(func() {
		for n := range changes {
			library(t, dir, int(n))
		}
	})
	for range 50 {
		clients.Go(func() {
			for {
				i := next.Add(1)
				if i > int64(*requests) {
					return
				}
				if i%50 == 0 {
					select {
					case changes <- i / 50:
					default: // The last change is not done.
					}
				}
				env, image := []string{"one", "two"}[i%2], fmt.Sprintf("web:%d", i)
				ctx, cancel := context.WithCancel(t.Context())
				gone := i%3 == 0
				if gone {
					go cancel()
				}
				code, body := get(ctx, h, "environments/"+env, image)
				cancel()
				if gone && body == "" {
					continue
				}
				if !assert.Equal(t, 200, code, body) {
					return
				}
				answers.Add(1)
				assert.Contains(t, body, "image: "+image+"\n")
				assert.Contains(t, body, "name: "+env+"\n")
			}
		})
	}
	clients.Wait()
	close(changes)
	editor.Wait()
	assert.Greater(t, answers.Load(), int64(*requests)/2)
	assert.LessOrEqual(t, settled(goroutines), goroutines)
	assert.Less(t, heapInUse(), heap+8<<20)
}

// A file holds one of two texts, and another file the same: an answer never has both.
func TestOneMoment(t *testing.T) {
	dir := project(t, 0)
	// One link leads to both files of the library, so that they change in one step.
	for _, n := range []string{"0", "1"} {
		write(t, filepath.Join(dir, "states", n, "a.libsonnet"), "'a"+n+"'")
		write(t, filepath.Join(dir, "states", n, "b.libsonnet"), "'b"+n+"'")
	}
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "lib")))
	link := func(n string) {
		require.NoError(t, os.Symlink("states/"+n, filepath.Join(dir, "lib.new")))
		require.NoError(t, os.Rename(filepath.Join(dir, "lib.new"), filepath.Join(dir, "lib")))
	}
	link("0")
	p, err := Open(dir)
	require.NoError(t, err)
	h := Handler(p)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 200 {
			code, body := get(t.Context(), h, "environments/one", "")
			// Files that never rest are an error, not a mixture.
			if code != 200 {
				assert.Contains(t, body, "chang")
				continue
			}
			assert.Equal(t, strings.Contains(body, "a: a0"), strings.Contains(body, "b: b0"), body)
		}
	}()
	for n := 0; ; n++ {
		select {
		case <-done:
			return
		default:
			link([]string{"0", "1"}[n%2])
			runtime.Gosched()
		}
	}
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// settled returns the number of goroutines when it is at most want, or after many looks.
func settled(want int) int {
	for range 1_000_000 {
		if runtime.NumGoroutine() <= want {
			break
		}
		runtime.Gosched()
	}
	return runtime.NumGoroutine()
}
