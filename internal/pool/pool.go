// Package pool shares work among goroutines: jobs, and the parts of jobs.
//
// A free goroutine opens the next job and does its parts. If no job is left, it helps
// another with the remaining parts. So a single job with many parts keeps all goroutines
// busy, and many jobs do not hinder each other.
package pool

import (
	"context"
	"sync"
)

// Job opens a piece of work. It returns the number of its parts and a function worker. Each
// goroutine that does some of the parts calls worker once, and calls the function that
// worker returns for each of these parts. first is set in the goroutine that opened the
// job.
type Job func() (parts int, worker func(first bool) func(part int))

// Run does all parts of jobs, each once, in up to limit goroutines, and returns when they
// are done. limit must be positive. Run calls progress, unless it is nil, after each part
// and each job without parts, with the number of parts that are done and the known total: a
// job that is not open counts as one part. Calls of progress do not overlap. If a function
// panics, the others end soon and Run panics with a [*Panic].
func Run(limit int, jobs []Job, progress func(done, total int)) {
	p := pool{waiting: jobs, total: len(jobs), progress: progress}
	p.changed.L = &p.mu
	workers, _ := NewGroup(context.Background())
	for range limit {
		workers.Go(func() error {
			p.work()
			return nil
		})
	}
	_ = workers.Wait()
}

// Each calls f with 0 to n-1, each once, in up to limit goroutines, and returns when the
// calls are done. progress is that of [Run].
func Each(limit, n int, f func(i int), progress func(done, total int)) {
	worker := func(bool) func(int) { return f }
	Run(limit, []Job{func() (int, func(bool) func(int)) { return n, worker }}, progress)
}

type pool struct {
	progress func(done, total int)

	mu sync.Mutex
	// changed is signalled when a job was opened.
	changed sync.Cond
	waiting []Job
	// opening is the number of jobs that are being opened. open are the jobs with parts
	// that nobody has taken yet.
	opening     int
	open        []*opened
	done, total int
	// panicked is set when a job has panicked.
	panicked bool
}

// opened is a job whose parts are known.
type opened struct {
	next, parts int
	worker      func(first bool) func(part int)
}

// work does parts of jobs until nothing is left.
func (p *pool) work() {
	p.mu.Lock()
	defer p.mu.Unlock()
	done := false
	defer func() {
		if !done {
			// A panic of a job: nobody must wait for it.
			p.panicked = true
			p.changed.Broadcast()
		}
	}()
	for {
		switch {
		case p.panicked:
			done = true
			return
		case len(p.waiting) > 0:
			p.do(p.begin(), true)
		case len(p.open) > 0:
			p.do(p.open[0], false)
		case p.opening > 0:
			p.changed.Wait()
		default:
			done = true
			return
		}
	}
}

// begin opens the next job.
func (p *pool) begin() *opened {
	job := p.waiting[0]
	p.waiting = p.waiting[1:]
	p.opening++
	o := &opened{}
	p.unlocked(func() { o.parts, o.worker = job() })
	p.opening--
	p.total += o.parts - 1
	if o.parts > 0 {
		p.open = append(p.open, o)
	} else {
		p.tell()
	}
	p.changed.Broadcast()
	return o
}

// do does parts of a job until all of them are taken.
func (p *pool) do(o *opened, first bool) {
	if o.next == o.parts {
		return
	}
	// A part is taken first: without one the worker would be made for nothing.
	part := p.take(o)
	var worker func(part int)
	p.unlocked(func() { worker = o.worker(first) })
	for {
		p.unlocked(func() { worker(part) })
		p.done++
		p.tell()
		if o.next == o.parts || p.panicked {
			return
		}
		part = p.take(o)
	}
}

// take returns the next part of a job.
func (p *pool) take(o *opened) int {
	o.next++
	if o.next == o.parts {
		for i := range p.open {
			if p.open[i] == o {
				p.open = append(p.open[:i], p.open[i+1:]...)
				break
			}
		}
	}
	return o.next - 1
}

// unlocked calls f without the lock.
func (p *pool) unlocked(f func()) {
	p.mu.Unlock()
	defer p.mu.Lock()
	f()
}

func (p *pool) tell() {
	if p.progress != nil {
		p.progress(p.done, p.total)
	}
}
