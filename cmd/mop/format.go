package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/format"
	"github.com/mop-platform/mop/pkg/swap"
)

type fmtOptions struct {
	sources               sourceFlags
	stdout, test, verbose bool
}

func newFmtCommand(a *app) *cobra.Command {
	o := fmtOptions{sources: sourceFlags{inside: true}}
	cmd := &cobra.Command{
		Use:   "fmt FILE|DIR|-...",
		Short: "Format Jsonnet files",
		Long:  help("fmt"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runFmt(cmd.Context(), a, cmd.InOrStdin(), args, o)
		},
	}
	o.sources.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.stdout, "stdout", false, "print the formatted files, each after a line // FILE, instead of writing them")
	cmd.Flags().BoolVarP(&o.test, "test", "t", false, "write nothing, list the files that would change, and exit with status 1 if there are any")
	cmd.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "tell of each file whether its style was right (ok) or not (fmt), on standard error")
	return cmd
}

func runFmt(ctx context.Context, a *app, stdin io.Reader, args []string, o fmtOptions) error {
	switch {
	case len(args) == 0:
		return usageError{"fmt: want a file, a directory or -, got no argument", "for example: mop fmt ."}
	case o.stdout && o.test:
		return usageError{"fmt: --stdout and --test exclude each other", ""}
	case len(args) == 1 && args[0] == "-":
		return formatStream(ctx, a, stdin, o)
	}
	files, err := a.sources(ctx, args, &o.sources)
	if err != nil {
		return err
	}
	var out strings.Builder
	var broken diag.List
	changed := false
	for _, file := range files {
		text, err := budget.ReadFile(ctx, a.abs(file))
		if ended := budget.Of(ctx).Err(); ended != nil {
			if !errors.As(ended, new(*budget.Exceeded)) {
				return ended
			}
			if broken.Err() == nil {
				broken = append(broken, workspace.Unreadable(file, ended))
			}
			// What is broken tells where the budget was spent.
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
			return err
		}
		same := formatted == string(text)
		changed = changed || !same
		if o.verbose {
			fmt.Fprintf(a.stderr, "%-3s %s\n", map[bool]string{true: "ok", false: "fmt"}[same], cell(file))
		}
		switch {
		case o.stdout:
			fmt.Fprintf(&out, "// %s\n%s", cell(file), formatted)
		case same && o.test:
		case same:
			if err := swap.Clean(a.abs(file)); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		case o.test:
			fmt.Fprintln(&out, cell(file))
		default:
			if err := swap.Write(ctx, a.abs(file), []byte(formatted)); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	if o.test || broken.Err() == nil {
		w := a.stdout
		if o.stdout {
			w = a.product
		}
		if _, err := io.WriteString(w, out.String()); err != nil {
			return err
		}
	}
	if err := broken.Err(); err != nil {
		return err
	}
	if o.test && changed {
		return errFindings
	}
	return nil
}

// formatStream formats standard input.
func formatStream(ctx context.Context, a *app, stdin io.Reader, o fmtOptions) error {
	const name = inputs.Stdin
	text, err := budget.Read(ctx, stdin)
	if errors.As(err, new(*budget.Exceeded)) {
		return workspace.Unreadable(name, err)
	}
	if err != nil {
		return fmt.Errorf("standard input: %w", err)
	}
	formatted, err := format.Source(ctx, name, string(text))
	if err != nil {
		return err
	}
	if !o.test {
		_, err = io.WriteString(a.product, formatted)
		return err
	}
	if formatted == string(text) {
		return nil
	}
	if _, err := fmt.Fprintln(a.stdout, name); err != nil {
		return err
	}
	return errFindings
}
