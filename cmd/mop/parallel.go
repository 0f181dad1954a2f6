package main

import (
	"github.com/mop-platform/mop/internal/pool"
	"github.com/mop-platform/mop/internal/stream"
)

// traces returns the receiver of the output of std.trace.
func (a *app) traces() *stream.Traces {
	if a.traced == nil {
		a.traced = stream.NewTraces(a.stderr)
	}
	return a.traced
}

// atWork begins work on several things named what. show shows how many of them are done, if
// the work takes long, and done ends the work. Until then the output of std.trace is held
// back.
func (a *app) atWork(what string) (show func(done, total int), done func()) {
	bar, release := a.progress(what), a.traces().Hold()
	return bar.Show, func() {
		release()
		bar.Done()
	}
}

// inParallel calls f with 0 to n-1, at most limit calls at a time, and waits for them.
func (a *app) inParallel(what string, limit, n int, f func(i int)) {
	if n == 1 {
		f(0)
		return
	}
	show, done := a.atWork(what)
	defer done()
	pool.Each(limit, n, f, show)
}
