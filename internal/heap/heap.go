// Package heap decides when the process collects garbage: first when it holds 32 MB, and
// then as the program asks. GOGC and GOMEMLIMIT of the user take precedence.
//
// Most runs of a command do little more than start. The start allocates 4 MB, nearly all of
// which stays live. Go would collect at that size, and again at 9 MB. Go initialises
// packages in the order of their paths, each after its imports. This package has few
// imports, so it is initialised before the packages that allocate those 4 MB.
package heap

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
)

// first is the memory limit, in bytes, at which the first collection begins.
const first = 32 << 20

// process is the heap of this process.
var process = begin(debug.SetGCPercent(-1), debug.SetMemoryLimit(first))

// heap has the settings of the garbage collector. It is safe for concurrent use.
type heap struct {
	mu sync.Mutex
	// waiting is set until the first collection. Until then percent does not apply, and
	// limit only if it is less than first.
	waiting bool
	percent int
	limit   int64
	// chosen says that the user has set GOGC.
	chosen bool
}

// begin delays the first collection, unless the user has set GOGC or GOMEMLIMIT. percent
// and limit are the settings from before.
func begin(percent int, limit int64) *heap {
	h := &heap{percent: percent, limit: limit, chosen: os.Getenv("GOGC") != ""}
	if h.chosen || limit != math.MaxInt64 {
		h.set()
		return h
	}
	h.waiting = true
	// Nothing refers to this mark, so the first collection finds it.
	runtime.SetFinalizer(&mark{}, func(*mark) { h.collected() })
	return h
}

// mark is too large to share a block of memory with other values, which could keep it
// alive.
type mark struct{ _ [64]byte }

func (h *heap) set() {
	debug.SetGCPercent(h.percent)
	debug.SetMemoryLimit(h.limit)
}

// change changes the settings by f. They apply at once or, before the first collection,
// with it.
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

// Grow lets the heap grow by so many percent between two collections, unless GOGC is set.
func Grow(percent int) {
	process.change(func() {
		if !process.chosen {
			process.percent = percent
		}
	})
}

// Limit sets the soft memory limit of the process, in bytes, unless GOMEMLIMIT or an
// earlier limit is less.
func Limit(bytes int64) {
	process.change(func() { process.limit = min(process.limit, bytes) })
}
