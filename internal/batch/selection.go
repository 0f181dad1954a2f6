package batch

import (
	"path"
	"slices"

	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/diag"
)

// Selection selects environments of an entrypoint. The zero Selection selects the only one.
type Selection struct {
	// Name is the name of an environment, "" for any. Unless Whole is set, a part of the
	// name matches if no environment has the whole name.
	Name  string
	Whole bool
	// Count is how many environments must match.
	Count Count
	// Labels reports whether it selects an environment with these labels; nil means all.
	Labels func(map[string]string) bool
}

// Count is how many environments of an entrypoint must match.
type Count int

const (
	Single Count = iota // one
	Some                // at least one
	Any                 // any number
)

// All reports whether s selects all environments.
func (s Selection) All() bool { return s.Name == "" && s.Labels == nil }

// Of returns those of envs that s selects.
func (s Selection) Of(envs []render.Environment) []render.Environment {
	return slices.DeleteFunc(s.named(envs), func(e render.Environment) bool {
		return s.Labels != nil && !s.Labels(e.Resource.Metadata.Labels)
	})
}

// named returns those of envs that s selects by name.
func (s Selection) named(envs []render.Environment) []render.Environment {
	if !s.Whole {
		return slices.Clone(render.Select(envs, s.Name))
	}
	return slices.DeleteFunc(slices.Clone(envs), func(e render.Environment) bool { return s.Name != "" && e.Name() != s.Name })
}

// chooser returns Of for [workspace.State.Load], nil if s selects all environments.
func (s Selection) chooser() func([]render.Environment) []render.Environment {
	if s.All() {
		return nil
	}
	return s.Of
}

// Broken filters faults of spec.json files. It returns those that may be about a selected
// environment. The name of such an environment is its directory; dir is the directory with
// the selected name, as file names in l have it. The labels are unknown.
func (s Selection) Broken(l diag.List, dir string) diag.List {
	return slices.DeleteFunc(slices.Clone(l), func(d diag.Diagnostic) bool {
		return s.Whole && s.Name != "" && path.Dir(d.At.File) != dir
	})
}
