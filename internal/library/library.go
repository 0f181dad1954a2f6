// Package library writes a Jsonnet library for the objects of Kubernetes, and of
// CustomResourceDefinitions, into a directory: the whole library or nothing.
package library

import (
	"context"
	"errors"
	"fmt"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/k8s"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Options say which library is written, and where.
type Options struct {
	Minor schema.Minor
	// Definitions are paths of files with CustomResourceDefinitions, as for
	// [inputs.Inputs.Definitions].
	Definitions []string
	// Out is the user's name of the directory.
	Out     string
	Library k8s.Options
}

// Generate writes the library. found are faults in the definitions; if there are any, it
// writes nothing. The error says why it could not write.
func Generate(ctx context.Context, in inputs.Inputs, o Options) (found diag.List, err error) {
	dir := in.Abs(o.Out)
	if err := checkGenerated(ctx, dir, o.Out); err != nil {
		return nil, err
	}
	document, err := schema.Open(o.Minor)
	if err != nil {
		return nil, err
	}
	crds, found, err := in.Definitions(ctx, o.Definitions)
	if err != nil {
		return nil, err
	}
	at := in.Largest(crds)
	if at.File != "" {
		defer budget.Of(ctx).During(at.String())()
	}
	all, more, err := definitions(ctx, in, document, crds)
	if err != nil {
		return nil, err
	}
	if found = append(found, more...); found.Err() != nil {
		return found, nil
	}
	files, err := k8s.Generate(ctx, all, o.Library)
	if l, ok := diag.From(err); ok {
		for i := range l {
			l[i].Code = failure.SameDefinition
		}
		return l, nil
	}
	if stopped := (*k8s.Interrupted)(nil); errors.As(err, &stopped) && stopped.Origin.File != "" {
		return nil, inputs.Placed(in.ShownAt(stopped.Origin), stopped.Err)
	}
	if err != nil {
		return nil, inputs.Placed(at, fmt.Errorf("kubernetes %s: %w", o.Minor, err))
	}
	err = replace(ctx, dir, files)
	if _, ok := diag.From(err); err == nil || ok {
		return nil, err
	}
	return nil, inputs.Placed(at, fmt.Errorf("library %s: %w", o.Out, err))
}

// definitions returns the definitions of document and of the kinds that crds define. The
// diagnostics report their faults, and kinds that are defined twice. The error is that of
// the budget of ctx.
func definitions(ctx context.Context, in inputs.Inputs, document *schema.Document, crds []inputs.Definition) ([]k8s.Definition, diag.List, error) {
	var found diag.List
	origins := map[string]diag.Position{} // by the names of definitions
	objects := make([]manifest.Object, len(crds))
	for i, c := range crds {
		if err := budget.Of(ctx).Err(); err != nil {
			return nil, nil, inputs.Placed(in.ShownAt(c.At), err)
		}
		objects[i] = c.Object
		own, l := new(schema.Document).With(c.Object)
		for _, d := range l {
			d.Subject = c.ID().String() + ": " + d.Subject
			d.Origins = append(d.Origins, c.At)
			found = append(found, d)
		}
		for _, name := range own.Names() {
			if first, ok := origins[name]; ok {
				found = append(found, diag.Diagnostic{
					Subject: c.ID().String(),
					Problem: fmt.Sprintf("want one definition of %s, got two", name),
					Origins: []diag.Position{first, c.At},
				})
			}
			origins[name] = c.At
		}
	}
	extended, _ := document.With(objects...)
	all := k8s.Definitions(extended)
	for i, d := range all {
		all[i].Origin = origins[d.Name]
	}
	return all, found, nil
}
