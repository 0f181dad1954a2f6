package pool

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Group runs functions in goroutines of their own, like an [errgroup.Group]. A function
// that panics does not end the process: [Group.Wait] panics in the goroutine of the caller,
// who may recover. Make one with [NewGroup].
type Group struct {
	group  *errgroup.Group
	once   sync.Once
	caught *Panic
}

// Panic is the value with which [Group.Wait] panics.
type Panic struct {
	// Value is the value of the function's panic, and Stack is its stack.
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("%v\n\n%s", p.Value, p.Stack) }

// Unwrap returns the value of the panic, if that is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// NewGroup returns a Group and a context that ends when a function fails or panics, or when
// Wait returns.
func NewGroup(ctx context.Context) (*Group, context.Context) {
	group, ctx := errgroup.WithContext(ctx)
	return &Group{group: group}, ctx
}

// SetLimit limits the number of functions that run at a time. It must be called before
// [Group.Go].
func (g *Group) SetLimit(n int) { g.group.SetLimit(n) }

// Go calls f in a goroutine of its own, when the limit allows.
func (g *Group) Go(f func() error) {
	g.group.Go(func() (err error) {
		defer func() {
			if value := recover(); value != nil {
				p := &Panic{value, debug.Stack()}
				g.once.Do(func() { g.caught = p })
				err = p
			}
		}()
		return f()
	})
}

// Wait waits for all functions. It returns the first error.
func (g *Group) Wait() error {
	err := g.group.Wait()
	if g.caught != nil {
		panic(g.caught)
	}
	return err
}
