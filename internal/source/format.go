// Package source finds the Jsonnet files that arguments name, and formats or lints them.
package source

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/format"
	"github.com/mop-platform/mop/internal/swap"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// Formatted is the formatted text of a file.
type Formatted struct {
	File, Text string
	// Same says that the file had this style already.
	Same bool
}

// Format formats files and calls tell with each. With write it writes those that change. It
// does not change a file that cannot be read or is no Jsonnet, and reports it in broken.
func Format(ctx context.Context, w *workspace.Workspace, files []string, write bool, tell func(Formatted)) (broken diag.List, err error) {
	for _, file := range files {
		text, err := budget.ReadFile(ctx, w.Abs(file))
		if ended := budget.Of(ctx).Err(); ended != nil {
			if !errors.As(ended, new(*budget.Exceeded)) {
				return nil, ended
			}
			if broken.Err() == nil {
				broken = append(broken, workspace.Unreadable(file, ended))
			}
			// broken says where the budget was spent.
			break
		}
		if err != nil {
			broken = append(broken, workspace.Unreadable(file, err))
			continue
		}
		formatted, err := format.Source(ctx, file, string(text))
		if l, ok := diag.From(err); ok {
			broken = append(broken, l...)
			continue
		}
		if err != nil {
			return nil, err
		}
		f := Formatted{file, formatted, formatted == string(text)}
		tell(f)
		switch {
		case !write:
		case f.Same:
			err = swap.Clean(w.Abs(file))
		default:
			err = swap.Write(ctx, w.Abs(file), []byte(formatted))
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return broken, nil
}

// FormatStream formats the text of r. name is its name in messages.
func FormatStream(ctx context.Context, r io.Reader, name string) (Formatted, error) {
	text, err := budget.Read(ctx, r)
	if errors.As(err, new(*budget.Exceeded)) {
		return Formatted{}, workspace.Unreadable(name, err)
	}
	if err != nil {
		return Formatted{}, fmt.Errorf("standard input: %w", err)
	}
	formatted, err := format.Source(ctx, name, string(text))
	return Formatted{name, formatted, formatted == string(text)}, err
}
