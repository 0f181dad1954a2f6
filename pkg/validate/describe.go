package validate

// descriptions are sentences about the rules, in their order.
var descriptions = []struct {
	rule Rule
	text string
}{
	{RuleInput, "A file or an environment cannot be read, so its objects are not checked."},
	{RuleUnknownKind, "The version of Kubernetes has no such kind, and no CustomResourceDefinition defines it."},
	{RuleUnknownField, "The kind has no such field."},
	{RuleType, "The field holds another JSON type than is wanted."},
	{RuleRequired, "A field that must be set is missing or empty."},
	{RuleFormat, "A string is not written as it must be, such as a name, a quantity or a date."},
	{RuleValue, "A value is not one of those, or is outside of the range, that the API server accepts."},
	{RuleDuplicate, "Two items of a list, or two objects, are the same."},
	{RuleConflict, "Fields exclude or need each other."},
	{RuleReference, "What the object refers to is neither there, nor declared to be external, nor made by an operator."},
	{RuleRemoved, "The version of the API is gone in the version of Kubernetes."},
	{RuleDeprecated, "The version of the API will go in a later version of Kubernetes."},
	{RuleCRD, "The CustomResourceDefinition is wrong itself."},
	{RuleExpression, "A CEL rule of a CustomResourceDefinition fails."},
	{RuleAPIServer, "The API server, asked with --exact, says so in its own words."},
}

// Rules returns all rules, the most basic first.
func Rules() []Rule {
	var rules []Rule
	for _, d := range descriptions {
		rules = append(rules, d.rule)
	}
	return rules
}

// Description says in a sentence what findings of the rule are about; it is ""
// for a rule that there is not.
func (r Rule) Description() string {
	for _, d := range descriptions {
		if d.rule == r {
			return d.text
		}
	}
	return ""
}
