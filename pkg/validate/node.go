package validate

import (
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/release"
)

// node is a value in an object that is being checked, and where it stands. A
// field that is not there, or null, is a node without a value, as it is a zero
// value to the API server; so are the fields of what is no object.
type node struct {
	*checker
	at *step
	// value is as [manifest.Whole] returns it.
	value any
}

// step is the last step of a path and those before it; nil is the object.
type step struct {
	before *step
	name   string
	index  int // -1 for a field
}

// path returns the way from the object to the node.
func (n node) path() manifest.Path {
	var p manifest.Path
	for s := n.at; s != nil; s = s.before {
		if s.index < 0 {
			p = append(p, s.name)
		} else {
			p = append(p, s.index)
		}
	}
	slices.Reverse(p)
	return p
}

// whole reports whether the node is the object.
func (n node) whole() bool { return n.at == nil }

// name returns the name of the field that the node is, "" where it is none.
func (n node) name() string {
	if n.at == nil {
		return ""
	}
	return n.at.name
}

// field returns a field of an object.
func (n node) field(names ...string) node {
	for _, name := range names {
		m, _ := n.value.(map[string]any)
		n.at = &step{before: n.at, name: name, index: -1}
		n.value = manifest.Whole(m[name])
	}
	return n
}

// items returns the items of an array.
func (n node) items() iter.Seq2[int, node] {
	return func(yield func(int, node) bool) {
		list, _ := n.value.([]any)
		for i, v := range list {
			if !n.goesOn() || !yield(i, node{n.checker, &step{before: n.at, index: i}, manifest.Whole(v)}) {
				return
			}
		}
	}
}

// goesOn notes that a part of the value is looked at, and reports whether the
// budget lets it be.
func (n node) goesOn() bool {
	if n.checker == nil || n.ended != nil {
		return n.checker == nil
	}
	n.ended = n.meter.Work(64)
	return n.ended == nil
}

// list returns the items of an array.
func (n node) list() []node {
	var list []node
	for _, item := range n.items() {
		list = append(list, item)
	}
	return list
}

// entries returns the fields of an object, sorted by name.
func (n node) entries() iter.Seq2[string, node] {
	return func(yield func(string, node) bool) {
		m, _ := n.value.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if !n.goesOn() || !yield(name, node{n.checker, &step{before: n.at, name: name, index: -1}, manifest.Whole(m[name])}) {
				return
			}
		}
	}
}

// len returns the number of items or fields; 0 for what has none.
func (n node) len() int {
	switch v := n.value.(type) {
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	}
	return 0
}

// text returns a string, "" for another value.
func (n node) text() string {
	s, _ := n.value.(string)
	return s
}

// integer returns a whole number of 64 bits, 0 and false for another value.
func (n node) integer() (int64, bool) {
	i, ok := n.value.(int64)
	return i, ok
}

// isNumber reports whether the value is a number.
func (n node) isNumber() bool {
	switch n.value.(type) {
	case int64, float64:
		return true
	}
	return false
}

// quantity returns a quantity, false for another value.
func (n node) quantity() (resource.Quantity, bool) {
	var text string
	switch v := n.value.(type) {
	case string:
		text = strings.TrimSpace(v)
	case int64, float64:
		text = manifest.NumberText(v)
	default:
		return resource.Quantity{}, false
	}
	q, err := n.parseQuantity(text)
	return q, err == nil
}

// longQuantity is how many bytes of a quantity take milliseconds to read, which grow
// with their square.
const longQuantity = 32 << 10

// parseQuantity reads a quantity within the budget, whose end is an error.
func (n node) parseQuantity(text string) (resource.Quantity, error) {
	if len(text) < longQuantity || n.checker == nil {
		return resource.ParseQuantity(text)
	}
	var q resource.Quantity
	var err error
	if ended := budget.Away(n.ctx, func() { q, err = resource.ParseQuantity(text) }); ended != nil {
		n.ended = ended
		return resource.Quantity{}, ended
	}
	return q, err
}

// truth returns a boolean, false for another value.
func (n node) truth() bool { return n.value == true }

// set reports whether the field is there and not null. The API server takes
// an optional structure, number or boolean for given then.
func (n node) set() bool { return n.value != nil }

// zero reports whether the value is none to the API server where the field is
// no pointer: not there, null, "", 0, false, or without items or fields.
func (n node) zero() bool {
	switch v := n.value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case int64:
		return v == 0
	case bool:
		return !v
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// fail reports an error about the node, or a warning where the API server does
// not judge what stands there.
func (n node) fail(rule identity, problem string, hints ...string) {
	path, severity := n.path(), diag.Error
	if n.follows(path) {
		return
	}
	if n.judging || rule == ruleRequired {
		switch {
		case n.drops(path):
			return
		case n.overlooking || n.overlooks(path):
			severity = diag.Warning
		}
	}
	if rule == ruleType {
		if n.mistyped == nil {
			n.mistyped = map[string]bool{}
		}
		n.mistyped[keyOf(path)] = true
	}
	n.findings = append(n.findings, finding{severity: severity, rule: rule, path: path, problem: problem, hints: hints})
}

// follows reports whether what is wrong at a path follows from a value there, or
// around it, that is of another type than it must be.
func (c *checker) follows(path manifest.Path) bool {
	if len(c.mistyped) == 0 {
		return false
	}
	for key := range keysTo(path) {
		if c.mistyped[key] {
			return true
		}
	}
	return false
}

// keysTo returns a key for each path that leads to one, itself included, that tells
// it from all others. They share their bytes.
func keysTo(path manifest.Path) iter.Seq[string] {
	return func(yield func(string) bool) {
		if !yield("") {
			return
		}
		key, ends := "", make([]int, 0, len(path))
		var b []byte
		for _, step := range path {
			switch step := step.(type) {
			case string:
				b = append(append(b, '.'), step...)
			case int:
				b = strconv.AppendInt(append(b, '['), int64(step), 10)
			}
			b = append(b, 0)
			ends = append(ends, len(b))
		}
		key = string(b)
		for _, end := range ends {
			if !yield(key[:end]) {
				return
			}
		}
	}
}

// keyOf returns the last of keysTo.
func keyOf(path manifest.Path) (key string) {
	for key = range keysTo(path) {
	}
	return key
}

// refuse reports an error about the node even where the API server overlooks
// others.
func (n node) refuse(rule identity, problem string, hints ...string) {
	n.findings = append(n.findings, finding{severity: diag.Error, rule: rule, path: n.path(), problem: problem, hints: hints})
}

// warn reports a warning about the node.
func (n node) warn(rule identity, problem string, hints ...string) {
	n.findings = append(n.findings, finding{severity: diag.Warning, rule: rule, path: n.path(), problem: problem, hints: hints})
}

// got describes the value for the second half of a "want ..., got ..." sentence.
func (n node) got() string { return manifest.GotValue(n.value) }

// has reports whether the release that is checked against has a fact.
func (n node) has(f release.Fact) bool { return n.release.Has(f) }

// run applies rules to the node.
func (n node) run(rules ...constraint) {
	for _, r := range rules {
		r(n)
	}
}
