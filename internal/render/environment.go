package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/spelling"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Environment is one environment that an entrypoint evaluates to.
type Environment struct {
	// Resource is the environment's Tanka resource with the defaults that Tanka fills in:
	// Metadata.Namespace is the entrypoint, and Metadata.Name of a static environment is
	// its directory.
	Resource project.Resource
	// Entry is its entrypoint.
	Entry project.Environment
	// Inline is true for an environment in the value of the Jsonnet, false for one with a
	// spec.json or without any resource.
	Inline bool
	// Path is the place of an inline environment in the evaluated value.
	Path manifest.Path

	// data holds its objects, at a path in the evaluated value; nil for none.
	data *data
	at   manifest.Path
	// read is the result that holds the environment.
	read eval.Result
}

// Name returns the environment's name: Metadata.Name.
func (e Environment) Name() string { return e.Resource.Metadata.Name }

// File is an evaluated entrypoint.
type File struct {
	// Environments are all environments in the file, sorted by name.
	Environments []Environment
	// Chosen are the environments that [Renderer.Objects] accepts.
	Chosen []Environment
	// Read has the files that were read so far.
	Read eval.Result
	// Warnings are about the environments' specs and about objects that belong
	// to no environment.
	Warnings diag.List
}

// Select returns the environment called name. If there is none, it returns the environments
// whose names contain name. For "" it returns all.
func Select(envs []Environment, name string) []Environment {
	if i := slices.IndexFunc(envs, func(e Environment) bool { return e.Name() == name }); i >= 0 {
		return envs[i : i+1]
	}
	var out []Environment
	for _, e := range envs {
		if strings.Contains(e.Name(), name) {
			out = append(out, e)
		}
	}
	return out
}

// One returns the only environment that name selects among envs, which come from the file
// called entrypoint. If there are none or several, the error is a [*diag.List] that names
// the candidates, with [project.ErrNoEnvironment] or [project.ErrAmbiguous] in its chain.
func One(envs []Environment, entrypoint, name string) (Environment, error) {
	return only(Select(envs, name), envs, entrypoint, name)
}

// Exactly is [One] with the environment that is called name, and not one that is called like
// it. For "" it returns the only one.
func Exactly(envs []Environment, entrypoint, name string) (Environment, error) {
	found := Select(envs, name)
	if name != "" {
		found = slices.DeleteFunc(slices.Clone(found), func(e Environment) bool { return e.Name() != name })
	}
	return only(found, envs, entrypoint, name)
}

// only returns the only environment among those found in envs.
func only(found, envs []Environment, entrypoint, name string) (Environment, error) {
	if len(found) == 1 {
		return found[0], nil
	}
	names := func(envs []Environment) []string {
		var out []string
		for _, e := range envs {
			out = append(out, e.Name())
		}
		return out
	}
	d := diag.Diagnostic{Subject: entrypoint, Err: project.ErrAmbiguous}
	if len(found) == 0 {
		d.Err = project.ErrNoEnvironment
		d.Problem = fmt.Sprintf("no environment is called %s", message.Quote(name))
		d.Code, d.Values = failure.NoInline, map[string]any{"all": names(envs)}
		if s := spelling.Suggest(name, names(envs)); s != "" {
			d.Values["near"] = message.Quote(s)
		}
		return Environment{}, diag.List{d}.Err()
	}
	d.Problem = "holds several environments"
	if name != "" {
		d.Problem = fmt.Sprintf("holds several environments called like %s", message.Quote(name))
	}
	d.Code, d.Values = failure.ManyInline, map[string]any{"all": names(found)}
	return Environment{}, diag.List{d}.Err()
}
