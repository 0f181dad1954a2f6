package validate

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/mop-platform/mop/pkg/release/changes"
	"github.com/mop-platform/mop/pkg/release/gates"
)

// autoscaling adds the rules for HorizontalPodAutoscalers
// (k8s.io/kubernetes, pkg/apis/autoscaling/validation; pkg/apis/autoscaling/*/defaults.go
// and v1/conversion.go).
func autoscaling(s table) {
	for _, version := range []string{"v1", "v2"} {
		s.on("autoscaling."+version+".HorizontalPodAutoscaler", field("spec", required))
		s.on("autoscaling."+version+".HorizontalPodAutoscalerSpec",
			field("scaleTargetRef", crossVersionReference, scaleTarget),
			replicaBounds,
		)
	}
	s.on("autoscaling.v1.HorizontalPodAutoscalerSpec", field("targetCPUUtilizationPercentage", atLeast(1)))
	s.on("autoscaling.v2.HPAScalingRules",
		field("stabilizationWindowSeconds", between(0, 3600)),
		field("selectPolicy", oneOfGiven("Disabled", "Max", "Min")),
		scalingPolicies,
		when(gates.HPAConfigurableTolerance, field("tolerance", notNegative)),
	)
	s.on("autoscaling.v2.HPAScalingPolicy",
		field("type", required, oneOf("Percent", "Pods")),
		field("value", present, atLeast(1)),
		field("periodSeconds", present, between(1, 1800)),
	)
	s.on("autoscaling.v2.MetricSpec", field("type", required), metricSource)
	s.on("autoscaling.v2.ObjectMetricSource",
		field("describedObject", crossVersionReference),
		field("metric", present),
		target("value", "averageValue"),
	)
	s.on("autoscaling.v2.ExternalMetricSource",
		field("metric", present),
		target("value", "averageValue"),
		field("target", atMostOne("value", "averageValue")),
	)
	s.on("autoscaling.v2.PodsMetricSource", field("metric", present), target("averageValue"))
	s.on("autoscaling.v2.ResourceMetricSource",
		field("name", required),
		target("averageUtilization", "averageValue"),
		field("target", atMostOne("averageUtilization", "averageValue")),
	)
	s.on("autoscaling.v2.ContainerResourceMetricSource",
		field("name", required, written(containerResourceName)),
		field("container", required, dnsLabel),
		target("averageUtilization", "averageValue"),
		field("target", atMostOne("averageUtilization", "averageValue")),
	)
	s.on("autoscaling.v2.MetricIdentifier", field("name", required, pathSegment))
	s.on("autoscaling.v2.MetricTarget",
		field("type", required, oneOf("Utilization", "Value", "AverageValue")),
		field("value", moreThanZero),
		field("averageValue", moreThanZero),
		field("averageUtilization", atLeast(1)),
	)
}

// crossVersionReference asks for a kind, a name and, of newer API servers, a
// version of an API that is written as one.
func crossVersionReference(n node) {
	if n.run(present); !n.set() {
		return
	}
	n.field("kind").run(required, pathSegment)
	n.field("name").run(required, pathSegment)
	version := n.field("apiVersion")
	if _, err := schema.ParseGroupVersion(version.text()); err != nil && n.has(changes.ScaleTargetGroups) {
		version.fail(ruleFormat, "want a version such as apps/v1, "+version.got())
	}
}

// scaleTarget: newer API servers want to know the group; of the core group there
// are only ReplicationControllers to scale.
func scaleTarget(n node) {
	version := n.field("apiVersion")
	gv, err := schema.ParseGroupVersion(version.text())
	if !n.set() || err != nil || gv.Group != "" || n.field("kind").text() == "ReplicationController" {
		return
	}
	if problem := "want a version with a group, such as apps/v1, " + version.got(); n.has(changes.ScaleTargetGroups) {
		version.fail(ruleRequired, problem)
	} else {
		version.warn(ruleRequired, problem)
	}
}

// replicaBounds: with the gate HPAScaleToZero a workload can sleep, if something but
// the pods' own load can wake it.
func replicaBounds(n node) {
	least, most := n.field("minReplicas"), n.field("maxReplicas")
	lower, bound := int64(1), int64(1)
	if n.has(gates.HPAScaleToZero) {
		bound = 0
	}
	if least.set() {
		least.run(atLeast(bound))
		lower, _ = least.integer()
	}
	if most.required() {
		most.run(atLeast(1))
	}
	if i, ok := most.integer(); ok && i >= 1 && i < lower {
		most.fail(ruleConflict, "want at least minReplicas, "+most.got())
	}
	if lower != 0 || bound != 0 || !least.set() {
		return
	}
	for _, metric := range n.field("metrics").items() {
		if kind := metric.field("type").text(); kind == "Object" || kind == "External" {
			return
		}
	}
	least.fail(ruleConflict, "want a metric of type Object or External with 0, got none")
}

// scalingPolicies: the API server has policies where there are none, but takes
// an empty list as it is.
func scalingPolicies(n node) {
	if policies := n.field("policies"); policies.set() {
		policies.run(required)
	}
}

// metricSources are the fields of a MetricSpec by its type.
var metricSources = map[string]string{
	"ContainerResource": "containerResource",
	"External":          "external",
	"Object":            "object",
	"Pods":              "pods",
	"Resource":          "resource",
}

// metricSource: a metric has the source that its type names, and no other.
func metricSource(n node) {
	kind := n.field("type")
	kind.run(oneOf(slices.Sorted(maps.Keys(metricSources))...))
	want, ok := metricSources[kind.text()]
	if !ok {
		return
	}
	n.field(want).run(present)
	for _, other := range slices.Sorted(maps.Keys(metricSources)) {
		if other != kind.text() {
			n.field(metricSources[other]).run(unset(`the type is "` + kind.text() + `"`))
		}
	}
}

// target asks for a target with one of some values at least.
func target(names ...string) constraint {
	return func(n node) {
		t := n.field("target")
		t.run(present)
		if t.set() && len(t.given(names)) == 0 {
			t.field(names[len(names)-1]).fail(ruleRequired, "is required, got none")
		}
	}
}

// moreThanZero asks for a quantity of more than 0, where there is one.
func moreThanZero(n node) {
	if q, ok := n.quantity(); ok && q.Sign() <= 0 {
		n.fail(ruleValue, "want a quantity of more than 0, "+n.got())
	}
}
