package render

import (
	"regexp"
	"strings"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Targets select objects by expressions over Kind/name. The zero Targets
// select all. They are immutable.
type Targets struct {
	include, exclude []*regexp.Regexp
}

// ParseTargets returns the Targets for expressions as Tanka has them. Each is a regular
// expression (https://golang.org/s/re2syntax) that must match the whole of Kind/name, in
// upper or lower case. An expression with a leading ! excludes the objects that it matches.
// An object is selected if no expression excludes it and, if there are including ones, one
// of them matches. The error is a [*diag.List].
func ParseTargets(expressions []string) (Targets, error) {
	var t Targets
	var found diag.List
	for _, text := range expressions {
		expr, exclude := strings.CutPrefix(text, "!")
		re, err := regexp.Compile("(?i)^(?:" + expr + ")$")
		switch {
		case err != nil:
			found = append(found, diag.Diagnostic{
				Code: failure.BadTarget, Subject: "target " + text, Problem: problemOf(err, expr),
			})
		case exclude:
			t.exclude = append(t.exclude, re)
		default:
			t.include = append(t.include, re)
		}
	}
	return t, found.Err()
}

// problemOf returns the fault of expr. It quotes expr, not the longer expression that was
// compiled.
func problemOf(err error, expr string) string {
	if _, own := regexp.Compile(expr); own != nil {
		err = own
	}
	return strings.TrimPrefix(err.Error(), "error parsing regexp: ")
}

// Match reports whether t selects o. An object that has only a generateName
// matches as Kind/.
func (t Targets) Match(o manifest.Object) bool {
	text := o.ID().Kind + "/" + o.ID().Name
	matches := func(list []*regexp.Regexp) bool {
		for _, re := range list {
			if re.MatchString(text) {
				return true
			}
		}
		return false
	}
	return !matches(t.exclude) && (len(t.include) == 0 || matches(t.include))
}
