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

// String returns the name that error messages and std.type use.
func (k kind) String() string {
	return [...]string{"null", "boolean", "number", "string", "array", "object", "function"}[k]
}

// value is an evaluated Jsonnet value. Numbers and booleans (0 and 1) are in
// num, the others behind ref. The zero value is none: a thunk that has not been
// evaluated, an argument that is not given.
type value struct {
	ref referent
	num float64
}

// referent is what a value refers to: one of *str, *array, *object, *function,
// or one of the scalars below.
type referent interface{ kind() kind }

// scalar is the referent of the values that need none.
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

// given reports whether v is a value at all.
func (v value) given() bool { return v.ref != nil }

func (v value) kind() kind { return v.ref.kind() }

func (v value) isNumber() bool {
	s, ok := v.ref.(*scalar)
	return ok && s == numberRef
}

// array is a list of elements, each evaluated when it is first needed.
type array struct {
	elements []*thunk
	// room is where the elements are, if a sum made the array; else nil.
	room *room
}

// room is a list of which arrays have beginnings, so that adding to the longest
// of them need not copy it.
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

// thunk is a value that is computed when it is first needed. Its code stays,
// because it tells where the value comes from; the variables are let go unless
// the evaluation is to be traced.
type thunk struct {
	value value
	code  *unit
	env   *env
}

func ready(v value) *thunk { return &thunk{value: v} }

// env holds the variables that a piece of code uses from around it, no others,
// so that nothing lives longer than it can be needed; and, if it uses them, the
// object that is self and the layer of it whose super is meant.
type env struct {
	vars  []*thunk
	self  *object
	layer int
}

// newEnv returns an env with room for n variables, in one allocation for few.
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
