package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"strings"
	"sync"

	"github.com/mop-platform/mop/pkg/budget"
)

// batch reads objects of the repository through one process. It is safe for
// concurrent use.
type batch struct {
	ctx    context.Context
	cmd    *exec.Cmd
	stderr bytes.Buffer

	mu  sync.Mutex
	in  io.WriteCloser
	out *bufio.Reader
	// ended is why the process is no longer there, nil while it is.
	ended error
}

// errMissing is the answer for an object that is not there.
var errMissing = errors.New("missing from the repository")

// newBatch starts the process, which ends with ctx or when it is closed.
func newBatch(ctx context.Context, r *Repository) (*batch, error) {
	b := &batch{ctx: ctx, cmd: r.command(ctx, "cat-file", "--batch")}
	b.cmd.Stderr = &b.stderr
	in, err := b.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := b.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := b.cmd.Start(); err != nil {
		return nil, err
	}
	b.in, b.out = in, bufio.NewReader(out)
	return b, nil
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
	if b.ctx.Err() != nil {
		err = b.ctx.Err()
	}
	b.ended = err
	return nil, err
}

// request asks for an object. The protocol is in git-cat-file(1), "BATCH
// OUTPUT".
func (b *batch) request(id string) ([]byte, error) {
	if err := b.ctx.Err(); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(b.in, id+"\n"); err != nil {
		return nil, err
	}
	header, err := b.out.ReadString('\n')
	if err != nil {
		return nil, err
	}
	if header == id+" missing\n" {
		return nil, errMissing
	}
	var size int
	if _, err := fmt.Sscanf(header, id+" blob %d\n", &size); err != nil {
		return nil, fmt.Errorf("want a blob, got %q", header)
	}
	if err := budget.Of(b.ctx).Reserve(uint64(size)); err != nil {
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

// end waits for the process, which stops where its input does.
func (b *batch) end() error {
	b.in.Close()
	err := b.cmd.Wait()
	if err == nil || b.ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("%w: %s", err, strings.TrimSpace(b.stderr.String()))
}
