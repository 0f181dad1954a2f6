package render

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/project"
	renderer "github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/jsonnet"
)

// Args are the arguments of one call. The zero Args are none.
type Args struct {
	jsonnet.Args
	// Name is the exact name of an environment, for an entrypoint that has several. If it is
	// "", the entrypoint must have one.
	Name string
	// Targets select objects, as Tanka's do: each is a regular expression that must match
	// all of Kind/name, in upper or lower case. One with a leading ! leaves out what it
	// matches. If there are none, all objects are selected.
	Targets []string
}

// running is one call.
type running struct {
	project *Project
	// ctx has the limit of time, until end is called.
	ctx      context.Context
	end      func()
	env      string
	args     Args
	renderer *renderer.Renderer

	mu sync.Mutex
	// warnings are those of the evaluation.
	warnings diag.List
}

// call begins a call about an environment.
func (p *Project) call(ctx context.Context, env string, a Args) (*running, error) {
	if p.isZero() {
		return nil, errZero
	}
	c := &running{project: p, ctx: ctx, end: func() {}, env: named(p.disk, env), args: a}
	o := p.renderer.Options()
	var err error
	if o.ExtVars, err = variables("external variable", a.ExtVars); err != nil {
		return nil, err
	}
	if o.TLAs, err = variables("top-level argument", a.TLAs); err != nil {
		return nil, err
	}
	if o.Targets, err = renderer.ParseTargets(a.Targets); err != nil {
		return nil, err
	}
	o.Trace, o.Warn = a.Trace, c.warn
	c.renderer = p.renderer.With(o)
	if p.limits.Time > 0 {
		c.ctx, c.end = budget.New(ctx, budget.Limits{Timeout: p.limits.Time})
	}
	return c, nil
}

// variables returns variables for an evaluation. The error is about the first one, by their
// names, that JSON cannot express.
func variables(what string, vars map[string]jsonnet.Var) (map[string]eval.Variable, error) {
	out := make(map[string]eval.Variable, len(vars))
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		if _, _, _, err := vars[name].Get(); err != nil {
			return nil, fmt.Errorf("%s %s: %w", what, name, err)
		}
		out[name] = eval.Given(vars[name].Get())
	}
	return out, nil
}

func (c *running) warn(d diag.Diagnostic) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.warnings = append(c.warnings, d)
}

// warned returns the warnings until now, and forgets them.
func (c *running) warned() diag.List {
	c.mu.Lock()
	defer c.mu.Unlock()
	warnings := c.warnings
	c.warnings = nil
	return warnings
}

// of returns what f returns for the files of one moment; f may be called several times.
func of[T any](c *running, f func(look *renderer.Renderer) (T, error)) (T, error) {
	for m := c.renderer.Begin(name(c.env)); ; {
		c.warned()
		result, err := f(m.Look())
		switch still, err := m.Still(c.ctx, err); {
		case err != nil:
			var none T
			return none, c.failure(err)
		case still:
			return result, nil
		}
	}
}

// load evaluates the environment, which is the only one Chosen.
func (c *running) load(look *renderer.Renderer) (renderer.File, error) {
	entry, err := look.Entry(c.ctx, c.env)
	if err != nil {
		return renderer.File{}, err
	}
	return only(c.ctx, look, entry, c.args.Name)
}

// loadAll evaluates the entrypoint. All its environments are Chosen, or the one with a name.
func (c *running) loadAll(look *renderer.Renderer) (renderer.File, error) {
	if c.args.Name != "" {
		return c.load(look)
	}
	entry, err := look.Entry(c.ctx, c.env)
	if err != nil {
		return renderer.File{}, err
	}
	return look.Load(c.ctx, entry)
}

// only evaluates the environment of an entrypoint with a name or, if that is "", the only one.
func only(ctx context.Context, look *renderer.Renderer, entry project.Environment, name string) (renderer.File, error) {
	file, err := look.LoadChosen(ctx, entry, func(all []renderer.Environment) []renderer.Environment {
		env, err := renderer.Exactly(all, entry.Entrypoint, name)
		if err != nil {
			return nil
		}
		return []renderer.Environment{env}
	})
	if err == nil && len(file.Chosen) == 0 {
		_, err = renderer.Exactly(file.Environments, entry.Entrypoint, name)
	}
	return file, err
}

// failure returns the error of the call for err. An error of a limit says which one.
func (c *running) failure(err error) error {
	var spent *budget.Exceeded
	if errors.As(err, &spent) {
		if _, ok := diag.From(err); !ok {
			err = diag.List{{Code: failure.Spent(spent), Subject: name(c.env), Problem: spent.Error(), Err: err}}.Err()
		}
	}
	if limit := eval.Limit(err); limit != "" {
		return &jsonnet.LimitError{Limit: limit, Err: err}
	}
	return err
}
