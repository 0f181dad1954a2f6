// Package timing records how a command's evaluations spend their time. It writes a file for
// pprof and a table for people.
package timing

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/swap"
)

// Recording is a profile that is being recorded.
type Recording struct {
	profile *jsonnet.Profile
	path    string
	// special is the open file if it cannot be replaced, such as a pipe; else nil.
	special *os.File
	start   time.Time
}

// Start begins a recording for the file at path. It fails if the file cannot be written, so
// that the user learns it before the work.
func Start(path string) (*Recording, error) {
	r := &Recording{profile: jsonnet.NewProfile(), path: path, start: time.Now()}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		r.special, err = os.OpenFile(path, os.O_WRONLY, 0)
		return r, unnamed(err)
	}
	return r, unnamed(swap.Check(path))
}

// Profile returns the profile for evaluations.
func (r *Recording) Profile() *jsonnet.Profile { return r.profile }

// Save writes the file. path translates the names of files in it. Even if the process is
// killed, the file has the old profile or the new one.
func (r *Recording) Save(ctx context.Context, path func(string) string) (Times, error) {
	times := Times{report: r.profile.Report(path)}
	var b bytes.Buffer
	if err := times.report.Write(&b); err != nil {
		return Times{}, err
	}
	if r.special == nil {
		if err := swap.Write(ctx, r.path, b.Bytes()); err != nil {
			return Times{}, unnamed(err)
		}
	} else {
		_, err := r.special.Write(b.Bytes())
		if err = errors.Join(err, r.special.Close()); err != nil {
			return Times{}, unnamed(err)
		}
	}
	times.took = time.Since(r.start)
	return times, nil
}

// Times are the times of a recording that has ended.
type Times struct {
	report *jsonnet.Report
	// took is the time of the whole command.
	took time.Duration
}

// None reports whether nothing was evaluated.
func (t Times) None() bool { return t.report.Evaluations == 0 }

// Write writes the table.
func (t Times) Write(w io.Writer) error { return writeTable(w, t.report, t.took) }

// unnamed returns an error without the name of the file.
func unnamed(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
