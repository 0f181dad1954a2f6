package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/source"
	"github.com/mop-platform/mop/internal/workspace"
)

// sourceFlags are the flags of commands that work on Jsonnet files.
type sourceFlags struct {
	exclude []string
}

func (f *sourceFlags) add(flags *pflag.FlagSet) {
	separatedVar(flags, &f.exclude, "exclude", "e", []string{"**/.*", "**/vendor/**", "**/vendor-jsonnet/**"},
		"pass over what matches `GLOB`, in the place of the default; ** is any number of directories, and a GLOB without a slash matches names anywhere")
}

// pick returns the choice of files by the flags. With inside it skips links that lead out
// of a directory.
func (f *sourceFlags) pick(inside bool) (source.Pick, error) {
	for _, pattern := range f.exclude {
		if !source.IsGlob(pattern) {
			return source.Pick{}, wrongCall(fmt.Sprintf("--exclude: %q is no glob", pattern), "")
		}
	}
	return source.Pick{Exclude: f.exclude, Inside: inside}, nil
}

type fmtOptions struct {
	sources               sourceFlags
	stdout, test, verbose bool
}

func newFmtCommand(a *app) *cobra.Command {
	var o fmtOptions
	cmd := command("fmt FILE|DIR|-...", "Format Jsonnet files", "fmt", nil,
		func(cmd *cobra.Command, args []string) error {
			return runFmt(cmd.Context(), a, cmd.InOrStdin(), args, o)
		})
	o.sources.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.stdout, "stdout", false, "print the formatted files, each after a line // FILE, instead of writing them")
	cmd.Flags().BoolVarP(&o.test, "test", "t", false, "write nothing, list the files that would change, and exit with status 1 if there are any")
	cmd.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "tell of each file whether its style was right (ok) or not (fmt), on standard error")
	return cmd
}

func runFmt(ctx context.Context, a *app, stdin io.Reader, args []string, o fmtOptions) error {
	switch {
	case len(args) == 0:
		return wrongCall("fmt: want a file, a directory or -, got no argument", "for example: mop fmt .")
	case o.stdout && o.test:
		return wrongCall("fmt: --stdout and --test exclude each other", "")
	case len(args) == 1 && args[0] == "-":
		return formatStream(ctx, a, stdin, o)
	}
	p, err := o.sources.pick(true)
	if err != nil {
		return err
	}
	w := workspace.New(a.settings())
	files, err := source.Files(ctx, w, args, p)
	if err != nil {
		return err
	}
	var out strings.Builder
	changed := false
	broken, err := source.Format(ctx, w, files, !o.stdout && !o.test, func(f source.Formatted) {
		changed = changed || !f.Same
		if o.verbose {
			fmt.Fprintf(a.stderr, "%-3s %s\n", map[bool]string{true: "ok", false: "fmt"}[f.Same], cell(f.File))
		}
		switch {
		case o.stdout:
			fmt.Fprintf(&out, "// %s\n%s", cell(f.File), f.Text)
		case o.test && !f.Same:
			fmt.Fprintln(&out, cell(f.File))
		}
	})
	if err != nil {
		return err
	}
	if o.test || broken.Err() == nil {
		to := a.stdout
		if o.stdout {
			to = a.product
		}
		if _, err := io.WriteString(to, out.String()); err != nil {
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
	f, err := source.FormatStream(ctx, stdin, inputs.Stdin)
	switch {
	case err != nil:
		return err
	case !o.test:
		_, err = io.WriteString(a.product, f.Text)
		return err
	case f.Same:
		return nil
	}
	if _, err := fmt.Fprintln(a.stdout, f.File); err != nil {
		return err
	}
	return errFindings
}
