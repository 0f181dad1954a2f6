package validate

import (
	"fmt"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// identity is what a finding is about: one of the rules below. No other package can
// make one.
type identity interface {
	fmt.Stringer
	declared()
}

type ruleName string

func (r ruleName) String() string { return string(r) }

func (r ruleName) declared() {}

// The rules.
const (
	ruleUnknownKind  ruleName = "unknown-kind"  // the kind is not known
	ruleUnknownField ruleName = "unknown-field" // the kind has no such field
	ruleType         ruleName = "type"          // another JSON type is wanted
	ruleRequired     ruleName = "required"      // a field is missing or empty
	ruleFormat       ruleName = "format"        // a string is not written as it must be: names, quantities, dates
	ruleValue        ruleName = "value"         // a value is none of those or outside of the range that is allowed
	ruleDuplicate    ruleName = "duplicate"     // two items of a list, or two objects, are the same
	ruleConflict     ruleName = "conflict"      // fields exclude or need each other
	ruleReference    ruleName = "reference"     // what is referred to is not there
	ruleRemoved      ruleName = "removed"       // the version of the API is gone
	ruleDeprecated   ruleName = "deprecated"    // the version of the API will go
	ruleCRD          ruleName = "crd"           // the CustomResourceDefinition itself is wrong
	ruleExpression   ruleName = "expression"    // a CEL rule of a CustomResourceDefinition fails
)

// finding is one thing that is wrong with an object.
type finding struct {
	severity diag.Severity
	rule     identity
	// path is where in the object it is; it is empty for the object as a whole.
	path    manifest.Path
	problem string
	hints   []string
	// origins are the places that made what is at the path, where they were asked for
	// when it was looked at.
	origins []diag.Position
}
