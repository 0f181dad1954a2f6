package project

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/pkg/diag"
)

// The errors in the chain of a failed look-up, besides the reason.
var (
	// ErrNoProject says that there is no project in a directory or around it.
	ErrNoProject = errors.New("no project")
	// ErrNoEnvironment says that there is no environment of a name.
	ErrNoEnvironment = errors.New("no environment")
	// ErrAmbiguous says that a name stands for several environments.
	ErrAmbiguous = errors.New("several environments")
)

// Exact returns the environment of a name: that of a directory, such as environments/dev, or
// that of a Jsonnet file, which is then the entrypoint. A name that ends in .jsonnet or
// .libsonnet is one of a file, "." is the root. It looks into no other directory, and lists
// none, so that the files need not have directories.
//
// read reads the files, as [Project.ReadFile] does. The error is a [*diag.List]: with
// [ErrNoEnvironment] in its chain if there is no entrypoint or name cannot be one, or about
// the spec.json. It is the cause of the end of ctx if that has ended.
func (p *Project) Exact(ctx context.Context, name string, read func(ctx context.Context, name string) ([]byte, error)) (Environment, error) {
	if name == "" {
		return Environment{}, none(name, "want the name of an environment, got none", nil)
	}
	dir := path.Clean(name)
	entrypoint := path.Join(dir, Entrypoint)
	if ext := path.Ext(dir); ext == ".jsonnet" || ext == ".libsonnet" {
		dir, entrypoint = path.Dir(dir), dir
	}
	_, err := read(ctx, entrypoint)
	switch {
	case isMissing(err):
		return Environment{}, none(name, "no such environment: no file "+message.Quote(entrypoint), errors.Join(err, fs.ErrNotExist))
	case isOutside(err):
		return Environment{}, none(name, reason(err), err)
	}
	if ended := budget.Of(ctx).Err(); ended != nil {
		return Environment{}, ended
	}
	// The evaluation says what else is wrong with the entrypoint.
	return p.loadBy(ctx, dir, entrypoint, read)
}

// isMissing reports whether err says that there is no such file: nothing, a name below a
// file, or a directory.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EISDIR)
}

// none returns the error for a name that is none of an environment.
func none(name, problem string, err error) error {
	return diag.List{{
		Code: failure.NoEnvironment, Subject: strings.TrimSpace("environment " + name), Problem: problem, Err: errors.Join(ErrNoEnvironment, err),
		// Nobody knows which environments there are.
		Values: map[string]any{"entrypoint": Entrypoint},
	}}.Err()
}
