package validate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/convert"
	"github.com/mop-platform/mop/internal/intake"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate/internal/crd"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// Object is an object to check with the place that it comes from.
type Object struct {
	// Source is its place: a file with the line where it begins, or the entrypoint of an
	// environment. The zero Source of a [manifest.Document] stands for its own.
	Source diag.Position
	// Path is its path in the source, empty for a document of a file. The empty Path of a
	// [manifest.Object] stands for its own.
	Path manifest.Path
	// Value is whatever [Validator.Check] takes, but for a slice and an Object. In a
	// [Result] it is what has been checked: a JSON value as [manifest.Object.Map] returns
	// it, or nil for what is no object. It must not be changed.
	Value any
	// Origins returns the places that made a field, nearest first; for a missing field,
	// those of the value around it. nil stands for the place of the field in a
	// [manifest.Document], and else for the Source. It must be safe for concurrent use. It
	// is not called after [Validator.Check], nor after [Set.Alone] and [Set.Add].
	Origins func(field manifest.Path) []diag.Position
}

// flat returns objects with the elements of slices among them.
func flat(objects []any) []any {
	all := make([]any, 0, len(objects))
	for _, o := range objects {
		switch o := o.(type) {
		case []manifest.Object:
			all = appended(all, o)
		case []manifest.Document:
			all = appended(all, o)
		case []Object:
			all = appended(all, o)
		case []any:
			all = append(all, o...)
		default:
			all = append(all, o)
		}
	}
	return all
}

func appended[T any](all []any, some []T) []any {
	for _, o := range some {
		all = append(all, o)
	}
	return all
}

// received is an object whose value is one of JSON.
type received struct {
	Object
	// value is the Value of the Object, nil for what is no object.
	value map[string]any
	// faults say what of the given value JSON cannot express, or that it is no object.
	// Parts that JSON cannot express are null in value.
	faults []engine.Finding
	// defined is the definition in the object, nil if the object is no
	// CustomResourceDefinition, or one that cannot be read.
	defined *crd.Definition
	// untyped says that the value is made of a struct without its apiVersion or kind.
	untyped bool
	// own says that Origins are not those of the caller.
	own bool
	// failed is the error of the first call of Origins that has failed.
	failed error
}

// receive returns a given object. The error is the cause of the end of ctx.
func receive(ctx context.Context, given any) (received, error) {
	o, ok := given.(Object)
	if !ok {
		o = Object{Value: given}
	}
	r := received{Object: o}
	var value any
	var err error
	switch given := o.Value.(type) {
	case manifest.Object:
		value, _ = given.Lookup()
		if r.Path == nil {
			r.Path = given.Path()
		}
	case manifest.Document:
		// A program may have changed its Value.
		value, err = r.convert(ctx, given.Value)
		r.read(given.At, given.Find)
	case intake.Document:
		// The command reads files like package manifest, and changes nothing.
		value = given.Value
		r.read(given.At, func(field manifest.Path) diag.Position { return given.Find(field) })
	default:
		value, err = r.convert(ctx, given)
		object, _ := value.(map[string]any)
		r.untyped = plain.LacksType(given, object)
	}
	if err != nil {
		return received{}, err
	}
	object, ok := value.(map[string]any)
	if ok && object == nil {
		value = nil
	}
	if object == nil && len(r.faults) == 0 {
		r.faults = []engine.Finding{{Rule: engine.RuleType, Problem: "want an object, got " + plain.Describe(value)}}
	}
	if r.value = object; object == nil {
		r.Value = nil
	} else {
		r.Value = object
	}
	return r, nil
}

// receiveAll returns a given object, or the objects of a list.
func receiveAll(ctx context.Context, given any) ([]received, error) {
	r, err := receive(ctx, given)
	if err != nil {
		return nil, err
	}
	if _, _, isList := plain.Items(r.value); !isList || len(r.faults) > 0 {
		return []received{r}, nil
	}
	return r.appendItems(nil, nil, r.value), nil
}

// appendItems appends the object at a path of r, or the objects of the list there, as the
// command reads files: what is wrong with a list is the fault of an object without a value.
func (r *received) appendItems(all []received, at manifest.Path, value any) []received {
	object, isObject := value.(map[string]any)
	items, problem, isList := plain.Items(object)
	switch {
	case !isObject || object == nil:
		return append(all, r.part(at, nil, "want an object, got "+plain.Describe(value)))
	case !isList:
		if id := identify(object); schema.IsCRD(id.Group, id.Kind) {
			// A definition is kept longer than the check takes.
			copied, _ := convert.Value(object)
			object, _ = copied.(map[string]any)
		}
		return append(all, r.part(at, object, ""))
	case plain.TooNested(at) != "":
		return append(all, r.part(at, nil, plain.TooNested(at)))
	case problem != "":
		return append(all, r.part(at.Field("items"), nil, problem))
	}
	for i, item := range items {
		all = r.appendItems(all, at.Field("items").Index(i), item)
	}
	return all
}

// part returns the object at a path of r, or, without an object, its problem.
func (r *received) part(at manifest.Path, object map[string]any, problem string) received {
	p := received{Object: r.Object, value: object, own: r.own}
	p.Path = slices.Concat(r.Path, at)
	if p.Value = nil; object != nil {
		p.Value = object
	} else {
		p.faults = []engine.Finding{{Rule: engine.RuleType, Problem: problem}}
	}
	if origins := r.Origins; origins != nil {
		p.Origins = func(field manifest.Path) []diag.Position { return origins(slices.Concat(at, field)) }
	}
	return p
}

// read says that the object is a document of a file, which knows its places.
func (r *received) read(at diag.Position, find func(manifest.Path) diag.Position) {
	if r.Source == (diag.Position{}) {
		r.Source = at
	}
	if r.own = r.Origins == nil; r.own {
		r.Origins = func(field manifest.Path) []diag.Position {
			if at := find(field); at != (diag.Position{}) {
				return []diag.Position{at}
			}
			return nil
		}
	}
}

// convert returns the JSON value that a Go value stands for, and sets the faults.
func (r *received) convert(ctx context.Context, given any) (any, error) {
	if o, ok := given.(map[string]any); ok && plain.Valid(o) {
		// A definition is kept longer than the check takes.
		if id := identify(o); !schema.IsCRD(id.Group, id.Kind) {
			return o, nil
		}
	}
	var value any
	var faults diag.List
	if err := call(ctx, func() { value, faults = convert.Value(given) }); err != nil {
		return nil, fmt.Errorf("%s: %w", r.place(), err)
	}
	for _, f := range faults {
		// The path is one that a Path has written.
		path, _ := manifest.ParsePath(f.Subject)
		r.faults = append(r.faults, engine.Finding{Rule: engine.RuleType, Path: path, Problem: f.Problem})
	}
	return value, nil
}

// place names the object for errors.
func (r *received) place() string {
	if r.Source == (diag.Position{}) {
		return fmt.Sprintf("object of type %T", r.Value)
	}
	return r.Source.String()
}

// define sets defined.
func (r *received) define(at *release.Release) {
	if id := identify(r.value); schema.IsCRD(id.Group, id.Kind) && len(r.faults) == 0 {
		r.defined, _ = crd.Parse(r.value, at)
	}
}

// origins returns the places that made a field. After an error it returns none.
func (r *received) origins(ctx context.Context, field manifest.Path) []diag.Position {
	switch {
	case r.Origins == nil && r.Source == (diag.Position{}), r.failed != nil:
		return nil
	case r.Origins == nil:
		return []diag.Position{r.Source}
	case r.own:
		return r.Origins(field)
	}
	var found []diag.Position
	if err := call(ctx, func() { found = slices.Clone(r.Origins(field)) }); err != nil {
		r.failed = fmt.Errorf("%s: origins of %s: %w", r.place(), field, err)
		return nil
	}
	return found
}

// locate gives origins to the findings about the object that have none.
func (r *received) locate(ctx context.Context, findings []Finding) {
	for i, f := range findings {
		if f.Origins == nil {
			findings[i].Origins = r.origins(ctx, f.Path)
		}
	}
}

// grace is how long a call may go on after the end of its context. What only takes its time
// has returned then, so that nothing reads the values of a caller who has got an error.
const grace = 20 * time.Millisecond

// errGone is the error of a call of [runtime.Goexit].
var errGone = errors.New("ended its goroutine")

// call runs f, which is code of a caller. A panic is an error. When ctx has ended, call
// returns the cause of that soon, even if f does not return.
func call(ctx context.Context, f func()) error {
	done := make(chan error, 1)
	go func() {
		err := errGone
		defer func() { done <- err }()
		err = budget.Guarded(f)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case err := <-done:
		return err
	case <-late.C:
		return budget.Of(ctx).Err()
	}
}
