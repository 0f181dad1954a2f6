package pool_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mop-platform/mop/internal/pool"
)

func TestRun(t *testing.T) {
	for _, tt := range []struct {
		parts []int
		limit int
	}{
		{nil, 3}, {[]int{0}, 3}, {[]int{1}, 3}, {[]int{100}, 1}, {[]int{100}, 4}, {[]int{0, 3, 0, 50, 1}, 2}, {[]int{1, 1, 1, 1, 1}, 3}, {[]int{2, 2}, 8},
	} {
		t.Run(fmt.Sprint(tt.parts, tt.limit), func(t *testing.T) {
			var mu sync.Mutex
			did := map[string]int{}
			firsts := make([]int, len(tt.parts))
			var jobs []pool.Job
			var want []string
			for i, n := range tt.parts {
				jobs = append(jobs, func() (int, func(bool) func(int)) {
					return n, func(first bool) func(int) {
						busy := &sync.Mutex{}
						mu.Lock()
						defer mu.Unlock()
						if first {
							firsts[i]++
						}
						return func(part int) {
							assert.True(t, busy.TryLock(), "one worker in two goroutines")
							defer busy.Unlock()
							mu.Lock()
							defer mu.Unlock()
							did[fmt.Sprint(i, part)]++
						}
					}
				})
				for part := range n {
					want = append(want, fmt.Sprint(i, part))
				}
			}
			var told [][2]int
			pool.Run(tt.limit, jobs, func(done, total int) { told = append(told, [2]int{done, total}) })
			assert.Len(t, did, len(want))
			for _, part := range want {
				assert.Equal(t, 1, did[part], part)
			}
			for i, n := range tt.parts {
				assert.Equal(t, min(1, n), firsts[i])
			}
			if len(tt.parts) > 0 {
				assert.Equal(t, [2]int{len(want), len(want)}, told[len(told)-1])
			}
			assert.True(t, slices.IsSortedFunc(told, func(a, b [2]int) int { return a[0] - b[0] }))
		})
	}
}

// A goroutine without work takes parts of a job that another has opened: these two parts
// wait for each other.
func TestPartsOfOneJobRunAtOnce(t *testing.T) {
	var both sync.WaitGroup
	both.Add(2)
	pool.Run(2, []pool.Job{func() (int, func(bool) func(int)) {
		return 2, func(bool) func(int) {
			return func(int) {
				both.Done()
				both.Wait()
			}
		}
	}}, nil)
}

func TestEach(t *testing.T) {
	did := make([]int, 100)
	done := 0
	pool.Each(3, len(did), func(i int) { did[i]++ }, func(n, total int) {
		assert.Equal(t, 100, total)
		done = n
	})
	assert.Equal(t, slices.Repeat([]int{1}, 100), did)
	assert.Equal(t, 100, done)
	pool.Each(3, 0, func(int) { assert.Fail(t, "nothing to do") }, nil)
}
