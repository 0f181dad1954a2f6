package main

import (
	"path"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/render"
)

// choice is what flags say about which environments of an entrypoint are meant.
type choice struct {
	// name is that of an environment, "" for any. Unless exact is set, a part of it
	// will do where no environment is called so.
	name  string
	exact bool
	// selector is over the labels; nil selects all.
	selector labels.Selector
}

// of returns those of envs that are meant.
func (c choice) of(envs []render.Environment) []render.Environment {
	if !c.exact {
		envs = render.Select(envs, c.name)
	}
	return slices.DeleteFunc(slices.Clone(envs), func(e render.Environment) bool {
		return c.exact && c.name != "" && e.Name() != c.name || c.selector != nil && !c.selector.Matches(labels.Set(e.Resource.Metadata.Labels))
	})
}

// loader returns of for load, nil where all environments are meant.
func (c choice) loader() func([]render.Environment) []render.Environment {
	if c.name == "" && (c.selector == nil || c.selector.Empty()) {
		return nil
	}
	return c.of
}

// broken returns those of what is wrong with files spec.json that may be about an
// environment that is meant. What labels the file was to give, nobody knows; the
// name is that of its directory, which l calls dir.
func (c choice) broken(l diag.List, dir string) diag.List {
	return slices.DeleteFunc(slices.Clone(l), func(d diag.Diagnostic) bool {
		return c.exact && c.name != "" && path.Dir(d.At.File) != dir
	})
}
