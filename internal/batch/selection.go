package batch

import (
	"path"
	"slices"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/render"
)

// Selection says which environments of an entrypoint are meant. The zero Selection
// means the only one.
type Selection struct {
	// Name is the name of an environment, "" for any. Unless Whole is set, a part of the
	// name matches if no environment has the whole name.
	Name  string
	Whole bool
	// Count is how many environments must have the name.
	Count Count
	// Labels tells whether an environment with these labels is meant; nil means all.
	Labels func(map[string]string) bool
}

// Count is how many environments are wanted of an entrypoint.
type Count int

const (
	Single Count = iota // one
	Some                // at least one
	Any                 // any number
)

// All reports whether all environments are meant.
func (s Selection) All() bool { return s.Name == "" && s.Labels == nil }

// Of returns those of envs that are meant.
func (s Selection) Of(envs []render.Environment) []render.Environment {
	return slices.DeleteFunc(s.named(envs), func(e render.Environment) bool {
		return s.Labels != nil && !s.Labels(e.Resource.Metadata.Labels)
	})
}

// named returns those of envs that are meant by their names.
func (s Selection) named(envs []render.Environment) []render.Environment {
	if !s.Whole {
		return slices.Clone(render.Select(envs, s.Name))
	}
	return slices.DeleteFunc(slices.Clone(envs), func(e render.Environment) bool { return s.Name != "" && e.Name() != s.Name })
}

// chooser returns Of for [workspace.State.Load], nil where all environments are meant.
func (s Selection) chooser() func([]render.Environment) []render.Environment {
	if s.All() {
		return nil
	}
	return s.Of
}

// Broken filters faults of spec.json files. It returns those that may be about an
// environment that is meant. The name of the environment is that of its directory, which l
// calls dir. Its labels are unknown.
func (s Selection) Broken(l diag.List, dir string) diag.List {
	return slices.DeleteFunc(slices.Clone(l), func(d diag.Diagnostic) bool {
		return s.Whole && s.Name != "" && path.Dir(d.At.File) != dir
	})
}
