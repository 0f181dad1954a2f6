// Package format brings Jsonnet source into the one style that jsonnetfmt and
// Tanka's tk fmt give it with their default options.
//
// The package finds no files and writes none: a caller reads a file, formats it,
// and replaces it where the two differ, as pkg/swap does.
package format

import (
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
