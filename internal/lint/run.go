package lint

import (
	"cmp"
	"context"
	"errors"
	"path"
	"strings"

	"github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/internal/eval"
	mopjsonnet "github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/pkg/diag"
)

// standard returns the standard library for the linter: the linter's own, with the
// functions of [mopjsonnet.Declarations] and two members without a signature. The linter
// does not know the names of these, or is wrong about the types of their results or the
// names of their parameters. Only the parameters and the types of results count: nothing is
// evaluated.
func standard() string {
	return "local any = std.extVar('any'), boolean = true, number = 0, string = '';\n" +
		"std + { pi: number, resolvePath(f, r): string } + " + mopjsonnet.Declarations()
}

const (
	standardPath = "<standard library>"
	// prelude precedes the first line of every file for the linter.
	prelude = "local std = import '" + standardPath + "'; "
)

// run is one run of the linter. It is the linter's importer, and its formatter of errors,
// which gets each finding as a value.
type run struct {
	ctx      context.Context
	file     string
	resolver *eval.Resolver
	imported map[string]imported
	// failed are the imports that failed, by the text of their errors in findings.
	failed map[string]diag.Diagnostic
	found  diag.List
	// standard is the standard library for the linter.
	standard string
	// estimate returns what parsing a text takes.
	estimate func(text string) mopjsonnet.Estimate
	// refused is the reason why an imported file is not parsed.
	refused error
}

// imported is a file with its own text and the contents for the linter.
type imported struct {
	text     string
	contents jsonnet.Contents
}

// alias is the name of the linted file for the linter. The file cannot be imported by that
// name.
func (r *run) alias() string { return "./" + r.file }

// Import implements jsonnet.Importer.
func (r *run) Import(importedFrom, importedPath string) (jsonnet.Contents, string, error) {
	if importedPath == standardPath {
		return r.contents(standardPath, r.standard, r.standard), standardPath, nil
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

// contents returns equal contents for equal names, as go-jsonnet requires.
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

// located is the interface of the internal errors for findings and syntax errors.
type located interface {
	error
	Loc() ast.LocationRange
}

// diagnose describes a finding. ok is false if the finding is about another file or the
// prelude.
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
		d.Code, d.Values = failed.Code, failed.Values
	}
	// The text of a syntax error in an import begins with the name of that file.
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
