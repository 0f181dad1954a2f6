package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/release"
)

// Constraint looks at a value and reports what is wrong with it. It must bear any
// value: that one of another type than the schema's is wrong has been said.
type Constraint func(n Node)

// Field applies rules to a field of an object, be it there or not.
func Field(name string, rules ...Constraint) Constraint {
	return func(n Node) {
		n.Field(name).Run(rules...)
	}
}

// Each applies rules to every item of an array or value of a map.
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

// Required asks for a value that is not zero.
func Required(n Node) { n.Required() }

// Required reports whether there is a value that is not zero, and fails where
// there is none.
func (n Node) Required() bool {
	if n.IsZero() {
		n.Fail(RuleRequired, "is required, "+n.Got())
		return false
	}
	return true
}

// Present asks for a value, be it zero.
func Present(n Node) {
	if !n.IsSet() {
		n.Fail(RuleRequired, "is required, got none")
	}
}

// Object asks for an object where the schema takes any value, if there is one.
func Object(n Node) {
	if _, ok := n.Value.(map[string]any); !ok && n.IsSet() {
		n.Fail(RuleType, "want an object, "+n.Got())
	}
}

// Absent asks for no value but a zero one, and says why.
func Absent(why string) Constraint {
	return func(n Node) {
		if !n.IsZero() {
			n.Fail(RuleConflict, "leave it out: "+why)
		}
	}
}

// Unset asks for no value, be it zero, where the API server has a pointer, and
// says why.
func Unset(why string) Constraint {
	return func(n Node) {
		if n.IsSet() {
			n.Fail(RuleConflict, "leave it out: "+why)
		}
	}
}

// When applies rules where the release has a fact. Where a gate is off, the API
// server drops the field.
func When(f release.Fact, rules ...Constraint) Constraint {
	return func(n Node) {
		if n.Has(f) {
			n.Run(rules...)
		}
	}
}

// AtMostBytes asks for a string of some length at most.
func AtMostBytes(most int) Constraint {
	return func(n Node) {
		if size := len(n.Text()); size > most {
			n.Fail(RuleValue, fmt.Sprintf("want at most %d characters, got %d", most, size))
		}
	}
}

// AtMostItems asks for an array of some length at most.
func AtMostItems(most int) Constraint {
	return func(n Node) {
		if n.Len() > most {
			n.Fail(RuleValue, fmt.Sprintf("want at most %d items, got %d", most, n.Len()))
		}
	}
}

// OneOf asks for one of some strings, where there is one that is not empty.
func OneOf(values ...string) Constraint {
	return func(n Node) {
		text := n.Text()
		if text != "" && !slices.Contains(values, text) {
			n.Fail(RuleValue, "want "+diag.Alternatives(values)+", "+n.Got(), n.DidYouMean(text, values)...)
		}
	}
}

// OneOfGiven asks for one of some strings where the field is set. The API server
// has a pointer for such a field, so that an empty string is wrong, too.
func OneOfGiven(values ...string) Constraint {
	return func(n Node) {
		if text, ok := n.Value.(string); ok && !slices.Contains(values, text) {
			n.Fail(RuleValue, "want "+diag.Alternatives(values)+", "+n.Got(), n.DidYouMean(text, values)...)
		}
	}
}

// Between asks for a number from least to most, where there is one.
func Between(least, most int64) Constraint {
	return func(n Node) {
		if i, ok := n.Integer(); ok && (i < least || i > most) {
			n.Fail(RuleValue, fmt.Sprintf("want a number from %d to %d, got %d", least, most, i))
		}
	}
}

// AtLeast asks for a number of least or more, where there is one.
func AtLeast(least int64) Constraint {
	return func(n Node) {
		if i, ok := n.Integer(); ok && i < least {
			n.Fail(RuleValue, fmt.Sprintf("want a number of %d or more, got %d", least, i))
		}
	}
}

// NotEmpty asks for a string that is not empty, where the field is set.
func NotEmpty(n Node) {
	if n.Value == "" {
		n.Fail(RuleRequired, "is required, "+n.Got())
	}
}

// NotNegative asks for a quantity of zero or more, where there is one.
func NotNegative(n Node) {
	if q, ok := n.Quantity(); ok && q.Sign() < 0 {
		n.Fail(RuleValue, "want a quantity of 0 or more, "+n.Got())
	}
}

// Positive asks for a quantity of more than 0, where there is one.
func Positive(n Node) {
	if q, ok := n.Quantity(); ok && q.Sign() <= 0 {
		n.Fail(RuleValue, "want a quantity of more than 0, "+n.Got())
	}
}

// Written asks for a string that a function of
// k8s.io/apimachinery/pkg/util/validation finds nothing wrong with, where there
// is one that is not empty.
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
	// PathSegment can stand in the path of a URL.
	PathSegment = Written(content.IsPathSegmentName)
)

// Problems reports what a function of upstream says of the value, but for the
// examples and the regular expression that end it.
func (n Node) Problems(r Rule, problems []string) {
	for _, p := range problems {
		p, _, _ = strings.Cut(p, " (e.g. ")
		n.Fail(r, strings.TrimSuffix(p, ",")+", "+n.Got())
	}
}

// KeyProblems reports what a function of upstream says of the name of a field of a map.
func (n Node) KeyProblems(problems []string) {
	for _, p := range problems {
		p, _, _ = strings.Cut(p, " (e.g. ")
		n.Fail(RuleFormat, "the key: "+p)
	}
}

// UniqueBy asks for items that differ in some fields; items without any of them
// are passed over.
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

// UniqueItems asks for items that differ, of strings or numbers.
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

// ExactlyOne asks for one of some fields, and no more than one.
func ExactlyOne(names ...string) Constraint {
	return func(n Node) {
		given := n.Given(names)
		if len(given) == 0 {
			n.Fail(RuleRequired, "want one of "+strings.Join(names, ", ")+", got none")
		}
		n.exclusive(given)
	}
}

// AtMostOne asks for one of some fields or none.
func AtMostOne(names ...string) Constraint {
	return func(n Node) { n.exclusive(n.Given(names)) }
}

// Given returns those of the names whose fields are set.
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
	if guess := diag.Suggest(text, values); guess != "" {
		return []string{"did you mean " + strconv.Quote(guess) + "?"}
	}
	return nil
}
