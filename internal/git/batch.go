package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/program"
)

// batch reads objects of the repository through one process. It is safe for
// concurrent use.
type batch struct {
	ctx     context.Context
	process *program.Process

	mu  sync.Mutex
	out *bufio.Reader
	// ended is the reason why the process has ended, nil while it runs.
	ended error
}

// errMissing is the answer for an object that is not there.
var errMissing = errors.New("missing from the repository")

// newBatch starts the process, which ends with ctx or when it is closed.
func newBatch(ctx context.Context, r *Repository) (*batch, error) {
	p, err := r.command("cat-file", "--batch").Start(ctx)
	if err != nil {
		return nil, err
	}
	return &batch{ctx: ctx, process: p, out: bufio.NewReader(p.Out)}, nil
}

// blob returns the contents of the object id.
func (b *batch) blob(id string) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended != nil {
		return nil, b.ended
	}
	data, err := b.request(id)
	switch {
	case err == nil:
		return data, nil
	case errors.Is(err, errMissing), errors.As(err, new(*budget.Exceeded)):
		return nil, fmt.Errorf("object %s: %w", id, err)
	}
	// The next answer could be the rest of this one.
	err = fmt.Errorf("git cat-file: object %s: %w", id, errors.Join(err, b.end()))
	if budget.Of(b.ctx).Err() != nil {
		err = budget.Of(b.ctx).Err()
	}
	b.ended = err
	return nil, err
}

// request asks for an object. The protocol is in git-cat-file(1), "BATCH
// OUTPUT".
func (b *batch) request(id string) ([]byte, error) {
	if err := budget.Of(b.ctx).Err(); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(b.process.In, id+"\n"); err != nil {
		return nil, err
	}
	line, err := b.out.ReadSlice('\n')
	header := string(line)
	if err != nil {
		return nil, err
	}
	if header == id+" missing\n" {
		return nil, errMissing
	}
	var size uint64
	if _, err := fmt.Sscanf(header, id+" blob %d\n", &size); err != nil {
		return nil, fmt.Errorf("want a blob, got %q", header)
	}
	if err := budget.Of(b.ctx).Reserve(size); err != nil {
		_, failed := io.CopyN(io.Discard, b.out, int64(size)+1)
		return nil, errors.Join(err, failed)
	}
	data := make([]byte, size+1) // a newline follows the contents
	if _, err := io.ReadFull(b.out, data); err != nil {
		return nil, err
	}
	return data[:size:size], nil
}

// Close ends the process. Closing again does nothing.
func (b *batch) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended != nil {
		return nil
	}
	b.ended = fs.ErrClosed
	return b.end()
}

// end waits for the process, which ends with its input.
func (b *batch) end() error {
	err := b.process.Wait()
	var failed *program.ExitError
	switch {
	case budget.Of(b.ctx).Err() != nil:
		return nil
	case errors.As(err, &failed):
		return fmt.Errorf("%w: %s", failed, strings.TrimSpace(string(failed.Stderr)))
	}
	return err
}
