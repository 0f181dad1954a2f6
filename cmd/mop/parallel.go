package main

import "golang.org/x/sync/errgroup"

// inParallel calls f with 0 to n-1, at most limit calls at a time.
func inParallel(limit, n int, f func(i int)) {
	var g errgroup.Group
	g.SetLimit(limit)
	for i := range n {
		g.Go(func() error {
			f(i)
			return nil
		})
	}
	_ = g.Wait()
}
