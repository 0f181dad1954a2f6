// Package format formats Jsonnet source in the style of jsonnetfmt and Tanka's tk fmt with
// their default options.
//
// The package neither finds nor writes files: a caller reads a file, formats it, and
// replaces it if the text has changed, as internal/swap does.
package format

import (
	"context"
	"errors"
	"strings"

	"github.com/google/go-jsonnet/ast"
	"github.com/google/go-jsonnet/formatter"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/pkg/diag"
)

// Source returns text formatted. The error is a [diag.Diagnostic] in the file called name,
// with a position if text is not Jsonnet. The formatter cannot be stopped, so Source
// refuses text whose nesting could overflow Go's stack, and text that takes more memory or
// time than the budget of ctx has. If ctx ends otherwise, the error is its cause.
func Source(ctx context.Context, name, text string) (string, error) {
	defer budget.Of(ctx).During(name + ":1")()
	out, err := within(ctx, name, text)
	var refused *jsonnet.SourceError
	switch {
	case err == nil:
		return out, nil
	case errors.As(err, &refused):
		return "", diagnose(name, refused)
	case budget.Of(ctx).Err() != nil:
		return "", budget.Of(ctx).Err()
	}
	if _, ok := diag.From(err); ok {
		return "", err
	}
	return "", diag.Diagnostic{At: diag.Position{File: name}, Problem: strings.TrimPrefix(err.Error(), name+": ")}
}

// within is source, within the budget of ctx.
func within(ctx context.Context, name, text string) (string, error) {
	if err := jsonnet.Check(ctx, name, text); err != nil {
		return "", err
	}
	var out string
	var wrong error
	if err := jsonnet.Away(ctx, name, text, func() { out, wrong = source(name, text) }); err != nil {
		return "", err
	}
	return out, wrong
}

// source formats text without a limit of time or memory.
func source(name, text string) (string, error) {
	out, err := formatter.Format(name, text, formatter.DefaultOptions())
	if err != nil {
		return "", diagnose(name, err)
	}
	if parses(out) {
		return out, nil
	}
	// The formatter of go-jsonnet 0.22 writes some field names without the brackets or
	// quotes that the grammar needs, as in { ['a']: x for x in xs }.
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
