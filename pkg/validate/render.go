package validate

import (
	"context"
	"errors"

	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/render"
)

// CheckRender checks the objects of a rendered environment like [Validator.Check], with its
// entrypoint as their source, and their origins in the Jsonnet. Unless [Config.Release] is
// set, the release is that of spec.expectVersions.kubernetes, if the environment has one;
// an error about that is a [diag.Diagnostic]. Files are named as in the Result.
func (v *Validator) CheckRender(ctx context.Context, r *render.Result) (*Report, error) {
	switch {
	case v == nil:
		return nil, errNoValidator
	case r == nil:
		return nil, errors.New("check of a rendering: want a Result, got nil")
	}
	entrypoint := diag.Position{File: r.Environment.Entrypoint}
	minor := v.minor
	if expected := r.Environment.Spec.ExpectKubernetes; minor == 0 && expected != "" {
		var err error
		if minor, err = schema.MinorOf("spec.expectVersions.kubernetes", expected); err != nil {
			if l, ok := diag.From(err); ok {
				l[0].Origins = []diag.Position{entrypoint}
				return nil, l.Err()
			}
			return nil, err
		}
	}
	objects := make([]any, len(r.Objects))
	for i, o := range r.Objects {
		objects[i] = Object{Source: entrypoint, Value: o, Origins: func(field manifest.Path) []diag.Position {
			if found := r.Origins(o, field); len(found) > 0 {
				return found
			}
			return []diag.Position{entrypoint}
		}}
	}
	return v.at(minor).check(ctx, objects)
}
