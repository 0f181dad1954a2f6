package check

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/validate"
)

func TestInOrder(t *testing.T) {
	tests := []struct {
		name      string
		n, most   int
		blockEach bool // the values come one by one
	}{
		{"none", 0, 4, false},
		{"one", 1, 4, false},
		{"one by one", 50, 4, true},
		{"batches", 1000, 7, false},
		{"batches of one", 100, 1, false},
		{"more than there are", 10, 100, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := make(chan int, tt.n+1)
			if tt.blockEach {
				in = make(chan int)
			}
			go func() {
				defer close(in)
				for i := range tt.n {
					in <- i
				}
			}()
			var got []int
			for batch := range inOrder(t.Context(), in, tt.most, func(batch []int) []int {
				for range batch[0] % 5 {
					runtime.Gosched() // so that a batch overtakes another
				}
				return batch
			}) {
				assert.NotEmpty(t, batch)
				assert.LessOrEqual(t, len(batch), tt.most)
				got = append(got, batch...)
			}
			require.Len(t, got, tt.n)
			for i := range got {
				assert.Equal(t, i, got[i])
			}
		})
	}
}

// When the context ends, all goroutines end, although nobody reads their results. synctest
// fails a test that leaves a goroutine.
func TestInOrderEnds(t *testing.T) {
	for name, read := range map[string]int{"nothing is read": 0, "some is read": 3} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(context.Background())
				in := make(chan int)
				go func() {
					defer close(in)
					for i := 0; ; i++ {
						select {
						case in <- i:
						case <-ctx.Done():
							return
						}
					}
				}()
				out := inOrder(ctx, in, 2, func(batch []int) int { return len(batch) })
				for range read {
					<-out
				}
				synctest.Wait()
				cancel()
				synctest.Wait()
			})
		})
	}
}

func TestDistinctNames(t *testing.T) {
	tests := []struct {
		name string
		all  []checked
		want []string
	}{
		{"none", nil, []string{}},
		{"one", []checked{{environment: "a", entrypoint: "a/main.jsonnet"}}, []string{"a"}},
		{"two", []checked{{environment: "a", entrypoint: "x"}, {environment: "b", entrypoint: "x"}}, []string{"a", "b"}},
		{"the same of one file", []checked{{environment: "a", entrypoint: "x"}, {environment: "a", entrypoint: "x"}}, []string{"a", "a"}},
		{"the same of two files", []checked{{environment: "a", entrypoint: "x"}, {environment: "b", entrypoint: "x"}, {environment: "a", entrypoint: "y"}}, []string{"a of x", "b", "a of y"}},
		{"the same of two files, and back", []checked{{environment: "a", entrypoint: "x"}, {environment: "a", entrypoint: "y"}, {environment: "a", entrypoint: "x"}}, []string{"a of x", "a of y", "a of x"}},
		{"unread", []checked{{}, {environment: "a", entrypoint: "x"}}, []string{"", "a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, distinctNames(tt.all))
		})
	}
}

// Records are ordered by object, and then by version.
func TestRecords(t *testing.T) {
	result := func(file string) validate.Result {
		return validate.Result{Object: validate.Object{Source: diag.Position{File: file}}}
	}
	older, newer := schema.Minor(1), schema.Minor(2)
	tests := []struct {
		name string
		c    checked
		want []string
	}{
		{"nothing", checked{}, nil},
		{"no objects", checked{minors: []schema.Minor{older}, results: [][]validate.Result{nil}}, nil},
		{"one version", checked{environment: "e", minors: []schema.Minor{older}, results: [][]validate.Result{{result("a"), result("b")}}}, []string{"e a 1", "e b 1"}},
		{"two versions", checked{environment: "e", minors: []schema.Minor{older, newer}, results: [][]validate.Result{{result("a"), result("b")}, {result("a"), result("b")}}}, []string{"e a 1", "e a 2", "e b 1", "e b 2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, r := range tt.c.records() {
				got = append(got, r.Environment+" "+r.Object.Source.File+" "+string(rune('0'+int(r.Minor))))
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestCheckClustersEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	one := checked{environment: "a", results: [][]validate.Result{{}}}
	require.NoError(t, checkClusters(ctx, nil))
	require.NoError(t, checkClusters(ctx, []checked{one}), "there is nothing to compare")
	require.ErrorIs(t, checkClusters(ctx, slices.Repeat([]checked{one}, 1000)), context.Canceled)
}
