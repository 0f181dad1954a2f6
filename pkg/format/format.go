// Package format brings Jsonnet source into the one style that jsonnetfmt and
// Tanka's tk fmt give it with their default options.
//
// [Source] formats a text; [Replace] puts a text in the place of a file. The
// package finds no files and decides nothing about them: a caller reads a
// file, formats it, and replaces it where the two differ.
package format

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-jsonnet/ast"
	"github.com/google/go-jsonnet/formatter"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/jsonnet"
)

// Source returns text formatted. The error is a [diag.Diagnostic] in the file
// called name, at a position if text is not Jsonnet. Text that is nested so deeply
// that the formatter could overflow Go's stack is refused.
func Source(name, text string) (string, error) {
	if err := jsonnet.CheckNesting(text); err != nil {
		return "", diag.Diagnostic{At: diag.Position{File: name}, Problem: err.Error()}
	}
	out, err := formatter.Format(name, text, formatter.DefaultOptions())
	if err != nil {
		return "", diagnose(name, err)
	}
	if parses(out) {
		return out, nil
	}
	// The formatter of go-jsonnet 0.22 writes some field names without their
	// brackets or quotes where the grammar needs them, as in { ['a']: x for x in xs }.
	options := formatter.DefaultOptions()
	options.PrettyFieldNames = false
	out, err = formatter.Format(name, text, options)
	if err != nil || !parses(out) {
		return "", diag.Diagnostic{
			At: diag.Position{File: name}, Problem: "cannot be formatted: the result would be no Jsonnet",
		}
	}
	return out, nil
}

func parses(text string) bool {
	_, _, err := formatter.SnippetToRawAST("", text)
	return err == nil
}

// diagnose describes an error of go-jsonnet's parser, whose type is internal.
func diagnose(name string, err error) diag.Diagnostic {
	d := diag.Diagnostic{At: diag.Position{File: name}, Problem: err.Error()}
	if static, ok := err.(interface{ Loc() ast.LocationRange }); ok {
		loc := static.Loc()
		d.At.Line, d.At.Column = loc.Begin.Line, loc.Begin.Column
		d.Problem = strings.TrimSpace(strings.TrimPrefix(d.Problem, loc.String()))
	}
	return d
}

// RemoveDrafts removes what a [Replace] of the file at path that was killed has
// left beside it. There must be no other at work.
func RemoveDrafts(path string) error {
	dir, base := filepath.Dir(path), filepath.Base(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), draftPrefix(base))
		if !ok || number == "" || strings.Trim(number, "0123456789") != "" {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// draftPrefix is what the names of a file's drafts begin with; a number follows.
func draftPrefix(base string) string { return "." + base + "." }

// Replace makes text the contents of the file at path, which must exist. At
// every moment the file holds all of the old or all of the new contents. Its
// permissions stay; of a symbolic link the target is replaced.
func Replace(path, text string) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), draftPrefix(filepath.Base(path))+"*")
	if err != nil {
		return err
	}
	// After the rename nothing of that name is left.
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(text)
	if err == nil {
		err = tmp.Chmod(info.Mode().Perm())
	}
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
