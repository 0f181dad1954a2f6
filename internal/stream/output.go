package stream

import (
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/mop-platform/mop/internal/budget"
)

// Counted returns a writer to w that counts all bytes against a budget.
func Counted(w io.Writer, b *budget.Budget) io.Writer { return counted{w, b} }

type counted struct {
	io.Writer
	budget *budget.Budget
}

func (c counted) Write(p []byte) (int, error) {
	if err := c.budget.Wrote(len(p)); errors.As(err, new(*budget.Exceeded)) {
		return 0, err
	}
	return c.Writer.Write(p)
}

// Pipe returns a writer to a stream of the process that may lead to another process. The
// writer calls broken if that process no longer reads.
func Pipe(f *os.File, broken func()) io.Writer { return &pipe{f, broken} }

type pipe struct {
	*os.File
	broken func()
}

func (p *pipe) Write(b []byte) (int, error) {
	n, err := p.File.Write(b)
	if errors.Is(err, syscall.EPIPE) {
		p.broken()
	}
	return n, err
}
