package render

import (
	"slices"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// MostOrigins is the most origins that a message about a part names: the nearest ones.
const MostOrigins = 3

// Origins returns the places that made a part of an environment, as [eval.Result.Origins]
// does, but first the one that a user would edit: the last place that passed the value on
// and is not in a library of others, see [project.Vendored]. path is the part's path in the
// evaluated value, such as the Path of an object and then the path of a field in it. A
// missing part has the origins of the nearest part around it. There are no origins with
// [eval.GoJsonnet].
//
// Fields that the spec sets are no part of the value; see [Environment.ObjectOrigins].
func (e Environment) Origins(path manifest.Path) []eval.Origin { return OriginsOf(e.read, path) }

// ObjectOrigins returns the origins of a field of an object from [Renderer.Objects]:
// [Environment.SpecOrigins] if the environment's spec sets it, else [Environment.Origins].
func (e Environment) ObjectOrigins(o manifest.Object, field manifest.Path) []eval.Origin {
	if e.FromSpec(o, field) {
		return e.SpecOrigins(e.specField(field))
	}
	return e.Origins(slices.Concat(o.Path(), field))
}

// FromSpec reports whether a field of an object from [Renderer.Objects] comes from the
// environment's spec and not from the Jsonnet: a namespace, a label or an annotation.
func (e Environment) FromSpec(o manifest.Object, field manifest.Path) bool {
	whole, _ := o.Lookup()
	rendered, ok := field.In(whole)
	if !ok {
		return false
	}
	value, err := e.data.get()
	if err != nil {
		return false
	}
	evaluated, ok := slices.Concat(o.Path()[len(e.at):], field).In(value)
	switch rendered.(type) {
	case map[string]any, []any:
		return !ok || evaluated == nil
	}
	return !ok || evaluated != rendered
}

// specField returns the field of the environment's resource that sets a field of
// an object's metadata.
func (e Environment) specField(field manifest.Path) manifest.Path {
	for _, f := range specFields() {
		if at, ok := f.sets(e, field); ok {
			return append(manifest.Path{"spec", f.name}, at...)
		}
	}
	return manifest.Path{"spec"}
}

// SpecOrigins returns the places of a field of the environment's resource, such as
// spec.namespace. For an inline environment they are in the Jsonnet, else it is the line of
// spec.json. If there is no such place, it is the entrypoint.
func (e Environment) SpecOrigins(field manifest.Path) []eval.Origin {
	switch {
	case e.Inline:
		if found := e.Origins(slices.Concat(e.Path, field)); len(found) > 0 {
			return found
		}
	case e.Entry.Resource != nil:
		return []eval.Origin{{At: e.Entry.SpecPosition(field...)}}
	}
	return []eval.Origin{{At: diag.Position{File: e.Entry.Entrypoint}}}
}

// OriginsOf returns the origins of a part of a result, as [Environment.Origins] does.
func OriginsOf(read eval.Result, path manifest.Path) []eval.Origin {
	for n := len(path); n >= 0; n-- {
		if found := read.Origins(path[:n]...); len(found) > 0 {
			return editedFirst(found)
		}
	}
	return nil
}

// editedFirst moves the origin that a user would edit to the front: that of the most
// derived definition with an origin, and of the whole value before its parts.
func editedFirst(origins []eval.Origin) []eval.Origin {
	edited := -1
	for i, o := range origins {
		if edited >= 0 && o.Effect != eval.From {
			break
		}
		if !project.Vendored(o.At.File) {
			edited = i
		}
	}
	if edited <= 0 {
		return origins
	}
	return slices.Concat(origins[edited:edited+1], origins[:edited], origins[edited+1:])
}

// place returns the origins that a message names: the nearest ones. It adds the entrypoint,
// which shows the environment, unless one of them is in it.
func place(read eval.Result, path manifest.Path, entrypoint string) []diag.Position {
	found := eval.Positions(OriginsOf(read, path))
	found = slices.Clip(found[:min(MostOrigins, len(found))])
	if !slices.ContainsFunc(found, func(p diag.Position) bool { return p.File == entrypoint }) {
		found = append(found, diag.Position{File: entrypoint})
	}
	return found
}

// locate sets the origins of diagnostics whose subjects are paths.
func (e Environment) locate(l diag.List) {
	for i := range l {
		// A subject that is no path has the origin of the whole.
		path, _ := manifest.ParsePath(l[i].Subject)
		l[i].Origins = place(e.read, path, e.Entry.Entrypoint)
	}
}
