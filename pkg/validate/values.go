package validate

import (
	"fmt"
	"sync/atomic"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/convert"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate/internal/crd"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// received is an object whose value is one of JSON.
type received struct {
	Object
	// faults are the parts of the given value that JSON cannot express. They are null in
	// Value.
	faults []engine.Finding
	// defined is the definition in the object, nil if the object is no
	// CustomResourceDefinition, or one that cannot be read.
	defined *crd.Definition
	// panicked is the first panic of the given Origins, as an error.
	panicked *atomic.Pointer[error]
}

// receive converts the value of an object, which may be any Go value, see
// [convert.Value].
func (v *Validator) receive(o Object) received {
	r := received{Object: o, panicked: new(atomic.Pointer[error])}
	if o.Origins != nil {
		r.Origins = func(field manifest.Path) (found []diag.Position) {
			if err := budget.Guarded(func() { found = o.Origins(field) }); err != nil {
				err = fmt.Errorf("%s: origins of %s: %w", o.Source, field, err)
				r.panicked.CompareAndSwap(nil, &err)
			}
			return found
		}
	}
	r.Value, r.faults = valueOf(o)
	if id := identify(r.Value); schema.IsCRD(id.Group, id.Kind) {
		r.defined, _ = crd.Parse(r.Value, v.engine.Release)
	}
	return r
}

// err returns the panic of the Origins, if they have panicked.
func (r received) err() error {
	if p := r.panicked.Load(); p != nil {
		return *p
	}
	return nil
}

// valueOf returns the value of an object as one of JSON, and the parts that JSON cannot
// express.
func valueOf(o Object) (map[string]any, []engine.Finding) {
	if o.Parsed || plain.Valid(o.Value) {
		return o.Value, nil
	}
	value, faults := convert.Value(o.Value)
	var findings []engine.Finding
	for _, f := range faults {
		// The path is one that a Path has written.
		path, _ := manifest.ParsePath(f.Subject)
		findings = append(findings, engine.Finding{Rule: engine.RuleType, Path: path, Problem: f.Problem})
	}
	object, _ := value.(map[string]any)
	return object, findings
}
