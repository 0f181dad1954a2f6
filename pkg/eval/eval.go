// Package eval evaluates Jsonnet to plain Go values.
//
// Evaluation is hermetic: the result depends on the [Input] and on the files
// that the [Source] hands out, and on nothing else. A [Files] reads each file
// once and may serve any number of evaluations at the same time; [Eval] runs
// one of them and tells which files it read.
//
// Two engines can run a program: package jsonnet, and google/go-jsonnet, against
// which that is held. No type of either is part of this package's API, but for
// [jsonnet.Profile] and [jsonnet.Cut].
package eval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/message"
)

// DefaultMaxStack is the depth of calls at which an evaluation is ended.
const DefaultMaxStack = 500

// MostStack is the largest depth that there may be: the engines take some kilobytes a
// call, and where Go's own stack is full the process dies.
const MostStack = jsonnet.MostStack

// Input is what an evaluation depends on besides files.
type Input struct {
	// File is the name of the file to evaluate.
	File string
	// Snippet is Jsonnet to evaluate in the place of a file where File is "".
	Snippet string
	// About is the file that a Snippet is about, to which messages point that know no
	// other place; "" is none.
	About string
	// Dir is the name of the directory that imports of the Snippet and of Expr
	// and the files of variables are relative to, before SearchPath.
	Dir string
	// SearchPath lists the directories in which an import is searched that is
	// not found beside the importing file, in order.
	SearchPath []string
	// Apply is Jsonnet for a function, such as "function(x) std.length(x)"; what it
	// makes of the result of File is evaluated in its place. "" is none.
	Apply string
	// Expr selects from the result: the text that follows the value in a
	// Jsonnet expression, such as "a.b[1]", "[0].c" or "a { c: 1 }".
	// "" is the whole result.
	Expr string
	// ExtVars are the values of std.extVar.
	ExtVars map[string]Variable
	// TLAs are the arguments if File evaluates to a function; else they are
	// ignored.
	TLAs map[string]Variable
	// Builtins are Jsonnet code by import path. They are found before any file.
	Builtins map[string]string
	// Natives are the functions that std.native knows. Their names differ.
	Natives []Native
	// Interpreter runs the program.
	Interpreter Interpreter
	// Trace receives the output of std.trace; nil discards it. A [Tracer] is asked
	// for a writer for this evaluation.
	Trace io.Writer
	// Warn receives what is odd but stops nothing, such as an integer that a text has
	// and Jsonnet cannot hold; nil discards it. With [GoJsonnet], only native
	// functions warn.
	Warn func(diag.Diagnostic)
}

// Tracer is an [Input.Trace] that keeps apart what evaluations trace, and of an
// [Opened] one each thing that it is asked for. Of returns the writer for one, which
// has the name of the File or, for a Snippet, of the text behind its Dir. It is safe
// for concurrent use.
type Tracer interface {
	io.Writer
	Of(name string) io.Writer
}

func (in Input) name() string { return cmp.Or(in.File, path.Join(in.Dir, in.Snippet)) }

// Interpreter says what runs a program, and within which bounds. The zero value
// is [Compiled] with no bounds but [DefaultMaxStack]; those of time and memory are
// the context's, see package budget.
type Interpreter struct {
	Engine Engine
	// MaxStack limits the depth of calls; 0 is DefaultMaxStack.
	MaxStack int
	// Profile records where the time goes; nil does not. [GoJsonnet] records
	// nothing.
	Profile *jsonnet.Profile
}

// Engine is an implementation of Jsonnet.
type Engine int

const (
	// Compiled is package jsonnet. It is the zero value.
	Compiled Engine = iota
	// GoJsonnet is the interpreter of google/go-jsonnet, the reference.
	GoJsonnet
)

// maxStack returns the depth of calls that there may be.
func (i Interpreter) maxStack() int {
	if i.MaxStack > 0 {
		return i.MaxStack
	}
	return DefaultMaxStack
}

// Variable is the value of an external variable or top-level argument.
type Variable struct {
	kind variableKind
	text string
	// by and at tell how it was given.
	by string
	at func(offset int) diag.Position
}

type variableKind int

const (
	stringVariable variableKind = iota
	codeVariable
	stringFileVariable
	codeFileVariable
)

// String is a variable whose value is the string s.
func String(s string) Variable { return Variable{kind: stringVariable, text: s} }

// Code is a variable whose value is the Jsonnet expression code.
func Code(code string) Variable { return Variable{kind: codeVariable, text: code} }

// StringFile is a variable whose value is the text of a file.
func StringFile(name string) Variable { return Variable{kind: stringFileVariable, text: name} }

// CodeFile is a variable whose value is what the Jsonnet of a file gives.
func CodeFile(name string) Variable { return Variable{kind: codeFileVariable, text: name} }

// GivenBy returns v as one that was given in some way, such as by the flag
// "--tla-str x", which [Result.Origins] tells in the place of a position.
func (v Variable) GivenBy(what string) Variable {
	v.by = what
	return v
}

// GivenAt returns v, of [Code] on one line, as one that was made of a file: at
// tells where in that what stands at an offset of the code comes from.
func (v Variable) GivenAt(at func(offset int) diag.Position) Variable {
	v.at = at
	return v
}

// position returns how v was given at an offset of its code, or what it is where
// nobody said.
func (v Variable) position(what string, offset int) diag.Position {
	if v.at != nil {
		return v.at(offset)
	}
	return diag.Position{File: snippet(cmp.Or(v.by, what))}
}

// code returns the Jsonnet expression for v. The files are found through the
// importer, so that they count as read.
func (v Variable) code() string {
	switch v.kind {
	case stringFileVariable:
		return "importstr " + Literal(v.text)
	case codeFileVariable:
		return "import " + Literal(v.text)
	case codeVariable:
		return v.text
	}
	return Literal(v.text)
}

// Literal returns s as a Jsonnet string literal.
func Literal(s string) string {
	return "@'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// Native is a function written in Go, which Jsonnet calls as
// std.native(Name)(...).
type Native struct {
	Name string
	// Params are the names of the parameters.
	Params []string
	// Func computes the result. There is an argument for each parameter;
	// arguments and the result are made of nil, bool, float64, string, []any and
	// map[string]any. An error becomes a Jsonnet error at the place of the call;
	// one that carries a [diag.Diagnostic] hands on its hints, and is it where
	// that has a position. Func must check
	// the arguments' types, may be called by several goroutines, and must give
	// equal results for equal arguments and files.
	Func func(c Call, args []any) (any, error)
}

// Call is what a native function may use besides its arguments.
type Call struct {
	imp    *importer
	warned *[]jsonnet.Warning
}

// Warn tells of what is odd but stops nothing, and of what kind that is, if it is of
// any. The warning has the place of the call, with [GoJsonnet] none.
func (c Call) Warn(problem string, kind diag.Kind) {
	if c.warned != nil {
		*c.warned = append(*c.warned, jsonnet.Warning{Problem: problem, Kind: kind})
	}
}

// Context returns the evaluation's context, for the zero Call the empty one. The
// budget that it carries is the function's, too: what takes long or makes much asks
// it.
func (c Call) Context() context.Context {
	if c.imp == nil {
		return context.Background()
	}
	return c.imp.ctx
}

// ReadFile returns the contents of the named file, which the caller must not
// change. The file counts as read by the evaluation, or as missing, as do those
// that are imported.
func (c Call) ReadFile(name string) ([]byte, error) {
	contents, err := c.imp.files.get(c.imp.ctx, name)
	if err != nil {
		if isMissing(err) {
			c.imp.missing[name] = true
		}
		return nil, err
	}
	c.Record(name)
	return contents.Data(), nil
}

// Record counts the named file as read: one that a program read on behalf of
// the function.
func (c Call) Record(name string) { c.imp.read[name] = true }

// RecordGlob counts a pattern of [Source.Glob] as expanded: the function depends
// on which files there are.
func (c Call) RecordGlob(pattern string) { c.imp.globs[pattern] = true }

// Result is the outcome of an evaluation.
type Result struct {
	// Value is made of nil, bool, float64, string, []any and map[string]any.
	Value any
	// Files are the names of the files that were read, sorted.
	Files []string
	// Missing are the names of files that were looked for and did not exist,
	// sorted: if one appears, the result may change.
	Missing []string
	// Globs are the patterns of [Source.Glob] that were expanded, sorted.
	Globs []string
	// Unresolved are the imports that lead to no file, in the order in which
	// [Imports] meets them; [Eval] gives none.
	Unresolved []Unresolved

	// opened tells the origins; nil where they are not known.
	opened *Opened
}

// Unresolved is an import that leads to no file: of Path, and where it stands.
type Unresolved struct {
	At   diag.Position
	Path string
	// Problem is why, such as "no such file", Kind and Values what that is about.
	Problem string
	Kind    diag.Kind
	Values  diag.Values
}

// Diagnostic says what is wrong with the import.
func (u Unresolved) Diagnostic() diag.Diagnostic {
	return diag.Diagnostic{At: u.At, Kind: u.Kind, Values: u.Values, Problem: fmt.Sprintf("import %s: %s", message.Quote(u.Path), u.Problem)}
}

// Eval evaluates in. The error is a [diag.List] if the Jsonnet is at fault: each
// diagnostic holds the message and the positions of the calls that led to it,
// nearest first. With it the Result has no value, and the files are those that
// were read until then.
//
// Where ctx is cancelled, Eval soon returns its cause and an empty Result. With
// [GoJsonnet] it does so at once, but that interpreter cannot be stopped within a
// computation: it goes on in the background until its next import or its end,
// and may still write to in.Trace and call in.Warn.
func Eval(ctx context.Context, files *Files, in Input) (Result, error) {
	defer budget.Of(ctx).During(in.doing())()
	result, err := evaluate(ctx, files, in)
	if ended := in.endOf(ctx, err); ended != nil {
		return Result{}, ended
	}
	return result, err
}

// endOf returns why ctx has ended, nil where it has not. Where its budget is spent
// that tells where, as well as err does.
func (in Input) endOf(ctx context.Context, err error) error {
	cause := budget.Of(ctx).Err()
	var spent *budget.Exceeded
	if !errors.As(cause, &spent) {
		return cause
	}
	if _, ok := diag.From(err); ok {
		return err
	}
	return spentError{diag.List{{Kind: diag.Spent(spent), Subject: in.subject(), Problem: spent.Error(), Origins: in.begin()}}, spent}
}

// begin returns where the program begins, nothing where that is in no file.
func (in Input) begin() []diag.Position {
	file := cmp.Or(in.File, in.About)
	if file == "" {
		return nil
	}
	return []diag.Position{{File: file, Line: 1}}
}

// doing says what an evaluation works on.
func (in Input) doing() string {
	if at := in.begin(); at != nil {
		return at[0].String()
	}
	return in.name()
}

// spentError is a diagnostic of what was under way when a budget was spent.
type spentError struct {
	error
	spent *budget.Exceeded
}

func (e spentError) Unwrap() []error { return []error{e.error, e.spent} }

func evaluate(ctx context.Context, files *Files, in Input) (Result, error) {
	if t, ok := in.Trace.(Tracer); ok {
		in.Trace = t.Of(in.name())
	}
	r := newRun(ctx, files, in)
	if in.Interpreter.Engine == Compiled {
		return r.by(compiled{})
	}
	type outcome struct {
		result Result
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		result, err := r.by(goJsonnet{})
		done <- outcome{result, err}
	}()
	select {
	case o := <-done:
		return o.result, o.err
	case <-ctx.Done():
		return Result{}, nil
	}
}

// by has an engine run the program.
func (r *run) by(e engine) (Result, error) {
	result, err := e.run(r)
	read := r.imp.result()
	read.Value, read.opened = result.Value, result.opened
	if err != nil {
		return read, r.diagnose(err)
	}
	return read, nil
}

// result returns what was read, without a value.
func (i *importer) result() Result {
	return Result{
		Files:   slices.Sorted(maps.Keys(i.read)),
		Missing: slices.Sorted(maps.Keys(i.missing)),
		Globs:   slices.Sorted(maps.Keys(i.globs)),
	}
}

// engine runs Jsonnet. The Result has the value and its origins only.
type engine interface {
	run(r *run) (Result, error)
}

// subject returns what a failure of the evaluation is about: the directory of
// the file where that is an environment, whose name it is.
func (in Input) subject() string {
	if in.File == "" {
		return ""
	}
	if dir := path.Dir(in.File); dir != "." && path.Base(in.File) == "main.jsonnet" {
		return dir
	}
	return in.File
}

func failure(in Input, problem string, origins []diag.Position) diag.List {
	return diag.List{{Subject: in.subject(), Problem: problem, Origins: origins}}
}
