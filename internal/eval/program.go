package eval

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	mopjsonnet "github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/pkg/diag"
)

// run is one evaluation by an engine.
type run struct {
	imp *importer
	in  Input
}

func newRun(ctx context.Context, files *Files, in Input) *run {
	return &run{newImporter(ctx, files, in), in}
}

// natives returns the functions of std.native.
func (r *run) natives() []Native {
	if r.imp.files.finder != nil {
		return r.in.Natives
	}
	return append(slices.Clip(r.in.Natives), importedYAML())
}

// warn passes on a warning of an engine.
func (r *run) warn(w mopjsonnet.Warning) {
	if r.in.Warn == nil {
		return
	}
	r.in.Warn(diag.Diagnostic{
		Severity: diag.Warning, Code: w.Code,
		Subject: r.in.subject(), Problem: strings.TrimPrefix(w.Problem, importedYAML().Name+": "), Origins: r.origins(w.StackTrace),
	})
}

// program returns the code to evaluate and its name: the snippet, or the expression over
// the file. If name is "", the file itself is to be evaluated.
func (r *run) program() (name, code string, err error) {
	if r.in.File == "" {
		return snippet("snippet"), r.in.Snippet, nil
	}
	if r.in.Expr == "" && r.in.Apply == "" {
		return "", "", nil
	}
	names := slices.Sorted(maps.Keys(r.in.TLAs))
	var parameters, arguments string
	for _, name := range names {
		if !identifier().MatchString(name) {
			return "", "", failed(r.in, fmt.Sprintf("top-level argument %s: not a name that a parameter can have", message.Quote(name)), nil).Err()
		}
		arguments += name + "=" + name + ","
	}
	if len(names) > 0 {
		parameters = "function(" + strings.Join(names, ",") + ") "
	}
	// The code repeats the import, whose value the interpreter keeps: a local would hide an
	// argument of the same name.
	value := fmt.Sprintf("if std.isFunction(%[1]s) then (%[1]s)(%[2]s) else %[1]s", "import "+Literal(r.in.File), arguments)
	if r.in.Apply != "" {
		value = fmt.Sprintf("(%s)(%s)", strings.ReplaceAll(r.in.Apply, "\n", " "), value)
	}
	return exprFile, fmt.Sprintf("%slocal %s = %s;\n%s%s", parameters, r.local(), value, r.exprPrefix(), r.in.Expr), nil
}

var identifier = pattern.New(`^[A-Za-z_][A-Za-z0-9_]*$`)

// exprFile is the name of the expression in positions. The user's text is on its second
// line, behind exprPrefix.
const exprFile = "<expression>"

func (r *run) exprPrefix() string {
	if r.in.Expr == "" || strings.HasPrefix(r.in.Expr, "[") {
		return r.local()
	}
	return r.local() + "."
}

// local returns a name for the result that no top-level argument has.
func (r *run) local() string {
	for name := "value"; ; name += "_" {
		if _, taken := r.in.TLAs[name]; !taken {
			return name
		}
	}
}

// byName is the importing file of an import whose path is the name of a file, without a
// search.
const byName = "<name>"

// snippet returns the name of code that is in no file.
func snippet(what string) string { return "<" + what + ">" }

// isSnippet reports whether name is a result of snippet, or "", the interpreter's name for
// code without a file.
func isSnippet(name string) bool {
	return strings.HasPrefix(name, "<") && strings.HasSuffix(name, ">") || name == ""
}
