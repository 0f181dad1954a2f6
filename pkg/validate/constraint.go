package validate

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

// constraint looks at a value and reports what is wrong with it. It must bear any
// value: that one of another type than the schema's is wrong has been said.
type constraint func(n node)

// field applies rules to a field of an object, be it there or not.
func field(name string, rules ...constraint) constraint {
	return func(n node) {
		n.field(name).run(rules...)
	}
}

// each applies rules to every item of an array or value of a map.
func each(rules ...constraint) constraint {
	return func(n node) {
		for _, item := range n.items() {
			item.run(rules...)
		}
		for _, value := range n.entries() {
			value.run(rules...)
		}
	}
}

// required asks for a value that is not zero.
func required(n node) { n.required() }

// required reports whether there is a value that is not zero, and fails where
// there is none.
func (n node) required() bool {
	if n.zero() {
		n.fail(ruleRequired, "is required, "+n.got())
		return false
	}
	return true
}

// present asks for a value, be it zero.
func present(n node) {
	if !n.set() {
		n.fail(ruleRequired, "is required, got none")
	}
}

// object asks for an object where the schema takes any value, if there is one.
func object(n node) {
	if _, ok := n.value.(map[string]any); !ok && n.set() {
		n.fail(ruleType, "want an object, "+n.got())
	}
}

// absent asks for no value but a zero one, and says why.
func absent(why string) constraint {
	return func(n node) {
		if !n.zero() {
			n.fail(ruleConflict, "leave it out: "+why)
		}
	}
}

// unset asks for no value, be it zero, where the API server has a pointer, and
// says why.
func unset(why string) constraint {
	return func(n node) {
		if n.set() {
			n.fail(ruleConflict, "leave it out: "+why)
		}
	}
}

// when applies rules where the release has a fact. Where a gate is off, the API
// server drops the field.
func when(f release.Fact, rules ...constraint) constraint {
	return func(n node) {
		if n.has(f) {
			n.run(rules...)
		}
	}
}

// atMostBytes asks for a string of some length at most.
func atMostBytes(most int) constraint {
	return func(n node) {
		if size := len(n.text()); size > most {
			n.fail(ruleValue, fmt.Sprintf("want at most %d characters, got %d", most, size))
		}
	}
}

// atMostItems asks for an array of some length at most.
func atMostItems(most int) constraint {
	return func(n node) {
		if n.len() > most {
			n.fail(ruleValue, fmt.Sprintf("want at most %d items, got %d", most, n.len()))
		}
	}
}

// oneOf asks for one of some strings, where there is one that is not empty.
func oneOf(values ...string) constraint {
	return func(n node) {
		text := n.text()
		if text != "" && !slices.Contains(values, text) {
			n.fail(ruleValue, "want "+diag.Alternatives(values)+", "+n.got(), n.didYouMean(text, values)...)
		}
	}
}

// oneOfGiven asks for one of some strings where the field is set. The API server
// has a pointer for such a field, so that an empty string is wrong, too.
func oneOfGiven(values ...string) constraint {
	return func(n node) {
		if text, ok := n.value.(string); ok && !slices.Contains(values, text) {
			n.fail(ruleValue, "want "+diag.Alternatives(values)+", "+n.got(), n.didYouMean(text, values)...)
		}
	}
}

// between asks for a number from least to most, where there is one.
func between(least, most int64) constraint {
	return func(n node) {
		if i, ok := n.integer(); ok && (i < least || i > most) {
			n.fail(ruleValue, fmt.Sprintf("want a number from %d to %d, got %d", least, most, i))
		}
	}
}

// atLeast asks for a number of least or more, where there is one.
func atLeast(least int64) constraint {
	return func(n node) {
		if i, ok := n.integer(); ok && i < least {
			n.fail(ruleValue, fmt.Sprintf("want a number of %d or more, got %d", least, i))
		}
	}
}

// notEmpty asks for a string that is not empty, where the field is set.
func notEmpty(n node) {
	if n.value == "" {
		n.fail(ruleRequired, "is required, "+n.got())
	}
}

// notNegative asks for a quantity of zero or more, where there is one.
func notNegative(n node) {
	if q, ok := n.quantity(); ok && q.Sign() < 0 {
		n.fail(ruleValue, "want a quantity of 0 or more, "+n.got())
	}
}

// positive asks for a quantity of more than 0, where there is one.
func positive(n node) {
	if q, ok := n.quantity(); ok && q.Sign() <= 0 {
		n.fail(ruleValue, "want a quantity of more than 0, "+n.got())
	}
}

// written asks for a string that a function of
// k8s.io/apimachinery/pkg/util/validation finds nothing wrong with, where there
// is one that is not empty.
func written(as func(string) []string) constraint {
	return func(n node) {
		if text := n.text(); text != "" {
			n.problems(ruleFormat, as(text))
		}
	}
}

// The ways to write names.
var (
	dnsLabel     = written(validation.IsDNS1123Label)
	dnsSubdomain = written(validation.IsDNS1123Subdomain)
	// qualifiedName may have a prefix: example.com/name.
	qualifiedName = written(validation.IsQualifiedName)
	// pathSegment can stand in the path of a URL.
	pathSegment = written(content.IsPathSegmentName)
)

// problems reports what a function of upstream says of the value, but for the
// examples and the regular expression that end it.
func (n node) problems(r identity, problems []string) {
	for _, p := range problems {
		p, _, _ = strings.Cut(p, " (e.g. ")
		n.fail(r, strings.TrimSuffix(p, ",")+", "+n.got())
	}
}

// key reports what a function of upstream says of the name of a field of a map.
func (n node) key(problems []string) {
	for _, p := range problems {
		p, _, _ = strings.Cut(p, " (e.g. ")
		n.fail(ruleFormat, "the key: "+p)
	}
}

// uniqueBy asks for items that differ in some fields; items without any of them
// are passed over.
func uniqueBy(fields ...string) constraint {
	return func(n node) {
		seen := map[string]int{}
		for i, item := range n.items() {
			var key []string
			empty := true
			for _, f := range fields {
				v := item.field(f)
				empty = empty && v.zero()
				key = append(key, fmt.Sprintf("%q", fmt.Sprint(v.value)))
			}
			if empty {
				continue
			}
			k := strings.Join(key, " ")
			if first, ok := seen[k]; ok {
				item.fail(ruleDuplicate, fmt.Sprintf("has the same %s as item %d", strings.Join(fields, " and "), first))
				continue
			}
			seen[k] = i
		}
	}
}

// uniqueItems asks for items that differ, of strings or numbers.
func uniqueItems(n node) {
	seen := map[any]int{}
	for i, item := range n.items() {
		switch item.value.(type) {
		case string, int64, float64, bool:
		default:
			continue
		}
		if first, ok := seen[item.value]; ok {
			item.fail(ruleDuplicate, "is the same as item "+strconv.Itoa(first))
			continue
		}
		seen[item.value] = i
	}
}

// exactlyOne asks for one of some fields, and no more than one.
func exactlyOne(names ...string) constraint {
	return func(n node) {
		given := n.given(names)
		if len(given) == 0 {
			n.fail(ruleRequired, "want one of "+strings.Join(names, ", ")+", got none")
		}
		n.exclusive(given)
	}
}

// atMostOne asks for one of some fields or none.
func atMostOne(names ...string) constraint {
	return func(n node) { n.exclusive(n.given(names)) }
}

// given returns those of the names whose fields are set.
func (n node) given(names []string) []string {
	m, _ := n.value.(map[string]any)
	var given []string
	for _, name := range names {
		if m[name] != nil {
			given = append(given, name)
		}
	}
	return given
}

func (n node) exclusive(given []string) {
	if len(given) > 1 {
		n.fail(ruleConflict, "want one of "+strings.Join(given, ", ")+", got "+strconv.Itoa(len(given)))
	}
}

// didYouMean is [didYouMean] within the budget: names are compared with many others.
func (n node) didYouMean(text string, values []string) []string {
	if n.checker != nil && n.ended == nil {
		n.ended = n.meter.Work(64 * len(values))
	}
	if n.checker != nil && n.ended != nil {
		return nil
	}
	return didYouMean(text, values)
}

func didYouMean(text string, values []string) []string {
	if guess := diag.Suggest(text, values); guess != "" {
		return []string{"did you mean " + strconv.Quote(guess) + "?"}
	}
	return nil
}
