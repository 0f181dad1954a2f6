package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/spelling"
)

// Constraint looks at a value and reports its faults. It must accept a value of any type;
// the check of the schema has reported a wrong type.
//
// The functions that return a constraint are not inlined: each of a thousand calls would
// compile and link a copy of the constraint.
type Constraint func(n Node)

// Field applies rules to a field of an object, even if the field is absent.
//
//go:noinline
func Field(name string, rules ...Constraint) Constraint {
	return func(n Node) {
		n.Field(name).Run(rules...)
	}
}

// Each applies rules to every item of an array or value of a map.
//
//go:noinline
func Each(rules ...Constraint) Constraint {
	return func(n Node) {
		for _, item := range n.Items() {
			item.Run(rules...)
		}
		for _, value := range n.Entries() {
			value.Run(rules...)
		}
	}
}

// Required requires a value that is not zero.
func Required(n Node) { n.Required() }

// Required reports whether there is a value that is not zero. It reports an error if there
// is none.
func (n Node) Required() bool {
	if n.IsZero() {
		n.Fail(RuleRequired, "is required, "+n.Got())
		return false
	}
	return true
}

// Present requires a value, which may be zero.
func Present(n Node) {
	if !n.IsSet() {
		n.Fail(RuleRequired, "is required, got none")
	}
}

// Object requires an object, if there is a value. It is for fields whose schema accepts any
// value.
func Object(n Node) {
	if _, ok := n.Value.(map[string]any); !ok && n.IsSet() {
		n.Fail(RuleType, "want an object, "+n.Got())
	}
}

// Absent requires that there is no value or a zero one, and says why.
//
//go:noinline
func Absent(why string) Constraint {
	return func(n Node) {
		if !n.IsZero() {
			n.Fail(RuleConflict, "leave it out: "+why)
		}
	}
}

// Unset requires that there is no value, not even a zero one, because the API server has a
// pointer. It says why.
//
//go:noinline
func Unset(why string) Constraint {
	return func(n Node) {
		if n.IsSet() {
			n.Fail(RuleConflict, "leave it out: "+why)
		}
	}
}

// When applies rules if the release has a fact. If a gate is off, the API server drops the
// field.
//
//go:noinline
func When(f release.Fact, rules ...Constraint) Constraint {
	return func(n Node) {
		if n.Has(f) {
			n.Run(rules...)
		}
	}
}

// AtMostBytes requires a string of at most this length.
//
//go:noinline
func AtMostBytes(most int) Constraint {
	return func(n Node) {
		if size := len(n.Text()); size > most {
			n.Fail(RuleValue, fmt.Sprintf("want at most %d characters, got %d", most, size))
		}
	}
}

// AtMostItems requires an array of at most this length.
//
//go:noinline
func AtMostItems(most int) Constraint {
	return func(n Node) {
		if n.Len() > most {
			n.Fail(RuleValue, fmt.Sprintf("want at most %d items, got %d", most, n.Len()))
		}
	}
}

// OneOf requires one of the values, if the string is not empty.
//
//go:noinline
func OneOf(values ...string) Constraint {
	return func(n Node) {
		text := n.Text()
		if text != "" && !slices.Contains(values, text) {
			n.Fail(RuleValue, "want "+message.Alternatives(values)+", "+n.Got(), n.DidYouMean(text, values)...)
		}
	}
}

// OneOfGiven requires one of the values if the field is set. The API server has a pointer
// for such a field, so an empty string is wrong too.
//
//go:noinline
func OneOfGiven(values ...string) Constraint {
	return func(n Node) {
		if text, ok := n.Value.(string); ok && !slices.Contains(values, text) {
			n.Fail(RuleValue, "want "+message.Alternatives(values)+", "+n.Got(), n.DidYouMean(text, values)...)
		}
	}
}

// Between requires a number from least to most, if there is a number.
//
//go:noinline
func Between(least, most int64) Constraint {
	return func(n Node) {
		if i, ok := n.Integer(); ok && (i < least || i > most) {
			n.Fail(RuleValue, fmt.Sprintf("want a number from %d to %d, got %d", least, most, i))
		}
	}
}

// AtLeast requires a number of least or more, if there is a number.
//
//go:noinline
func AtLeast(least int64) Constraint {
	return func(n Node) {
		if i, ok := n.Integer(); ok && i < least {
			n.Fail(RuleValue, fmt.Sprintf("want a number of %d or more, got %d", least, i))
		}
	}
}

// NotEmpty requires a string that is not empty, if the field is set.
func NotEmpty(n Node) {
	if n.Value == "" {
		n.Fail(RuleRequired, "is required, "+n.Got())
	}
}

// NotNegative requires a quantity of zero or more, if there is a quantity.
func NotNegative(n Node) {
	if q, ok := n.Quantity(); ok && q.Sign() < 0 {
		n.Fail(RuleValue, "want a quantity of 0 or more, "+n.Got())
	}
}

// Positive requires a quantity of more than 0, if there is a quantity.
func Positive(n Node) {
	if q, ok := n.Quantity(); ok && q.Sign() <= 0 {
		n.Fail(RuleValue, "want a quantity of more than 0, "+n.Got())
	}
}

// Written requires a string without faults, if it is not empty. as returns the faults, like
// the functions of k8s.io/apimachinery/pkg/util/validation.
//
//go:noinline
func Written(as func(string) []string) Constraint {
	return func(n Node) {
		if text := n.Text(); text != "" {
			n.Problems(RuleFormat, as(text))
		}
	}
}

// The ways to write names.
var (
	DNSLabel     = Written(validation.IsDNS1123Label)
	DNSSubdomain = Written(validation.IsDNS1123Subdomain)
	// QualifiedName may have a prefix: example.com/name.
	QualifiedName = Written(validation.IsQualifiedName)
	// PathSegment can be a segment of the path of a URL.
	PathSegment = Written(content.IsPathSegmentName)
)

// Problems reports problems that a function of Kubernetes has found in the value, without
// the examples and the regular expression at their ends.
func (n Node) Problems(r Rule, problems []string) {
	for _, p := range problems {
		p, _, _ = strings.Cut(p, " (e.g. ")
		n.Fail(r, strings.TrimSuffix(p, ",")+", "+n.Got())
	}
}

// KeyProblems reports problems that a function of Kubernetes has found in the name of a
// field of a map.
func (n Node) KeyProblems(problems []string) {
	for _, p := range problems {
		p, _, _ = strings.Cut(p, " (e.g. ")
		n.Fail(RuleFormat, "the key: "+p)
	}
}

// UniqueBy requires items that differ in some fields. It passes over items without any of
// these.
//
//go:noinline
func UniqueBy(fields ...string) Constraint {
	return func(n Node) {
		seen := map[string]int{}
		for i, item := range n.Items() {
			var key []string
			empty := true
			for _, f := range fields {
				v := item.Field(f)
				empty = empty && v.IsZero()
				key = append(key, fmt.Sprintf("%q", fmt.Sprint(v.Value)))
			}
			if empty {
				continue
			}
			k := strings.Join(key, " ")
			if first, ok := seen[k]; ok {
				item.Fail(RuleDuplicate, fmt.Sprintf("has the same %s as item %d", strings.Join(fields, " and "), first))
				continue
			}
			seen[k] = i
		}
	}
}

// UniqueItems requires strings or numbers that differ.
func UniqueItems(n Node) {
	seen := map[any]int{}
	for i, item := range n.Items() {
		switch item.Value.(type) {
		case string, int64, float64, bool:
		default:
			continue
		}
		if first, ok := seen[item.Value]; ok {
			item.Fail(RuleDuplicate, "is the same as item "+strconv.Itoa(first))
			continue
		}
		seen[item.Value] = i
	}
}

// ExactlyOne requires exactly one of some fields.
//
//go:noinline
func ExactlyOne(names ...string) Constraint {
	return func(n Node) {
		given := n.Given(names)
		if len(given) == 0 {
			n.Fail(RuleRequired, "want one of "+strings.Join(names, ", ")+", got none")
		}
		n.exclusive(given)
	}
}

// AtMostOne requires at most one of some fields.
//
//go:noinline
func AtMostOne(names ...string) Constraint {
	return func(n Node) { n.exclusive(n.Given(names)) }
}

// Given returns the names whose fields are set.
func (n Node) Given(names []string) []string {
	m, _ := n.Value.(map[string]any)
	var given []string
	for _, name := range names {
		if m[name] != nil {
			given = append(given, name)
		}
	}
	return given
}

func (n Node) exclusive(given []string) {
	if len(given) > 1 {
		n.Fail(RuleConflict, "want one of "+strings.Join(given, ", ")+", got "+strconv.Itoa(len(given)))
	}
}

// DidYouMean is [didYouMean] within the budget: names are compared with many others.
func (n Node) DidYouMean(text string, values []string) []string {
	if n.checker != nil && n.ended == nil {
		n.ended = n.meter.Work(64 * len(values))
	}
	if n.checker != nil && n.ended != nil {
		return nil
	}
	return DidYouMean(text, values)
}

func DidYouMean(text string, values []string) []string {
	if guess := spelling.Suggest(text, values); guess != "" {
		return []string{"did you mean " + strconv.Quote(guess) + "?"}
	}
	return nil
}
