package rules

import (
	"fmt"
	"math"
	"strings"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// flowcontrol adds the rules for API priority and fairness.
func flowcontrol(s engine.Table) {
	for _, version := range []string{"v1beta3", "v1"} {
		group := "flowcontrol." + version + "."
		s.On(group+"FlowSchema", engine.Field("spec", engine.Present), firstFlow)
		s.On(group+"FlowSchemaSpec",
			engine.Field("matchingPrecedence", engine.Between(0, 10000)),
			engine.Field("priorityLevelConfiguration", engine.Present),
		)
		s.On(group+"PriorityLevelConfigurationReference", engine.Field("name", engine.Required, engine.DNSSubdomain))
		s.On(group+"FlowDistinguisherMethod", engine.Field("type", engine.Required, engine.OneOf("ByNamespace", "ByUser")))
		s.On(group+"PolicyRulesWithSubjects", engine.Field("subjects", engine.Required), func(n engine.Node) {
			if n.Field("resourceRules").IsZero() && n.Field("nonResourceRules").IsZero() {
				n.Fail(engine.RuleRequired, "want resourceRules or nonResourceRules, got none")
			}
		})
		s.On(group+"Subject", flowSubject)
		s.On(group+"ServiceAccountSubject", engine.Field("namespace", engine.Required, engine.DNSLabel), engine.Field("name", engine.Required, allOr(validation.IsDNS1123Subdomain)))
		s.On(group+"UserSubject", engine.Field("name", engine.Required))
		s.On(group+"GroupSubject", engine.Field("name", engine.Required))
		s.On(group+"ResourcePolicyRule",
			engine.Field("verbs", engine.Required, loneWildcard, engine.Each(engine.OneOf(flowVerbs...), engine.Required)),
			engine.Field("apiGroups", engine.Required, loneWildcard),
			engine.Field("resources", engine.Required, loneWildcard),
			flowNamespaces,
		)
		s.On(group+"NonResourcePolicyRule",
			engine.Field("verbs", engine.Required, loneWildcard, engine.Each(engine.OneOf(flowVerbs...), engine.Required)),
			engine.Field("nonResourceURLs", engine.Required, loneWildcard, engine.Each(engine.Required, allOr(urlPath))),
		)

		s.On(group+"PriorityLevelConfiguration", engine.Field("spec", engine.Present), exemptName)
		s.On(group+"PriorityLevelConfigurationSpec", engine.Field("type", engine.Required, engine.OneOf("Exempt", "Limited")), priorityLevel)
		s.On(group+"ExemptPriorityLevelConfiguration",
			engine.Field("nominalConcurrencyShares", engine.AtLeast(0)),
			engine.Field("lendablePercent", engine.Between(0, 100)),
		)
		s.On(group+"LimitedPriorityLevelConfiguration",
			engine.Field("nominalConcurrencyShares", engine.AtLeast(0), nominalShares(version)),
			engine.Field("lendablePercent", engine.Between(0, 100)),
			engine.Field("borrowingLimitPercent", engine.AtLeast(0)),
			engine.Field("limitResponse", engine.Present),
		)
		s.On(group+"LimitResponse", engine.Field("type", engine.Required, engine.OneOf("Queue", "Reject")), limitResponse)
		s.On(group+"QueuingConfiguration", queues)
	}
}

// flowVerbs are the verbs of the API.
var flowVerbs = []string{"*", "get", "list", "create", "update", "delete", "deletecollection", "patch", "watch", "proxy"}

// allOr requires "*" or a string that the function finds no fault in.
func allOr(as func(string) []string) engine.Constraint {
	return func(n engine.Node) {
		if n.Text() != "*" {
			n.Run(engine.Written(as))
		}
	}
}

// firstFlow: only the flow schema called exempt can be the first.
func firstFlow(n engine.Node) {
	precedence := n.Field("spec", "matchingPrecedence")
	if i, ok := precedence.Integer(); ok && i == 1 && n.Field("metadata", "name").Text() != "exempt" {
		precedence.Fail(engine.RuleValue, "only the FlowSchema exempt may have 1")
	}
}

// flowSubject: the kind of a subject names the field that has it.
func flowSubject(n engine.Node) {
	fields := map[string]string{"ServiceAccount": "serviceAccount", "User": "user", "Group": "group"}
	kind := n.Field("kind")
	kind.Run(engine.Required, engine.OneOf("ServiceAccount", "User", "Group"))
	if fields[kind.Text()] == "" {
		return
	}
	for _, name := range []string{"serviceAccount", "user", "group"} {
		if f := n.Field(name); name == fields[kind.Text()] {
			f.Run(engine.Present)
		} else if f.IsSet() {
			f.Fail(engine.RuleConflict, "leave it out: the kind is "+kind.Text())
		}
	}
}

// flowNamespaces: a rule is about objects of namespaces or of the cluster.
func flowNamespaces(n engine.Node) {
	namespaces := n.Field("namespaces")
	if namespaces.IsZero() && !n.Field("clusterScope").Truth() {
		namespaces.Fail(engine.RuleRequired, "want namespaces or clusterScope, got none")
	}
	namespaces.Run(loneWildcard, engine.Each(engine.Required, allOr(func(name string) []string { return apivalidation.ValidateNamespaceName(name, false) })))
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
func exemptName(n engine.Node) {
	kind := n.Field("spec", "type")
	exempt := n.Field("metadata", "name").Text() == "exempt"
	if n.Field("spec").IsSet() && exempt != (kind.Text() == "Exempt") {
		kind.Fail(engine.RuleValue, `want "Exempt" for the level that is called exempt and for no other, `+kind.Got())
	}
}

func priorityLevel(n engine.Node) {
	exempt, limited := n.Field("exempt"), n.Field("limited")
	switch n.Field("type").Text() {
	case "Exempt":
		if limited.IsSet() {
			limited.Fail(engine.RuleConflict, "leave it out: the type is Exempt")
		}
	case "Limited":
		limited.Run(engine.Present)
		if exempt.IsSet() {
			exempt.Fail(engine.RuleConflict, "leave it out: the type is Limited")
		}
	}
}

// nominalShares: in v1beta3, 0 stands for the default.
func nominalShares(version string) engine.Constraint {
	return func(n engine.Node) {
		if !n.Has(gates.ZeroLimitedNominalConcurrencyShares) && version == "v1" && n.IsSet() {
			n.Run(engine.AtLeast(1))
		}
	}
}

func limitResponse(n engine.Node) {
	queuing := n.Field("queuing")
	switch n.Field("type").Text() {
	case "Queue":
		queuing.Run(engine.Present)
	case "Reject":
		if queuing.IsSet() {
			queuing.Fail(engine.RuleConflict, "leave it out: the type is Reject")
		}
	}
}

// queues: a hash of 60 bits must be enough to draw a hand of queues (k8s.io/apiserver,
// pkg/util/shufflesharding). 0 stands for the default.
func queues(n engine.Node) {
	n.Field("queueLengthLimit").Run(engine.AtLeast(0))
	n.Field("queues").Run(engine.Between(0, 10_000_000))
	n.Field("handSize").Run(engine.AtLeast(0))
	number := func(name string, orElse int64) int64 {
		if i, ok := n.Field(name).Integer(); ok && i != 0 {
			return i
		}
		return orElse
	}
	queues, hand := number("queues", 64), number("handSize", 8)
	switch bits := math.Ceil(math.Log2(float64(queues)) * float64(hand)); {
	case queues <= 0 || hand <= 0:
	case hand > queues:
		n.Field("handSize").Fail(engine.RuleConflict, fmt.Sprintf("want no more than queues, which are %d, got %d", queues, hand))
	case bits > 60:
		n.Field("handSize").Fail(engine.RuleConflict, fmt.Sprintf("want a smaller hand of so many queues: to draw %d of %d takes %.0f bits of a hash of 60", hand, queues, bits))
	}
}
