package jsonnet

import "github.com/mop-platform/mop/internal/jsonnet/internal/notation"

// objectLiteral makes objects.
type objectLiteral struct {
	table    *fieldTable
	captures *captures
	// layer is set if all objects of the literal have the same layer.
	layer *layer
	// names are the expressions for the names of all fields, nil if all names are known.
	names []node
	site  *site
}

func (n *objectLiteral) eval(ev *evaluator, f *frame) value {
	ev.make(objectBytes)
	switch {
	case n.layer != nil:
		return value{ref: newObject(n.layer)}
	case n.names == nil:
		return value{ref: newObject(&layer{fields: n.table, env: n.captures.close(f)})}
	}
	table := &fieldTable{fields: make([]field, 0, len(n.names)), locals: n.table.locals, asserts: n.table.asserts}
	seen := newNames(len(n.names))
	for i, node := range n.names {
		v := node.eval(ev, f)
		if v.ref == nullRef {
			continue
		}
		s, ok := v.ref.(*str)
		if !ok {
			ev.failf(n.site, "Field name must be string, got %v", v.kind())
		}
		to := n.table.fields[i]
		to.name = ev.flat(s, n.site)
		if !seen.add(to.name) {
			ev.fail(n.site, "Duplicate field name: "+notation.Quote(to.name))
		}
		table.fields = append(table.fields, to)
	}
	return value{ref: newObject(&layer{fields: table.complete(), env: n.captures.close(f)})}
}

// names is a set that is usually small.
type names struct {
	few  []string
	many map[string]bool
}

func newNames(n int) names {
	if n > fewFields {
		return names{many: make(map[string]bool, n)}
	}
	return names{few: make([]string, 0, n)}
}

// add reports whether a name is new.
func (s *names) add(name string) bool {
	if s.many != nil {
		if s.many[name] {
			return false
		}
		s.many[name] = true
		return true
	}
	for _, known := range s.few {
		if known == name {
			return false
		}
	}
	s.few = append(s.few, name)
	return true
}

// merge makes one object from those of an object comprehension.
type merge struct {
	objects node
	site    *site
}

func (n *merge) eval(ev *evaluator, f *frame) value {
	depth := ev.depth
	ev.push(n.site)
	parts := ev.array(n.objects.eval(ev, f), n.site).elements
	ev.pop(depth)
	table := &fieldTable{fields: make([]field, 0, len(parts))}
	envs := make([]*env, 0, len(parts))
	seen := newNames(len(parts))
	for _, t := range parts {
		part := ev.object(ev.force(t, n.site), n.site).layers[0]
		for _, field := range part.fields.fields {
			if !seen.add(field.name) {
				ev.fail(n.site, "Duplicate field name: "+notation.Quote(field.name))
			}
			table.fields = append(table.fields, field)
			envs = append(envs, part.env)
			table.locals = part.fields.locals
		}
	}
	return value{ref: newObject(&layer{fields: ev.complete(table, n.site), special: &specialLayer{envs: envs}})}
}

// loop is a for of a comprehension with the if that follows it and its result: one element,
// another loop, or code for an array.
type loop struct {
	over       node
	slot       int
	filter     node
	filterSite *site
	element    *argument
	captures   *captures
	inner      *loop
	body       node
	site       *site
}

func (n *loop) eval(ev *evaluator, f *frame) value { return newArray(n.run(ev, f, nil)) }

// run appends the elements of the loop to out.
func (n *loop) run(ev *evaluator, f *frame, out []*thunk) []*thunk {
	depth := ev.depth
	ev.push(n.site)
	over := n.over.eval(ev, f)
	ev.pop(depth)
	items := ev.array(over, n.site).elements
	if out == nil && n.element != nil && n.filter == nil {
		ev.reserve(float64(len(items))*thunkBytes, n.site)
		out = make([]*thunk, 0, len(items))
	}
	for _, item := range items {
		f.slots[n.slot] = item
		ev.push(n.site)
		switch {
		case n.filter != nil && !ev.boolean(n.filter.eval(ev, f), n.filterSite):
		case n.element != nil:
			ev.make(thunkBytes)
			out = append(out, n.element.thunk(f, n.captures.close(f)))
		case n.inner != nil:
			out = n.inner.run(ev, f, out)
		default:
			elements := ev.array(n.body.eval(ev, f), n.site).elements
			ev.make(8 * len(elements))
			out = append(out, elements...)
		}
		ev.pop(depth)
	}
	return out
}
