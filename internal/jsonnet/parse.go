package jsonnet

import (
	"context"
	"errors"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/jsonnet/survey"
)

// Parse returns the syntax tree of a program, as [gojsonnet.SnippetToAST] does, or the
// error of [Check]. If the budget of ctx ends before, the error is a [*SourceError], or the
// cause of the end.
func Parse(ctx context.Context, name, code string) (ast.Node, error) {
	if err := Check(ctx, name, code); err != nil {
		return nil, err
	}
	var tree ast.Node
	var wrong error
	if err := Away(ctx, name, code, func() { tree, wrong = gojsonnet.SnippetToAST(name, code) }); err != nil {
		return nil, err
	}
	return tree, wrong
}

// Away runs f, which reads the code of a file and cannot be stopped. If the budget ends
// first, it returns a [*SourceError], or the cause of the end, while f continues, see
// [budget.Away]. It always waits for f if the code is short.
func Away(ctx context.Context, name, code string, f func()) error {
	const short = 16 << 10
	if len(code) < short {
		f()
		return nil
	}
	return SpentAt(name, 1, budget.Away(ctx, f))
}

// Check returns an error if parsing a program would take more memory or time than the
// budget of ctx allows, or if the program is nested too deeply for Go's stack. It runs
// before the parser, because that cannot be stopped. Without a limit of time it may take
// any time. The error is a [*SourceError], or the cause of the end of ctx.
func Check(ctx context.Context, name, code string) error { return Measure(code).Check(ctx, name) }

// Estimate is what parsing a program takes, as [Measure] finds it. It is immutable and safe
// for concurrent use.
type Estimate struct{ s *survey.Survey }

// Measure estimates what parsing a program takes.
func Measure(code string) Estimate { return Estimate{survey.Of(code)} }

// Check is the function [Check] for the program, with the name of its file.
func (e Estimate) Check(ctx context.Context, name string) error {
	b := budget.Of(ctx)
	if err := b.Err(); err != nil {
		return SpentAt(name, 1, err)
	}
	if err := e.tooDeep(name); err != nil {
		return err
	}
	if err := b.Reserve(e.s.Memory()); err != nil {
		left := b.Left()
		return SpentAt(name, e.s.Line(func(s *survey.Survey) bool { return s.Memory() > left }), err)
	}
	if limits := b.Limits(); limits.Timeout > 0 && e.s.Time()/mostTimes > limits.Timeout {
		line := e.s.Line(func(s *survey.Survey) bool { return s.Time() > limits.Timeout })
		return SpentAt(name, line, &budget.Exceeded{What: budget.Time, Limit: limits.Timeout.String()})
	}
	return nil
}

// mostTimes is the factor by which the estimated time may exceed the limit, because the
// machine can be faster.
const mostTimes = 4

// CheckNesting returns a [*SourceError] in the named file if code is nested too deeply to
// be parsed within Go's stack. code may be any text.
func CheckNesting(name, code string) error { return Measure(code).tooDeep(name) }

func (e Estimate) tooDeep(name string) error {
	line, column, how := e.s.Deep()
	if how == "" {
		return nil
	}
	return &SourceError{pointIn(name, ast.Location{Line: line, Column: column}), "nested too deeply: " + how, failure.DeepText, nil}
}

// SourceError is the reason why a program is not parsed, with its place: a budget that has
// ended or would end, or too deep nesting.
type SourceError struct {
	loc     ast.LocationRange
	problem string
	code    string
	// cause is the [*budget.Exceeded], or nil.
	cause error
}

// startOf is the beginning of a line of a file.
func startOf(name string, line int) ast.LocationRange {
	return pointIn(name, ast.Location{Line: line, Column: 1})
}

func pointIn(name string, at ast.Location) ast.LocationRange {
	return ast.MakeLocationRange(name, &ast.Source{DiagnosticFileName: ast.DiagnosticFileName(name)}, at, at)
}

// SpentAt returns err as a SourceError on a line of a file, if it says that a budget is
// spent and has no place.
func SpentAt(name string, line int, err error) error {
	var spent *budget.Exceeded
	if known := (*SourceError)(nil); errors.As(err, &known) || !errors.As(err, &spent) {
		return err
	}
	code := failure.LargeParse
	if spent.What == budget.Time {
		code = failure.LongParse
	}
	return &SourceError{startOf(name, line), spent.Error(), code, spent}
}

// Code returns [failure.DeepText] for deep nesting, [failure.LongParse] for time, and
// [failure.LargeParse] for memory.
func (e *SourceError) Code() string { return e.code }

// Problem returns the error without its place.
func (e *SourceError) Problem() string { return e.problem }

func (e *SourceError) Error() string { return e.loc.String() + " " + e.problem }

// Unwrap returns the [*budget.Exceeded], or nil.
func (e *SourceError) Unwrap() error { return e.cause }

// Loc returns the place of the problem in the program.
func (e *SourceError) Loc() ast.LocationRange { return e.loc }
