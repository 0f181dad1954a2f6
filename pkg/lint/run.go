package lint

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"path"
	"strings"

	"github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/eval"
	mopjsonnet "github.com/mop-platform/mop/pkg/jsonnet"
)

// standard is the standard library as the linter is to see it.
//
//go:embed std.libsonnet
var standard string

const (
	standardPath = "<standard library>"
	// prelude stands before the first line of every file that the linter sees.
	prelude = "local std = import '" + standardPath + "'; "
)

// run is one run of the linter. To the linter it is the importer, and the
// formatter of errors: that sees each finding as a value.
type run struct {
	ctx      context.Context
	file     string
	resolver *eval.Resolver
	imported map[string]imported
	// failed are the imports that did, by the text that the linter keeps of each.
	failed map[string]diag.Diagnostic
	found  diag.List
	// estimate returns what a text takes to be parsed.
	estimate func(text string) mopjsonnet.Estimate
	// refused is why a file that was imported is not parsed.
	refused error
}

// imported is a file as it is and as the linter sees it.
type imported struct {
	text     string
	contents jsonnet.Contents
}

// alias is the name under which the linter sees the linted file, other than
// that under which it can be imported.
func (r *run) alias() string { return "./" + r.file }

// Import implements jsonnet.Importer.
func (r *run) Import(importedFrom, importedPath string) (jsonnet.Contents, string, error) {
	if importedPath == standardPath {
		return r.contents(standardPath, standard, standard), standardPath, nil
	}
	if importedFrom == r.alias() {
		importedFrom = r.file
	}
	data, name, err := r.resolver.Import(importedFrom, importedPath)
	if err != nil {
		var d diag.Diagnostic
		if errors.As(err, &d) {
			r.failed[d.Error()] = d
		}
		return jsonnet.Contents{}, "", err
	}
	switch path.Ext(name) {
	case ".jsonnet", ".libsonnet", ".json":
		if err := r.estimate(string(data)).Check(r.ctx, name); err != nil {
			r.refused = cmp.Or(r.refused, err)
			return jsonnet.Contents{}, "", err
		}
	}
	return r.contents(name, string(data), prelude+string(data)), name, nil
}

// contents returns equal contents for equal names, as the interpreter demands.
func (r *run) contents(name, text, shown string) jsonnet.Contents {
	f, ok := r.imported[name]
	if !ok {
		f = imported{text: text, contents: jsonnet.MakeContents(shown)}
		r.imported[name] = f
	}
	return f.contents
}

// Format implements jsonnet.ErrorFormatter: it collects err, a finding.
func (r *run) Format(err error) string {
	if d, ok := r.diagnose(err); ok {
		r.found = append(r.found, d)
	}
	return ""
}

// SetMaxStackTraceSize implements jsonnet.ErrorFormatter.
func (r *run) SetMaxStackTraceSize(int) {}

// SetColorFormatter implements jsonnet.ErrorFormatter.
func (r *run) SetColorFormatter(jsonnet.ColorFormatter) {}

// located is what the internal error type of findings and syntax errors has.
type located interface {
	error
	Loc() ast.LocationRange
}

// diagnose describes a finding. ok is false if it is about another file or
// about the prelude.
func (r *run) diagnose(err error) (d diag.Diagnostic, ok bool) {
	var finding located
	if !errors.As(err, &finding) {
		return diag.Diagnostic{At: diag.Position{File: r.file}, Problem: err.Error()}, true
	}
	if finding.Loc().FileName != r.alias() {
		return d, false
	}
	d = describe(r.file, finding)
	if d.At.Line == 1 {
		d.At.Column -= len(prelude)
	}
	if d.At.Column < 1 {
		return d, false
	}
	if failed, ok := r.failed[d.Problem]; ok {
		d.Kind, d.Values = failed.Kind, failed.Values
	}
	// The text of a syntax error in an import begins with that file's name.
	for name, f := range r.imported {
		if strings.HasPrefix(d.Problem, name+":") {
			if _, err := mopjsonnet.Parse(r.ctx, name, f.text); errors.As(err, &finding) {
				return describe(name, finding), true
			}
		}
	}
	return d, true
}

func describe(file string, err located) diag.Diagnostic {
	loc := err.Loc()
	return diag.Diagnostic{
		At:      diag.Position{File: file, Line: loc.Begin.Line, Column: loc.Begin.Column},
		Problem: strings.TrimSpace(strings.TrimPrefix(err.Error(), loc.String())),
	}
}
