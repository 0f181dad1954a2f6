package validate

import (
	"fmt"
	"slices"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/pkg/message"
	"github.com/mop-platform/mop/pkg/release/changes"
	"github.com/mop-platform/mop/pkg/release/gates"
)

// scheduling adds the rules for where pods may run
// (k8s.io/kubernetes, pkg/apis/core/validation: validateAffinity,
// validateTopologySpreadConstraints, ValidateTolerations, ValidateNodeSelector),
// and for the label selectors that are used there and elsewhere
// (k8s.io/apimachinery, pkg/apis/meta/v1/validation: ValidateLabelSelector).
func scheduling(s table) {
	s.on("meta.v1.LabelSelector", field("matchLabels", labelMap))
	s.on("meta.v1.LabelSelectorRequirement",
		field("key", required, qualifiedName),
		field("operator", required, oneOf("In", "NotIn", "Exists", "DoesNotExist")),
		field("values", each(labelValue)),
		valuesOfOperator,
	)
	s.on("core.v1.NodeSelector",
		field("nodeSelectorTerms", required),
		when(changes.NodeSelectorValues, field("nodeSelectorTerms", each(field("matchExpressions", each(field("values", each(labelValue))))))),
	)
	s.on("core.v1.NodeSelectorTerm",
		field("matchExpressions", each(
			field("key", required, qualifiedName),
			field("operator", required, oneOf("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")),
			valuesOfOperator,
		)),
		field("matchFields", each(nodeField)),
	)
	s.on("core.v1.PreferredSchedulingTerm", field("weight", present, between(1, 100)))
	s.on("core.v1.WeightedPodAffinityTerm",
		field("weight", present, between(1, 100)),
		field("podAffinityTerm", field("topologyKey", required)),
	)
	s.on("core.v1.PodAffinityTerm",
		field("topologyKey", required, qualifiedName),
		field("namespaces", each(required, namespaceName)),
		when(gates.MatchLabelKeysInPodAffinity, matchLabelKeys, distinctMismatchKeys),
	)
	s.on("core.v1.TopologySpreadConstraint",
		field("maxSkew", present, atLeast(1)),
		field("topologyKey", required),
		field("whenUnsatisfiable", required, oneOf("DoNotSchedule", "ScheduleAnyway")),
		field("minDomains", atLeast(1)),
		field("nodeAffinityPolicy", oneOfGiven("Ignore", "Honor")),
		field("nodeTaintsPolicy", oneOfGiven("Ignore", "Honor")),
		minDomains,
		matchLabelKeys,
		unmergedMatchLabels,
	)
	s.on("core.v1.Toleration", toleration)
}

var (
	labelValue    = written(validation.IsValidLabelValue)
	namespaceName = written(func(name string) []string { return apivalidation.ValidateNamespaceName(name, false) })
)

// valuesOfOperator: In and NotIn have values, Exists and DoesNotExist have none,
// Gt and Lt have one.
func valuesOfOperator(n node) {
	values := n.field("values")
	switch operator := n.field("operator").text(); operator {
	case "In", "NotIn":
		if values.zero() {
			values.fail(ruleRequired, "is required where operator is "+message.Quote(operator)+", "+values.got())
		}
	case "Exists", "DoesNotExist":
		values.run(absent("operator is " + message.Quote(operator)))
	case "Gt", "Lt":
		if values.len() != 1 {
			values.fail(ruleRequired, fmt.Sprintf("want one where operator is %s, got %d", message.Quote(operator), values.len()))
		}
	}
}

// nodeField asks for the name of a node, which is the only field of nodes that
// can be selected (ValidateNodeFieldSelectorRequirement).
func nodeField(n node) {
	values := n.field("values")
	n.run(field("operator", required, oneOf("In", "NotIn")), field("key", required, oneOf("metadata.name")))
	if values.len() != 1 {
		values.fail(ruleRequired, fmt.Sprintf("want one, got %d", values.len()))
	}
	if n.field("key").text() != "metadata.name" {
		return
	}
	for _, value := range values.items() {
		value.run(required, dnsSubdomain)
	}
}

// minDomains is about the field of that name.
func minDomains(n node) {
	if least, when := n.field("minDomains"), n.field("whenUnsatisfiable"); least.set() && when.text() == "ScheduleAnyway" {
		least.fail(ruleConflict, `want whenUnsatisfiable "DoNotSchedule" beside it, `+when.got())
	}
}

// matchLabelKeys asks for keys of labels, beside a selector (validateLabelKeys).
func matchLabelKeys(n node) {
	for _, list := range []string{"matchLabelKeys", "mismatchLabelKeys"} {
		keys := n.field(list)
		if keys.len() > 0 && !n.field("labelSelector").set() {
			keys.fail(ruleConflict, "leave it out: there is no labelSelector")
			continue
		}
		for _, key := range keys.items() {
			key.run(required, qualifiedName)
		}
	}
}

// distinctMismatchKeys: a key is to match or not, not both
// (ValidateMatchLabelKeysAndMismatchLabelKeys).
func distinctMismatchKeys(n node) {
	var not []string
	for _, key := range n.field("mismatchLabelKeys").items() {
		not = append(not, key.text())
	}
	for _, key := range n.field("matchLabelKeys").items() {
		if slices.Contains(not, key.text()) {
			key.fail(ruleConflict, "is among mismatchLabelKeys, too, "+key.got())
		}
	}
}

// unmergedMatchLabels: without the gate the keys of a topology spread constraint are
// looked up when pods are scheduled, and cannot be in its selector, too
// (ValidateMatchLabelKeysInTopologySpread).
func unmergedMatchLabels(n node) {
	if n.has(gates.MatchLabelKeysInPodTopologySpreadSelectorMerge) {
		return
	}
	selector := n.field("labelSelector")
	for _, key := range n.field("matchLabelKeys").items() {
		if uses(selector, key.text()) > 0 {
			key.fail(ruleConflict, "is in the labelSelector, too, "+key.got())
		}
	}
}

// mergedMatchLabels: the API server adds the labels that a pod has for
// matchLabelKeys to the selector, which must not have them yet
// (applyMatchLabelKeysAndMismatchLabelKeys in pkg/registry/core/pod). Templates
// are left as they are.
func mergedMatchLabels(n node) {
	spec, podLabels := n.field("spec"), node{}
	if n.whole() {
		podLabels = n.field("metadata", "labels")
	}
	check := func(term node) {
		selector := term.field("labelSelector")
		for _, key := range term.field("matchLabelKeys").items() {
			uses := uses(selector, key.text())
			if _, ok := names(podLabels)[key.text()]; ok {
				uses++
			}
			if selector.set() && uses > 1 {
				key.fail(ruleConflict, "is in the labelSelector, too, "+key.got())
			}
		}
	}
	spec.overlookedAs(func() {
		if n.has(gates.MatchLabelKeysInPodTopologySpreadSelectorMerge) {
			for _, constraint := range spec.field("topologySpreadConstraints").items() {
				check(constraint)
			}
		}
		if !n.has(gates.MatchLabelKeysInPodAffinity) {
			return
		}
		for _, affinity := range []string{"podAffinity", "podAntiAffinity"} {
			a := spec.field("affinity", affinity)
			for _, term := range a.field("requiredDuringSchedulingIgnoredDuringExecution").items() {
				check(term)
			}
			for _, weighted := range a.field("preferredDuringSchedulingIgnoredDuringExecution").items() {
				check(weighted.field("podAffinityTerm"))
			}
		}
	})
}

// uses counts how often a label selector uses a key.
func uses(n node, key string) int {
	count := 0
	if _, ok := names(n.field("matchLabels"))[key]; ok {
		count++
	}
	for _, expression := range n.field("matchExpressions").items() {
		if expression.field("key").text() == key {
			count++
		}
	}
	return count
}

// toleration asks for what tolerates a taint (ValidateTolerations).
func toleration(n node) {
	key, operator, value, effect := n.field("key"), n.field("operator"), n.field("value"), n.field("effect")
	key.run(qualifiedName)
	effect.run(oneOf("NoSchedule", "PreferNoSchedule", "NoExecute"))
	operator.run(oneOf("Equal", "Exists"))
	exists := operator.text() == "Exists"
	if key.zero() && !exists {
		operator.fail(ruleConflict, `want "Exists" where there is no key: it stands for all keys and values, `+operator.got())
	}
	if n.field("tolerationSeconds").set() && effect.text() != "NoExecute" {
		effect.fail(ruleConflict, `want "NoExecute" where there are tolerationSeconds, `+effect.got())
	}
	switch {
	case exists:
		value.run(absent(`operator is "Exists"`))
	case operator.zero() || operator.text() == "Equal":
		value.run(labelValue)
	}
}
