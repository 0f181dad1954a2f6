package main

import (
	"context"
	"io"
	"os"

	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
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

// openNamed opens a file of any kind that the user names. Who opens a pipe, or reads
// one, waits for who writes to it; both end with ctx, the first with a
// [manifest.Interrupted].
func openNamed(ctx context.Context, name string) (io.ReadCloser, error) {
	var f *os.File
	var err error
	if ended := budget.Away(ctx, func() { f, err = os.Open(name) }); ended != nil {
		return nil, &manifest.Interrupted{At: diag.Position{File: name, Line: 1}, Err: ended}
	}
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && (info.Mode().IsRegular() || info.IsDir()) {
		return f, nil
	}
	return struct {
		io.Reader
		io.Closer
	}{&input{ctx, f}, f}, nil
}

// input is what a command reads and need not wait for once its context has ended,
// such as standard input.
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
