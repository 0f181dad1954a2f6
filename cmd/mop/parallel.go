package main

import (
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/mop-platform/mop/pkg/pool"
)

// inParallel calls f with 0 to n-1, at most limit calls at a time, and shows how
// many of what are done where that takes long. The output of std.trace of
// several comes at the end.
func (a *app) inParallel(what string, limit, n int, f func(i int)) {
	if n > 1 {
		defer a.traces().hold()()
	}
	bar := a.progress(what)
	var mu sync.Mutex
	done := 0
	var g errgroup.Group
	g.SetLimit(limit)
	for i := range n {
		g.Go(func() error {
			f(i)
			mu.Lock()
			defer mu.Unlock()
			done++
			bar.Show(done, n)
			return nil
		})
	}
	_ = g.Wait()
	bar.Done()
}

// inParts runs jobs and their parts at the same time, as inParallel calls f.
func (a *app) inParts(what string, jobs []pool.Job) {
	defer a.traces().hold()()
	bar := a.progress(what)
	pool.Run(runtime.GOMAXPROCS(0), jobs, bar.Show)
	bar.Done()
}
