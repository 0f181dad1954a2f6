// Package stream wraps the input and output of a command. Reading ends with the command,
// output counts against its budget, and a terminal shows a progress bar.
package stream

import (
	"context"
	"io"
	"os"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/intake"
	"github.com/mop-platform/mop/pkg/diag"
)

// Open opens a file of any kind that the user names. Opening or reading a pipe waits for a
// writer. Both end with ctx; opening ends with a [intake.Interrupted].
func Open(ctx context.Context, name string) (io.ReadCloser, error) {
	var f *os.File
	var err error
	if ended := budget.Away(ctx, func() { f, err = os.Open(name) }); ended != nil {
		return nil, &intake.Interrupted{At: diag.Position{File: name, Line: 1}, Err: ended}
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
	}{Until(ctx, f), f}, nil
}

// Until returns a reader of from, such as standard input. Its Read returns as soon as ctx
// has ended.
func Until(ctx context.Context, from io.Reader) io.Reader { return &input{ctx, from} }

type input struct {
	ctx  context.Context
	from io.Reader
}

func (i *input) Read(p []byte) (int, error) {
	type outcome struct {
		n   int
		err error
	}
	// The reader may write into its buffer long after this call has returned.
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
