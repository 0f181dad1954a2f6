package engine

import (
	"fmt"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Rule is the rule of a finding, one of those below. No other package can make one.
type Rule interface {
	fmt.Stringer
	declared()
}

type ruleName string

func (r ruleName) String() string { return string(r) }

func (r ruleName) declared() {}

// The rules.
const (
	RuleUnknownKind  ruleName = "unknown-kind"  // the kind is not known
	RuleUnknownField ruleName = "unknown-field" // the kind has no such field
	RuleType         ruleName = "type"          // another JSON type is wanted
	RuleRequired     ruleName = "required"      // a field is missing or empty
	RuleFormat       ruleName = "format"        // a string is not written as it must be: names, quantities, dates
	RuleValue        ruleName = "value"         // a value is none of those or outside of the range that is allowed
	RuleDuplicate    ruleName = "duplicate"     // two items of a list, or two objects, are the same
	RuleConflict     ruleName = "conflict"      // fields exclude or need each other
	RuleReference    ruleName = "reference"     // what is referred to is not there
	RuleRemoved      ruleName = "removed"       // the version of the API is gone
	RuleDeprecated   ruleName = "deprecated"    // the version of the API will go
	RuleCRD          ruleName = "crd"           // the CustomResourceDefinition itself is wrong
	RuleExpression   ruleName = "expression"    // a CEL rule of a CustomResourceDefinition fails
)

// Finding is one fault of an object.
type Finding struct {
	Severity diag.Severity
	Rule     Rule
	// Path is its place in the object, empty for the object as a whole.
	Path    manifest.Path
	Problem string
	Hints   []string
	// Origins are the places that made the value at the path, if they were looked up during
	// the check.
	Origins []diag.Position
}
