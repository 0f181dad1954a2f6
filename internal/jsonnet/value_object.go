package jsonnet

import (
	"math"

	"github.com/google/go-jsonnet/ast"
)

// object is a value with fields. The operator + puts layers on one another; the most
// derived is first. Adding two objects takes constant time; the layers are joined when a
// field is first read.
type object struct {
	layers []*layer
	// left and right are the operands of a sum before its layers are joined.
	left, right *object
	// shape is nil before the first search for a field.
	shape *shape
	// values are the values of the fields that have been read, by the slots of the shape;
	// nil before the first read.
	values []value
	// bound are the variables of the fields of each layer. They differ from the layer's own
	// if the literal has locals, which may depend on self. bound is nil for most objects;
	// because there are many objects, it takes one word.
	bound *[]*env
	// size is the number of layers, at most math.MaxInt32: an object that is added to itself
	// repeatedly can have more.
	size int32
	// restricted marks an object with a layer that hides names, see specialLayer.
	restricted bool
	// asserted is set when the check of the assertions begins.
	asserted bool
}

// layer is an object literal that has been evaluated, but not yet bound to a self. It is
// immutable and may be part of many objects.
type layer struct {
	fields *fieldTable
	env    *env
	// special is nil for the layers of object literals.
	special *specialLayer
}

// specialLayer is the part of a layer that no object literal has. It is separate to keep
// layers small: each object has one.
type specialLayer struct {
	// envs are the variables of each field if they differ, as in an object comprehension.
	envs []*env
	// kept restricts the next span layers to some names. Such a layer has no fields itself
	// (std.objectRemoveKey).
	kept map[string]ast.ObjectFieldHide
	span int
}

// fieldTable describes the fields of an object literal. If all names are known at compile
// time, all objects of the literal share one table.
type fieldTable struct {
	fields  []field
	locals  []*unit
	asserts []*unit
	// index finds fields by name if there are many.
	index map[string]int
	// shape is that of an object with only this layer.
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
	// site is the place of the value of a field with +:, else nil.
	site *site
	// constant is the value of a field that is a literal.
	constant value
}

// fewFields is the number of fields up to which a search is faster than a map.
const fewFields = 8

// complete completes a table whose fields are set.
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

// layerBytes is about how many bytes reading a sum of objects takes for each layer.
const layerBytes = 32

// manyLayers on both sides make a sum large enough to check the memory.
const manyLayers = 1 << 15

// add returns left + right.
func add(left, right *object) *object {
	size := min(int64(left.size)+int64(right.size), math.MaxInt32)
	return &object{left: left, right: right, size: int32(size), restricted: left.restricted || right.restricted}
}

// flatten returns the layers, the most derived first, and joins those of a sum.
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

// constantField is a visible field with a value.
func constantField(name string, v value) field {
	return field{name: name, hide: ast.ObjectFieldInherit, constant: v}
}

// newConstantObject returns an object of fields with values and different names.
func newConstantObject(fields []field) value {
	t := &fieldTable{fields: fields}
	return value{ref: newObject(&layer{fields: t.complete()})}
}
