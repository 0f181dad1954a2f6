package jsonnet

// kind is the type of a Jsonnet value.
type kind uint8

const (
	nullKind kind = iota
	booleanKind
	numberKind
	stringKind
	arrayKind
	objectKind
	functionKind
)

// String returns the name in error messages and in std.type.
func (k kind) String() string {
	return [...]string{"null", "boolean", "number", "string", "array", "object", "function"}[k]
}

// value is an evaluated Jsonnet value. num has numbers and booleans (0 and 1), ref the
// other values. The zero value is no value: a thunk that has not been evaluated, or an
// argument that is not given.
type value struct {
	ref referent
	num float64
}

// referent is what a value refers to: a *str, *array, *object, *function, or one of the
// scalars below. Natives also get a *thunk for a lazy parameter, and a tail call is a
// *pending.
type referent interface{ kind() kind }

// scalar is the referent of null, booleans and numbers.
type scalar kind

func (s *scalar) kind() kind { return kind(*s) }

var (
	nullRef    = newScalar(nullKind)
	booleanRef = newScalar(booleanKind)
	numberRef  = newScalar(numberKind)

	null       = value{ref: nullRef}
	falseValue = value{ref: booleanRef}
	trueValue  = value{ref: booleanRef, num: 1}
)

func newScalar(k kind) *scalar {
	s := scalar(k)
	return &s
}

func (*str) kind() kind      { return stringKind }
func (*array) kind() kind    { return arrayKind }
func (*object) kind() kind   { return objectKind }
func (*function) kind() kind { return functionKind }

func number(n float64) value { return value{ref: numberRef, num: n} }

func boolean(b bool) value {
	if b {
		return trueValue
	}
	return falseValue
}

func text(s string) value { return value{ref: newStr(s)} }

// given reports whether v is a value.
func (v value) given() bool { return v.ref != nil }

func (v value) kind() kind { return v.ref.kind() }

func (v value) isNumber() bool {
	s, ok := v.ref.(*scalar)
	return ok && s == numberRef
}

// array is a list of elements, each evaluated when it is first needed.
type array struct {
	elements []*thunk
	// room has the elements if a sum made the array, else nil.
	room *room
}

// room is a list that arrays share: each has a beginning of it. So adding to the longest
// array need not copy it.
type room struct{ thunks []*thunk }

func newArray(elements []*thunk) value { return value{ref: &array{elements: elements}} }

// readyArray returns an array of values.
func readyArray(values []value) value {
	thunks := make([]thunk, len(values))
	elements := make([]*thunk, len(values))
	for i, v := range values {
		thunks[i].value = v
		elements[i] = &thunks[i]
	}
	return newArray(elements)
}

// function is a closure or, without code, a native.
type function struct {
	code   *functionCode
	env    *env
	native *native
}

// thunk is a value that is computed when it is first needed. It keeps its code, because
// that gives the origin of the value. It drops the variables afterwards, unless the
// evaluation is traced.
type thunk struct {
	value value
	code  *unit
	env   *env
}

func ready(v value) *thunk { return &thunk{value: v} }

// env holds only those variables from around a piece of code that the code uses, so that no
// value stays in memory longer than necessary. If the code uses self or super, env also
// holds the object that is self and the index of the code's layer: super begins at the next
// one.
type env struct {
	vars  []*thunk
	self  *object
	layer int
}

// newEnv returns an env with room for n variables, in one allocation if n is small.
func newEnv(n int) *env {
	switch n {
	case 0:
		return &env{}
	case 1:
		e := &struct {
			env
			room [1]*thunk
		}{}
		e.vars = e.room[:]
		return &e.env
	case 2:
		e := &struct {
			env
			room [2]*thunk
		}{}
		e.vars = e.room[:]
		return &e.env
	case 3:
		e := &struct {
			env
			room [3]*thunk
		}{}
		e.vars = e.room[:]
		return &e.env
	case 4:
		e := &struct {
			env
			room [4]*thunk
		}{}
		e.vars = e.room[:]
		return &e.env
	}
	return &env{vars: make([]*thunk, n)}
}
