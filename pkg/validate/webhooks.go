package validate

import (
	"fmt"
	"net/url"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/pkg/message"
)

// webhooks adds the rules for webhooks that admit or change objects
// (k8s.io/kubernetes, pkg/apis/admissionregistration/validation).
func (s table) webhooks() {
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
