package jsonnet

import (
	"context"
	"fmt"
	"path"
	"slices"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/pkg/diag"
)

// failed returns the error of an evaluation of the named file as that of a VM.
func failed(ctx context.Context, file string, err error) error {
	if ended := budget.Ended(ctx); ended != nil {
		return fmt.Errorf("%s: %w", file, ended)
	}
	l, ok := diag.From(err)
	if !ok {
		return fmt.Errorf("%s: %w", file, err)
	}
	l = slices.Clone(l)
	for i := range l {
		l[i] = placed(l[i], file)
	}
	limit := eval.Limit(err)
	if _, single := err.(*diag.List); single {
		err = l.Err()
	} else {
		// The chain has more than the diagnostics.
		err = &chained{l.Err(), err}
	}
	if limit != "" {
		return &LimitError{Limit: limit, Err: err}
	}
	return err
}

// chained is the error shown with the chain of cause too.
type chained struct{ shown, cause error }

func (c *chained) Error() string { return c.shown.Error() }

func (c *chained) Unwrap() []error { return []error{c.shown, c.cause} }

// placed returns a diagnostic with a place, instead of a subject that is the named file.
func placed(d diag.Diagnostic, file string) diag.Diagnostic {
	if d.At == (diag.Position{}) && len(d.Origins) > 0 {
		d.At, d.Origins = d.Origins[0], d.Origins[1:]
	}
	if d.At == (diag.Position{}) {
		d.At.File = file
	}
	if d.Subject == file || d.Subject == path.Dir(file) {
		d.Subject = ""
	}
	return d
}
