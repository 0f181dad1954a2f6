package jsonnet

import (
	"math"

	"github.com/google/go-jsonnet/ast"
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

// constantField is a field with a value.
func constantField(name string, v value) field {
	return field{name: name, hide: ast.ObjectFieldInherit, constant: v}
}

// newConstantObject returns an object of fields with values and different names.
func newConstantObject(fields []field) value {
	t := &fieldTable{fields: fields}
	return value{ref: newObject(&layer{fields: t.complete()})}
}
