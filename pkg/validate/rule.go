package validate

import (
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/pkg/diag"
)

// Rule is the name of a rule. [Declarations] describes each. The names are stable: a later
// version adds some, and takes none away.
type Rule string

// The rules.
const (
	RuleUnknownKind  Rule = "unknown-kind"  // the kind is not known
	RuleUnknownField Rule = "unknown-field" // the kind has no such field
	RuleType         Rule = "type"          // another JSON type is wanted
	RuleRequired     Rule = "required"      // a field is missing or empty
	RuleFormat       Rule = "format"        // a string is not written as it must be: names, quantities, dates
	RuleValue        Rule = "value"         // a value is none of those or outside of the range that is allowed
	RuleDuplicate    Rule = "duplicate"     // two items of a list, or two objects, are the same
	RuleConflict     Rule = "conflict"      // fields exclude or need each other
	RuleReference    Rule = "reference"     // a reference to a missing object
	RuleRemoved      Rule = "removed"       // the version of the API is gone
	RuleDeprecated   Rule = "deprecated"    // the version of the API will go
	RuleCRD          Rule = "crd"           // the CustomResourceDefinition itself is wrong
	RuleExpression   Rule = "expression"    // a CEL rule of a CustomResourceDefinition fails
)

// Declaration describes a rule.
type Declaration struct {
	Rule Rule
	// Severities are the severities of its findings, the worst first.
	Severities []diag.Severity
	// Holds is a sentence that says what its findings are about.
	Holds string
	// Sources are the code of Kubernetes that the rule repeats. Without any the rule is
	// mop's own.
	Sources []Source
	// Since is the first known version of Kubernetes that has the rule, written 1.MINOR, ""
	// for a rule of mop's own.
	Since string
}

// Source is code of Kubernetes: a file, or a pattern of files, and functions. The functions
// are in the file, or are functions of package field that are called there.
type Source struct {
	File      string
	Functions []string
}

// Declarations returns all rules, the most basic first.
func Declarations() []Declaration {
	all := declarations()
	for i := range all {
		if len(all[i].Sources) > 0 {
			all[i].Since = release.Oldest.String()
		}
	}
	return all
}

// declarations is the one list of the rules.
func declarations() []Declaration {
	const (
		machinery  = "k8s.io/apimachinery/pkg/"
		extensions = "k8s.io/apiextensions-apiserver/pkg/"
		server     = "k8s.io/apiserver/pkg/"
		groups     = "k8s.io/kubernetes/pkg/apis/*/validation/*.go"
		decoder    = machinery + "runtime/serializer/json/json.go"
		warnings   = "k8s.io/kubernetes/pkg/api/pod/warnings.go"
	)
	in := func(file string, functions ...string) Source { return Source{file, functions} }
	failure, warning, both := []diag.Severity{diag.Error}, []diag.Severity{diag.Warning}, []diag.Severity{diag.Error, diag.Warning}
	return []Declaration{
		{RuleUnknownKind, failure, "The version of Kubernetes has no such kind, and no CustomResourceDefinition defines it.",
			[]Source{in(machinery+"runtime/scheme.go", "Scheme.New")}, ""},
		{RuleUnknownField, failure, "The kind has no such field.",
			[]Source{in(decoder, "Serializer.unmarshal"), in(extensions+"apiserver/schema/pruning/algorithm.go", "PruneWithOptions")}, ""},
		{RuleType, failure, "The field holds another JSON type than is wanted.",
			[]Source{in(decoder, "Serializer.unmarshal"), in(extensions+"apiserver/validation/validation.go", "ValidateCustomResource")}, ""},
		{RuleRequired, both, "A field that must be set is missing or empty.",
			[]Source{in(groups, "field.Required")}, ""},
		{RuleFormat, both, "A string is not written as it must be, such as a name, a quantity or a date.",
			[]Source{in(groups, "field.Invalid"), in(machinery+"util/validation/validation.go", "IsDNS1123Subdomain"), in(machinery+"api/resource/quantity.go", "Quantity.UnmarshalJSON")}, ""},
		{RuleValue, both, "A value is not one of those, or is outside of the range, that the API server accepts.",
			[]Source{in(groups, "field.NotSupported", "field.Invalid", "field.TooLong", "field.TooMany")}, ""},
		{RuleDuplicate, both, "Two items of a list, or two objects, are the same.",
			[]Source{in(groups, "field.Duplicate"), in("sigs.k8s.io/structured-merge-diff/v6/typed/validate.go", "validatingObjectWalker.visitListItems")}, ""},
		{RuleConflict, both, "Fields exclude or need each other.",
			[]Source{in(groups, "field.Forbidden", "field.Invalid")}, ""},
		{RuleReference, both, "What the object refers to is neither there, nor declared to be external, nor made by an operator.",
			[]Source{in(groups, "field.NotFound")}, ""},
		{RuleRemoved, both, "The version of the API is gone in the version of Kubernetes.",
			[]Source{in(server+"server/deleted_kinds.go", "resourceExpirationEvaluator.removeDeletedKinds"), in(warnings, "GetWarningsForPod")}, ""},
		{RuleDeprecated, warning, "The version of the API will go in a later version of Kubernetes.",
			[]Source{in(server+"endpoints/deprecation/deprecation.go", "WarningMessage"), in(warnings, "GetWarningsForPod")}, ""},
		{RuleCRD, failure, "The CustomResourceDefinition is wrong itself.",
			[]Source{in(extensions+"apis/apiextensions/validation/validation.go", "ValidateCustomResourceDefinition")}, ""},
		{RuleExpression, failure, "A CEL rule of a CustomResourceDefinition fails.",
			[]Source{in(extensions+"apiserver/schema/cel/validation.go", "Validator.Validate")}, ""},
	}
}

// declaration returns the declaration of a rule, nil for an unknown one.
func (r Rule) declaration() *Declaration {
	for _, d := range declarations() {
		if d.Rule == r {
			return &d
		}
	}
	return nil
}
