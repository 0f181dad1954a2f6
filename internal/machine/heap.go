package machine

import (
	"runtime/metrics"

	"github.com/mop-platform/mop/internal/heap"
)

// heapGoal is the size that AdaptHeap lets the heap grow to before a collection, if the
// live objects permit it. With this goal 100,000 small manifests take 230 MB, and no more
// processor time than with a heap of 800 MB.
const heapGoal = 150 << 20

// mostPercent is the largest growth of the heap between two collections, in percent.
const mostPercent = 400

// AdaptHeap lets a heap with few live objects grow to heapGoal, and one with many grow
// less.
func AdaptHeap() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if n := live[0].Value.Uint64(); n > 0 {
		heap.Grow(int(min(max(heapGoal/(n/100+1), 150)-100, mostPercent)))
	}
}
