package jsonnet

import (
	"sync"
	"sync/atomic"
	"time"
)

// Profile records the time of the evaluations of its Cache, any number of them, also at the
// same time.
//
//	profile := jsonnet.NewProfile()
//	result, err := profile.Cache().Eval(ctx, input)
//	...
//	err = profile.Report(nil).Write(file)
//
// About once a millisecond, each evaluation records the functions that are running, with
// the time since its last record. Only the code of this Cache is compiled for that, so
// other Caches lose no time. Time is wall-clock time, and includes time in which the
// processor does something else. A Profile is safe for concurrent use.
type Profile struct {
	cache *Cache
	// now is the time since some moment.
	now func() time.Duration
	// ticks counts the milliseconds in which evaluations run.
	ticks atomic.Uint64

	mu sync.Mutex
	// running is the number of evaluations that run now. Closing stop ends the counting of
	// ticks.
	running     int
	stop        chan struct{}
	evaluations int
	functions   map[functionKey]*profiledFunction
	calls       []int64
	root        *stack
}

// profilePeriod is the time between two samples of an evaluation.
const profilePeriod = time.Millisecond

// NewProfile returns an empty Profile with an empty Cache.
func NewProfile() *Profile {
	start := time.Now()
	return newProfile(func() time.Duration { return time.Since(start) })
}

func newProfile(now func() time.Duration) *Profile {
	p := &Profile{now: now, functions: map[functionKey]*profiledFunction{}, root: &stack{}}
	p.cache = newCache(p, DefaultCache)
	return p
}

// Cache returns the Cache whose evaluations are recorded.
func (p *Profile) Cache() *Cache { return p.cache }

// functionKey identifies a function. A function of std has the file "<std>" and line 0. A
// phase of the evaluator that concerns no file has the file "" and line 0.
type functionKey struct {
	file string
	line int
	name string
}

// profiledFunction is a function, or a field or local outside of functions.
type profiledFunction struct {
	functionKey
	// id counts the functions of a Profile.
	id int
}

// function returns the only function with a key.
func (p *Profile) function(file string, line int, name string) *profiledFunction {
	key := functionKey{file, line, name}
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.functions[key]
	if f == nil {
		f = &profiledFunction{key, len(p.functions)}
		p.functions[key] = f
	}
	return f
}

// stack is a stack of calls; inner has the stacks with one more place.
type stack struct {
	inner map[profiledPlace]*stack
	// time is the time spent while this was the whole stack.
	time    time.Duration
	samples int64
}

// profiledPlace is a line of a function.
type profiledPlace struct {
	function *profiledFunction
	line     int
}

// add records that a stack, with the outermost place first, ran for some time.
func (p *Profile) add(places []profiledPlace, elapsed time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.root
	for _, at := range places {
		inner := s.inner[at]
		if inner == nil {
			if s.inner == nil {
				s.inner = map[profiledPlace]*stack{}
			}
			inner = &stack{}
			s.inner[at] = inner
		}
		s = inner
	}
	s.time += elapsed
	s.samples++
}

// begin notes that an evaluation runs, and starts the ticks for the first one.
func (p *Profile) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running++
	if p.running > 1 {
		return
	}
	stop := make(chan struct{})
	p.stop = stop
	go func() {
		ticker := time.NewTicker(profilePeriod)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				p.ticks.Add(1)
			case <-stop:
				return
			}
		}
	}()
}

// end notes that an evaluation does not run any more, and adds its calls.
func (p *Profile) end(calls []int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running--; p.running == 0 {
		close(p.stop)
	}
	if n := len(calls) - len(p.calls); n > 0 {
		p.calls = append(p.calls, make([]int64, n)...)
	}
	for i, n := range calls {
		p.calls[i] += n
	}
}
