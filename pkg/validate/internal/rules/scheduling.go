package rules

import (
	"fmt"
	"slices"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/release/changes"
	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// scheduling adds the rules for where pods may run, and for the label selectors there and
// elsewhere.
func scheduling(s engine.Table) {
	s.On("meta.v1.LabelSelector", engine.Field("matchLabels", engine.LabelMap))
	s.On("meta.v1.LabelSelectorRequirement",
		engine.Field("key", engine.Required, engine.QualifiedName),
		engine.Field("operator", engine.Required, engine.OneOf("In", "NotIn", "Exists", "DoesNotExist")),
		engine.Field("values", engine.Each(labelValue)),
		valuesOfOperator,
	)
	s.On("core.v1.NodeSelector",
		engine.Field("nodeSelectorTerms", engine.Required),
		engine.When(changes.NodeSelectorValues, engine.Field("nodeSelectorTerms", engine.Each(engine.Field("matchExpressions", engine.Each(engine.Field("values", engine.Each(labelValue))))))),
	)
	s.On("core.v1.NodeSelectorTerm",
		engine.Field("matchExpressions", engine.Each(
			engine.Field("key", engine.Required, engine.QualifiedName),
			engine.Field("operator", engine.Required, engine.OneOf("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")),
			valuesOfOperator,
		)),
		engine.Field("matchFields", engine.Each(nodeField)),
	)
	s.On("core.v1.PreferredSchedulingTerm", engine.Field("weight", engine.Present, engine.Between(1, 100)))
	s.On("core.v1.WeightedPodAffinityTerm",
		engine.Field("weight", engine.Present, engine.Between(1, 100)),
		engine.Field("podAffinityTerm", engine.Field("topologyKey", engine.Required)),
	)
	s.On("core.v1.PodAffinityTerm",
		engine.Field("topologyKey", engine.Required, engine.QualifiedName),
		engine.Field("namespaces", engine.Each(engine.Required, namespaceName)),
		engine.When(gates.MatchLabelKeysInPodAffinity, matchLabelKeys, distinctMismatchKeys),
	)
	s.On("core.v1.TopologySpreadConstraint",
		engine.Field("maxSkew", engine.Present, engine.AtLeast(1)),
		engine.Field("topologyKey", engine.Required),
		engine.Field("whenUnsatisfiable", engine.Required, engine.OneOf("DoNotSchedule", "ScheduleAnyway")),
		engine.Field("minDomains", engine.AtLeast(1)),
		engine.Field("nodeAffinityPolicy", engine.OneOfGiven("Ignore", "Honor")),
		engine.Field("nodeTaintsPolicy", engine.OneOfGiven("Ignore", "Honor")),
		minDomains,
		matchLabelKeys,
		unmergedMatchLabels,
	)
	s.On("core.v1.Toleration", toleration)
}

var (
	labelValue    = engine.Written(validation.IsValidLabelValue)
	namespaceName = engine.Written(func(name string) []string { return apivalidation.ValidateNamespaceName(name, false) })
)

// valuesOfOperator: In and NotIn have values, Exists and DoesNotExist have none,
// Gt and Lt have one.
func valuesOfOperator(n engine.Node) {
	values := n.Field("values")
	switch operator := n.Field("operator").Text(); operator {
	case "In", "NotIn":
		if values.IsZero() {
			values.Fail(engine.RuleRequired, "is required where operator is "+message.Quote(operator)+", "+values.Got())
		}
	case "Exists", "DoesNotExist":
		values.Run(engine.Absent("operator is " + message.Quote(operator)))
	case "Gt", "Lt":
		if values.Len() != 1 {
			values.Fail(engine.RuleRequired, fmt.Sprintf("want one where operator is %s, got %d", message.Quote(operator), values.Len()))
		}
	}
}

// nodeField requires the name of a node, which is the only field of nodes that
// can be selected (ValidateNodeFieldSelectorRequirement).
func nodeField(n engine.Node) {
	values := n.Field("values")
	n.Run(engine.Field("operator", engine.Required, engine.OneOf("In", "NotIn")), engine.Field("key", engine.Required, engine.OneOf("metadata.name")))
	if values.Len() != 1 {
		values.Fail(engine.RuleRequired, fmt.Sprintf("want one, got %d", values.Len()))
	}
	if n.Field("key").Text() != "metadata.name" {
		return
	}
	for _, value := range values.Items() {
		value.Run(engine.Required, engine.DNSSubdomain)
	}
}

// minDomains requires DoNotSchedule beside the field minDomains.
func minDomains(n engine.Node) {
	if least, when := n.Field("minDomains"), n.Field("whenUnsatisfiable"); least.IsSet() && when.Text() == "ScheduleAnyway" {
		least.Fail(engine.RuleConflict, `want whenUnsatisfiable "DoNotSchedule" beside it, `+when.Got())
	}
}

// matchLabelKeys requires keys of labels, with a selector beside them (validateLabelKeys).
func matchLabelKeys(n engine.Node) {
	for _, list := range []string{"matchLabelKeys", "mismatchLabelKeys"} {
		keys := n.Field(list)
		if keys.Len() > 0 && !n.Field("labelSelector").IsSet() {
			keys.Fail(engine.RuleConflict, "leave it out: there is no labelSelector")
			continue
		}
		for _, key := range keys.Items() {
			key.Run(engine.Required, engine.QualifiedName)
		}
	}
}

// distinctMismatchKeys: a key must either match or not match
// (ValidateMatchLabelKeysAndMismatchLabelKeys).
func distinctMismatchKeys(n engine.Node) {
	var not []string
	for _, key := range n.Field("mismatchLabelKeys").Items() {
		not = append(not, key.Text())
	}
	for _, key := range n.Field("matchLabelKeys").Items() {
		if slices.Contains(not, key.Text()) {
			key.Fail(engine.RuleConflict, "is among mismatchLabelKeys, too, "+key.Got())
		}
	}
}

// unmergedMatchLabels: without the gate the scheduler looks up the keys of a topology
// spread constraint, so they cannot be in its selector, too
// (ValidateMatchLabelKeysInTopologySpread).
func unmergedMatchLabels(n engine.Node) {
	if n.Has(gates.MatchLabelKeysInPodTopologySpreadSelectorMerge) {
		return
	}
	selector := n.Field("labelSelector")
	for _, key := range n.Field("matchLabelKeys").Items() {
		if uses(selector, key.Text()) > 0 {
			key.Fail(engine.RuleConflict, "is in the labelSelector, too, "+key.Got())
		}
	}
}

// mergedMatchLabels: the API server adds a pod's labels for matchLabelKeys to the selector,
// which must not have them yet (applyMatchLabelKeysAndMismatchLabelKeys in
// pkg/registry/core/pod). It leaves templates as they are.
func mergedMatchLabels(n engine.Node) {
	spec, podLabels := n.Field("spec"), engine.Node{}
	if n.IsWhole() {
		podLabels = n.Field("metadata", "labels")
	}
	check := func(term engine.Node) {
		selector := term.Field("labelSelector")
		for _, key := range term.Field("matchLabelKeys").Items() {
			uses := uses(selector, key.Text())
			if _, ok := names(podLabels)[key.Text()]; ok {
				uses++
			}
			if selector.IsSet() && uses > 1 {
				key.Fail(engine.RuleConflict, "is in the labelSelector, too, "+key.Got())
			}
		}
	}
	spec.OverlookedAs(func() {
		if n.Has(gates.MatchLabelKeysInPodTopologySpreadSelectorMerge) {
			for _, constraint := range spec.Field("topologySpreadConstraints").Items() {
				check(constraint)
			}
		}
		if !n.Has(gates.MatchLabelKeysInPodAffinity) {
			return
		}
		for _, affinity := range []string{"podAffinity", "podAntiAffinity"} {
			a := spec.Field("affinity", affinity)
			for _, term := range a.Field("requiredDuringSchedulingIgnoredDuringExecution").Items() {
				check(term)
			}
			for _, weighted := range a.Field("preferredDuringSchedulingIgnoredDuringExecution").Items() {
				check(weighted.Field("podAffinityTerm"))
			}
		}
	})
}

// uses counts the uses of a key in a label selector.
func uses(n engine.Node, key string) int {
	count := 0
	if _, ok := names(n.Field("matchLabels"))[key]; ok {
		count++
	}
	for _, expression := range n.Field("matchExpressions").Items() {
		if expression.Field("key").Text() == key {
			count++
		}
	}
	return count
}

// toleration requires a valid toleration of a taint (ValidateTolerations).
func toleration(n engine.Node) {
	key, operator, value, effect := n.Field("key"), n.Field("operator"), n.Field("value"), n.Field("effect")
	key.Run(engine.QualifiedName)
	effect.Run(engine.OneOf("NoSchedule", "PreferNoSchedule", "NoExecute"))
	operator.Run(engine.OneOf("Equal", "Exists"))
	exists := operator.Text() == "Exists"
	if key.IsZero() && !exists {
		operator.Fail(engine.RuleConflict, `want "Exists" where there is no key: it stands for all keys and values, `+operator.Got())
	}
	if n.Field("tolerationSeconds").IsSet() && effect.Text() != "NoExecute" {
		effect.Fail(engine.RuleConflict, `want "NoExecute" where there are tolerationSeconds, `+effect.Got())
	}
	switch {
	case exists:
		value.Run(engine.Absent(`operator is "Exists"`))
	case operator.IsZero() || operator.Text() == "Equal":
		value.Run(labelValue)
	}
}
