package render_test

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/render"
)

var versionsOfLibrary = flag.Int("versions", 20, "how many versions of a library TestVersionsWithinTheCache renders")

// production renders the platform.
func production(tb testing.TB, p *render.Project) *render.Result {
	tb.Helper()
	res, err := p.Render(context.Background(), "environments/production", render.Args{Args: jsonnet.Args{TLAs: map[string]jsonnet.Var{"platform": jsonnet.String("gke")}}})
	require.NoError(tb, err)
	return res
}

func openPlatform(tb testing.TB) *render.Project {
	tb.Helper()
	p, err := render.Open(".", render.Config{})
	require.NoError(tb, err)
	return p
}

// BenchmarkProduction renders the platform with a new Project each time, with one that sees
// changes, and with a frozen one.
func BenchmarkProduction(b *testing.B) {
	run := func(name string, p func() *render.Project) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				production(b, p())
			}
		})
	}
	run("new", func() *render.Project { return openPlatform(b) })
	warm := openPlatform(b)
	run("warm", func() *render.Project { return warm })
	frozen := warm.Freeze()
	run("frozen", func() *render.Project { return frozen })
}

// A Project that has compiled the files needs at most a quarter of the time of a new one. A
// busy machine may need several attempts.
func TestWarmRendering(t *testing.T) {
	const most = 0.25
	time := func(p *render.Project) time.Duration {
		runtime.GC()
		start := time.Now()
		production(t, p)
		return time.Since(start)
	}
	warm := openPlatform(t)
	production(t, warm)
	production(t, warm)
	newly, again := time(openPlatform(t)), time(warm)
	for attempt := 0; attempt < 100 && float64(again) > most*float64(newly); attempt++ {
		newly, again = min(newly, time(openPlatform(t))), min(again, time(warm))
	}
	t.Logf("new %v, warm %v: %.2f", newly, again, float64(again)/float64(newly))
	assert.LessOrEqual(t, float64(again), most*float64(newly))
}

// retained returns how many bytes each of some things keeps alive.
func retained(n int, one func() any) int64 {
	all := make([]any, n)
	before, _ := measure()
	for i := range all {
		all[i] = one()
	}
	after, _ := measure()
	runtime.KeepAlive(all)
	return (int64(after) - int64(before)) / int64(n)
}

// A Result keeps little more than its objects: neither the evaluation nor a second text of
// the files.
func TestResultKeepsLittle(t *testing.T) {
	p := openPlatform(t)
	production(t, p)
	production(t, p)
	objects := retained(20, func() any {
		var copies []manifest.Object
		for _, o := range production(t, p).Objects {
			again, err := manifest.From(o.Map())
			require.NoError(t, err)
			copies = append(copies, again)
		}
		return copies
	})
	whole := retained(20, func() any { return production(t, p) })
	t.Logf("objects %d kB, result %d kB", objects>>10, whole>>10)
	assert.Less(t, whole, objects+objects/4)
}

// Versions of a library take no more memory than Config.Cache, however many there are.
func TestVersionsWithinTheCache(t *testing.T) {
	files := &changing{files: memory(map[string]string{"env/main.jsonnet": configMap("a", "{ a: (import 'lib.libsonnet').version }")})}
	p, err := render.OpenFS(files, render.Config{Cache: 4 << 20})
	require.NoError(t, err)
	version := func(n int) {
		var library strings.Builder
		for i := range 800 {
			fmt.Fprintf(&library, "f%d(x):: { a: x + 1, b: [self.a, %d] },\n", i, n)
		}
		files.change(map[string]string{"lib/lib.libsonnet": fmt.Sprintf("{ version: '%d', %s }", n, library.String())})
		for range 2 {
			res, err := p.Render(t.Context(), "env", render.Args{})
			require.Equal(t, map[string]any{"a": fmt.Sprint(n)}, data(t, res, err))
		}
	}
	version(0)
	before, _ := measure()
	most := uint64(0)
	for n := range *versionsOfLibrary {
		version(n)
		if n%10 == 0 {
			heap, _ := measure()
			most = max(most, heap)
		}
	}
	heap, _ := measure()
	most = max(most, heap)
	t.Logf("heap %d -> at most %d kB", before>>10, most>>10)
	assert.Less(t, most, before+8<<20)
}
