package jsonnet

import "github.com/google/go-jsonnet/ast"

// objectNatives are the functions on objects.
func objectNatives() []*native {
	all := []*native{
		newNative("objectFieldsEx(obj, hidden)", func(ev *evaluator, a []value, at *site) value {
			o := ev.object(a[0], at)
			return textArray(ev.names(o, ev.boolean(a[1], at)))
		}),
		newNative("objectHasEx(obj, fname, hidden)", func(ev *evaluator, a []value, at *site) value {
			o, name := ev.object(a[0], at), ev.str(a[1], at)
			return boolean(ev.has(o, name.String(), ev.boolean(a[2], at)))
		}),
		newNative("get(o, f, &default=, inc_hidden=)", get).passing((*tracer).getting),
		newNative("objectRemoveKey(obj, key)", func(ev *evaluator, a []value, at *site) value {
			o := ev.object(a[0], at)
			return value{ref: ev.restrict(o, ev.str(a[1], at).String())}
		}),
		newNative("mapWithKey(func, &obj)", mapWithKey),
		// The fields of an object keep their origins; another patch is the result.
		newNative("mergePatch(&target, patch)", func(ev *evaluator, a []value, at *site) value {
			patch, ok := a[1].ref.(*object)
			if !ok {
				return a[1]
			}
			target, _ := ev.argument(a[0], at).ref.(*object)
			return ev.mergePatch(target, patch, at)
		}).from((*tracer).second),
		newNative("prune(a) any", func(ev *evaluator, a []value, at *site) value { return ev.prune(a[0], at) }).from((*tracer).first),
		newNative("$objectFlatMerge(x)", objectFlatMerge),
	}
	for _, hidden := range []bool{false, true} {
		suffix := ""
		if hidden {
			suffix = "All"
		}
		all = append(all,
			newNative("objectFields"+suffix+"(o)", func(ev *evaluator, a []value, at *site) value {
				return textArray(ev.names(ev.object(a[0], at), hidden))
			}),
			newNative("objectHas"+suffix+"(o, f)", func(ev *evaluator, a []value, at *site) value {
				o := ev.object(a[0], at)
				return boolean(ev.has(o, ev.str(a[1], at).String(), hidden))
			}),
			newNative("objectValues"+suffix+"(o)", func(ev *evaluator, a []value, at *site) value {
				o := ev.object(a[0], at)
				return newArray(ev.members(o, ev.names(o, hidden), at))
			}),
			newNative("objectKeysValues"+suffix+"(o)", func(ev *evaluator, a []value, at *site) value {
				return ev.keysValues(ev.object(a[0], at), hidden, at)
			}),
		)
	}
	return all
}

// objectFlatMerge is the native for a program that calls the function for object
// comprehensions itself: the objects must be simple ones, as in go-jsonnet.
func objectFlatMerge(ev *evaluator, a []value, at *site) value {
	for _, t := range ev.array(a[0], at).elements {
		o := ev.object(ev.force(t, at), at)
		if o.size != 1 || len(o.layers[0].fields.locals) > 0 {
			ev.fail(at, "$objectFlatMerge takes simple objects only")
		}
	}
	return (&merge{&constant{value: a[0]}, at}).eval(ev, nil)
}

// has reports whether an object has a visible field of a name, or also a hidden one.
func (ev *evaluator) has(o *object, name string, hidden bool) bool {
	hide, ok := ev.visibility(o, name)
	return ok && (hidden || hide != ast.ObjectFieldHidden)
}

func get(ev *evaluator, a []value, at *site) value {
	o, name := ev.object(a[0], at), ev.str(a[1], at).String()
	hidden := !a[3].given() || ev.boolean(a[3], at)
	switch {
	case ev.has(o, name, hidden):
		return ev.get(o, name, at)
	case a[2].given():
		return ev.argument(a[2], at)
	}
	return null
}

// member is the code for a field of an object.
type member struct {
	object *object
	name   string
	at     *site
}

func (n *member) eval(ev *evaluator, _ *frame) value { return ev.get(n.object, n.name, n.at) }

// members returns fields of an object as elements that have not been evaluated.
func (ev *evaluator) members(o *object, names []string, at *site) []*thunk {
	elements := make([]*thunk, len(names))
	for i, name := range names {
		m := &struct {
			thunk  thunk
			unit   unit
			member member
		}{member: member{o, name, at}}
		m.unit.body, m.unit.site = &m.member, at
		m.thunk.code = &m.unit
		elements[i] = &m.thunk
		ev.work(1, at)
	}
	return elements
}

func (ev *evaluator) keysValues(o *object, hidden bool, at *site) value {
	names := ev.names(o, hidden)
	values := ev.members(o, names, at)
	table := &fieldTable{fields: []field{
		{name: "key", hide: ast.ObjectFieldInherit, code: &unit{body: &envVariable{0, at}, site: at}},
		{name: "value", hide: ast.ObjectFieldInherit, code: &unit{body: &envVariable{1, at}, site: at}},
	}}
	table.complete()
	pairs := make([]value, len(names))
	for i, name := range names {
		e := newEnv(2)
		e.vars[0], e.vars[1] = ready(text(name)), values[i]
		pairs[i] = value{ref: newObject(&layer{fields: table, env: e})}
		ev.work(1, at)
	}
	return readyArray(pairs)
}

// mapWithKey returns an object whose fields are computed when they are needed.
func mapWithKey(ev *evaluator, a []value, at *site) value {
	fn, ok := a[0].ref.(*function)
	if !ok {
		return ev.written("mapWithKey", a, at)
	}
	o, ok := ev.argument(a[1], at).ref.(*object)
	if !ok {
		return ev.written("mapWithKey", a, at)
	}
	names := ev.names(o, false)
	values := ev.members(o, names, at)
	code := &unit{body: &applied{fn, at}, site: at}
	table := &fieldTable{fields: make([]field, len(names))}
	envs := make([]*env, len(names))
	for i, name := range names {
		envs[i] = newEnv(2)
		envs[i].vars[0], envs[i].vars[1] = ready(text(name)), values[i]
		table.fields[i] = field{name: name, hide: ast.ObjectFieldInherit, code: code}
		ev.work(1, at)
	}
	return value{ref: newObject(&layer{fields: ev.complete(table, at), special: &specialLayer{envs: envs}})}
}

// patched is the code of a field of a patched object.
type patched struct {
	// target is nil if the target has no such field.
	target, patch *thunk
	at            *site
}

func (n *patched) eval(ev *evaluator, _ *frame) value {
	var target *object
	if n.target != nil {
		target, _ = ev.force(n.target, n.at).ref.(*object)
	}
	v := ev.force(n.patch, n.at)
	patch, ok := v.ref.(*object)
	if !ok {
		return v
	}
	depth := ev.depth
	ev.push(n.at)
	v = ev.mergePatch(target, patch, n.at)
	ev.pop(depth)
	return v
}

// mergePatch applies RFC 7396 to a target; nil has no fields.
func (ev *evaluator) mergePatch(target, patch *object, at *site) value {
	names := ev.names(patch, false)
	patches := ev.members(patch, names, at)
	var fields []field
	add := func(name string, code node) {
		fields = append(fields, field{name: name, hide: ast.ObjectFieldInherit, code: &unit{body: code, site: at}})
	}
	index := make(map[string]int, len(names))
	for i, name := range names {
		index[name] = i
		if ev.force(patches[i], at).ref == nullRef {
			continue
		}
		if target == nil || !ev.has(target, name, false) {
			add(name, &patched{patch: patches[i], at: at})
		}
	}
	if target != nil {
		kept := ev.names(target, false)
		for i, t := range ev.members(target, kept, at) {
			name := kept[i]
			p, ok := index[name]
			switch {
			case !ok:
				add(name, &member{target, name, at})
			case patches[p].value.ref != nullRef:
				add(name, &patched{t, patches[p], at})
			}
			ev.work(1, at)
		}
	}
	table := &fieldTable{fields: fields}
	return value{ref: newObject(&layer{fields: ev.complete(table, at)})}
}

// prune removes null and empty values, also those that become empty.
func (ev *evaluator) prune(v value, at *site) value {
	depth := ev.depth
	ev.push(at)
	switch r := v.ref.(type) {
	case *array:
		kept := []value{}
		var from []*thunk
		for _, t := range r.elements {
			if p := ev.prune(ev.force(t, at), at); ev.hasContent(p) {
				kept = append(kept, p)
				if ev.traced {
					from = append(from, t)
				}
			}
		}
		v = readyArray(kept)
		for i, t := range from {
			v.ref.(*array).elements[i].code = &unit{body: &handed{t}, site: at}
		}
	case *object:
		var fields []field
		for _, name := range ev.names(r, false) {
			if p := ev.prune(ev.get(r, name, at), at); ev.hasContent(p) {
				f := constantField(name, p)
				if ev.traced {
					f.code = &unit{body: &member{r, name, at}, site: at}
				}
				fields = append(fields, f)
			}
		}
		v = newConstantObject(fields)
	}
	ev.pop(depth)
	return v
}

func (ev *evaluator) hasContent(v value) bool {
	switch r := v.ref.(type) {
	case *array:
		return len(r.elements) > 0
	case *object:
		return len(ev.shapeOf(r).visible) > 0
	}
	return v.ref != nullRef
}
