package eval

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// diagnose returns err as a diag.List if the Jsonnet is at fault.
func (r *run) diagnose(err error) error {
	found := r.find(err)
	var spent *budget.Exceeded
	if !errors.As(err, &spent) {
		return found
	}
	if l, ok := diag.From(found); ok {
		found = r.placed(l).Err()
	}
	return spentError{found, spent}
}

// placed adds the beginning of the program to diagnostics that have no place in a file.
func (r *run) placed(l diag.List) diag.List {
	out := slices.Clone(l)
	for i, d := range out {
		if (isSnippet(d.At.File) || isSnippet(path.Base(d.At.File))) && len(d.Origins) == 0 {
			out[i].Origins = append(slices.Clip(d.Origins), r.in.begin()...)
		}
	}
	return out
}

// find is diagnose without regard to a spent budget.
func (r *run) find(err error) error {
	var ended *jsonnet.Error
	var wrong located
	switch {
	case errors.As(err, &ended):
		return r.ended(ended).Err()
	case errors.As(err, &wrong):
		return diag.List{r.wrong(wrong)}.Err()
	case r.imp.failed != nil && errors.Is(err, r.imp.failed):
		return r.imp.failed.in(r.in)
	}
	if _, ok := diag.From(err); ok {
		return err
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("%s: interpreter: %s", r.in.subject(), first)
}

// ledTo returns diagnostics with further places that led to them, behind their own.
func ledTo(l diag.List, origins []diag.Position) diag.List {
	out := slices.Clone(l)
	for i := range out {
		out[i].Origins = append(slices.Clip(out[i].Origins), origins...)
	}
	return out
}

// wrong describes a fault of a text.
func (r *run) wrong(err located, origins ...diag.Position) diag.Diagnostic {
	d := diag.Diagnostic{At: r.position(err.Loc()), Problem: problemAt(err), Origins: origins}
	if refused := (*jsonnet.SourceError)(nil); errors.As(err, &refused) {
		d.Code = refused.Code()
	}
	return d
}

// ended describes why a program ended.
func (r *run) ended(err *jsonnet.Error) diag.List {
	origins := r.origins(err.Runtime.StackTrace)
	var wrong located
	if errors.As(err.Cause, &wrong) {
		// Only the import matters, and not how it came to be evaluated.
		return diag.List{r.wrong(wrong, origins[:min(1, len(origins))]...)}
	}
	if len(origins) == 0 {
		origins = r.in.begin()
	}
	d := diag.Diagnostic{Code: r.code(err), Values: r.values(err), Subject: r.in.subject(), Problem: err.Runtime.Msg, Origins: origins, Err: err.Cause}
	problem := d.Problem
	var callee *calleeError
	if errors.As(err.Cause, &callee) {
		if callee.found != nil {
			return ledTo(callee.places(), origins)
		}
		d, problem = callee.diagnostic(d.Subject, d.Problem, d.Origins), callee.problem
	}
	if importedPath, ok := r.failedIn(err.Runtime.StackTrace); ok && (callee == nil || callee.native) {
		// The user imports a file and does not know the function that reads it.
		d.Problem = fmt.Sprintf("import %s: %s", message.Quote(importedPath), problem)
	}
	if err.Path() != nil {
		if made := r.originsOf(err.Origins(r.isUsers)); len(made) > 0 {
			d.Origins = nil
			for _, o := range made {
				d.Origins = append(d.Origins, o.At)
			}
		}
		if err.Code == failure.FunctionValue {
			d.Problem = manifest.Path(err.Path()).String() + ": " + d.Problem
		}
	}
	return diag.List{d}
}

// code returns the code of an error. A call with wrong arguments needs no advice and has no
// kind, unless it is the call of the program itself.
func (r *run) code(err *jsonnet.Error) string {
	trace := err.Runtime.StackTrace
	if err.Code != failure.NoArgument && err.Code != failure.NoParameter {
		return err.Code
	}
	if len(trace) > 0 {
		if at := trace[len(trace)-1].Loc; at.IsSet() && (at.FileName != exprFile || at.Begin.Line > 1) {
			return ""
		}
	}
	return err.Code
}

// values returns the values of an error, with paths as texts and with the user's places in
// a loop.
func (r *run) values(err *jsonnet.Error) map[string]any {
	values := maps.Clone(err.Values)
	if values == nil {
		values = map[string]any{}
	}
	for name, path := range map[string]manifest.Path{"field": err.Inner, "value": err.Outer} {
		if len(path) > 0 {
			values[name] = path.String()
		}
	}
	const most = 3
	var by []diag.Position
	for _, frame := range err.Loop {
		if at := r.position(frame.Loc); r.isUsers(frame.Loc) && len(by) < most && !slices.Contains(by, at) {
			by = append(by, at)
			if name, ok := strings.CutPrefix(frame.Name, "function <"); ok && values["function"] == nil && name != "anonymous>" {
				values["function"] = strings.TrimSuffix(name, ">")
			}
		}
	}
	switch {
	case len(by) == 0:
	case values["function"] != nil:
		values["by"] = by
	default:
		values["at"], values["by"] = by[0], by[1:]
	}
	return values
}

// failedIn returns the path of the import whose generated code has the nearest frame of a
// stack trace.
func (r *run) failedIn(trace []jsonnet.TraceFrame) (importedPath string, ok bool) {
	for _, frame := range slices.Backward(trace) {
		if frame.Loc.IsSet() {
			importedPath, ok = r.imp.generated[frame.Loc.FileName]
			return importedPath, ok
		}
	}
	return "", false
}

// maxOrigins is how many positions of a deep recursion are reported.
const maxOrigins = 10

// origins returns the positions of a stack trace that are in the user's files, nearest
// first, at most maxOrigins, and none twice in a row.
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
