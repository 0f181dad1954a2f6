package validate

import (
	"fmt"
	"math"
	"strings"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/pkg/release/gates"
)

// flowcontrol adds the rules for API priority and fairness
// (k8s.io/kubernetes, pkg/apis/flowcontrol/validation).
func flowcontrol(s table) {
	for _, version := range []string{"v1beta3", "v1"} {
		group := "flowcontrol." + version + "."
		s.on(group+"FlowSchema", field("spec", present), firstFlow)
		s.on(group+"FlowSchemaSpec",
			field("matchingPrecedence", between(0, 10000)),
			field("priorityLevelConfiguration", present),
		)
		s.on(group+"PriorityLevelConfigurationReference", field("name", required, dnsSubdomain))
		s.on(group+"FlowDistinguisherMethod", field("type", required, oneOf("ByNamespace", "ByUser")))
		s.on(group+"PolicyRulesWithSubjects", field("subjects", required), func(n node) {
			if n.field("resourceRules").zero() && n.field("nonResourceRules").zero() {
				n.fail(ruleRequired, "want resourceRules or nonResourceRules, got none")
			}
		})
		s.on(group+"Subject", flowSubject)
		s.on(group+"ServiceAccountSubject", field("namespace", required, dnsLabel), field("name", required, allOr(validation.IsDNS1123Subdomain)))
		s.on(group+"UserSubject", field("name", required))
		s.on(group+"GroupSubject", field("name", required))
		s.on(group+"ResourcePolicyRule",
			field("verbs", required, loneWildcard, each(oneOf(flowVerbs...), required)),
			field("apiGroups", required, loneWildcard),
			field("resources", required, loneWildcard),
			flowNamespaces,
		)
		s.on(group+"NonResourcePolicyRule",
			field("verbs", required, loneWildcard, each(oneOf(flowVerbs...), required)),
			field("nonResourceURLs", required, loneWildcard, each(required, allOr(urlPath))),
		)

		s.on(group+"PriorityLevelConfiguration", field("spec", present), exemptName)
		s.on(group+"PriorityLevelConfigurationSpec", field("type", required, oneOf("Exempt", "Limited")), priorityLevel)
		s.on(group+"ExemptPriorityLevelConfiguration",
			field("nominalConcurrencyShares", atLeast(0)),
			field("lendablePercent", between(0, 100)),
		)
		s.on(group+"LimitedPriorityLevelConfiguration",
			field("nominalConcurrencyShares", atLeast(0), nominalShares(version)),
			field("lendablePercent", between(0, 100)),
			field("borrowingLimitPercent", atLeast(0)),
			field("limitResponse", present),
		)
		s.on(group+"LimitResponse", field("type", required, oneOf("Queue", "Reject")), limitResponse)
		s.on(group+"QueuingConfiguration", queues)
	}
}

// flowVerbs are the verbs of the API.
var flowVerbs = []string{"*", "get", "list", "create", "update", "delete", "deletecollection", "patch", "watch", "proxy"}

// allOr asks for "*" or for a string that a function finds nothing wrong with.
func allOr(as func(string) []string) constraint {
	return func(n node) {
		if n.text() != "*" {
			n.run(written(as))
		}
	}
}

// firstFlow: the first of the flow schemas is the one that is called exempt.
func firstFlow(n node) {
	precedence := n.field("spec", "matchingPrecedence")
	if i, ok := precedence.integer(); ok && i == 1 && n.field("metadata", "name").text() != "exempt" {
		precedence.fail(ruleValue, "only the FlowSchema exempt may have 1")
	}
}

// flowSubject: the kind of a subject says which field has it.
func flowSubject(n node) {
	fields := map[string]string{"ServiceAccount": "serviceAccount", "User": "user", "Group": "group"}
	kind := n.field("kind")
	kind.run(required, oneOf("ServiceAccount", "User", "Group"))
	if fields[kind.text()] == "" {
		return
	}
	for _, name := range []string{"serviceAccount", "user", "group"} {
		if f := n.field(name); name == fields[kind.text()] {
			f.run(present)
		} else if f.set() {
			f.fail(ruleConflict, "leave it out: the kind is "+kind.text())
		}
	}
}

// flowNamespaces: a rule is about objects of namespaces or of the cluster.
func flowNamespaces(n node) {
	namespaces := n.field("namespaces")
	if namespaces.zero() && !n.field("clusterScope").truth() {
		namespaces.fail(ruleRequired, "want namespaces or clusterScope, got none")
	}
	namespaces.run(loneWildcard, each(required, allOr(func(name string) []string { return apivalidation.ValidateNamespaceName(name, false) })))
}

// urlPath says what is wrong with the path of a URL, which may end with "/*".
func urlPath(path string) []string {
	switch {
	case path == "/":
	case !strings.HasPrefix(path, "/"):
		return []string{`want a path that begins with "/"`}
	case strings.ContainsAny(path, " ") || strings.Contains(path, "//"):
		return []string{"want a path without spaces and without two slashes in a row"}
	case strings.Contains(strings.TrimSuffix(path, "/*"), "*"):
		return []string{`want "*" only at the end, after a slash`}
	}
	return nil
}

// exemptName: the level that is called exempt is exempt, and no other is.
func exemptName(n node) {
	kind := n.field("spec", "type")
	exempt := n.field("metadata", "name").text() == "exempt"
	if n.field("spec").set() && exempt != (kind.text() == "Exempt") {
		kind.fail(ruleValue, `want "Exempt" for the level that is called exempt and for no other, `+kind.got())
	}
}

func priorityLevel(n node) {
	exempt, limited := n.field("exempt"), n.field("limited")
	switch n.field("type").text() {
	case "Exempt":
		if limited.set() {
			limited.fail(ruleConflict, "leave it out: the type is Exempt")
		}
	case "Limited":
		limited.run(present)
		if exempt.set() {
			exempt.fail(ruleConflict, "leave it out: the type is Limited")
		}
	}
}

// nominalShares: in v1beta3, 0 stands for the default.
func nominalShares(version string) constraint {
	return func(n node) {
		if !n.has(gates.ZeroLimitedNominalConcurrencyShares) && version == "v1" && n.set() {
			n.run(atLeast(1))
		}
	}
}

func limitResponse(n node) {
	queuing := n.field("queuing")
	switch n.field("type").text() {
	case "Queue":
		queuing.run(present)
	case "Reject":
		if queuing.set() {
			queuing.fail(ruleConflict, "leave it out: the type is Reject")
		}
	}
}

// queues: a hand of queues must be drawn from a hash of 60 bits
// (k8s.io/apiserver, pkg/util/shufflesharding). 0 stands for the default.
func queues(n node) {
	n.field("queueLengthLimit").run(atLeast(0))
	n.field("queues").run(between(0, 10_000_000))
	n.field("handSize").run(atLeast(0))
	number := func(name string, orElse int64) int64 {
		if i, ok := n.field(name).integer(); ok && i != 0 {
			return i
		}
		return orElse
	}
	queues, hand := number("queues", 64), number("handSize", 8)
	switch bits := math.Ceil(math.Log2(float64(queues)) * float64(hand)); {
	case queues <= 0 || hand <= 0:
	case hand > queues:
		n.field("handSize").fail(ruleConflict, fmt.Sprintf("want no more than queues, which are %d, got %d", queues, hand))
	case bits > 60:
		n.field("handSize").fail(ruleConflict, fmt.Sprintf("want a smaller hand of so many queues: to draw %d of %d takes %.0f bits of a hash of 60", hand, queues, bits))
	}
}
