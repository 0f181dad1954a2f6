package validate

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/pattern"
)

// admissionPolicies adds the rules for policies that admit or change objects.
// Their expressions are in expressions.go (k8s.io/kubernetes, pkg/apis/admissionregistration/validation).
func (s table) admissionPolicies() {
	for _, version := range []string{"v1alpha1", "v1beta1", "v1"} {
		group := "admissionregistration." + version + "."
		for _, kind := range []string{"ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"} {
			s.on(group+kind, field("spec", present))
			s.on(group+kind+"Spec",
				field("failurePolicy", oneOfGiven("Fail", "Ignore")),
				field("matchConstraints", present, field("resourceRules", required)),
				field("matchConditions", uniqueBy("name"), atMostItems(64)),
			)
			s.on(group+kind+"Binding", field("spec", present))
			s.on(group+kind+"BindingSpec", field("policyName", required, dnsSubdomain))
		}
		s.on(group+"ValidatingAdmissionPolicy", auditAnnotations)
		s.on(group+"ValidatingAdmissionPolicySpec", validationsOrAnnotations)
		s.on(group+"ValidatingAdmissionPolicyBindingSpec", field("validationActions", required, validationActions))
		s.on(group+"Validation",
			field("expression", expression),
			field("messageExpression", notBlank),
			field("message", notBlank, oneLine),
			field("reason", oneOfGiven("Forbidden", "Invalid", "RequestEntityTooLarge")),
		)
		s.on(group+"MutatingAdmissionPolicySpec",
			field("matchConstraints", mutatingOperations),
			field("mutations", required),
			field("reinvocationPolicy", required, oneOf("Never", "IfNeeded")),
		)
		s.on(group+"MutatingAdmissionPolicyBindingSpec", field("matchResources", mutatingOperations))
		s.on(group+"Mutation", mutation)
		s.on(group+"ApplyConfiguration", field("expression", expression))
		s.on(group+"JSONPatch", field("expression", expression))

		s.on(group+"ParamKind", paramKind)
		s.on(group+"ParamRef", paramRef)
		s.on(group+"MatchResources", field("matchPolicy", oneOfGiven("Equivalent", "Exact")))
		s.on(group+"NamedRuleWithOperations", admissionRule, field("resourceNames", uniqueItems, each(pathSegment)))
		s.on(group+"MatchCondition", field("name", required, qualifiedName), field("expression", expression))
		s.on(group+"Variable", field("name", required, notBlank, celIdentifier), field("expression", expression))
	}
}

// expression asks for more than spaces.
func expression(n node) { n.run(required, notBlank) }

// notBlank asks for a string that has more than spaces, where it is not empty.
func notBlank(n node) {
	if text := n.text(); text != "" && strings.TrimSpace(text) == "" {
		n.fail(ruleRequired, "want more than spaces")
	}
}

func oneLine(n node) {
	if strings.ContainsAny(strings.TrimSpace(n.text()), "\r\n") {
		n.fail(ruleFormat, "want one line, "+n.got())
	}
}

// celIdentifier is how CEL writes names of variables.
var celIdentifier = written(func(name string) []string {
	reserved := []string{"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if",
		"import", "let", "loop", "package", "namespace", "return", "var", "void", "while"}
	if celName().MatchString(name) && !slices.Contains(reserved, name) {
		return nil
	}
	return []string{"want an identifier of CEL"}
})

var celName = pattern.New(`^[_a-zA-Z][_a-zA-Z0-9]*$`)

// auditAnnotations: the key of an annotation has the policy's name before it.
func auditAnnotations(n node) {
	annotations := n.field("spec", "auditAnnotations")
	annotations.run(uniqueBy("key"), atMostItems(20))
	name := n.field("metadata", "name")
	for _, annotation := range annotations.items() {
		key := annotation.field("key")
		key.run(required)
		if prefix := name.text(); prefix != "" && key.text() != "" {
			key.problems(ruleFormat, validation.IsQualifiedName(prefix+"/"+key.text()))
		}
		value := annotation.field("valueExpression")
		value.run(expression)
		if len(strings.TrimSpace(value.text())) > 5<<10 {
			value.run(atMostBytes(5 << 10))
		}
	}
}

func validationsOrAnnotations(n node) {
	if n.field("validations").zero() && n.field("auditAnnotations").zero() {
		n.field("validations").fail(ruleRequired, "want validations or auditAnnotations, got none")
	}
}

func validationActions(n node) {
	n.run(uniqueItems, each(required, oneOf("Deny", "Warn", "Audit")))
	var actions []string
	for _, action := range n.items() {
		actions = append(actions, action.text())
	}
	if slices.Contains(actions, "Deny") && slices.Contains(actions, "Warn") {
		n.fail(ruleConflict, "want Deny or Warn, got both")
	}
}

// mutatingOperations: what is deleted cannot be changed.
func mutatingOperations(n node) {
	for _, rule := range n.field("resourceRules").items() {
		rule.field("operations").run(each(oneOf("*", "CREATE", "UPDATE", "CONNECT")))
	}
}

// mutation: the type of a patch says which field has it.
func mutation(n node) {
	n.field("patchType").run(required, oneOf("JSONPatch", "ApplyConfiguration"))
	fields := map[string]string{"JSONPatch": "jsonPatch", "ApplyConfiguration": "applyConfiguration"}
	patchType := n.field("patchType").text()
	for _, other := range []string{"JSONPatch", "ApplyConfiguration"} {
		patch := n.field(fields[other])
		switch {
		case other == patchType:
			patch.run(present)
		case fields[patchType] != "" && patch.set():
			patch.fail(ruleConflict, "leave it out: patchType is "+patchType)
		}
	}
}

// paramKind asks for the group, version and kind of a resource.
func paramKind(n node) {
	apiVersion, kind := n.field("apiVersion"), n.field("kind")
	apiVersion.run(required)
	if text := apiVersion.text(); text != "" {
		gv, err := schema.ParseGroupVersion(text)
		if err != nil || gv.Version == "" {
			apiVersion.fail(ruleFormat, "want group/version or version, "+apiVersion.got())
		}
		if gv.Group != "" {
			apiVersion.problems(ruleFormat, validation.IsDNS1123Subdomain(gv.Group))
		}
		if gv.Version != "" {
			apiVersion.problems(ruleFormat, validation.IsDNS1035Label(gv.Version))
		}
	}
	kind.run(required, written(func(name string) []string { return validation.IsDNS1035Label(strings.ToLower(name)) }))
}

// paramRef: parameters are named or selected.
func paramRef(n node) {
	name, selector := n.field("name"), n.field("selector")
	name.run(pathSegment)
	switch {
	case !name.zero() && selector.set():
		selector.fail(ruleConflict, "want name or selector, got both")
	case name.zero() && !selector.set():
		n.fail(ruleRequired, "want name or selector, got none")
	}
	n.field("parameterNotFoundAction").run(required, oneOf("Allow", "Deny"))
}
