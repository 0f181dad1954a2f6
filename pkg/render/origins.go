package render

import (
	"slices"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/eval"
	"github.com/mop-platform/mop/pkg/manifest"
)

// MostOrigins is how many origins a message about a part names: the nearest ones.
const MostOrigins = 3

// Origins returns the places in the Jsonnet that made a part of an environment:
// the most derived first, then those that it adds to with +:. path is where the
// part stands in the evaluated value, such as the Path of an object followed by
// that of a field in it. A part that is not there, or that no code in the
// project's files made, has the origins of the nearest part around it. There are
// none for the whole value, and none with [eval.GoJsonnet].
//
// What the spec sets is no part of the value; see [Environment.ObjectOrigins].
func (e Environment) Origins(path manifest.Path) []diag.Position { return originsOf(e.read, path) }

// ObjectOrigins returns the origins of a field of an object that
// [Renderer.Objects] made of the environment: [Environment.Origins], or, of what
// the environment's spec sets, [Environment.SpecOrigins].
func (e Environment) ObjectOrigins(o manifest.Object, field manifest.Path) []diag.Position {
	if e.FromSpec(o, field) {
		return e.SpecOrigins(e.specField(field))
	}
	return e.Origins(slices.Concat(o.Path(), field))
}

// FromSpec reports whether a field of an object that [Renderer.Objects] made of
// the environment is as the environment's spec wants it, and not from the
// Jsonnet: a namespace, a label or an annotation.
func (e Environment) FromSpec(o manifest.Object, field manifest.Path) bool {
	whole, _ := o.Lookup()
	rendered, ok := field.In(whole)
	if !ok {
		return false
	}
	evaluated, ok := slices.Concat(o.Path(), field).In(e.read.Value)
	switch rendered.(type) {
	case map[string]any, []any:
		return !ok || evaluated == nil
	}
	return !ok || evaluated != rendered
}

// specField returns the field of the environment's resource that sets a field of
// an object's metadata.
func (e Environment) specField(field manifest.Path) manifest.Path {
	spec := manifest.Path{"spec"}
	switch {
	case slices.Equal(field, manifest.Path{"metadata", "namespace"}):
		return spec.Field("namespace")
	case slices.Equal(field, manifest.Path{"metadata", "labels", environmentLabel}) && e.Resource.Spec.InjectLabels:
		return spec.Field("injectLabels")
	}
	return append(spec, append(manifest.Path{"resourceDefaults"}, field[1:]...)...)
}

// SpecOrigins returns the places of a field of the environment's resource, such
// as spec.namespace: in the Jsonnet where the environment is inline, else the
// file spec.json. Where these are not known it is the entrypoint.
func (e Environment) SpecOrigins(field manifest.Path) []diag.Position {
	switch {
	case e.Inline:
		if found := e.Origins(slices.Concat(e.Path, field)); len(found) > 0 {
			return found
		}
	case e.Entry.Resource != nil:
		return []diag.Position{{File: e.Entry.SpecFile()}}
	}
	return []diag.Position{{File: e.Entry.Entrypoint}}
}

func originsOf(read eval.Result, path manifest.Path) []diag.Position {
	for n := len(path); n > 0; n-- {
		if found := read.Origins(path[:n]...); len(found) > 0 {
			return found
		}
	}
	return nil
}

// place returns the origins that a message names: the nearest ones, and the
// entrypoint, which tells the environment, unless one of them is in it.
func place(read eval.Result, path manifest.Path, entrypoint string) []diag.Position {
	found := originsOf(read, path)
	found = slices.Clip(found[:min(MostOrigins, len(found))])
	if !slices.ContainsFunc(found, func(p diag.Position) bool { return p.File == entrypoint }) {
		found = append(found, diag.Position{File: entrypoint})
	}
	return found
}

// locate sets the origins of diagnostics whose subjects are paths.
func (e Environment) locate(l diag.List) {
	for i := range l {
		// A subject that is none has the origin of the whole.
		path, _ := manifest.ParsePath(l[i].Subject)
		l[i].Origins = place(e.read, path, e.Entry.Entrypoint)
	}
}
