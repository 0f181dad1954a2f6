package export_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/export"
	"github.com/mop-platform/mop/pkg/manifest"
)

// peakHeap exports n environments of 200 kB each. It returns the most memory, in bytes,
// that was in use after any of them.
func peakHeap(t testing.TB, n int) uint64 {
	var jobs []export.Job
	for i := range n {
		name := fmt.Sprintf("env/%04d", i)
		render := func(_ context.Context, _ int, yield func(export.Environment) error) error {
			env := export.Environment{Name: name, Namespace: name}
			for j := range 20 {
				o, _ := manifest.New(nil, map[string]any{
					"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": fmt.Sprintf("%s-%d", name, j)},
					"data": map[string]any{"x": strings.Repeat("x", 10_000)},
				})
				env.Objects = append(env.Objects, o)
			}
			return yield(env)
		}
		jobs = append(jobs, export.Job{Name: name, Open: func(context.Context) (export.Entrypoint, error) {
			return export.Entrypoint{Environments: 1, Renderer: func(bool) export.Render { return render }}, nil
		}})
	}
	var peak uint64
	_, err := export.Run(context.Background(), filepath.Join(t.TempDir(), "out"), jobs, export.Options{
		Parallel: 2,
		Write:    func(w io.Writer, o manifest.Object) error { return json.NewEncoder(w).Encode(o) },
		Progress: func(int, int) {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		},
	})
	require.NoError(t, err)
	return peak
}

// Memory holds the environments at work, not the finished ones: 200 take no more than 20,
// except for the names of their files.
func TestMemoryDoesNotGrow(t *testing.T) {
	few, many := peakHeap(t, 20), peakHeap(t, 200)
	t.Logf("20 environments: %d kB, 200: %d kB", few>>10, many>>10)
	assert.Less(t, many, few+8<<20)
}

func BenchmarkRun(b *testing.B) {
	for _, n := range []int{20, 200} {
		b.Run(fmt.Sprintf("environments=%d", n), func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(float64(peakHeap(b, n))/1e6, "peak-MB")
			}
		})
	}
}
