package jsonnet

import (
	"math"
	"slices"
	"strings"

	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/pkg/diag"
)

// object is a value with fields: layers that + has put one on another, the
// most derived first. Adding two objects takes no time; the layers are brought
// together when a field is first read.
type object struct {
	layers []*layer
	// left and right are the operands of a sum whose layers are not known yet.
	left, right *object
	// shape is nil before a field is looked for.
	shape *shape
	// values are those of the fields that have been read, by the slots of the
	// shape; nil before the first.
	values []value
	// bound are the variables of the fields of each layer, which differ from the
	// layer's own where the literal has locals: these may depend on self. It is
	// nil for most objects, of which there are many: so it takes one word.
	bound *[]*env
	// size is the number of layers, or math.MaxInt32 for more: an object that is
	// added to itself some times has more than there is room for.
	size int32
	// restricted marks an object with a layer that hides names, see
	// specialLayer.
	restricted bool
	// asserted is set once the assertions are being checked.
	asserted bool
}

// layer is an object literal that has been evaluated in a place, not yet bound
// to a self. It is immutable and may be part of many objects.
type layer struct {
	fields *fieldTable
	env    *env
	// special is nil for the layers of object literals.
	special *specialLayer
}

// specialLayer is what layers have that no object literal makes. It is apart
// because each object has a layer.
type specialLayer struct {
	// envs are the variables of each field where they differ: in an object
	// comprehension.
	envs []*env
	// kept restricts the layers below, of which there are span, to some names;
	// such a layer has no fields itself (std.objectRemoveKey).
	kept map[string]ast.ObjectFieldHide
	span int
}

// fieldTable describes the fields of an object literal. One whose names are all
// known at compile time is shared by all the objects that the literal makes.
type fieldTable struct {
	fields  []field
	locals  []*unit
	asserts []*unit
	// index finds fields by name where there are many.
	index map[string]int
	// shape is that of an object of this one layer.
	shape *shape
	// shared is set for a table that belongs to a literal.
	shared bool
}

type field struct {
	name string
	hide ast.ObjectFieldHide
	// plus marks a field with +:
	plus bool
	code *unit
	// site is where the value of a field with +: stands, else nil.
	site *site
	// constant is the value of a field that is a literal.
	constant value
}

// fewFields is the number up to which a search beats a map.
const fewFields = 8

// newFieldTable completes a table whose fields are set.
func (t *fieldTable) complete() *fieldTable {
	if len(t.fields) > fewFields {
		t.index = make(map[string]int, len(t.fields))
		for i := range t.fields {
			t.index[t.fields[i].name] = i
		}
	}
	t.shape = singleShape(t)
	return t
}

func (t *fieldTable) find(name string) int {
	if t.index != nil {
		if i, ok := t.index[name]; ok {
			return i
		}
		return -1
	}
	for i := range t.fields {
		if t.fields[i].name == name {
			return i
		}
	}
	return -1
}

func newObject(l *layer) *object {
	o := &struct {
		object
		room [1]*layer
	}{}
	o.room[0] = l
	o.layers, o.size, o.shape = o.room[:], 1, l.fields.shape
	return &o.object
}

// layerBytes is about what reading a sum of objects takes for each layer of it.
const layerBytes = 32

// manyLayers of both sides make a sum that is worth a look at the memory.
const manyLayers = 1 << 15

// add returns left + right.
func add(left, right *object) *object {
	size := min(int64(left.size)+int64(right.size), math.MaxInt32)
	return &object{left: left, right: right, size: int32(size), restricted: left.restricted || right.restricted}
}

// flatten returns the layers.
func (o *object) flatten() []*layer {
	if o.layers != nil {
		return o.layers
	}
	layers := make([]*layer, 0, o.size)
	pending := []*object{o}
	for len(pending) > 0 {
		p := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		if p.layers == nil {
			pending = append(pending, p.left, p.right)
			continue
		}
		layers = append(layers, p.layers...)
	}
	o.layers = layers
	return layers
}

// shape says which fields a sequence of layers has and where each is defined.
// Shapes of shared tables are shared by all objects made of them.
type shape struct {
	entries []entry
	// index finds entries by name; nil where there is one layer, whose table
	// does.
	index map[string]int
	// all and visible are entries in the order of their names.
	all, visible []int
	// slots is the number of fields of all layers together.
	slots    int
	asserted bool
	// shared is set where all tables are.
	shared bool
}

// entry is a name and the fields that define it, the most derived first.
type entry struct {
	name  string
	hide  ast.ObjectFieldHide
	gone  bool
	where []place
}

// place is a field in a layer of an object, and its slot among the values.
type place struct{ layer, field, slot int }

func singleShape(t *fieldTable) *shape {
	n := len(t.fields)
	s := &shape{entries: make([]entry, n), all: make([]int, n), slots: n, asserted: len(t.asserts) > 0, shared: t.shared}
	places := make([]place, n)
	for i, f := range t.fields {
		places[i] = place{0, i, i}
		s.entries[i] = entry{name: f.name, hide: f.hide, where: places[i : i+1 : i+1]}
		s.all[i] = i
	}
	s.order()
	return s
}

// order sorts the entries of all by name and finds the visible ones.
func (s *shape) order() {
	slices.SortFunc(s.all, func(a, b int) int { return strings.Compare(s.entries[a].name, s.entries[b].name) })
	s.visible = s.all
	for i, e := range s.all {
		if s.entries[e].hide == ast.ObjectFieldHidden {
			s.visible = slices.Clone(s.all[:i])
			for _, e := range s.all[i:] {
				if s.entries[e].hide != ast.ObjectFieldHidden {
					s.visible = append(s.visible, e)
				}
			}
			return
		}
	}
}

type shapePair struct{ left, right *shape }

// mostShared is the number of layers up to which the shapes of sums are kept
// for others: programs that build an object step by step have no use for them.
const mostShared = 40

// shapeOf returns the shape of o.
func (ev *evaluator) shapeOf(o *object) *shape {
	if o.shape != nil {
		return o.shape
	}
	if o.left != nil && o.size <= mostShared && !o.restricted {
		left, right := ev.shapeOf(o.left), ev.shapeOf(o.right)
		if left.shared && right.shared {
			pair := shapePair{left, right}
			s := ev.shapes[pair]
			if s == nil {
				s = ev.cache.shape(pair, o)
				ev.shapes[pair] = s
			}
			o.flatten()
			o.shape, o.left, o.right = s, nil, nil
			return s
		}
	}
	ev.reserve(layerBytes*float64(o.size), nil)
	layers := o.flatten()
	fields := 0
	for _, l := range layers {
		if l.fields == nil {
			fields += len(l.special.kept)
			continue
		}
		fields += len(l.fields.fields)
	}
	var merged *shape
	ev.away(fieldBytes*fields, nil, func() { merged = mergedShape(layers) })
	o.shape = merged
	o.left, o.right = nil, nil
	ev.work(int(o.size)+o.shape.slots, nil)
	return o.shape
}

func mergedShape(layers []*layer) *shape {
	s := &shape{shared: true}
	total := 0
	restricted := false
	for _, l := range layers {
		if l.fields == nil {
			restricted, s.shared = true, false
			continue
		}
		total += len(l.fields.fields)
		s.asserted = s.asserted || len(l.fields.asserts) > 0
		s.shared = s.shared && l.fields.shared
	}
	s.index = make(map[string]int, total)
	s.entries = make([]entry, 0, total)
	for i, l := range layers {
		if l.fields == nil {
			continue
		}
		for j := range l.fields.fields {
			name := l.fields.fields[j].name
			e, ok := s.index[name]
			if !ok {
				e = len(s.entries)
				s.index[name] = e
				s.entries = append(s.entries, entry{name: name})
			}
			s.entries[e].where = append(s.entries[e].where, place{i, j, s.slots})
			s.slots++
		}
	}
	if restricted {
		visibility := visibilities(layers)
		for i := range s.entries {
			e := &s.entries[i]
			hide, ok := visibility[e.name]
			e.hide, e.gone = hide, !ok
		}
	} else {
		for i := range s.entries {
			s.entries[i].inherit(layers)
		}
	}
	s.all = make([]int, 0, len(s.entries))
	for i := range s.entries {
		if !s.entries[i].gone {
			s.all = append(s.all, i)
		}
	}
	s.order()
	return s
}

// inherit sets the visibility: that of the most derived field that says one.
func (e *entry) inherit(layers []*layer) {
	e.hide = ast.ObjectFieldInherit
	for _, w := range e.where {
		if hide := layers[w.layer].fields.fields[w.field].hide; hide != ast.ObjectFieldInherit {
			e.hide = hide
			return
		}
	}
}

// visibilities returns the names that an object with restrictions has, and how
// each is shown: from the least derived layer on, where a restriction stands
// for all that it is about.
func visibilities(layers []*layer) map[string]ast.ObjectFieldHide {
	var parts []*layer
	for i := 0; i < len(layers); i++ {
		parts = append(parts, layers[i])
		if layers[i].fields == nil {
			i += layers[i].special.span
		}
	}
	all := map[string]ast.ObjectFieldHide{}
	set := func(name string, hide ast.ObjectFieldHide) {
		if _, ok := all[name]; !ok || hide != ast.ObjectFieldInherit {
			all[name] = hide
		}
	}
	for _, l := range slices.Backward(parts) {
		if l.fields == nil {
			for name, hide := range l.special.kept {
				set(name, hide)
			}
		} else {
			for i := range l.fields.fields {
				set(l.fields.fields[i].name, l.fields.fields[i].hide)
			}
		}
	}
	return all
}

// restrict returns an object with the fields of o but one.
func (ev *evaluator) restrict(o *object, without string) *object {
	s := ev.shapeOf(o)
	kept := make(map[string]ast.ObjectFieldHide, len(s.all))
	for _, e := range s.all {
		if s.entries[e].name != without {
			kept[s.entries[e].name] = s.entries[e].hide
		}
	}
	layers := append([]*layer{{special: &specialLayer{kept: kept, span: int(o.size)}}}, o.flatten()...)
	return &object{layers: layers, size: int32(len(layers)), restricted: true}
}

// find returns the most derived definition of a name in the layers from one on.
func (ev *evaluator) find(o *object, from int, name string) (place, bool) {
	s := o.shape
	if s == nil {
		s = ev.shapeOf(o)
	}
	if s.index == nil {
		if from > 0 {
			return place{}, false
		}
		i := o.layers[0].fields.find(name)
		return place{0, i, i}, i >= 0
	}
	e, ok := s.index[name]
	if !ok {
		return place{}, false
	}
	where := s.entries[e].where
	if from > 0 && len(where) > fewFields {
		// Where each of many layers uses super, to go through them would take
		// the square of their number.
		first, _ := slices.BinarySearchFunc(where, from, func(w place, from int) int { return w.layer - from })
		where = where[first:]
	}
	for _, w := range where {
		if w.layer < from {
			continue
		}
		if o.restricted && from < len(o.layers) {
			if l := o.layers[from]; l.fields == nil && w.layer <= from+l.special.span {
				if _, ok := l.special.kept[name]; !ok {
					continue
				}
			}
		}
		return w, true
	}
	return place{}, false
}

// visibility returns how a field is shown, and whether there is one.
func (ev *evaluator) visibility(o *object, name string) (ast.ObjectFieldHide, bool) {
	s := ev.shapeOf(o)
	if s.index == nil {
		i := o.layers[0].fields.find(name)
		if i < 0 {
			return 0, false
		}
		return o.layers[0].fields.fields[i].hide, true
	}
	e, ok := s.index[name]
	if !ok || s.entries[e].gone {
		return 0, false
	}
	return s.entries[e].hide, true
}

// names returns the names of the fields, sorted.
func (ev *evaluator) names(o *object, hidden bool) []string {
	s := ev.shapeOf(o)
	list := s.visible
	if hidden {
		list = s.all
	}
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = s.entries[e].name
	}
	return names
}

// get returns the value of a field, once the assertions hold.
func (ev *evaluator) get(o *object, name string, at *site) value {
	return ev.getFrom(o, 0, name, at)
}

// getFrom returns the value of a field as the layers from one on define it.
func (ev *evaluator) getFrom(o *object, from int, name string, at *site) value {
	ev.assert(o, at)
	if from >= int(o.size) {
		ev.fail(at, "Attempt to use super when there is no super class.")
	}
	w, ok := ev.find(o, from, name)
	if !ok {
		ev.reserve(4*float64(len(name)), at)
		ev.failWith(at, "Field does not exist: "+name, ev.absent(o, name))
	}
	return ev.fieldAt(o, w, at)
}

// absent says what is known of a field that an object lacks.
func (ev *evaluator) absent(o *object, name string) Error {
	own := len(o.layers) > 0 && ev.std != nil && slices.Contains(o.layers, ev.std.layers[0])
	if !own {
		return Error{}
	}
	return Error{Kind: diag.NoStandard, Values: diag.Values{"near": diag.Suggest(name, ev.names(o, true))}}
}

// fieldAt returns the value of the field at a place.
func (ev *evaluator) fieldAt(o *object, w place, at *site) value {
	f := &o.layers[w.layer].fields.fields[w.field]
	if f.constant.given() && !f.plus {
		return f.constant
	}
	if o.values == nil {
		o.values = make([]value, o.shape.slots)
	}
	if v := o.values[w.slot]; v.given() {
		return v
	}
	depth := ev.depth
	ev.push(at)
	var v value
	if f.plus {
		v = ev.plusField(o, w, f)
	} else {
		v = ev.fieldCode(o, w, f)
	}
	ev.pop(depth)
	if ev.watched.on {
		ev.watched.note(v, pin{owner: o, slot: w.slot})
	}
	o.values[w.slot] = v
	return v
}

// plusField returns the value of a field with +: what the layers below have and
// its own.
func (ev *evaluator) plusField(o *object, w place, f *field) value {
	depth := ev.depth
	ev.push(f.site)
	right := ev.fieldCode(o, w, f)
	ev.pop(depth)
	below, ok := ev.find(o, w.layer+1, f.name)
	if !ok {
		return right
	}
	left := ev.fieldAt(o, below, f.site)
	return ev.plus(left, right, f.site)
}

func (ev *evaluator) fieldCode(o *object, w place, f *field) value {
	if f.constant.given() {
		return f.constant
	}
	e := ev.variables(o, w.layer, w.field)
	fr := ev.enter(f.code, e)
	fr.self, fr.layer = o, w.layer
	v := f.code.body.eval(ev, fr)
	ev.leave(fr)
	return v
}

// variables returns those of a field of a layer of o: the layer's and, bound to
// o, the locals of the literal.
func (ev *evaluator) variables(o *object, i, field int) *env {
	l := o.layers[i]
	e := l.env
	if l.special != nil {
		e = l.special.envs[field]
	}
	if len(l.fields.locals) == 0 {
		return e
	}
	if l.special != nil {
		return ev.bind(o, i, e)
	}
	if o.bound == nil {
		bound := make([]*env, len(o.layers))
		o.bound = &bound
	}
	b := &(*o.bound)[i]
	if *b == nil {
		*b = ev.bind(o, i, e)
	}
	return *b
}

// bind returns e with the locals of a layer, which may use self and each other.
func (ev *evaluator) bind(o *object, i int, e *env) *env {
	locals := o.layers[i].fields.locals
	n := len(locals)
	if e != nil {
		n += len(e.vars)
	}
	b := newEnv(n)
	b.self, b.layer = o, i
	for j, code := range locals {
		if code == nil {
			b.vars[j] = ready(value{ref: o})
		} else {
			b.vars[j] = &thunk{code: code, env: b}
		}
	}
	if e != nil {
		copy(b.vars[len(locals):], e.vars)
	}
	return b
}

// assert checks the assertions of o, once. Where they read fields of o they
// count as held.
func (ev *evaluator) assert(o *object, at *site) {
	if o.asserted {
		return
	}
	o.asserted = true
	if !ev.shapeOf(o).asserted {
		return
	}
	ev.asserting = append(ev.asserting, o)
	for i, l := range o.flatten() {
		if l.fields == nil {
			continue
		}
		for _, code := range l.fields.asserts {
			e := ev.variables(o, i, 0)
			depth := ev.depth
			ev.push(at)
			fr := ev.enter(code, e)
			fr.self, fr.layer = o, i
			code.body.eval(ev, fr)
			ev.leave(fr)
			ev.pop(depth)
		}
	}
	ev.asserting = ev.asserting[:len(ev.asserting)-1]
}

// constantField is a field with a value.
func constantField(name string, v value) field {
	return field{name: name, hide: ast.ObjectFieldInherit, constant: v}
}

// newConstantObject returns an object of fields with values and different names.
func newConstantObject(fields []field) value {
	t := &fieldTable{fields: fields}
	return value{ref: newObject(&layer{fields: t.complete()})}
}
