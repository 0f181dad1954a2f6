package eval

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	mopjsonnet "github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/message"
)

// diagnose returns err as a diag.List where the Jsonnet is at fault.
func (r *run) diagnose(err error) error {
	var spent *budget.Exceeded
	if !errors.As(err, &spent) {
		spent = r.imp.spent(err)
	}
	found := r.find(err)
	if spent == nil {
		return found
	}
	if l, ok := diag.From(found); ok {
		found = r.placed(l)
	}
	return spentError{found, spent}
}

// placed returns diagnostics with the beginning of the program where they have no
// place in a file.
func (r *run) placed(l diag.List) diag.List {
	out := slices.Clone(l)
	for i, d := range out {
		if (isSnippet(d.At.File) || isSnippet(path.Base(d.At.File))) && len(d.Origins) == 0 {
			out[i].Origins = append(slices.Clip(d.Origins), r.in.begin()...)
		}
	}
	return out
}

// find is diagnose without what was exceeded.
func (r *run) find(err error) error {
	var runtime jsonnet.RuntimeError
	var manifest *mopjsonnet.ManifestError
	var static interface {
		error
		Loc() ast.LocationRange
	}
	switch {
	case errors.As(err, &static):
		return diag.List{r.static(static.Loc(), static.Error())}
	case errors.As(err, &runtime) && r.imp.failed != nil && r.imp.failed.found != nil && r.imp.failed.problem == runtime.Msg:
		origins := r.origins(runtime.StackTrace)
		if len(origins) == 0 {
			origins = r.in.begin()
		}
		return located(r.imp.failed.found, origins)
	case errors.As(err, &manifest):
		return diag.List{r.manifest(runtime, manifest)}
	case errors.As(err, &runtime):
		return diag.List{r.runtime(runtime)}
	case r.imp.failed != nil && errors.Is(err, r.imp.failed):
		return r.imp.failed.in(r.in)
	}
	if _, ok := diag.From(err); ok {
		return err
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("%s: interpreter: %s", r.in.subject(), first)
}

// located returns diagnostics with places that led to them behind their own.
func located(l diag.List, origins []diag.Position) diag.List {
	out := slices.Clone(l)
	for i := range out {
		out[i].Origins = append(slices.Clip(out[i].Origins), origins...)
	}
	return out
}

func (r *run) static(loc ast.LocationRange, text string, origins ...diag.Position) diag.Diagnostic {
	return diag.Diagnostic{
		At:      r.position(loc),
		Problem: strings.TrimSpace(strings.TrimPrefix(text, loc.String())),
		Origins: origins,
		Hints:   budgetHint(strings.TrimSpace(strings.TrimPrefix(text, loc.String()))),
	}
}

func (r *run) runtime(err jsonnet.RuntimeError) diag.Diagnostic {
	origins := r.origins(err.StackTrace)
	// A static error in an imported file arrives as the text of a runtime error;
	// the file is parsed again to have it whole.
	for name := range r.imp.read {
		if !strings.HasPrefix(err.Msg, name+":") {
			continue
		}
		contents, missing := r.imp.files.get(r.imp.ctx, name)
		if missing != nil {
			continue
		}
		var static interface{ Loc() ast.LocationRange }
		if _, parse := mopjsonnet.Parse(r.imp.ctx, name, contents.String()); errors.As(parse, &static) && parse.Error() == err.Msg {
			// Only the import says something; how it came to be evaluated does not.
			return r.static(static.Loc(), err.Msg, origins[:min(1, len(origins))]...)
		}
	}
	if len(origins) == 0 {
		origins = r.in.begin()
	}
	d := diag.Diagnostic{Subject: r.in.subject(), Problem: err.Msg, Origins: origins}
	if importedPath, ok := r.failedIn(err.StackTrace); ok && !strings.HasPrefix(d.Problem, "import ") {
		// The user imports a file and knows nothing of the function that reads it.
		d.Problem = fmt.Sprintf("import %s: %s", message.Quote(importedPath), strings.TrimPrefix(d.Problem, "yaml:: "))
	}
	if f := r.imp.failed; f != nil && f.problem == err.Msg {
		d.Hints = f.hints
	}
	if hints := budgetHint(err.Msg); hints != nil {
		d.Hints = hints
	}
	return d
}

// manifest adds to a runtime error of a value that cannot be written where in it.
func (r *run) manifest(err jsonnet.RuntimeError, at *mopjsonnet.ManifestError) diag.Diagnostic {
	d := r.runtime(err)
	if origins := r.originsOf(at.Origins(r.isUsers)); len(origins) > 0 {
		d.Origins = nil
		for _, o := range origins {
			d.Origins = append(d.Origins, o.At)
		}
	}
	if strings.HasPrefix(err.Msg, "couldn't manifest function") {
		d.Problem = manifest.Path(at.Path()).String() + ": " + d.Problem
		d.Hints = []string{"call the function, or hide the field that holds it with ::"}
	}
	return d
}

// budgetHints are for what ends an evaluation, by how its message begins.
var budgetHints = map[string]string{
	"max stack frames exceeded": "look for a function or import that leads back to itself; --max-stack allows for more",
	"time limit exceeded":       "look for a loop without an end; --timeout allows for more",
	"memory limit exceeded":     "look for a loop without an end; --max-memory allows for more",
	"output limit exceeded":     "look for std.trace in a loop; --max-output allows for more",
}

func budgetHint(message string) []string {
	for problem, hint := range budgetHints {
		if strings.HasPrefix(message, problem) && !strings.HasSuffix(message, " at once") {
			return []string{hint}
		}
	}
	return nil
}

// failedIn returns the path of the import whose generated code the nearest
// frame of a stack trace stands in.
func (r *run) failedIn(trace []jsonnet.TraceFrame) (importedPath string, ok bool) {
	for _, frame := range slices.Backward(trace) {
		if frame.Loc.IsSet() {
			importedPath, ok = r.imp.generated[frame.Loc.FileName]
			return importedPath, ok
		}
	}
	return "", false
}

// maxOrigins is how many positions of a deep recursion are told.
const maxOrigins = 10

// origins returns the positions of a stack trace that are in the user's files,
// nearest first, up to maxOrigins and none twice in a row.
func (r *run) origins(trace []jsonnet.TraceFrame) []diag.Position {
	var out []diag.Position
	for _, frame := range slices.Backward(trace) {
		if !r.isUsers(frame.Loc) {
			continue
		}
		p := r.position(frame.Loc)
		if len(out) > 0 && out[len(out)-1] == p {
			continue
		}
		if out = append(out, p); len(out) == maxOrigins {
			break
		}
	}
	return out
}

func (r *run) position(loc ast.LocationRange) diag.Position {
	p := diag.Position{Line: loc.Begin.Line, Column: loc.Begin.Column, File: loc.FileName}
	if p.File == "" && loc.File != nil {
		p.File = string(loc.File.DiagnosticFileName)
	}
	if p.File == exprFile {
		if p.Line == 2 {
			p.Column = max(1, p.Column-len(r.exprPrefix()))
		}
		p.Line--
	}
	return p
}
