package check

import (
	"context"
	"runtime"
)

// inOrder calls f with batches of the values of in, on all processors, and returns the
// results of the batches in the order of in. A batch has up to most values that are ready
// at the same time; inOrder does not wait for more. It ends with ctx.
func inOrder[A, B any](ctx context.Context, in <-chan A, most int, f func([]A) B) <-chan B {
	type task struct {
		batch []A
		done  chan B
	}
	workers := runtime.GOMAXPROCS(0)
	tasks, queue, out := make(chan task), make(chan chan B, 2*workers), make(chan B)
	for range workers {
		go func() {
			for t := range tasks {
				t.done <- f(t.batch)
			}
		}()
	}
	go func() {
		defer close(tasks)
		defer close(queue)
		for first := range in {
			t := task{[]A{first}, make(chan B, 1)}
			for more := true; more && len(t.batch) < most; {
				select {
				case next, ok := <-in:
					if more = ok; ok {
						t.batch = append(t.batch, next)
					}
				default:
					more = false
				}
			}
			select {
			case queue <- t.done:
			case <-ctx.Done():
				return
			}
			tasks <- t
		}
	}()
	go func() {
		defer close(out)
		for done := range queue {
			b := <-done
			select {
			case out <- b:
				continue
			default:
			}
			select {
			case out <- b:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
