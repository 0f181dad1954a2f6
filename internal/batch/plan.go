package batch

import (
	"context"
	"slices"

	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// Plan holds the entrypoints that several arguments ask for. The zero Plan asks for
// nothing.
type Plan struct {
	// States are the projects, in the order of the arguments.
	States []*workspace.State
	// Asked are the entrypoints, each once for a name of environments.
	Asked []Asked
	// Broken are the faults of broken entrypoints, which are left out.
	Broken diag.List

	asked map[asked]bool
}

type asked struct {
	state            *workspace.State
	entrypoint, name string
}

// Add adds an entrypoint, unless the plan has it with the same name of environments.
func (p *Plan) Add(e workspace.Entry, s Selection) {
	p.open(e.State)
	if p.asked == nil {
		p.asked = map[asked]bool{}
	}
	if k := (asked{e.State, e.Entrypoint, s.Name}); !p.asked[k] {
		p.asked[k] = true
		p.Asked = append(p.Asked, Asked{e, s})
	}
}

// Below adds the entrypoints at or below a path, which must exist. It returns the project
// of the path, and whether there are entrypoints, whole or broken. The error is that of
// [workspace.Workspace.Below].
func (p *Plan) Below(ctx context.Context, w *workspace.Workspace, path string, s Selection) (state *workspace.State, some bool, err error) {
	state, entries, broken, err := w.Below(ctx, path)
	if err != nil {
		return nil, false, err
	}
	p.open(state)
	for _, e := range entries {
		p.Add(e, s)
	}
	p.Broken = append(p.Broken, s.Broken(broken, state.Shown(s.Name))...)
	return state, len(entries)+len(broken) > 0, nil
}

func (p *Plan) open(s *workspace.State) {
	if !slices.Contains(p.States, s) {
		p.States = append(p.States, s)
	}
}
