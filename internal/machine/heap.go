package machine

import (
	"runtime/metrics"

	"github.com/mop-platform/mop/internal/heap"
)

// heapGoal is how large AdaptHeap lets the heap grow before it is collected, where
// what lives permits: 100,000 small manifests then take as much of the processor as
// with a heap of 800 MB, in 230 MB.
const heapGoal = 150 << 20

// mostPercent is how far a heap grows between two collections at most.
const mostPercent = 400

// AdaptHeap has a heap of which little lives grow to heapGoal, and one of which much
// does grow less.
func AdaptHeap() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if n := live[0].Value.Uint64(); n > 0 {
		heap.Grow(int(min(max(heapGoal/(n/100+1), 150)-100, mostPercent)))
	}
}
