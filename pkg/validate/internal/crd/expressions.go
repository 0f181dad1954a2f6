package crd

import (
	"fmt"
	"maps"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/release"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
	"k8s.io/apiserver/pkg/cel/environment"
)

// The limits of the estimated cost of the CEL rules of a schema, for one rule and for all
// together (pkg/apis/apiextensions/validation/validation.go).
const (
	ruleCostLimit   = 10_000_000
	schemaCostLimit = 100_000_000
)

// expressions checks the CEL rules of a structural schema
// (pkg/apis/apiextensions/validation/cel_validation.go and the end of
// ValidateCustomResourceDefinitionOpenAPISchema beside it).
type expressions struct {
	environment *environment.EnvSet
	errs        field.ErrorList
	cost        uint64
	dearest     *field.Path
	dearestCost uint64
}

// ruled is a schema that may have rules, with the relevant facts about its place.
type ruled struct {
	at     *field.Path
	schema *structuralschema.Structural
	root   bool
	// declared is its type in CEL, nil if there is none.
	declared *apiservercel.DeclType
	// cardinality is the greatest number of its values in an object, nil for any number.
	cardinality *uint64
	// uncorrelated is the outermost schema whose values cannot be matched with those that
	// they replace, nil if there is none.
	uncorrelated *field.Path
}

// checkExpressions returns errors about CEL rules that do not compile or could cost too
// much.
func checkExpressions(at *field.Path, s *structuralschema.Structural, r *release.Release) field.ErrorList {
	if !hasRules(s) {
		return nil
	}
	c := expressions{environment: environment.MustBaseEnvSet(compatibility(r))}
	one := uint64(1)
	c.check(ruled{at: at, schema: s, root: true, declared: model.SchemaDeclType(s, true), cardinality: &one})
	if c.cost > schemaCostLimit && len(c.errs) == 0 {
		c.errs = append(c.errs, field.Forbidden(c.dearest, tooDear("of the rules of the schema this one costs most; all together they", c.cost, schemaCostLimit)))
	}
	return c.errs
}

func hasRules(s *structuralschema.Structural) bool {
	if s == nil {
		return false
	}
	if len(s.XValidations) > 0 || hasRules(s.Items) || s.AdditionalProperties != nil && hasRules(s.AdditionalProperties.Structural) {
		return true
	}
	for _, p := range s.Properties {
		if hasRules(&p) {
			return true
		}
	}
	return false
}

func (c *expressions) check(r ruled) {
	if !hasRules(r.schema) {
		return
	}
	if r.declared == nil {
		r.declared = model.SchemaDeclType(r.schema, r.root || r.schema.XEmbeddedResource)
	}
	c.rules(r)
	s := r.schema
	inside := ruled{uncorrelated: r.uncorrelated}
	if n := elements(s); r.cardinality != nil && n != nil {
		most := times(*r.cardinality, *n)
		inside.cardinality = &most
	}
	var elem *apiservercel.DeclType
	if r.declared != nil {
		elem = r.declared.ElemType
	}
	if s.Items != nil {
		items := inside
		items.at, items.schema, items.declared = r.at.Child("items"), s.Items, elem
		if (s.XListType == nil || *s.XListType != "map") && items.uncorrelated == nil {
			items.uncorrelated = r.at
		}
		c.check(items)
	}
	if s.AdditionalProperties != nil {
		values := inside
		values.at, values.schema, values.declared = r.at.Child("additionalProperties"), s.AdditionalProperties.Structural, elem
		c.check(values)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		schema := s.Properties[name]
		property := inside
		property.at, property.schema = r.at.Child("properties").Key(name), &schema
		if escaped, ok := apiservercel.Escape(name); ok && r.declared != nil && r.declared.Fields[escaped] != nil {
			property.declared = r.declared.Fields[escaped].Type
		}
		if !cel.MapIsCorrelatable(s.XMapType) && property.uncorrelated == nil {
			property.uncorrelated = r.at
		}
		c.check(property)
	}
}

// rules checks the rules of one schema.
func (c *expressions) rules(r ruled) {
	rules := r.schema.XValidations
	if len(rules) == 0 {
		return
	}
	at := r.at.Child("x-kubernetes-validations")
	var errs field.ErrorList
	for i, rule := range rules {
		wrong := checkRuleTexts(at.Index(i), rule)
		errs = append(errs, wrong...)
		if rule.FieldPath != "" && len(wrong) == 0 {
			if _, _, err := cel.ValidFieldPath(rule.FieldPath, r.schema); err != nil {
				errs = append(errs, field.Invalid(at.Index(i).Child("fieldPath"), rule.FieldPath, err.Error()))
			}
		}
	}
	c.errs = append(c.errs, errs...)
	if len(errs) > 0 {
		return
	}
	results, err := cel.Compile(r.schema, r.declared, celconfig.PerCallLimit, c.environment, cel.NewExpressionsEnvLoader())
	if err != nil {
		c.errs = append(c.errs, field.Invalid(at, "", err.Error()))
		return
	}
	for i, result := range results {
		c.result(r, at.Index(i), i, result)
	}
}

// result checks one compiled rule.
func (c *expressions) result(r ruled, at *field.Path, i int, result cel.CompilationResult) {
	rule := r.schema.XValidations[i]
	cardinality := result.MaxCardinality
	if r.cardinality != nil {
		cardinality = *r.cardinality
	}
	if result.Error != nil {
		c.errs = append(c.errs, field.Invalid(at.Child("rule"), rule.Rule, result.Error.Detail))
		return
	}
	c.spend(at.Child("rule"), "the rule", times(result.MaxCost, cardinality))
	switch {
	case result.MessageExpressionError != nil:
		c.errs = append(c.errs, field.Invalid(at.Child("messageExpression"), rule.MessageExpression, result.MessageExpressionError.Detail))
	case result.MessageExpression != nil:
		c.spend(at.Child("messageExpression"), "the expression", result.MessageExpressionMaxCost)
	}
	switch {
	case result.UsesOldSelf && r.uncorrelated != nil:
		c.errs = append(c.errs, field.Invalid(at.Child("rule"), rule.Rule, "cannot use oldSelf, for the values of "+r.uncorrelated.String()+" cannot be matched with the old ones"))
	case !result.UsesOldSelf && rule.OptionalOldSelf != nil:
		c.errs = append(c.errs, field.Invalid(at.Child("optionalOldSelf"), *rule.OptionalOldSelf, "cannot be set where the rule does not use oldSelf"))
	}
}

// spend adds the cost of an expression to that of the schema, and reports one that is too
// dear.
func (c *expressions) spend(at *field.Path, what string, cost uint64) {
	if cost > ruleCostLimit {
		c.errs = append(c.errs, field.Forbidden(at, tooDear(what, cost, ruleCostLimit)))
	}
	if cost > c.dearestCost {
		c.dearest, c.dearestCost = at, cost
	}
	if c.cost += cost; c.cost < cost {
		c.cost = math.MaxUint64
	}
}

// elements returns the greatest number of values that an object of a schema can have for
// each schema in it, nil for any number.
func elements(s *structuralschema.Structural) *uint64 {
	v := s.ValueValidation
	if v == nil {
		v = &structuralschema.ValueValidation{}
	}
	one := int64(1)
	most := &one
	switch {
	case s.Type == "object" && s.AdditionalProperties != nil:
		most = v.MaxProperties
	case s.Type == "array":
		most = v.MaxItems
	}
	if most == nil {
		return nil
	}
	n := uint64(max(*most, 0))
	return &n
}

// times multiplies. A product that is too large becomes the largest number.
func times(a, b uint64) uint64 {
	if high, low := bits.Mul64(a, b); high == 0 {
		return low
	}
	return math.MaxUint64
}

// checkRuleTexts returns errors about the texts of a CEL rule.
func checkRuleTexts(at *field.Path, r apiextensionsv1.ValidationRule) field.ErrorList {
	var errs field.ErrorList
	add := func(err *field.Error) { errs = append(errs, err) }
	blank := func(s string) bool { return s != "" && strings.TrimSpace(s) == "" }
	lines := func(s string) bool { return strings.ContainsAny(s, "\n\r") }
	switch rule, message := strings.TrimSpace(r.Rule), strings.TrimSpace(r.Message); {
	case rule == "":
		add(field.Required(at.Child("rule"), ""))
	case blank(r.Message):
		add(field.Invalid(at.Child("message"), r.Message, "must not be blank"))
	case lines(message):
		add(field.Invalid(at.Child("message"), r.Message, "must not have line breaks"))
	case lines(rule) && message == "":
		add(field.Required(at.Child("message"), "must be set where the rule has line breaks"))
	}
	if blank(r.MessageExpression) {
		add(field.Required(at.Child("messageExpression"), "must not be blank"))
	}
	if blank(r.FieldPath) || lines(r.FieldPath) {
		add(field.Invalid(at.Child("fieldPath"), r.FieldPath, "must not be blank or have line breaks"))
	}
	if r.Reason != nil {
		reasons := []string{
			string(apiextensionsv1.FieldValueDuplicate), string(apiextensionsv1.FieldValueForbidden),
			string(apiextensionsv1.FieldValueInvalid), string(apiextensionsv1.FieldValueRequired),
		}
		if !slices.Contains(reasons, string(*r.Reason)) {
			add(field.NotSupported(at.Child("reason"), string(*r.Reason), reasons))
		}
	}
	return errs
}

// tooDear says by how much the estimated cost of a CEL rule is too high.
func tooDear(what string, cost, limit uint64) string {
	factor := fmt.Sprintf("%.1f times", float64(cost)/float64(limit))
	if cost/limit >= 100 {
		factor = "more than 100 times"
	}
	return fmt.Sprintf("%s could cost %s what is allowed; simplify it, or set maxItems, maxProperties and maxLength for the arrays, maps and strings that it looks at", what, factor)
}

// unevaluated has the server's texts about CEL rules that it has not evaluated, and mop's
// words for them. Before such a text is the reason, after it the rule: its message or,
// without one, its text (pkg/apiserver/schema/cel/validation.go).
var unevaluated = []struct{ between, words string }{
	{" evaluating rule: ", "the rule cannot be evaluated"},
	{": call arguments did not match a supported operator, function or macro signature for rule: ", "the rule cannot be evaluated"},
	{": no further validation rules will be run due to call cost exceeds limit for rule: ", "the rule costs more than the API server allows"},
}

// ruleFailure puts the failure of a CEL rule into mop's words. A message of the definition
// stays as it is.
func ruleFailure(err *field.Error) string {
	detail := oneLine(err.Detail)
	switch {
	case detail == "" && err.Type == field.ErrorTypeDuplicate:
		// The server drops the rule's message.
		return "a rule says that it is there twice"
	case detail == "" && err.Type == field.ErrorTypeRequired:
		return "is required"
	case strings.HasPrefix(detail, "validation failed due to running out of cost budget"):
		return "the rules cost more than the API server allows for an object: it evaluates no more of them"
	}
	for _, u := range unevaluated {
		if reason, rule, ok := strings.Cut(detail, u.between); ok {
			return fmt.Sprintf("%s: %s: %s", u.words, strings.Trim(reason, "'"), rule)
		}
	}
	return detail
}
