package render_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
)

var serviceRequests = flag.Int("service-requests", 500, "how many requests TestService makes")

// A service has one Renderer for all its requests, while files change. Each answer has the
// request's arguments and the files of one moment during it, a cancelled request ends, and
// neither memory nor goroutines grow.
func TestService(t *testing.T) {
	files := newChanging()
	library := func(version int64) string {
		var b strings.Builder
		for i := range 50 {
			fmt.Fprintf(&b, "f%d(x):: { a: x + 1, b: [self.a, %d] }, ", i, version)
		}
		return fmt.Sprintf("{ version: '%d', %s }", version, b.String())
	}
	files.set("env/main.jsonnet", `function(request) {
		apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' },
		data: { request: request, lib: (import 'lib.libsonnet').version, text: importstr 'text.txt' },
	}`)
	// One writer changes both files at once, as a checkout does: no answer may mix them.
	var version atomic.Int64
	change := func() {
		files.mu.Lock()
		defer files.mu.Unlock()
		n := version.Add(1)
		files.put("lib/lib.libsonnet", library(n))
		files.put("env/text.txt", fmt.Sprint(n))
	}
	change()
	r := render.New(project.New(files), render.Options{Cache: 4 << 20})

	request := func(ctx context.Context, i int) error {
		files.mu.Lock()
		before := version.Load()
		files.mu.Unlock()
		with := r.With(render.Options{TLAs: map[string]eval.Variable{"request": eval.String(fmt.Sprint(i))}})
		result, err := with.Render(ctx, changingEntry)
		if err != nil {
			return err
		}
		v, _ := result.Objects[0].Lookup("data")
		data := v.(map[string]any)
		var lib, text int64
		_, err = fmt.Sscan(fmt.Sprint(data["lib"], " ", data["text"]), &lib, &text)
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprint(i), data["request"])
		assert.Equal(t, lib, text, "the files of one moment")
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
						change()
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
	measure := func() (heap uint64, goroutines int) {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, runtime.NumGoroutine()
	}
	serve(*serviceRequests / 5)
	heap, goroutines := measure()
	serve(*serviceRequests)
	after, now := measure()
	assert.Less(t, after, heap+8<<20)
	assert.LessOrEqual(t, now, goroutines+2)
}
