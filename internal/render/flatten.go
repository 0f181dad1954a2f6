package render

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Flatten finds the Kubernetes objects in an evaluated value and returns them in the order
// of their paths: object fields by name, array elements in their order. value is as
// encoding/json decodes it. The objects keep parts of it, so it must not be changed
// afterwards.
//
// An object with an apiVersion or a kind is a manifest, unless these hold objects. Flatten
// searches other objects and arrays. It passes over a field that is null, because an if
// without an else leaves one. The diagnostics report everything else: a primitive in the
// place of an object, a null in an array, a manifest without the parts that [manifest.New]
// requires. Flatten still returns the good objects.
//
// If [plain.Items] accepts an object as a list, its items replace it. Fields called
// __ksonnet are dropped.
//
// The error is the end of the budget of ctx.
func Flatten(ctx context.Context, value any) ([]manifest.Object, diag.List, error) {
	return flatten(ctx, nil, value)
}

// flatten is Flatten for a value at a path.
func flatten(ctx context.Context, at manifest.Path, value any) ([]manifest.Object, diag.List, error) {
	f := flattener{meter: budget.Of(ctx).Meter()}
	if value != nil {
		f.walk(at, value)
	}
	return f.objects, f.found, f.ended
}

type flattener struct {
	meter   budget.Meter
	objects []manifest.Object
	found   diag.List
	// ended is why the work has to end.
	ended error
}

func (f *flattener) walk(at manifest.Path, value any) {
	if f.ended = cmp.Or(f.ended, f.meter.Work(objectWork)); f.ended != nil {
		return
	}
	switch value := value.(type) {
	case map[string]any:
		if _, ok := value["__ksonnet"]; ok {
			value = maps.Clone(value)
			delete(value, "__ksonnet")
		}
		if meantAsManifest(value) {
			f.manifest(at, value)
			return
		}
		var primitives []manifest.Path
		for _, name := range slices.Sorted(maps.Keys(value)) {
			switch v := value[name].(type) {
			case nil:
			case map[string]any, []any:
				f.walk(at.Field(name), v)
			default:
				primitives = append(primitives, at.Field(name))
			}
		}
		if len(primitives) > 0 {
			name := primitives[0][len(at)].(string)
			f.primitive(primitives[0], value[name], len(primitives)-1, failure.StrayField)
		}
	case []any:
		for i, element := range value {
			if element == nil {
				f.primitive(at.Index(i), nil, 0, failure.NullElement)
				continue
			}
			f.walk(at.Index(i), element)
		}
	default:
		f.primitive(at, value, 0, failure.StrayValue)
	}
}

// meantAsManifest reports whether value is, or was meant as, a manifest: it has a primitive
// under apiVersion or kind.
func meantAsManifest(value map[string]any) bool {
	for _, name := range []string{"apiVersion", "kind"} {
		switch value[name].(type) {
		case nil, map[string]any, []any:
		default:
			return true
		}
	}
	return false
}

// primitive reports a value that is neither object nor array, and the number of similar
// fields beside it.
func (f *flattener) primitive(at manifest.Path, value any, alike int, code string) {
	problem := "want an object, got " + plain.Describe(value)
	switch {
	case alike == 1:
		problem += " (and 1 more field like it)"
	case alike > 1:
		problem += fmt.Sprintf(" (and %d more fields like it)", alike)
	}
	f.report(code, at, problem)
}

// manifest adds an object, or the items of a list.
func (f *flattener) manifest(at manifest.Path, value map[string]any) {
	if items, problem, ok := plain.Items(value); ok {
		if problem := plain.TooNested(at); problem != "" {
			f.report("", at, problem)
			return
		}
		at = at.Field("items")
		if problem != "" {
			f.report("", at, problem)
		}
		for i, item := range items {
			if object, ok := item.(map[string]any); ok {
				f.walk(at.Index(i), object)
				continue
			}
			f.primitive(at.Index(i), item, 0, failure.StrayItem)
		}
		return
	}
	object, found := manifest.New(at, value)
	f.found = append(f.found, found...)
	if found.Err() == nil {
		f.objects = append(f.objects, object)
	}
}

func (f *flattener) report(code string, at manifest.Path, problem string) {
	f.found = append(f.found, diag.Diagnostic{Code: code, Subject: at.String(), Problem: problem})
}
