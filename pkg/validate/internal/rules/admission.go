package rules

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// admissionPolicies adds the rules for policies that admit or change objects.
// Their expressions are in expressions.go.
func admissionPolicies(s engine.Table) {
	for _, version := range []string{"v1alpha1", "v1beta1", "v1"} {
		group := "admissionregistration." + version + "."
		for _, kind := range []string{"ValidatingAdmissionPolicy", "MutatingAdmissionPolicy"} {
			s.On(group+kind, engine.Field("spec", engine.Present))
			s.On(group+kind+"Spec",
				engine.Field("failurePolicy", engine.OneOfGiven("Fail", "Ignore")),
				engine.Field("matchConstraints", engine.Present, engine.Field("resourceRules", engine.Required)),
				engine.Field("matchConditions", engine.UniqueBy("name"), engine.AtMostItems(64)),
			)
			s.On(group+kind+"Binding", engine.Field("spec", engine.Present))
			s.On(group+kind+"BindingSpec", engine.Field("policyName", engine.Required, engine.DNSSubdomain))
		}
		s.On(group+"ValidatingAdmissionPolicy", auditAnnotations)
		s.On(group+"ValidatingAdmissionPolicySpec", validationsOrAnnotations)
		s.On(group+"ValidatingAdmissionPolicyBindingSpec", engine.Field("validationActions", engine.Required, validationActions))
		s.On(group+"Validation",
			engine.Field("expression", expression),
			engine.Field("messageExpression", notBlank),
			engine.Field("message", notBlank, oneLine),
			engine.Field("reason", engine.OneOfGiven("Forbidden", "Invalid", "RequestEntityTooLarge")),
		)
		s.On(group+"MutatingAdmissionPolicySpec",
			engine.Field("matchConstraints", mutatingOperations),
			engine.Field("mutations", engine.Required),
			engine.Field("reinvocationPolicy", engine.Required, engine.OneOf("Never", "IfNeeded")),
		)
		s.On(group+"MutatingAdmissionPolicyBindingSpec", engine.Field("matchResources", mutatingOperations))
		s.On(group+"Mutation", mutation)
		s.On(group+"ApplyConfiguration", engine.Field("expression", expression))
		s.On(group+"JSONPatch", engine.Field("expression", expression))

		s.On(group+"ParamKind", paramKind)
		s.On(group+"ParamRef", paramRef)
		s.On(group+"MatchResources", engine.Field("matchPolicy", engine.OneOfGiven("Equivalent", "Exact")))
		s.On(group+"NamedRuleWithOperations", admissionRule, engine.Field("resourceNames", engine.UniqueItems, engine.Each(engine.PathSegment)))
		s.On(group+"MatchCondition", engine.Field("name", engine.Required, engine.QualifiedName), engine.Field("expression", expression))
		s.On(group+"Variable", engine.Field("name", engine.Required, notBlank, celIdentifier), engine.Field("expression", expression))
	}
}

// expression requires more than spaces.
func expression(n engine.Node) { n.Run(engine.Required, notBlank) }

// notBlank requires a string that has more than spaces, if it is not empty.
func notBlank(n engine.Node) {
	if text := n.Text(); text != "" && strings.TrimSpace(text) == "" {
		n.Fail(engine.RuleRequired, "want more than spaces")
	}
}

func oneLine(n engine.Node) {
	if strings.ContainsAny(strings.TrimSpace(n.Text()), "\r\n") {
		n.Fail(engine.RuleFormat, "want one line, "+n.Got())
	}
}

// celIdentifier requires a name as CEL writes variables.
var celIdentifier = engine.Written(func(name string) []string {
	reserved := []string{"true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if",
		"import", "let", "loop", "package", "namespace", "return", "var", "void", "while"}
	if celName().MatchString(name) && !slices.Contains(reserved, name) {
		return nil
	}
	return []string{"want an identifier of CEL"}
})

var celName = pattern.New(`^[_a-zA-Z][_a-zA-Z0-9]*$`)

// auditAnnotations: the key of an annotation has the policy's name before it.
func auditAnnotations(n engine.Node) {
	annotations := n.Field("spec", "auditAnnotations")
	annotations.Run(engine.UniqueBy("key"), engine.AtMostItems(20))
	name := n.Field("metadata", "name")
	for _, annotation := range annotations.Items() {
		key := annotation.Field("key")
		key.Run(engine.Required)
		if prefix := name.Text(); prefix != "" && key.Text() != "" {
			key.Problems(engine.RuleFormat, validation.IsQualifiedName(prefix+"/"+key.Text()))
		}
		value := annotation.Field("valueExpression")
		value.Run(expression)
		if len(strings.TrimSpace(value.Text())) > 5<<10 {
			value.Run(engine.AtMostBytes(5 << 10))
		}
	}
}

func validationsOrAnnotations(n engine.Node) {
	if n.Field("validations").IsZero() && n.Field("auditAnnotations").IsZero() {
		n.Field("validations").Fail(engine.RuleRequired, "want validations or auditAnnotations, got none")
	}
}

func validationActions(n engine.Node) {
	n.Run(engine.UniqueItems, engine.Each(engine.Required, engine.OneOf("Deny", "Warn", "Audit")))
	var actions []string
	for _, action := range n.Items() {
		actions = append(actions, action.Text())
	}
	if slices.Contains(actions, "Deny") && slices.Contains(actions, "Warn") {
		n.Fail(engine.RuleConflict, "want Deny or Warn, got both")
	}
}

// mutatingOperations: a policy cannot change an object that is deleted.
func mutatingOperations(n engine.Node) {
	for _, rule := range n.Field("resourceRules").Items() {
		rule.Field("operations").Run(engine.Each(engine.OneOf("*", "CREATE", "UPDATE", "CONNECT")))
	}
}

// mutation: the type of a patch names the field that has it.
func mutation(n engine.Node) {
	n.Field("patchType").Run(engine.Required, engine.OneOf("JSONPatch", "ApplyConfiguration"))
	fields := map[string]string{"JSONPatch": "jsonPatch", "ApplyConfiguration": "applyConfiguration"}
	patchType := n.Field("patchType").Text()
	for _, other := range []string{"JSONPatch", "ApplyConfiguration"} {
		patch := n.Field(fields[other])
		switch {
		case other == patchType:
			patch.Run(engine.Present)
		case fields[patchType] != "" && patch.IsSet():
			patch.Fail(engine.RuleConflict, "leave it out: patchType is "+patchType)
		}
	}
}

// paramKind requires the group, version and kind of a resource.
func paramKind(n engine.Node) {
	apiVersion, kind := n.Field("apiVersion"), n.Field("kind")
	apiVersion.Run(engine.Required)
	if text := apiVersion.Text(); text != "" {
		gv, err := schema.ParseGroupVersion(text)
		if err != nil || gv.Version == "" {
			apiVersion.Fail(engine.RuleFormat, "want group/version or version, "+apiVersion.Got())
		}
		if gv.Group != "" {
			apiVersion.Problems(engine.RuleFormat, validation.IsDNS1123Subdomain(gv.Group))
		}
		if gv.Version != "" {
			apiVersion.Problems(engine.RuleFormat, validation.IsDNS1035Label(gv.Version))
		}
	}
	kind.Run(engine.Required, engine.Written(func(name string) []string { return validation.IsDNS1035Label(strings.ToLower(name)) }))
}

// paramRef: parameters are named or selected.
func paramRef(n engine.Node) {
	name, selector := n.Field("name"), n.Field("selector")
	name.Run(engine.PathSegment)
	switch {
	case !name.IsZero() && selector.IsSet():
		selector.Fail(engine.RuleConflict, "want name or selector, got both")
	case name.IsZero() && !selector.IsSet():
		n.Fail(engine.RuleRequired, "want name or selector, got none")
	}
	n.Field("parameterNotFoundAction").Run(engine.Required, engine.OneOf("Allow", "Deny"))
}

// webhooks adds the rules for webhooks that admit or change objects.
func webhooks(s engine.Table) {
	for _, kind := range []string{"Validating", "Mutating"} {
		s.On("admissionregistration.v1."+kind+"WebhookConfiguration", engine.Field("webhooks", engine.UniqueBy("name")))
		s.On("admissionregistration.v1."+kind+"Webhook",
			engine.Field("name", engine.Required, fullyQualified),
			engine.Field("failurePolicy", engine.OneOfGiven("Fail", "Ignore")),
			engine.Field("matchPolicy", engine.OneOfGiven("Equivalent", "Exact")),
			engine.Field("sideEffects", engine.Required, engine.OneOf("None", "NoneOnDryRun")),
			engine.Field("timeoutSeconds", engine.Between(1, 30)),
			engine.Field("admissionReviewVersions", engine.Required, engine.UniqueItems, reviewVersions),
			engine.Field("clientConfig", engine.Present),
			engine.Field("matchConditions", engine.UniqueBy("name"), engine.AtMostItems(64)),
		)
	}
	s.On("admissionregistration.v1.MutatingWebhook", engine.Field("reinvocationPolicy", engine.OneOfGiven("Never", "IfNeeded")))
	s.On("admissionregistration.v1.WebhookClientConfig", engine.ExactlyOne("url", "service"), engine.Field("url", webhookURL("https")))
	s.On("admissionregistration.v1.ServiceReference", webhookService)
	s.On("admissionregistration.v1.RuleWithOperations", admissionRule)
}

// fullyQualified requires a DNS name of three parts or more.
var fullyQualified = engine.Written(func(name string) []string {
	if problems := validation.IsDNS1123Subdomain(name); problems != nil {
		return problems
	}
	if strings.Count(name, ".") < 2 {
		return []string{"want a domain of at least three parts separated by dots"}
	}
	return nil
})

// reviewVersions requires versions; the API server must know one of them.
func reviewVersions(n engine.Node) {
	known := false
	for _, version := range n.Items() {
		version.Problems(engine.RuleFormat, validation.IsDNS1035Label(version.Text()))
		known = known || version.Text() == "v1" || version.Text() == "v1beta1"
	}
	if n.Len() > 0 && !known {
		n.Fail(engine.RuleValue, `want at least one of "v1" or "v1beta1"`)
	}
}

// admissionRule: a rule names its operations and resources. "*" stands for all and must
// stand alone.
func admissionRule(n engine.Node) {
	operations := n.Field("operations")
	operations.Run(engine.Required, loneWildcard, engine.Each(engine.Required, engine.OneOf("*", "CREATE", "UPDATE", "DELETE", "CONNECT")))
	n.Field("apiGroups").Run(engine.Required, loneWildcard)
	n.Field("apiVersions").Run(engine.Required, loneWildcard, engine.Each(engine.Required))
	n.Field("resources").Run(engine.Required, admissionResources)
	n.Field("scope").Run(engine.OneOfGiven("Cluster", "Namespaced", "*"))
}

// loneWildcard requires that "*", if it is an item, be the only one.
func loneWildcard(n engine.Node) {
	for _, item := range n.Items() {
		if item.Text() == "*" && n.Len() > 1 {
			item.Fail(engine.RuleConflict, `"*" stands for all; leave out the others`)
			return
		}
	}
}

// admissionResources requires resources that do not include each other. As in the API
// server, the last resource without a subresource decides about "*".
func admissionResources(n engine.Node) {
	all, plain := false, false
	ofResource, ofSubresource := map[string]bool{}, map[string]bool{}
	for _, item := range n.Items() {
		text := item.Text()
		if item.IsZero() {
			item.Run(engine.Required)
			continue
		}
		if text == "*/*" && n.Len() > 1 {
			item.Fail(engine.RuleConflict, `"*/*" stands for all; leave out the others`)
		}
		all = all || text == "*"
		resource, subresource, ok := strings.Cut(text, "/")
		if !ok {
			plain = text != "*"
			continue
		}
		if ofResource[resource] {
			item.Fail(engine.RuleConflict, fmt.Sprintf("%s is part of %s, which is there", message.Quote(text), message.Quote(resource+"/*")))
		}
		if ofSubresource[subresource] {
			item.Fail(engine.RuleConflict, fmt.Sprintf("%s is part of %s, which is there", message.Quote(text), message.Quote("*/"+subresource)))
		}
		ofResource[resource] = ofResource[resource] || subresource == "*"
		ofSubresource[subresource] = ofSubresource[subresource] || resource == "*"
	}
	if all && plain {
		n.Fail(engine.RuleConflict, `"*" stands for all resources; leave out the others, but for subresources`)
	}
}

// webhookURL requires a URL of a scheme without user, query and fragment
// (k8s.io/apiserver, pkg/util/webhook/validation.go); any scheme if it is "".
func webhookURL(scheme string) engine.Constraint {
	return func(n engine.Node) {
		text, ok := n.Value.(string)
		if !ok {
			return
		}
		u, err := url.Parse(text)
		switch {
		case err != nil:
			n.Fail(engine.RuleFormat, "want a URL as https://host/path, "+n.Got())
			return
		case scheme != "" && u.Scheme != scheme, u.Host == "":
			n.Fail(engine.RuleFormat, "want a URL as https://host/path, "+n.Got())
		}
		if u.User != nil {
			n.Fail(engine.RuleFormat, "want a URL without user, "+n.Got())
		}
		if u.RawQuery != "" || u.Fragment != "" {
			n.Fail(engine.RuleFormat, "want a URL without query and fragment, "+n.Got())
		}
	}
}

// webhookService requires a reference to a service, with a path of DNS names.
func webhookService(n engine.Node) {
	n.Field("name").Run(engine.Required)
	n.Field("namespace").Run(engine.Required)
	n.Field("port").Run(engine.Between(1, 65535))
	path := n.Field("path")
	text := path.Text()
	if text == "" || text == "/" {
		return
	}
	if !strings.HasPrefix(text, "/") {
		path.Fail(engine.RuleFormat, `want a path that begins with "/", `+path.Got())
	}
	for _, step := range strings.Split(strings.TrimSuffix(text[1:], "/"), "/") {
		if problems := validation.IsDNS1123Subdomain(step); problems != nil {
			path.Problems(engine.RuleFormat, problems[:1])
			break
		}
	}
}
