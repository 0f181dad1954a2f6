package jsonnet

import "github.com/google/go-jsonnet/ast"

// tracer follows values to their origins. It walks the code again with the variables that
// the evaluation has kept, and takes only the branches that the value has taken.
type tracer struct {
	*evaluator
	// holders are the holders on the last path, the whole value first.
	holders []holder
	// fields and thunks are the origins of the fields and thunks that were followed.
	fields map[slot][]Origin
	thunks map[*thunk][]Origin
	// steps is the number of steps left for the current part. depth is the number of steps
	// from the part to the current value.
	steps, depth int
}

// slot is a field of an object.
type slot struct {
	object *object
	slot   int
}

const (
	// mostSteps limits the steps for one part. A part made of more gets only some of its
	// origins.
	mostSteps = 100_000
	// mostDepth limits how far a value is followed.
	mostDepth = 1000
)

// step reports whether the tracer may go one step deeper. stepped ends such a step.
func (t *tracer) step() bool {
	if t.steps <= 0 || t.depth >= mostDepth {
		return false
	}
	t.steps--
	t.depth++
	t.work(1, nil)
	return true
}

func (t *tracer) stepped() { t.depth-- }

// field returns the origins of a field: those of its definition and, for a field with +:,
// those of the definitions that it adds to.
func (t *tracer) field(o *object, w place) []Origin {
	key := slot{o, w.slot}
	if known, ok := t.fields[key]; ok {
		return known
	}
	t.fieldAt(o, w, duringManifestation)
	var all []Origin
	for {
		own := t.definition(o, w)
		all = append(all, own...)
		f := &o.layers[w.layer].fields.fields[w.field]
		below, ok := t.find(o, w.layer+1, f.name)
		if !f.plus || !ok {
			break
		}
		if len(own) > 0 {
			all[len(all)-len(own)].Effect = AddsTo
		}
		w = below
	}
	if t.steps > 0 {
		if t.fields == nil {
			t.fields = map[slot][]Origin{}
		}
		t.fields[key] = all
	}
	return all
}

// definition returns the origins of one definition of a field.
func (t *tracer) definition(o *object, w place) []Origin {
	f := &o.layers[w.layer].fields.fields[w.field]
	if f.code == nil {
		return nil
	}
	found := append(make([]Origin, 0, 4), f.code.site.origin()...)
	if t.step() {
		fr := t.enter(f.code, t.variables(o, w.layer, w.field))
		fr.self, fr.layer = o, w.layer
		found = append(found, t.node(f.code.body, fr, isContainer(t.fieldCode(o, w, f)))...)
		t.leave(fr)
		t.stepped()
	}
	if len(found) > 0 {
		found[0].Effect = Sets
	}
	return found
}

// read returns the origins of a field, as field does, if its value is passed on.
func (t *tracer) read(o *object, w place) []Origin {
	found := t.field(o, w)
	effect := From
	for i := range found {
		if found[i].Effect == AddsTo {
			effect = PartOf
		}
	}
	return effect.of(found)
}

// of returns origins with the effect e instead of Sets or AddsTo. For PartOf it replaces
// every effect.
func (e Effect) of(origins []Origin) []Origin {
	out := make([]Origin, len(origins))
	for i, o := range origins {
		if e == PartOf || o.Effect == Sets || o.Effect == AddsTo {
			o.Effect = e
		}
		out[i] = o
	}
	return out
}

// thunk returns the origins of the value of a thunk.
func (t *tracer) thunk(th *thunk) []Origin {
	if th.code == nil {
		return nil
	}
	if known, ok := t.thunks[th]; ok {
		return known
	}
	found := t.code(th.code, th.env, t.force(th, duringManifestation))
	if t.steps > 0 {
		if t.thunks == nil {
			t.thunks = map[*thunk][]Origin{}
		}
		t.thunks[th] = found
	}
	return found
}

// code returns the origins of the value v of a piece of code.
func (t *tracer) code(u *unit, e *env, v value) []Origin {
	found := u.site.origin()
	if !t.step() {
		return found
	}
	defer t.stepped()
	f := t.enter(u, e)
	found = append(found, t.node(u.body, f, isContainer(v))...)
	t.leave(f)
	return found
}

func isContainer(v value) bool {
	switch v.ref.(type) {
	case *array, *object, *function:
		return true
	}
	return false
}

// node returns the origins of the value of an expression in a frame. It follows arrays and
// objects to the expression that makes them, but not through calls, because their elements
// and fields have origins of their own.
func (t *tracer) node(n node, f *frame, container bool) []Origin {
	switch n := n.(type) {
	case *constant:
		found := n.site.origin()
		for i := range found {
			found[i].literal = true
		}
		return found
	case *slotVariable:
		return t.thunk(f.slots[n.slot])
	case *envVariable:
		return t.thunk(f.env.vars[n.index])
	case *local:
		n.bind(f)
		return t.node(n.body, f, container)
	case *conditional:
		if t.boolean(n.condition.eval(t.evaluator, f), n.site) {
			return t.node(n.then, f, container)
		}
		return t.node(n.otherwise, f, container)
	case *followed:
		return t.node(n.body, f, container)
	case *deferred:
		return t.node(n.compiled(), f, container)
	case *fieldIndex:
		return t.member(n.target.eval(t.evaluator, f), text(n.name), n.site)
	case *index:
		return t.member(n.target.eval(t.evaluator, f), n.index.eval(t.evaluator, f), n.site)
	case *superIndex:
		name := t.str(n.index.eval(t.evaluator, f), n.site).String()
		if w, ok := t.find(f.self, f.layer+1, name); ok {
			return t.read(f.self, w)
		}
	case *member:
		if w, ok := t.find(n.object, 0, n.name); ok {
			return t.read(n.object, w)
		}
	case *handed:
		return t.thunk(n.from)
	case *given:
		return append([]Origin{n.origin}, t.thunk(n.value)...)
	case *operandOf:
		return t.operand(n.operand)
	case *importing:
		return t.importing(n)
	case *objectLiteral:
		return n.site.origin()
	case *merge:
		return n.site.origin()
	case *apply:
		if container {
			return nil
		}
		fn := t.function(n.target.eval(t.evaluator, f), n.site)
		given := n.given(t.evaluator, f, fn, nil)
		if fn.native != nil {
			return t.native(&made{native: fn.native, operands: givenOperands(given), at: n.site})
		}
		return t.call(fn, given)
	case *applied:
		if container {
			return nil
		}
		return t.application(n.function, f.env.vars, n.at)
	case *nativeCall:
		if container && !n.native.passes {
			return nil
		}
		return t.native(&made{native: n.native, operands: n.operands(f), at: n.site})
	case *made:
		return t.native(n)
	case *patched:
		if !container {
			return t.thunk(n.patch)
		}
	default:
		if !container {
			return t.computed(n, f)
		}
	}
	return nil
}

// computed returns the origins of the result of an operator. They include the origins of
// its operands if each of them shows in the value.
func (t *tracer) computed(n node, f *frame) []Origin {
	switch n := n.(type) {
	case *plus:
		return append(n.site.origin(), t.parts(f, n.left, n.right)...)
	case *arithmetic:
		switch {
		case n.op == ast.BopMinus:
			return append(n.site.origin(), t.parts(f, n.left, n.right)...)
		case n.op == ast.BopMult || n.op == ast.BopDiv:
			if x, y := n.left.eval(t.evaluator, f), n.right.eval(t.evaluator, f); x.num != 0 && y.num != 0 {
				return append(n.site.origin(), t.parts(f, n.left, n.right)...)
			}
		}
		return n.site.origin()
	case *unary:
		return append(n.site.origin(), t.parts(f, n.operand)...)
	case *equal:
		// The operands decide the value, but do not show in it.
		return n.site.origin()
	case *comparison:
		return n.site.origin()
	case *and:
		return n.site.origin()
	case *or:
		return n.site.origin()
	}
	return nil
}

// parts returns the origins of the values that another value is made of.
func (t *tracer) parts(f *frame, nodes ...node) []Origin {
	var all []Origin
	for _, n := range nodes {
		all = append(all, t.part(operand{node: n, frame: f})...)
	}
	return all
}

// member returns the origins of x[y].
func (t *tracer) member(x, y value, at *site) []Origin {
	switch r := x.ref.(type) {
	case *object:
		if w, ok := t.find(r, 0, t.str(y, at).String()); ok {
			return t.read(r, w)
		}
	case *array:
		if i := int(y.num); i >= 0 && i < len(r.elements) {
			return t.thunk(r.elements[i])
		}
	case *str:
		return at.origin()
	}
	return nil
}

// importing returns the origins of an imported value: for text, the file.
func (t *tracer) importing(n *importing) []Origin {
	if n.as == importCode {
		return t.thunk(t.importCode(n))
	}
	if _, name, err := t.fetch(n.from, n.path); err == nil {
		return []Origin{{Location: inFile(name, 0), Effect: From}}
	}
	return nil
}

// call returns the origins of the result of a function for arguments.
func (t *tracer) call(fn *function, given []*thunk) []Origin {
	if !t.step() {
		return nil
	}
	defer t.stepped()
	f := t.enter(fn.code.body, fn.env)
	copy(f.slots, given)
	t.fillDefaults(fn.code, f)
	found := t.node(fn.code.body.body, f, false)
	t.leave(f)
	return found
}

// application is call for a function that may be a native, with arguments that may be
// incomplete.
func (t *tracer) application(fn *function, given []*thunk, at *site) []Origin {
	if len(given) != len(fn.parameters()) {
		given = t.arrange(fn, given, nil, at)
	}
	if fn.native != nil {
		return t.native(&made{native: fn.native, operands: givenOperands(given), at: at})
	}
	return t.call(fn, given)
}

// given is the code of an external variable or top-level argument.
type given struct {
	origin Origin
	value  *thunk
}

func (n *given) eval(ev *evaluator, _ *frame) value { return ev.force(n.value, nil) }
