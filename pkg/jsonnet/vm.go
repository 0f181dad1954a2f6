package jsonnet

import (
	"context"
	"errors"
	"fmt"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/pkg/diag"
)

// Config is what all evaluations of a [VM] have in common. The zero Config imports nothing,
// has no natives, and limits the stack alone.
type Config struct {
	// Importer finds the files; nil finds none.
	Importer Importer
	// Natives are the functions of std.native. A program that asks for another one fails.
	Natives []Native
	Limits  Limits
	// Cache is about how many bytes of compiled code the VM keeps at most, which is about 45
	// times its text; 0 is 256 MiB. It forgets the code that was not used for the longest
	// time first.
	Cache int64
}

// VM evaluates programs. It is safe for concurrent use, and evaluations share nothing but
// compiled code: each content is compiled at its first use, and kept at its second one.
// Use [New] to make one; the zero VM refuses to evaluate.
type VM struct {
	importer Importer
	natives  []eval.Native
	limits   Limits
	cache    *jsonnet.Cache
}

// New returns a VM. It copies c. The error says which part of c cannot be: a limit below
// zero, or a native without a function, with a bad name or with the name of another one.
func New(c Config) (*VM, error) {
	if err := c.Limits.check(); err != nil {
		return nil, err
	}
	if c.Cache < 0 {
		return nil, fmt.Errorf("jsonnet.Config.Cache: want 0 or more bytes, got %d", c.Cache)
	}
	v := &VM{importer: c.Importer, limits: c.Limits, cache: jsonnet.NewCache(c.Cache)}
	names := map[string]bool{}
	for i, n := range c.Natives {
		if err := n.check(); err != nil {
			return nil, fmt.Errorf("jsonnet.Config.Natives[%d]: %w", i, err)
		}
		if names[n.Name] {
			return nil, fmt.Errorf("jsonnet.Config.Natives[%d]: there are two natives %q", i, n.Name)
		}
		names[n.Name] = true
		v.natives = append(v.natives, n.native())
	}
	return v, nil
}

func (l Limits) check() error {
	switch {
	case l.Time < 0:
		return fmt.Errorf("jsonnet.Limits.Time: want 0 or more, got %v", l.Time)
	case l.Memory < 0:
		return fmt.Errorf("jsonnet.Limits.Memory: want 0 or more bytes, got %d", l.Memory)
	case l.Stack < 0 || l.Stack > jsonnet.MostStack:
		return fmt.Errorf("jsonnet.Limits.Stack: want 0 to %d calls, got %d", jsonnet.MostStack, l.Stack)
	}
	return nil
}

// Eval evaluates code. name is its name in messages, in std.thisFile and for the imports in
// it; "" is main.jsonnet. Equal code of one name is compiled once.
//
// If the code is wrong, the error has a [diag.Diagnostic] in its chain: its Code, At with
// the place, Problem, and the calls that led there in Origins. The chain has also the error
// of an [Importer] or a [Native], a [*LimitError] if a limit was exceeded, and the cause of
// the end of ctx.
func (v *VM) Eval(ctx context.Context, name, code string, a Args) (*Result, error) {
	if name == "" {
		name = "main.jsonnet"
	}
	return v.eval(ctx, eval.Finder{Name: name, Code: code, Given: true}, a)
}

// EvalFile evaluates a file, for which it asks the Importer. The errors are those of
// [VM.Eval].
func (v *VM) EvalFile(ctx context.Context, file string, a Args) (*Result, error) {
	return v.eval(ctx, eval.Finder{Name: file}, a)
}

var errNoVM = errors.New("jsonnet.VM: want one of jsonnet.New, got a zero VM")

func (v *VM) eval(ctx context.Context, f eval.Finder, a Args) (*Result, error) {
	if v == nil || v.cache == nil {
		return nil, errNoVM
	}
	if f.Name == "" {
		return nil, errors.New("jsonnet.VM.EvalFile: want the name of a file, got none")
	}
	if v.importer != nil {
		f.Importer = v.importer
	}
	if own, ok := v.importer.(files); ok {
		f.Importer, f.Ahead = own.look(), true
	}
	in := eval.Input{
		File: f.Name, Written: true, ExtVars: variables(a.ExtVars), TLAs: variables(a.TLAs), Trace: a.Trace,
		Natives: v.natives, NativesBy: "jsonnet.Config.Natives",
		Interpreter: eval.Interpreter{MaxStack: v.limits.Stack, MaxMade: v.limits.Memory},
	}
	limited, stop := v.limits.within(ctx)
	defer stop()
	found := eval.NewFound(f, v.cache)
	result, err := eval.Eval(limited, found, in)
	if err != nil {
		return nil, failed(ctx, f.Name, err)
	}
	in.Trace = nil
	known := found.Known()
	again := eval.Repeat(context.WithoutCancel(ctx), v.limits.Time, func(ctx context.Context) (*eval.Opened, error) {
		return eval.Open(ctx, known.Files(), in), nil
	})
	return &Result{json: result.JSON, origins: func(path ...any) []diag.Position {
		return again.Origins(func(o *eval.Opened) []eval.Origin { return o.Origins(path) })
	}}, nil
}

// within returns ctx with the limit of time.
func (l Limits) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if l.Time == 0 {
		return ctx, func() {}
	}
	return budget.New(ctx, budget.Limits{Timeout: l.Time})
}

// variables returns a copy of variables for the evaluator.
func variables(given map[string]Var) map[string]eval.Variable {
	out := make(map[string]eval.Variable, len(given))
	for name, v := range given {
		out[name] = eval.Given(v.Get())
	}
	return out
}
