package jsonnet

import "slices"

// writing returns the path in the value that is being written, nil if code is running, and
// whether that value is the result of the program.
func (ev *evaluator) writing(at *site) (path []any, whole bool) {
	calls := ev.calls[:ev.depth]
	if at != nil && (ev.depth == 0 || calls[ev.depth-1] != at) {
		calls = append(slices.Clone(calls), at)
	}
	return pathOf(calls)
}

func pathOf(calls []*site) (path []any, whole bool) {
	whole = true
	for _, s := range calls {
		switch {
		case s == nil:
		case s.file != nil:
			whole, path = false, nil
		case s.isStep(atField):
			path = append(path, *s.context)
		case s.isStep(atElement):
			path = append(path, int(s.begin.line))
		case s == duringManifestation:
			path = []any{}
		}
	}
	return path, whole
}

// locate adds the origin of the written value to an error of writing the result: at least
// the program.
func (r *Result) locate(err error) error {
	failed, ok := err.(*Error)
	switch {
	case !ok:
		return err
	case failed.written != nil:
		r.endless(failed)
	}
	switch {
	case !failed.whole:
		return err
	case !failed.spent:
		failed.result = r
		return err
	}
	place := r.ev.main.site.frame()
	_ = r.ev.guard(func() {
		if nearest := r.ev.nearest(r.value, failed.path).origin(); len(nearest) > 0 {
			place.Loc = nearest[0].Location
		}
	})
	failed.Runtime.StackTrace = append(failed.Runtime.StackTrace, place)
	return err
}

// nearest returns the place of the code of the value at a path, or of the nearest value
// around it that has been evaluated.
func (ev *evaluator) nearest(v value, path []any) (at *site) {
	for _, step := range path {
		var code *unit
		if v, code = ev.known(v, step); code != nil && len(code.site.origin()) > 0 {
			at = code.site
		}
	}
	return at
}

// known returns the field or element of a value, and its code. part is the zero value if it
// has not been evaluated; both are zero if there is no such part.
func (ev *evaluator) known(v value, step any) (part value, code *unit) {
	switch r := v.ref.(type) {
	case *object:
		name, _ := step.(string)
		w, ok := ev.find(r, 0, name)
		if !ok {
			break
		}
		f := &r.layers[w.layer].fields.fields[w.field]
		if r.values != nil {
			part = r.values[w.slot]
		}
		return part, f.code
	case *array:
		if i, _ := step.(int); i < len(r.elements) {
			return r.elements[i].value, r.elements[i].code
		}
	}
	return value{}, nil
}
