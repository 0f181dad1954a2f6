package main

import (
	"context"
	"io"
	"os"

	"github.com/mop-platform/mop/pkg/budget"
)

// readFile returns what is in a file, within the budget of ctx.
func readFile(ctx context.Context, name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return budget.Read(ctx, f)
}

// input is standard input, whose end a command need not wait for once its
// context has ended.
type input struct {
	ctx  context.Context
	from io.Reader
}

func (i *input) Read(p []byte) (int, error) {
	type outcome struct {
		n   int
		err error
	}
	// The reader may write into its buffer long after this call.
	buffer := make([]byte, len(p))
	done := make(chan outcome, 1)
	go func() {
		n, err := i.from.Read(buffer)
		done <- outcome{n, err}
	}()
	select {
	case o := <-done:
		return copy(p, buffer[:o.n]), o.err
	case <-i.ctx.Done():
		return 0, budget.Of(i.ctx).Err()
	}
}
