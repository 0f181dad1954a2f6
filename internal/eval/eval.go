// Package eval evaluates Jsonnet to plain Go values.
//
// Evaluation is hermetic: the result depends only on the [Input] and on the files of the
// [Source]. A [Files] reads each file once and may serve any number of evaluations at the
// same time. [Eval] runs one of them and returns which files it has read.
//
// Two engines can run a program: package jsonnet, and google/go-jsonnet, with which tests
// compare it. No type of either is part of this package's API, except [jsonnet.Profile] and
// [jsonnet.Cut].
package eval

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/pkg/diag"
)

// DefaultMaxStack is the default limit of the depth of calls.
const DefaultMaxStack = 500

// MostStack is the largest possible limit. The engines take some kilobytes for each call,
// and the process dies when Go's own stack is full.
const MostStack = jsonnet.MostStack

// Input is all that an evaluation depends on, except files.
type Input struct {
	// File is the name of the file to evaluate.
	File string
	// Snippet is Jsonnet to evaluate if File is "".
	Snippet string
	// About is the file that a Snippet is about. Messages without another place point to
	// it; "" is none.
	About string
	// Dir is the name of a directory. Imports of the Snippet and of Expr, and the files of
	// variables, are looked for in it before SearchPath.
	Dir string
	// SearchPath lists the directories in which to look, in order, for an import that is
	// not beside the importing file.
	SearchPath []string
	// Apply is a function in Jsonnet, such as "function(x) std.length(x)". Its result for
	// the result of File takes the place of that; "" is none.
	Apply string
	// Expr selects from the result: the text that follows the value in a
	// Jsonnet expression, such as "a.b[1]", "[0].c" or "a { c: 1 }".
	// "" is the whole result.
	Expr string
	// ExtVars are the values of std.extVar.
	ExtVars map[string]Variable
	// TLAs are the arguments if File evaluates to a function; otherwise they are ignored.
	TLAs map[string]Variable
	// Builtins are Jsonnet code by import path. They are found before any file.
	Builtins map[string]string
	// Natives are the functions of std.native. Their names differ.
	Natives []Native
	// NativesBy is where a program gets its Natives, see [jsonnet.Input.NativesBy].
	NativesBy string
	// Written asks for [Result.JSON] in place of its Value. [GoJsonnet] does not know it.
	Written bool
	// Interpreter runs the program.
	Interpreter Interpreter
	// Trace receives the output of std.trace; nil discards it. A [Tracer] returns a writer
	// for this evaluation.
	Trace io.Writer
	// Warn receives warnings, which stop nothing, such as one about an integer in a text
	// that Jsonnet cannot hold; nil discards them. With [GoJsonnet], only native functions
	// warn.
	Warn func(diag.Diagnostic)
}

// Tracer is an [Input.Trace] that keeps the traces of evaluations apart, and those of each
// part of an [Opened]. Of returns the writer for one of them. name is the name of the File
// or, for a Snippet, its text behind Dir. A Tracer is safe for concurrent use.
type Tracer interface {
	io.Writer
	Of(name string) io.Writer
}

func (in Input) name() string { return cmp.Or(in.File, path.Join(in.Dir, in.Snippet)) }

// Interpreter is the engine that runs a program, with its limits. The zero value is
// [Compiled] with the limit [DefaultMaxStack]. The limits of time and memory are those of
// the context, see package budget.
type Interpreter struct {
	Engine Engine
	// MaxStack limits the depth of calls; 0 is DefaultMaxStack.
	MaxStack int
	// MaxMade limits about how many bytes one evaluation may make, see
	// [jsonnet.Input.MaxMade]; 0 is no limit. [GoJsonnet] has none.
	MaxMade int64
	// Profile records where the time goes, unless it is nil. [GoJsonnet] records nothing.
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

// maxStack returns the limit of the depth of calls.
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
	// value is that of a variable from [Given].
	value any
	// faults are the parts of a given value that JSON cannot express.
	faults diag.List
	// by and at say how it was given.
	by string
	at func(offset int) diag.Position
}

type variableKind int

const (
	stringVariable variableKind = iota
	codeVariable
	stringFileVariable
	codeFileVariable
	valueVariable
)

// String is a variable whose value is the string s.
func String(s string) Variable { return Variable{kind: stringVariable, text: s} }

// Code is a variable whose value is the Jsonnet expression code.
func Code(code string) Variable { return Variable{kind: codeVariable, text: code} }

// check returns an error about the value of a variable that was called so.
func (v Variable) check(called string) error {
	found := slices.Clone(v.faults)
	for i := range found {
		found[i].Subject = strings.TrimSpace(called + " " + strings.TrimPrefix(found[i].Subject, "."))
	}
	return found.Err()
}

// StringFile is a variable whose value is the text of a file.
func StringFile(name string) Variable { return Variable{kind: stringFileVariable, text: name} }

// CodeFile is a variable whose value is the result of a Jsonnet file.
func CodeFile(name string) Variable { return Variable{kind: codeFileVariable, text: name} }

// GivenBy returns v with a text that says how it was given, such as the flag "--tla-str x".
// [Result.Origins] has this text in place of a position.
func (v Variable) GivenBy(what string) Variable {
	v.by = what
	return v
}

// GivenAt returns v, which is [Code] on one line, as made from a file. at returns the place
// in the file that belongs to an offset of the code.
func (v Variable) GivenAt(at func(offset int) diag.Position) Variable {
	v.at = at
	return v
}

// position returns how v was given at an offset of its code, or what if that is unknown.
func (v Variable) position(what string, offset int) diag.Position {
	if v.at != nil {
		return v.at(offset)
	}
	return diag.Position{File: snippet(cmp.Or(v.by, what))}
}

// code returns the Jsonnet expression for v. The importer finds the files, so that they
// count as read.
func (v Variable) code() string {
	switch v.kind {
	case stringFileVariable:
		return "importstr " + Literal(v.text)
	case codeFileVariable:
		return "import " + Literal(v.text)
	case codeVariable:
		return v.text
	case valueVariable:
		text, err := json.Marshal(v.value)
		if err != nil {
			panic("eval: a value that JSON cannot encode: " + err.Error())
		}
		return string(text)
	}
	return Literal(v.text)
}

// Literal returns s as a Jsonnet string literal.
func Literal(s string) string {
	return "@'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// Result is the outcome of an evaluation.
type Result struct {
	// Value consists of nil, bool, float64, string, []any and map[string]any.
	Value any
	// JSON is the value as the command jsonnet prints it, see [Input.Written].
	JSON []byte
	// Files are the names of the files that were read, sorted.
	Files []string
	// Missing are the names of files that were looked for and did not exist, sorted. If one
	// appears, the result may change.
	Missing []string
	// Globs are the patterns of [Source.Glob] that were expanded, sorted.
	Globs []string
	// Unresolved are the imports that lead to no file, in the order in which [Imports]
	// meets them. [Eval] returns none.
	Unresolved []Unresolved

	// opened finds the origins. It is nil if they are unknown.
	opened *Opened
}

// Names returns r with the names of files alone, which keep nothing else alive.
func (r Result) Names() Result {
	return Result{Files: r.Files, Missing: r.Missing, Globs: r.Globs, Unresolved: r.Unresolved}
}

// Unresolved is an import that leads to no file.
type Unresolved struct {
	At   diag.Position
	Path string
	// Problem is why, such as "no such file". Code and Values choose hints.
	Problem string
	Code    string
	Values  map[string]any
}

// Diagnostic describes the failure of the import.
func (u Unresolved) Diagnostic() diag.Diagnostic {
	return diag.Diagnostic{At: u.At, Code: u.Code, Values: u.Values, Problem: fmt.Sprintf("import %s: %s", message.Quote(u.Path), u.Problem)}
}

// Eval evaluates in. The error is a [*diag.List] if the Jsonnet is at fault: each diagnostic
// has the message and the positions of the calls that led to it, nearest first. Then the
// Result has no value, only the files that were read so far.
//
// If the budget of ctx is spent, the error is a [*diag.List] and a [*budget.Exceeded]. If
// ctx is cancelled, Eval soon returns its cause. In both cases the Result is empty.
// [GoJsonnet] cannot be stopped within a computation: Eval returns at once, but the
// interpreter goes on in the background until its next import or its end, and may still
// write to in.Trace and call in.Warn.
func Eval(ctx context.Context, files *Files, in Input) (Result, error) {
	defer budget.Of(ctx).During(in.doing())()
	result, err := evaluate(ctx, files, in)
	if ended := in.endOf(ctx, err); ended != nil {
		return Result{}, ended
	}
	return result, err
}

// endOf returns why ctx has ended, nil if it has not. If its budget is spent, the error has
// a place: it is err if that is a diag.List.
func (in Input) endOf(ctx context.Context, err error) error {
	cause := budget.Of(ctx).Err()
	var spent *budget.Exceeded
	if !errors.As(cause, &spent) {
		return cause
	}
	if _, ok := diag.From(err); ok {
		return err
	}
	return spentError{diag.List{{Code: failure.Spent(spent), Subject: in.subject(), Problem: spent.Error(), Origins: in.begin()}}.Err(), spent}
}

// begin returns the place where the program begins, none if the program is in no file.
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

// spentError is a diagnostic of the work during which a budget was spent.
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

// by lets an engine run the program.
func (r *run) by(e engine) (Result, error) {
	result, err := e.run(r)
	read := r.imp.result()
	read.Value, read.JSON, read.opened = result.Value, result.JSON, result.opened
	if err != nil {
		return read, r.diagnose(err)
	}
	return read, nil
}

// result returns the files that were read, without a value.
func (i *importer) result() Result {
	return Result{
		Files:   slices.Sorted(maps.Keys(i.read)),
		Missing: slices.Sorted(maps.Keys(i.missing)),
		Globs:   slices.Sorted(maps.Keys(i.globs)),
	}
}

// engine runs Jsonnet. The Result has only the value and its origins.
type engine interface {
	run(r *run) (Result, error)
}

// subject returns what a failure of the evaluation is about: the file or, if this belongs
// to an environment, the directory, which is the environment's name.
func (in Input) subject() string {
	if in.File == "" {
		return ""
	}
	if dir := path.Dir(in.File); dir != "." && path.Base(in.File) == "main.jsonnet" {
		return dir
	}
	return in.File
}

func failed(in Input, problem string, origins []diag.Position) diag.List {
	return diag.List{{Subject: in.subject(), Problem: problem, Origins: origins}}
}
