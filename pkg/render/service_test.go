package render_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/render"
)

var serviceRequests = flag.Int("service-requests", 500, "how many requests TestService makes")

// changing is a file system whose files change, also while they are read.
type changing struct {
	mu    sync.Mutex
	files fstest.MapFS
}

func (c *changing) Open(name string) (fs.File, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.files.Open(name)
}

// change changes files at once, as a checkout does.
func (c *changing) change(files map[string]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, text := range files {
		c.files[name] = &fstest.MapFile{Data: []byte(text)}
	}
}

// A service has one Project for all its requests, while files change. Each answer has the
// request's arguments and the files of one moment during it, a cancelled request ends, and
// neither memory nor goroutines grow.
func TestService(t *testing.T) {
	files := &changing{files: memory(map[string]string{"env/main.jsonnet": `function(request) {
		apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' },
		data: { request: request, lib: (import 'lib.libsonnet').version, text: importstr 'text.txt' },
	}`})}
	var version atomic.Int64
	change := func() {
		n := version.Add(1)
		var library strings.Builder
		for i := range 50 {
			fmt.Fprintf(&library, "f%d(x):: { a: x + 1, b: [self.a, %d] }, ", i, n)
		}
		files.change(map[string]string{
			"lib/lib.libsonnet": fmt.Sprintf("{ version: '%d', %s }", n, library.String()),
			"env/text.txt":      fmt.Sprint(n),
			"env/spec.json":     fmt.Sprintf(`{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {}, "spec": {"namespace": "n%d"}}`, n),
		})
	}
	// One change at a time: no version is on disk before an older one.
	var changes sync.Mutex
	safely := func() {
		changes.Lock()
		defer changes.Unlock()
		change()
	}
	safely()
	p, err := render.OpenFS(files, render.Config{Limits: jsonnet.Limits{Time: time.Minute, Memory: 64 << 20}, Cache: 4 << 20})
	require.NoError(t, err)

	request := func(ctx context.Context, i int) error {
		changes.Lock()
		before := version.Load()
		changes.Unlock()
		res, err := p.Render(ctx, "env", render.Args{Args: jsonnet.Args{TLAs: map[string]jsonnet.Var{"request": jsonnet.String(fmt.Sprint(i))}}})
		if err != nil {
			return err
		}
		data := res.Objects[0].Map()["data"].(map[string]any)
		var lib, text, namespace int64
		_, err = fmt.Sscanf(fmt.Sprint(data["lib"], " ", data["text"], " ", res.Objects[0].ID().Namespace), "%d %d n%d", &lib, &text, &namespace)
		assert.NoError(t, err)
		assert.Equal(t, fmt.Sprint(i), data["request"])
		assert.Equal(t, []int64{lib, lib}, []int64{text, namespace}, "the files of one moment")
		assert.LessOrEqual(t, before, lib, "not of before the request")
		return nil
	}
	errGone := errors.New("the client is gone")
	serve := func(n int) {
		const atOnce = 50
		var clients sync.WaitGroup
		var next atomic.Int64
		for range atOnce {
			clients.Go(func() {
				for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
					ctx, cancel := context.WithCancelCause(t.Context())
					if i%3 == 0 {
						stop := rand.IntN(200)
						go func() {
							for range stop {
								runtime.Gosched()
							}
							cancel(errGone)
						}()
					}
					if i%50 == 0 {
						safely()
					}
					if err := request(ctx, i); err != nil {
						assert.ErrorIs(t, err, errGone)
					}
					cancel(nil)
				}
			})
		}
		clients.Wait()
	}
	serve(*serviceRequests / 5)
	heap, goroutines := measure()
	serve(*serviceRequests)
	after, now := measure()
	t.Logf("heap %d -> %d kB, goroutines %d -> %d", heap>>10, after>>10, goroutines, now)
	assert.Less(t, after, heap+8<<20)
	assert.LessOrEqual(t, now, goroutines+2)
}

// measure returns the bytes that are in use, and the number of goroutines.
func measure() (heap uint64, goroutines int) {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc, runtime.NumGoroutine()
}
