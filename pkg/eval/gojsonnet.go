package eval

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/pkg/diag"
)

// goJsonnet is the engine of google/go-jsonnet. It makes a VM for each run: a
// VM is not safe for concurrent use, and its caches hold values that depend on
// the external variables.
type goJsonnet struct{}

func (goJsonnet) run(imp *importer, in Input) (string, error) {
	vm := jsonnet.MakeVM()
	vm.Importer(imp)
	vm.MaxStack = DefaultMaxStack
	if in.MaxStack > 0 {
		vm.MaxStack = in.MaxStack
	}
	vm.SetTraceOut(io.Discard)
	if in.Trace != nil {
		vm.SetTraceOut(in.Trace)
	}
	for _, n := range in.Natives {
		vm.NativeFunction(nativeFunction(imp, n))
	}
	r := goJsonnetRun{vm: vm, imp: imp, in: in}
	text, err := r.run()
	if err != nil {
		return "", r.diagnose(err)
	}
	return text, nil
}

func nativeFunction(imp *importer, n Native) *jsonnet.NativeFunction {
	params := make(ast.Identifiers, len(n.Params))
	for i, p := range n.Params {
		params[i] = ast.Identifier(p)
	}
	return &jsonnet.NativeFunction{
		Name:   n.Name,
		Params: params,
		Func: func(args []any) (any, error) {
			v, err := n.Func(Call{imp}, args)
			if err == nil {
				return v, nil
			}
			failed := &calleeError{problem: n.Name + ": " + err.Error()}
			if l, ok := diag.From(err); ok && len(l) > 0 {
				failed.hints = l[0].Hints
			}
			imp.failed = failed
			return nil, failed
		},
	}
}

// goJsonnetRun is one run and what is needed to explain its failure.
type goJsonnetRun struct {
	vm  *jsonnet.VM
	imp *importer
	in  Input
}

func (r *goJsonnetRun) run() (string, error) {
	if err := bind("external variable", r.in.ExtVars, r.vm.ExtNode); err != nil {
		return "", err
	}
	if err := bind("top-level argument", r.in.TLAs, r.vm.TLANode); err != nil {
		return "", err
	}
	node, err := r.program()
	if err != nil {
		return "", err
	}
	return r.vm.Evaluate(node)
}

// bind parses each variable and hands it to set, in order of their names.
func bind(what string, variables map[string]Variable, set func(string, ast.Node)) error {
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		node, err := jsonnet.SnippetToAST(snippet(what+" "+name), variables[name].code())
		if err != nil {
			return err
		}
		set(name, node)
	}
	return nil
}

// program returns what to evaluate: the snippet, the file, or the expression
// over the file.
func (r *goJsonnetRun) program() (ast.Node, error) {
	if r.in.File == "" {
		return jsonnet.SnippetToAST(snippet("snippet"), r.in.Snippet)
	}
	if r.in.Expr == "" && r.in.Apply == "" {
		node, _, err := r.vm.ImportAST(byName, r.in.File)
		return node, err
	}
	names := slices.Sorted(maps.Keys(r.in.TLAs))
	var parameters, arguments string
	for _, name := range names {
		if !identifier.MatchString(name) {
			return nil, failure(r.in, fmt.Sprintf("top-level argument %q: not a name that a parameter can have", name), nil)
		}
		arguments += name + "=" + name + ","
	}
	if len(names) > 0 {
		parameters = "function(" + strings.Join(names, ",") + ") "
	}
	// The import stands for itself, since the interpreter keeps its value: a local
	// would hide an argument of its name.
	value := fmt.Sprintf("if std.isFunction(%[1]s) then (%[1]s)(%[2]s) else %[1]s", "import "+Literal(r.in.File), arguments)
	if r.in.Apply != "" {
		value = fmt.Sprintf("(%s)(%s)", strings.ReplaceAll(r.in.Apply, "\n", " "), value)
	}
	return jsonnet.SnippetToAST(exprFile, fmt.Sprintf("%slocal %s = %s;\n%s%s",
		parameters, r.local(), value, r.exprPrefix(), r.in.Expr))
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// exprFile is the name of the expression in positions. The text that the user
// gave stands on its second line behind exprPrefix.
const exprFile = "<expression>"

func (r *goJsonnetRun) exprPrefix() string {
	if r.in.Expr == "" || strings.HasPrefix(r.in.Expr, "[") {
		return r.local()
	}
	return r.local() + "."
}

// local returns a name for the result that no top-level argument has.
func (r *goJsonnetRun) local() string {
	for name := "value"; ; name += "_" {
		if _, taken := r.in.TLAs[name]; !taken {
			return name
		}
	}
}

// byName is the importing file for which an import's path is a file's name,
// with no search.
const byName = "<name>"

// snippet returns the name of code that stands in no file.
func snippet(what string) string { return "<" + what + ">" }

// isSnippet reports whether name is one of snippet's, or "" as the interpreter
// calls code without a file.
func isSnippet(name string) bool {
	return strings.HasPrefix(name, "<") && strings.HasSuffix(name, ">") || name == ""
}

// diagnose returns err as a diag.List where the Jsonnet is at fault.
func (r *goJsonnetRun) diagnose(err error) error {
	var runtime jsonnet.RuntimeError
	var static interface {
		error
		Loc() ast.LocationRange
	}
	switch {
	case errors.As(err, &static):
		return diag.List{r.static(static.Loc(), static.Error())}
	case errors.As(err, &runtime):
		return diag.List{r.runtime(runtime)}
	case r.imp.failed != nil && errors.Is(err, r.imp.failed):
		return failure(r.in, r.imp.failed.problem, nil, r.imp.failed.hints...)
	}
	if _, ok := diag.From(err); ok {
		return err
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("%s: interpreter: %s", r.in.subject(), first)
}

func (r *goJsonnetRun) static(loc ast.LocationRange, text string, origins ...diag.Position) diag.Diagnostic {
	return diag.Diagnostic{
		At:      r.position(loc),
		Problem: strings.TrimSpace(strings.TrimPrefix(text, loc.String())),
		Origins: origins,
	}
}

func (r *goJsonnetRun) runtime(err jsonnet.RuntimeError) diag.Diagnostic {
	origins := r.origins(err.StackTrace)
	// A static error in an imported file arrives as the text of a runtime
	// error; the file's syntax tree, which the VM keeps, still has it whole.
	for name := range r.imp.read {
		if !strings.HasPrefix(err.Msg, name+":") {
			continue
		}
		var static interface{ Loc() ast.LocationRange }
		if _, _, parse := r.vm.ImportAST(byName, name); errors.As(parse, &static) && parse.Error() == err.Msg {
			// Only the import says something; how it came to be evaluated does not.
			return r.static(static.Loc(), err.Msg, origins[:min(1, len(origins))]...)
		}
	}
	d := diag.Diagnostic{Subject: r.in.subject(), Problem: err.Msg, Origins: origins}
	if importedPath, ok := r.failedIn(err.StackTrace); ok && !strings.HasPrefix(d.Problem, "import ") {
		// The user imports a file and knows nothing of the function that reads it.
		d.Problem = fmt.Sprintf("import %q: %s", importedPath, strings.TrimPrefix(d.Problem, "parseYaml: "))
	}
	if f := r.imp.failed; f != nil && f.problem == err.Msg {
		d.Hints = f.hints
	}
	if strings.HasPrefix(err.Msg, "max stack frames exceeded") {
		d.Hints = []string{"look for a function or import that leads back to itself"}
	}
	return d
}

// failedIn returns the path of the import whose generated code the nearest
// frame of a stack trace stands in.
func (r *goJsonnetRun) failedIn(trace []jsonnet.TraceFrame) (importedPath string, ok bool) {
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

// origins returns the positions of a stack trace, nearest first, without the
// frames that stand in no file of the user's.
func (r *goJsonnetRun) origins(trace []jsonnet.TraceFrame) []diag.Position {
	var out []diag.Position
	for _, frame := range slices.Backward(trace) {
		loc := frame.Loc
		if loc.File == nil || !loc.IsSet() || loc.File.DiagnosticFileName == "<std>" {
			continue
		}
		p := r.position(loc)
		ours := p.File != exprFile || r.in.Expr == ""
		if ours && isSnippet(path.Base(p.File)) || p.Line < 1 || len(out) > 0 && out[len(out)-1] == p {
			continue
		}
		if out = append(out, p); len(out) == maxOrigins {
			break
		}
	}
	return out
}

func (r *goJsonnetRun) position(loc ast.LocationRange) diag.Position {
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
