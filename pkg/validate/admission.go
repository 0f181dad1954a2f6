package validate

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/pkg/message"
)

// admissionPolicies adds the rules for policies that admit or change objects.
// Their expressions are in expressions.go (k8s.io/kubernetes, pkg/apis/admissionregistration/validation).
func admissionPolicies(s table) {
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

// webhooks adds the rules for webhooks that admit or change objects
// (k8s.io/kubernetes, pkg/apis/admissionregistration/validation).
func webhooks(s table) {
	for _, kind := range []string{"Validating", "Mutating"} {
		s.on("admissionregistration.v1."+kind+"WebhookConfiguration", field("webhooks", uniqueBy("name")))
		s.on("admissionregistration.v1."+kind+"Webhook",
			field("name", required, fullyQualified),
			field("failurePolicy", oneOfGiven("Fail", "Ignore")),
			field("matchPolicy", oneOfGiven("Equivalent", "Exact")),
			field("sideEffects", required, oneOf("None", "NoneOnDryRun")),
			field("timeoutSeconds", between(1, 30)),
			field("admissionReviewVersions", required, uniqueItems, reviewVersions),
			field("clientConfig", present),
			field("matchConditions", uniqueBy("name"), atMostItems(64)),
		)
	}
	s.on("admissionregistration.v1.MutatingWebhook", field("reinvocationPolicy", oneOfGiven("Never", "IfNeeded")))
	s.on("admissionregistration.v1.WebhookClientConfig", exactlyOne("url", "service"), field("url", webhookURL("https")))
	s.on("admissionregistration.v1.ServiceReference", webhookService)
	s.on("admissionregistration.v1.RuleWithOperations", admissionRule)
}

// fullyQualified asks for a DNS name of three parts or more.
var fullyQualified = written(func(name string) []string {
	if problems := validation.IsDNS1123Subdomain(name); problems != nil {
		return problems
	}
	if strings.Count(name, ".") < 2 {
		return []string{"want a domain of at least three parts separated by dots"}
	}
	return nil
})

// reviewVersions asks for versions of which the API server knows one.
func reviewVersions(n node) {
	known := false
	for _, version := range n.items() {
		version.problems(ruleFormat, validation.IsDNS1035Label(version.text()))
		known = known || version.text() == "v1" || version.text() == "v1beta1"
	}
	if n.len() > 0 && !known {
		n.fail(ruleValue, `want at least one of "v1" or "v1beta1"`)
	}
}

// admissionRule: a rule names the operations and resources that it is for; "*"
// stands for all and alone.
func admissionRule(n node) {
	operations := n.field("operations")
	operations.run(required, loneWildcard, each(required, oneOf("*", "CREATE", "UPDATE", "DELETE", "CONNECT")))
	n.field("apiGroups").run(required, loneWildcard)
	n.field("apiVersions").run(required, loneWildcard, each(required))
	n.field("resources").run(required, admissionResources)
	n.field("scope").run(oneOfGiven("Cluster", "Namespaced", "*"))
}

// loneWildcard asks that "*" be the only item where it is one.
func loneWildcard(n node) {
	for _, item := range n.items() {
		if item.text() == "*" && n.len() > 1 {
			item.fail(ruleConflict, `"*" stands for all; leave out the others`)
			return
		}
	}
}

// admissionResources asks for resources of which none is part of another. That
// the last resource without a subresource decides about "*" is what the API
// server does.
func admissionResources(n node) {
	all, plain := false, false
	ofResource, ofSubresource := map[string]bool{}, map[string]bool{}
	for _, item := range n.items() {
		text := item.text()
		if item.zero() {
			item.run(required)
			continue
		}
		if text == "*/*" && n.len() > 1 {
			item.fail(ruleConflict, `"*/*" stands for all; leave out the others`)
		}
		all = all || text == "*"
		resource, subresource, ok := strings.Cut(text, "/")
		if !ok {
			plain = text != "*"
			continue
		}
		if ofResource[resource] {
			item.fail(ruleConflict, fmt.Sprintf("%s is part of %s, which is there", message.Quote(text), message.Quote(resource+"/*")))
		}
		if ofSubresource[subresource] {
			item.fail(ruleConflict, fmt.Sprintf("%s is part of %s, which is there", message.Quote(text), message.Quote("*/"+subresource)))
		}
		ofResource[resource] = ofResource[resource] || subresource == "*"
		ofSubresource[subresource] = ofSubresource[subresource] || resource == "*"
	}
	if all && plain {
		n.fail(ruleConflict, `"*" stands for all resources; leave out the others, but for subresources`)
	}
}

// webhookURL asks for a URL of a scheme without user, query and fragment
// (k8s.io/apiserver, pkg/util/webhook/validation.go); any scheme if it is "".
func webhookURL(scheme string) constraint {
	return func(n node) {
		text, ok := n.value.(string)
		if !ok {
			return
		}
		u, err := url.Parse(text)
		switch {
		case err != nil:
			n.fail(ruleFormat, "want a URL as https://host/path, "+n.got())
			return
		case scheme != "" && u.Scheme != scheme, u.Host == "":
			n.fail(ruleFormat, "want a URL as https://host/path, "+n.got())
		}
		if u.User != nil {
			n.fail(ruleFormat, "want a URL without user, "+n.got())
		}
		if u.RawQuery != "" || u.Fragment != "" {
			n.fail(ruleFormat, "want a URL without query and fragment, "+n.got())
		}
	}
}

// webhookService asks for a reference to a service, with a path of DNS names.
func webhookService(n node) {
	n.field("name").run(required)
	n.field("namespace").run(required)
	n.field("port").run(between(1, 65535))
	path := n.field("path")
	text := path.text()
	if text == "" || text == "/" {
		return
	}
	if !strings.HasPrefix(text, "/") {
		path.fail(ruleFormat, `want a path that begins with "/", `+path.got())
	}
	for _, step := range strings.Split(strings.TrimSuffix(text[1:], "/"), "/") {
		if problems := validation.IsDNS1123Subdomain(step); problems != nil {
			path.problems(ruleFormat, problems[:1])
			break
		}
	}
}
