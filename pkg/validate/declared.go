package validate

import (
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
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
	// Since is the first known version of Kubernetes that has the rule, 0 for a rule of
	// mop's own.
	Since schema.Minor
}

// Source is code of Kubernetes: a file, or a pattern of files, and functions. The functions
// are in the file, or are functions of package field that are called there.
type Source struct {
	File      string
	Functions []string
}

// Declarations returns all rules, the most basic first.
func Declarations() []Declaration {
	first := schema.Minors()[0]
	all := declarations()
	for i := range all {
		if len(all[i].Sources) > 0 {
			all[i].Since = first
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
		{RuleInput, failure, "A file or an environment cannot be read, so its objects are not checked.",
			nil, 0},
		{RuleUnknownKind, failure, "The version of Kubernetes has no such kind, and no CustomResourceDefinition defines it.",
			[]Source{in(machinery+"runtime/scheme.go", "Scheme.New")}, 0},
		{RuleUnknownField, failure, "The kind has no such field.",
			[]Source{in(decoder, "Serializer.unmarshal"), in(extensions+"apiserver/schema/pruning/algorithm.go", "PruneWithOptions")}, 0},
		{RuleType, failure, "The field holds another JSON type than is wanted.",
			[]Source{in(decoder, "Serializer.unmarshal"), in(extensions+"apiserver/validation/validation.go", "ValidateCustomResource")}, 0},
		{RuleRequired, both, "A field that must be set is missing or empty.",
			[]Source{in(groups, "field.Required")}, 0},
		{RuleFormat, both, "A string is not written as it must be, such as a name, a quantity or a date.",
			[]Source{in(groups, "field.Invalid"), in(machinery+"util/validation/validation.go", "IsDNS1123Subdomain"), in(machinery+"api/resource/quantity.go", "Quantity.UnmarshalJSON")}, 0},
		{RuleValue, both, "A value is not one of those, or is outside of the range, that the API server accepts.",
			[]Source{in(groups, "field.NotSupported", "field.Invalid", "field.TooLong", "field.TooMany")}, 0},
		{RuleDuplicate, both, "Two items of a list, or two objects, are the same.",
			[]Source{in(groups, "field.Duplicate"), in("sigs.k8s.io/structured-merge-diff/v6/typed/validate.go", "validatingObjectWalker.visitListItems")}, 0},
		{RuleConflict, both, "Fields exclude or need each other.",
			[]Source{in(groups, "field.Forbidden", "field.Invalid")}, 0},
		{RuleReference, both, "What the object refers to is neither there, nor declared to be external, nor made by an operator.",
			[]Source{in(groups, "field.NotFound")}, 0},
		{RuleRemoved, both, "The version of the API is gone in the version of Kubernetes.",
			[]Source{in(server+"server/deleted_kinds.go", "resourceExpirationEvaluator.removeDeletedKinds"), in(warnings, "GetWarningsForPod")}, 0},
		{RuleDeprecated, warning, "The version of the API will go in a later version of Kubernetes.",
			[]Source{in(server+"endpoints/deprecation/deprecation.go", "WarningMessage"), in(warnings, "GetWarningsForPod")}, 0},
		{RuleCRD, failure, "The CustomResourceDefinition is wrong itself.",
			[]Source{in(extensions+"apis/apiextensions/validation/validation.go", "ValidateCustomResourceDefinition")}, 0},
		{RuleExpression, failure, "A CEL rule of a CustomResourceDefinition fails.",
			[]Source{in(extensions+"apiserver/schema/cel/validation.go", "Validator.Validate")}, 0},
		{RuleAPIServer, failure, "The API server, asked with --exact, says so in its own words.",
			[]Source{in(server+"endpoints/handlers/create.go", "createHandler")}, 0},
	}
}

// Rules returns all rules, the most basic first.
func Rules() []Rule {
	var rules []Rule
	for _, d := range declarations() {
		rules = append(rules, d.Rule)
	}
	return rules
}

// Description returns a sentence that says what findings of the rule are about, "" for an
// unknown rule.
func (r Rule) Description() string {
	for _, d := range declarations() {
		if d.Rule == r {
			return d.Holds
		}
	}
	return ""
}
