// Package heap says when the process collects garbage: the first time where there
// is something to collect, and then as its program wants it. What the user says by
// GOGC and GOMEMLIMIT wins.
//
// A program that only starts, as most runs of a command do, makes 4 MB of which
// nearly all stays. Go would collect that, and again at 9 MB. This package imports
// next to nothing, so that it is initialised before the packages that make those
// 4 MB: Go orders packages by their paths.
package heap

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
)

// first is how much the process holds when it collects for the first time.
const first = 32 << 20

// process is the heap of this process.
var process = begin(debug.SetGCPercent(-1), debug.SetMemoryLimit(first))

// heap is what is wanted of the heap.
type heap struct {
	mu sync.Mutex
	// waiting is set until the first collection. Until then percent and limit are
	// only kept.
	waiting bool
	percent int
	limit   int64
	// chosen is set where the user chose the percentage.
	chosen bool
}

// begin puts the first collection off, unless the user has said when to collect.
// percent and limit are what was set before.
func begin(percent int, limit int64) *heap {
	h := &heap{percent: percent, limit: limit, chosen: os.Getenv("GOGC") != ""}
	if h.chosen || limit != math.MaxInt64 {
		h.set()
		return h
	}
	h.waiting = true
	// The first collection finds this, which nothing refers to.
	runtime.SetFinalizer(&mark{}, func(*mark) { h.collected() })
	return h
}

// mark is large enough not to share its memory with other values, which could keep
// it.
type mark struct{ _ [64]byte }

func (h *heap) set() {
	debug.SetGCPercent(h.percent)
	debug.SetMemoryLimit(h.limit)
}

// change makes a change of what is wanted, at once or with the first collection.
func (h *heap) change(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
	if !h.waiting {
		h.set()
		return
	}
	debug.SetMemoryLimit(min(first, h.limit))
}

func (h *heap) collected() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting = false
	h.set()
}

// Grow has the heap grow by so many percent between two collections, unless GOGC
// says otherwise.
func Grow(percent int) {
	process.change(func() {
		if !process.chosen {
			process.percent = percent
		}
	})
}

// Limit has garbage collected before the process holds more than so many bytes,
// unless GOMEMLIMIT is less.
func Limit(bytes int64) {
	process.change(func() { process.limit = min(process.limit, bytes) })
}
