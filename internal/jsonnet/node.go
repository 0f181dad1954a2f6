package jsonnet

import (
	"sync"

	"github.com/google/go-jsonnet/ast"
)

// node is compiled code. It is immutable and shared by all evaluations.
type node interface {
	eval(ev *evaluator, f *frame) value
}

// constant is code with a known value. Its site is nil if it is no literal.
type constant struct {
	value value
	site  *site
}

func (n *constant) eval(*evaluator, *frame) value { return n.value }

// failing is code that cannot be evaluated.
type failing struct {
	message string
	site    *site
}

func (n *failing) eval(ev *evaluator, _ *frame) value {
	ev.fail(n.site, n.message)
	return value{}
}

type self struct{}

func (self) eval(_ *evaluator, f *frame) value { return value{ref: f.self} }

// standard is std in a program.
type standard struct{ file string }

func (n *standard) eval(ev *evaluator, _ *frame) value { return value{ref: ev.stdFor(n.file)} }

// librarySelf is std in the code of std.
type librarySelf struct{}

func (librarySelf) eval(ev *evaluator, _ *frame) value { return value{ref: ev.standard()} }

// slotVariable is a variable of the unit itself, envVariable a variable from around it.
type slotVariable struct {
	slot int
	site *site
}

func (n *slotVariable) eval(ev *evaluator, f *frame) value {
	t := f.slots[n.slot]
	if t.value.ref != nil {
		return t.value
	}
	return ev.force(t, n.site)
}

type envVariable struct {
	index int
	site  *site
}

func (n *envVariable) eval(ev *evaluator, f *frame) value {
	t := f.env.vars[n.index]
	if t.value.ref != nil {
		return t.value
	}
	return ev.force(t, n.site)
}

type arrayLiteral struct {
	elements []argument
	captures *captures
}

func (n *arrayLiteral) eval(ev *evaluator, f *frame) value {
	ev.make(stringBytes + thunkBytes*len(n.elements))
	e := n.captures.close(f)
	elements := make([]*thunk, len(n.elements))
	for i := range n.elements {
		elements[i] = n.elements[i].thunk(f, e)
	}
	return newArray(elements)
}

type and struct {
	left, right node
	site        *site
}

func (n *and) eval(ev *evaluator, f *frame) value {
	if !ev.boolean(n.left.eval(ev, f), n.site) {
		return falseValue
	}
	return boolean(ev.boolean(n.right.eval(ev, f), n.site))
}

type or struct {
	left, right node
	site        *site
}

func (n *or) eval(ev *evaluator, f *frame) value {
	if ev.boolean(n.left.eval(ev, f), n.site) {
		return trueValue
	}
	return boolean(ev.boolean(n.right.eval(ev, f), n.site))
}

type plus struct {
	left, right node
	site        *site
}

func (n *plus) eval(ev *evaluator, f *frame) value {
	x := n.left.eval(ev, f)
	y := n.right.eval(ev, f)
	return ev.plus(x, y, n.site)
}

type equal struct {
	left, right node
	not         bool
	site        *site
}

func (n *equal) eval(ev *evaluator, f *frame) value {
	x := n.left.eval(ev, f)
	y := n.right.eval(ev, f)
	return boolean(ev.equals(x, y, n.site) != n.not)
}

type comparison struct {
	left, right node
	op          ast.BinaryOp
	site        *site
}

func (n *comparison) eval(ev *evaluator, f *frame) value {
	x := n.left.eval(ev, f)
	y := n.right.eval(ev, f)
	c := ev.compare(x, y, n.site)
	switch n.op {
	case ast.BopLess:
		return boolean(c < 0)
	case ast.BopLessEq:
		return boolean(c <= 0)
	case ast.BopGreater:
		return boolean(c > 0)
	}
	return boolean(c >= 0)
}

// arithmetic is an operator on numbers.
type arithmetic struct {
	left, right node
	op          ast.BinaryOp
	site        *site
}

func (n *arithmetic) eval(ev *evaluator, f *frame) value {
	left := n.left.eval(ev, f)
	right := n.right.eval(ev, f)
	x := ev.number(left, n.site)
	y := ev.number(right, n.site)
	switch n.op {
	case ast.BopMinus:
		return ev.finite(x-y, n.site)
	case ast.BopMult:
		return ev.finite(x*y, n.site)
	case ast.BopDiv:
		if y == 0 {
			ev.fail(n.site, "Division by zero.")
		}
		return ev.finite(x/y, n.site)
	}
	return ev.bitwise(n.op, x, y, n.site)
}

type unary struct {
	operand node
	op      ast.UnaryOp
	site    *site
}

func (n *unary) eval(ev *evaluator, f *frame) value {
	v := n.operand.eval(ev, f)
	switch n.op {
	case ast.UopNot:
		return boolean(!ev.boolean(v, n.site))
	case ast.UopMinus:
		return number(-ev.number(v, n.site))
	case ast.UopPlus:
		return number(ev.number(v, n.site))
	}
	return number(float64(^int64(ev.number(v, n.site))))
}

type conditional struct {
	condition, then, otherwise node
	site                       *site
}

func (n *conditional) eval(ev *evaluator, f *frame) value {
	if ev.boolean(n.condition.eval(ev, f), n.site) {
		return n.then.eval(ev, f)
	}
	return n.otherwise.eval(ev, f)
}

// raise is the expression error.
type raise struct {
	message node
	site    *site
}

func (n *raise) eval(ev *evaluator, f *frame) value {
	v := n.message.eval(ev, f)
	ev.fail(n.site, ev.toString(v, n.site).String())
	return value{}
}

// fieldIndex is an index with a known name.
type fieldIndex struct {
	target node
	name   string
	site   *site
}

func (n *fieldIndex) eval(ev *evaluator, f *frame) value {
	v := n.target.eval(ev, f)
	if o, ok := v.ref.(*object); ok {
		return ev.get(o, n.name, n.site)
	}
	return ev.index(v, text(n.name), n.site)
}

type index struct {
	target, index node
	site          *site
}

func (n *index) eval(ev *evaluator, f *frame) value {
	v := n.target.eval(ev, f)
	return ev.index(v, n.index.eval(ev, f), n.site)
}

type superIndex struct {
	index node
	site  *site
}

func (n *superIndex) eval(ev *evaluator, f *frame) value {
	name := ev.str(n.index.eval(ev, f), n.site).String()
	return ev.getFrom(f.self, f.layer+1, name, n.site)
}

type inSuper struct {
	index node
	site  *site
}

func (n *inSuper) eval(ev *evaluator, f *frame) value {
	name := ev.str(n.index.eval(ev, f), n.site).String()
	_, ok := ev.find(f.self, f.layer+1, name)
	return boolean(ok)
}

type importKind uint8

const (
	importCode importKind = iota
	importString
	importBytes
)

type importing struct {
	path, from string
	as         importKind
	site       *site
}

func (n *importing) eval(ev *evaluator, _ *frame) value {
	switch n.as {
	case importString:
		return text(validUTF8(string(ev.importData(n))))
	case importBytes:
		return ev.bytesArray(ev.importData(n), n.site)
	}
	return ev.force(ev.importCode(n), n.site)
}

// local binds variables, which may use each other.
type local struct {
	binds    []bind
	captures *captures
	body     node
}

// bind is the value of a local: code, or a function, which is made at once.
type bind struct {
	slot     int
	constant *thunk
	code     *unit
	function *functionCode
	captures *captures
}

func (n *local) eval(ev *evaluator, f *frame) value {
	n.bind(f)
	return n.body.eval(ev, f)
}

// bind makes the variables.
func (n *local) bind(f *frame) {
	lazy := false
	for i := range n.binds {
		b := &n.binds[i]
		switch {
		case b.constant != nil:
			f.slots[b.slot] = b.constant
		case b.function != nil:
			f.slots[b.slot] = &thunk{value: value{ref: &function{code: b.function}}}
		default:
			f.slots[b.slot] = &thunk{code: b.code}
			lazy = true
		}
	}
	var e *env
	if lazy {
		e = n.captures.close(f)
	}
	for i := range n.binds {
		b := &n.binds[i]
		switch {
		case b.constant != nil:
		case b.function != nil:
			f.slots[b.slot].value.ref.(*function).env = b.captures.close(f)
		default:
			f.slots[b.slot].env = e
		}
	}
}

// closure is a function literal that uses variables from around it.
type closure struct {
	code     *functionCode
	captures *captures
}

func (n *closure) eval(ev *evaluator, f *frame) value {
	ev.make(frameBytes)
	return value{ref: &function{code: n.code, env: n.captures.close(f)}}
}

// deferred is code that is compiled when it is first evaluated.
type deferred struct {
	once    sync.Once
	compile func() node
	node    node
}

func (n *deferred) eval(ev *evaluator, f *frame) value {
	return n.compiled().eval(ev, f)
}

func (n *deferred) compiled() node {
	n.once.Do(func() { n.node, n.compile = n.compile(), nil })
	return n.node
}

// thunkBytes is about how many bytes an element of an array takes.
const thunkBytes = 64
