// Package batch tells which environments of an entrypoint are meant.
package batch

import (
	"path"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/render"
)

// Selection is which environments of an entrypoint are meant.
type Selection struct {
	// Name is that of an environment, "" for any. Unless Exact is set, a part of it
	// will do where no environment is called so.
	Name  string
	Exact bool
	// Selector is over the labels; nil selects all.
	Selector labels.Selector
}

// Of returns those of envs that are meant.
func (s Selection) Of(envs []render.Environment) []render.Environment {
	if !s.Exact {
		envs = render.Select(envs, s.Name)
	}
	return slices.DeleteFunc(slices.Clone(envs), func(e render.Environment) bool {
		return s.Exact && s.Name != "" && e.Name() != s.Name || s.Selector != nil && !s.Selector.Matches(labels.Set(e.Resource.Metadata.Labels))
	})
}

// Loader returns Of for [workspace.State.Load], nil where all environments are meant.
func (s Selection) Loader() func([]render.Environment) []render.Environment {
	if s.Name == "" && (s.Selector == nil || s.Selector.Empty()) {
		return nil
	}
	return s.Of
}

// Broken returns those of what is wrong with files spec.json that may be about an
// environment that is meant. What labels the file was to give, nobody knows; the
// name is that of its directory, which l calls dir.
func (s Selection) Broken(l diag.List, dir string) diag.List {
	return slices.DeleteFunc(slices.Clone(l), func(d diag.Diagnostic) bool {
		return s.Exact && s.Name != "" && path.Dir(d.At.File) != dir
	})
}
