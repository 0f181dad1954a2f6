package rules

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/mop-platform/mop/internal/release/changes"
	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// autoscaling adds the rules for HorizontalPodAutoscalers.
func autoscaling(s engine.Table) {
	for _, version := range []string{"v1", "v2"} {
		s.On("autoscaling."+version+".HorizontalPodAutoscaler", engine.Field("spec", engine.Required))
		s.On("autoscaling."+version+".HorizontalPodAutoscalerSpec",
			engine.Field("scaleTargetRef", crossVersionReference, scaleTarget),
			replicaBounds,
		)
	}
	s.On("autoscaling.v1.HorizontalPodAutoscalerSpec", engine.Field("targetCPUUtilizationPercentage", engine.AtLeast(1)))
	s.On("autoscaling.v2.HPAScalingRules",
		engine.Field("stabilizationWindowSeconds", engine.Between(0, 3600)),
		engine.Field("selectPolicy", engine.OneOfGiven("Disabled", "Max", "Min")),
		scalingPolicies,
		engine.When(gates.HPAConfigurableTolerance, engine.Field("tolerance", engine.NotNegative)),
	)
	s.On("autoscaling.v2.HPAScalingPolicy",
		engine.Field("type", engine.Required, engine.OneOf("Percent", "Pods")),
		engine.Field("value", engine.Present, engine.AtLeast(1)),
		engine.Field("periodSeconds", engine.Present, engine.Between(1, 1800)),
	)
	s.On("autoscaling.v2.MetricSpec", engine.Field("type", engine.Required), metricSource)
	s.On("autoscaling.v2.ObjectMetricSource",
		engine.Field("describedObject", crossVersionReference),
		engine.Field("metric", engine.Present),
		target("value", "averageValue"),
	)
	s.On("autoscaling.v2.ExternalMetricSource",
		engine.Field("metric", engine.Present),
		target("value", "averageValue"),
		engine.Field("target", engine.AtMostOne("value", "averageValue")),
	)
	s.On("autoscaling.v2.PodsMetricSource", engine.Field("metric", engine.Present), target("averageValue"))
	s.On("autoscaling.v2.ResourceMetricSource",
		engine.Field("name", engine.Required),
		target("averageUtilization", "averageValue"),
		engine.Field("target", engine.AtMostOne("averageUtilization", "averageValue")),
	)
	s.On("autoscaling.v2.ContainerResourceMetricSource",
		engine.Field("name", engine.Required, engine.Written(containerResourceName)),
		engine.Field("container", engine.Required, engine.DNSLabel),
		target("averageUtilization", "averageValue"),
		engine.Field("target", engine.AtMostOne("averageUtilization", "averageValue")),
	)
	s.On("autoscaling.v2.MetricIdentifier", engine.Field("name", engine.Required, engine.PathSegment))
	s.On("autoscaling.v2.MetricTarget",
		engine.Field("type", engine.Required, engine.OneOf("Utilization", "Value", "AverageValue")),
		engine.Field("value", moreThanZero),
		engine.Field("averageValue", moreThanZero),
		engine.Field("averageUtilization", engine.AtLeast(1)),
	)
}

// crossVersionReference requires a kind and a name, and newer API servers also require a
// valid version of an API.
func crossVersionReference(n engine.Node) {
	if n.Run(engine.Present); !n.IsSet() {
		return
	}
	n.Field("kind").Run(engine.Required, engine.PathSegment)
	n.Field("name").Run(engine.Required, engine.PathSegment)
	version := n.Field("apiVersion")
	if _, err := schema.ParseGroupVersion(version.Text()); err != nil && n.Has(changes.ScaleTargetGroups) {
		version.Fail(engine.RuleFormat, "want a version such as apps/v1, "+version.Got())
	}
}

// scaleTarget: newer API servers want the group. In the core group only
// ReplicationControllers can be scaled.
func scaleTarget(n engine.Node) {
	version := n.Field("apiVersion")
	gv, err := schema.ParseGroupVersion(version.Text())
	if !n.IsSet() || err != nil || gv.Group != "" || n.Field("kind").Text() == "ReplicationController" {
		return
	}
	if problem := "want a version with a group, such as apps/v1, " + version.Got(); n.Has(changes.ScaleTargetGroups) {
		version.Fail(engine.RuleRequired, problem)
	} else {
		version.Warn(engine.RuleRequired, problem)
	}
}

// replicaBounds: with the gate HPAScaleToZero a workload can sleep, if something but
// the pods' own load can wake it.
func replicaBounds(n engine.Node) {
	least, most := n.Field("minReplicas"), n.Field("maxReplicas")
	lower, bound := int64(1), int64(1)
	if n.Has(gates.HPAScaleToZero) {
		bound = 0
	}
	if least.IsSet() {
		least.Run(engine.AtLeast(bound))
		lower, _ = least.Integer()
	}
	if most.Required() {
		most.Run(engine.AtLeast(1))
	}
	if i, ok := most.Integer(); ok && i >= 1 && i < lower {
		most.Fail(engine.RuleConflict, "want at least minReplicas, "+most.Got())
	}
	if lower != 0 || bound != 0 || !least.IsSet() {
		return
	}
	for _, metric := range n.Field("metrics").Items() {
		if kind := metric.Field("type").Text(); kind == "Object" || kind == "External" {
			return
		}
	}
	least.Fail(engine.RuleConflict, "want a metric of type Object or External with 0, got none")
}

// scalingPolicies: the API server sets default policies if there are none, but keeps an
// empty list.
func scalingPolicies(n engine.Node) {
	if policies := n.Field("policies"); policies.IsSet() {
		policies.Run(engine.Required)
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
func metricSource(n engine.Node) {
	kind := n.Field("type")
	kind.Run(engine.OneOf(slices.Sorted(maps.Keys(metricSources))...))
	want, ok := metricSources[kind.Text()]
	if !ok {
		return
	}
	n.Field(want).Run(engine.Present)
	for _, other := range slices.Sorted(maps.Keys(metricSources)) {
		if other != kind.Text() {
			n.Field(metricSources[other]).Run(engine.Unset(`the type is "` + kind.Text() + `"`))
		}
	}
}

// target requires a target with at least one of the values.
func target(names ...string) engine.Constraint {
	return func(n engine.Node) {
		t := n.Field("target")
		t.Run(engine.Present)
		if t.IsSet() && len(t.Given(names)) == 0 {
			t.Field(names[len(names)-1]).Fail(engine.RuleRequired, "is required, got none")
		}
	}
}

// moreThanZero requires a quantity of more than 0, if there is one.
func moreThanZero(n engine.Node) {
	if q, ok := n.Quantity(); ok && q.Sign() <= 0 {
		n.Fail(engine.RuleValue, "want a quantity of more than 0, "+n.Got())
	}
}
