package engine

import (
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Node is a value in an object that is being checked, and its place. An absent field, or
// null, is a node without a value, because it is a zero value to the API server. So is a
// field of a value that is no object.
type Node struct {
	*checker
	at *step
	// Value is the value, as [plain.Whole] returns it.
	Value any
}

// step is the last step of a path and those before it; nil is the object.
type step struct {
	before *step
	name   string
	index  int // -1 for a field
}

// path returns the path from the object to the node.
func (n Node) path() manifest.Path {
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

// IsWhole reports whether the node is the object.
func (n Node) IsWhole() bool { return n.at == nil }

// Name returns the name of the node's field, "" if the node is no field.
func (n Node) Name() string {
	if n.at == nil {
		return ""
	}
	return n.at.name
}

// Field returns a field of an object. It is not inlined, which would double the time to
// compile the rules.
//
//go:noinline
func (n Node) Field(names ...string) Node {
	for _, name := range names {
		m, _ := n.Value.(map[string]any)
		n.at = &step{before: n.at, name: name, index: -1}
		n.Value = plain.Whole(m[name])
	}
	return n
}

// Items returns the items of an array.
func (n Node) Items() iter.Seq2[int, Node] {
	return func(yield func(int, Node) bool) {
		list, _ := n.Value.([]any)
		for i, v := range list {
			if !n.goesOn() || !yield(i, Node{n.checker, &step{before: n.at, index: i}, plain.Whole(v)}) {
				return
			}
		}
	}
}

// goesOn notes that a part of the value is looked at. It reports whether the budget allows
// that.
func (n Node) goesOn() bool {
	if n.checker == nil || n.ended != nil {
		return n.checker == nil
	}
	n.ended = n.meter.Work(64)
	return n.ended == nil
}

// List returns the items of an array.
func (n Node) List() []Node {
	var list []Node
	for _, item := range n.Items() {
		list = append(list, item)
	}
	return list
}

// Entries returns the fields of an object, sorted by name.
func (n Node) Entries() iter.Seq2[string, Node] {
	return func(yield func(string, Node) bool) {
		m, _ := n.Value.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if !n.goesOn() || !yield(name, Node{n.checker, &step{before: n.at, name: name, index: -1}, plain.Whole(m[name])}) {
				return
			}
		}
	}
}

// Len returns the number of items or fields, 0 for a value that is neither array nor
// object.
func (n Node) Len() int {
	switch v := n.Value.(type) {
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	}
	return 0
}

// Text returns a string, "" for another value.
func (n Node) Text() string {
	s, _ := n.Value.(string)
	return s
}

// Integer returns a whole number of 64 bits, 0 and false for another value.
func (n Node) Integer() (int64, bool) {
	i, ok := n.Value.(int64)
	return i, ok
}

// isNumber reports whether the value is a number.
func (n Node) isNumber() bool {
	switch n.Value.(type) {
	case int64, float64:
		return true
	}
	return false
}

// Quantity returns a quantity, false for another value.
func (n Node) Quantity() (resource.Quantity, bool) {
	var text string
	switch v := n.Value.(type) {
	case string:
		text = strings.TrimSpace(v)
	case int64, float64:
		text = plain.Number(v)
	default:
		return resource.Quantity{}, false
	}
	q, err := n.parseQuantity(text)
	return q, err == nil
}

// longQuantity is the length in bytes of a quantity that takes milliseconds to read. The
// time grows with the square of the length.
const longQuantity = 32 << 10

// parseQuantity reads a quantity within the budget, whose end is an error.
func (n Node) parseQuantity(text string) (resource.Quantity, error) {
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

// Truth returns a boolean, false for another value.
func (n Node) Truth() bool { return n.Value == true }

// IsSet reports whether the field is present and not null. To the API server an optional
// structure, number or boolean is given then.
func (n Node) IsSet() bool { return n.Value != nil }

// IsZero reports whether the value is zero to the API server if the field is no pointer:
// absent, null, "", 0, false, or without items or fields.
func (n Node) IsZero() bool {
	switch v := n.Value.(type) {
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

// Fail reports an error about the node, or a warning if the API server does not judge this
// part.
func (n Node) Fail(rule Rule, problem string, hints ...string) {
	path, severity := n.path(), diag.Error
	if n.follows(path) {
		return
	}
	if n.judging || rule == RuleRequired {
		switch {
		case n.drops(path):
			return
		case n.overlooking || n.overlooks(path):
			severity = diag.Warning
		}
	}
	if rule == RuleType {
		if n.mistyped == nil {
			n.mistyped = map[string]bool{}
		}
		n.mistyped[KeyOf(path)] = true
	}
	n.findings = append(n.findings, Finding{Severity: severity, Rule: rule, Path: path, Problem: problem, Hints: hints})
}

// follows reports whether a fault at a path follows from a value of a wrong type there, or
// around it.
func (c *checker) follows(path manifest.Path) bool {
	if len(c.mistyped) == 0 {
		return false
	}
	for key := range KeysTo(path) {
		if c.mistyped[key] {
			return true
		}
	}
	return false
}

// KeysTo returns a unique key for each path that leads to this one, itself included. The
// keys share their bytes.
func KeysTo(path manifest.Path) iter.Seq[string] {
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

// KeyOf returns the last key of KeysTo.
func KeyOf(path manifest.Path) (key string) {
	for key = range KeysTo(path) {
	}
	return key
}

// Refuse reports an error about the node even in a part that the API server overlooks.
func (n Node) Refuse(rule Rule, problem string, hints ...string) {
	n.findings = append(n.findings, Finding{Severity: diag.Error, Rule: rule, Path: n.path(), Problem: problem, Hints: hints})
}

// Warn reports a warning about the node.
func (n Node) Warn(rule Rule, problem string, hints ...string) {
	n.findings = append(n.findings, Finding{Severity: diag.Warning, Rule: rule, Path: n.path(), Problem: problem, Hints: hints})
}

// Got describes the value for the second half of a "want ..., got ..." sentence. Of a value
// of a Secret it says only the type: reports are read by those who may not read Secrets.
func (n Node) Got() string {
	if n.isSecret() {
		return "got " + plain.DescribeType(n.Value)
	}
	return plain.GotValue(n.Value)
}

// isSecret reports whether the value belongs to the data of a Secret.
func (n Node) isSecret() bool {
	return n.checker != nil && n.Value != nil && plain.IsSecret(n.ID.Group, n.ID.Kind, n.path())
}

// Has reports whether the release that is checked against has a fact.
func (n Node) Has(f release.Fact) bool { return n.Release.Has(f) }

// Run applies rules to the node.
func (n Node) Run(rules ...Constraint) {
	for _, r := range rules {
		r(n)
	}
}
