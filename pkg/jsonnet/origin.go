package jsonnet

import "github.com/google/go-jsonnet/ast"

// Origin is a place in the source that made a part of a result what it is.
type Origin struct {
	// Location is that of the expression for the value.
	Location ast.LocationRange
	// Plus is set for a field with +:, which adds to what the origins after it
	// made.
	Plus bool
}

// Origins returns where the part of the value at a path comes from: a string in
// the path is the name of a field, an int the index of an element. The first
// origin is the most derived; those that follow made what it adds to with +:.
//
// Where a part was made by a function of std or a native, the origins are those
// of the nearest part around it that stands in the source. There are none for
// the whole value, and for a path that leads nowhere.
//
// It costs no time before it is called: a result that has been computed still
// knows the code it was made by.
func (r *Result) Origins(path ...any) ([]Origin, error) {
	var origins []Origin
	err := r.ev.guard(r.ev.profiler.during(finding, func() { origins = r.ev.origins(r.value, path) }))
	return origins, err
}

func (ev *evaluator) origins(v value, path []any) []Origin {
	var known []Origin
	for _, step := range path {
		var here []Origin
		switch r := v.ref.(type) {
		case *object:
			name, ok := step.(string)
			if !ok {
				return nil
			}
			w, ok := ev.find(r, 0, name)
			if !ok {
				return nil
			}
			here = ev.fieldOrigins(r, w, name)
			v = ev.fieldAt(r, w, duringManifestation)
		case *array:
			i, ok := step.(int)
			if !ok || i < 0 || i >= len(r.elements) {
				return nil
			}
			t := r.elements[i]
			v = ev.force(t, duringManifestation)
			if t.code != nil {
				here = t.code.site.origins(false)
			}
		default:
			return nil
		}
		if len(here) > 0 {
			known = here
		}
	}
	return known
}

// fieldOrigins returns the origins of the field at a place, with those that it
// adds to.
func (ev *evaluator) fieldOrigins(o *object, w place, name string) []Origin {
	var all []Origin
	for {
		f := &o.layers[w.layer].fields.fields[w.field]
		all = append(all, f.site.origins(f.plus)...)
		if !f.plus {
			return all
		}
		var ok bool
		if w, ok = ev.find(o, w.layer+1, name); !ok {
			return all
		}
	}
}

// origins returns the site as an origin, none where it is in no source.
func (s *site) origins(plus bool) []Origin {
	if s == nil || s.file == nil || s.begin.line == 0 {
		return nil
	}
	return []Origin{{s.location(), plus}}
}
