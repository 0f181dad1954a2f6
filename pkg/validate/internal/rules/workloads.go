package rules

import (
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/release/changes"
	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// workloads adds the rules for controllers that keep pods running.
func workloads(s engine.Table) {
	for _, kind := range []string{"apps.v1.Deployment", "apps.v1.ReplicaSet", "apps.v1.DaemonSet", "apps.v1.StatefulSet"} {
		s.On(kind, engine.Field("spec", engine.Required))
		s.On(kind+"Spec",
			engine.Field("replicas", engine.AtLeast(0)),
			engine.Field("minReadySeconds", engine.AtLeast(0)),
			engine.Field("selector", engine.Present, engine.NonEmptySelector),
			engine.SelectsTemplate,
			keepsPods,
		)
	}
	s.On("apps.v1.DeploymentSpec",
		engine.Field("revisionHistoryLimit", engine.AtLeast(0)),
		engine.Field("strategy", deploymentStrategy),
		progressDeadline,
	)
	s.On("apps.v1.ReplicaSetSpec", engine.Field("template", engine.Present))
	s.On("apps.v1.DaemonSetSpec",
		engine.Field("revisionHistoryLimit", engine.AtLeast(0)),
		engine.Field("updateStrategy", daemonSetStrategy),
	)
	s.On("apps.v1.StatefulSetSpec",
		engine.Field("podManagementPolicy", engine.OneOf("OrderedReady", "Parallel")),
		engine.Field("updateStrategy", statefulSetStrategy),
		engine.Field("persistentVolumeClaimRetentionPolicy",
			engine.Field("whenDeleted", engine.OneOf("Retain", "Delete")),
			engine.Field("whenScaled", engine.OneOf("Retain", "Delete")),
		),
		engine.Field("ordinals", engine.Field("start", engine.AtLeast(0))),
		engine.When(changes.StatefulSetServiceNames, engine.Field("serviceName", engine.DNSLabel)),
	)
	s.On("apps.v1.ControllerRevision",
		engine.Field("data", revisionData),
		engine.Field("revision", engine.AtLeast(0)),
	)
	s.On("core.v1.ReplicationController", engine.Field("spec", engine.Required))
	s.On("core.v1.ReplicationControllerSpec",
		engine.Field("replicas", engine.AtLeast(0)),
		engine.Field("minReadySeconds", engine.AtLeast(0)),
		engine.Field("template", engine.Present),
		selectsByLabels,
		keepsPods,
	)
}

// keepsPods: a controller that keeps pods running always restarts them. StatefulSets do so
// too, although older API servers do not check other fields of their pods.
func keepsPods(n engine.Node) {
	pod := n.Field("template", "spec")
	policy := pod.Field("restartPolicy")
	if text := policy.Text(); text == "OnFailure" || text == "Never" || n.Kind == "apps.v1.StatefulSet" && text != "" && text != "Always" {
		policy.Refuse(engine.RuleValue, `want "Always", `+policy.Got(), "a Job runs pods to their end")
	}
	if deadline := pod.Field("activeDeadlineSeconds"); deadline.IsSet() {
		deadline.Refuse(engine.RuleConflict, "leave it out: the pods run until they are replaced")
	}
}

// selectsByLabels: the default selector of a ReplicationController is the labels of its
// template.
func selectsByLabels(n engine.Node) {
	selector, template := n.Field("selector"), n.Field("template", "metadata", "labels")
	switch {
	case selector.IsZero() && template.IsZero():
		selector.Fail(engine.RuleRequired, "want a selector, or labels in the template, got none")
	case !selector.IsZero() && n.Field("template").IsSet():
		template.SelectedBy(selector.EqualSelector())
	}
}

// progressDeadline: a pod counts as available after minReadySeconds, so the deadline must
// be longer.
func progressDeadline(n engine.Node) {
	deadline, ready := n.Field("progressDeadlineSeconds"), n.Field("minReadySeconds")
	seconds, ok := deadline.Integer()
	if !deadline.IsSet() {
		seconds, ok = 600, true
	}
	least, _ := ready.Integer()
	switch {
	case !ok:
	case seconds < 0:
		deadline.Run(engine.AtLeast(0))
	case seconds <= least:
		deadline.Fail(engine.RuleConflict, "want more than minReadySeconds, "+strconv.FormatInt(least, 10)+", got "+strconv.FormatInt(seconds, 10))
	}
}

func deploymentStrategy(n engine.Node) {
	kind, rolling := n.Field("type"), n.Field("rollingUpdate")
	kind.Run(engine.OneOf("RollingUpdate", "Recreate"))
	if kind.Text() == "Recreate" {
		rolling.Run(engine.Unset(`the strategy is "Recreate"`))
	}
	if !kind.IsZero() && kind.Text() != "RollingUpdate" {
		return
	}
	unavailable, surge := rolling.Field("maxUnavailable"), rolling.Field("maxSurge")
	unavailable.Run(countOrPercent, atMostAll)
	surge.Run(countOrPercent)
	if nothing(unavailable) && nothing(surge) {
		unavailable.Fail(engine.RuleConflict, "want more than 0 where maxSurge is 0, "+unavailable.Got())
	}
}

func daemonSetStrategy(n engine.Node) {
	kind, rolling := n.Field("type"), n.Field("rollingUpdate")
	kind.Run(engine.OneOf("RollingUpdate", "OnDelete"))
	if !kind.IsZero() && kind.Text() != "RollingUpdate" {
		return
	}
	unavailable, surge := rolling.Field("maxUnavailable"), rolling.Field("maxSurge")
	unavailable.Run(countOrPercent, atMostAll)
	surge.Run(countOrPercent, atMostAll)
	surges := surge.IsSet() && !nothing(surge)
	switch {
	case nothing(unavailable) && !surges:
		unavailable.Fail(engine.RuleConflict, "want more than 0 where maxSurge is 0, "+unavailable.Got())
	case !nothing(unavailable) && surges:
		surge.Fail(engine.RuleConflict, "want 0 where maxUnavailable is not (it is 1 where nothing is said), "+surge.Got(), "set maxUnavailable: 0")
	}
}

func statefulSetStrategy(n engine.Node) {
	kind, rolling := n.Field("type"), n.Field("rollingUpdate")
	kind.Run(engine.OneOf("RollingUpdate", "OnDelete"))
	if kind.Text() == "OnDelete" {
		rolling.Run(engine.Unset(`the strategy is "OnDelete"`))
	}
	if !kind.IsZero() && kind.Text() != "RollingUpdate" {
		return
	}
	rolling.Run(
		engine.Field("partition", engine.AtLeast(0)),
		engine.When(gates.MaxUnavailableStatefulSet, engine.Field("maxUnavailable", countOrPercent, atMostAll, notNothing)),
	)
}

// revisionData: a ControllerRevision holds an object. Older API servers accept any value,
// but want one.
func revisionData(n engine.Node) {
	n.Run(engine.Present, engine.When(changes.RevisionObjects, engine.Object))
}

// countOrPercent requires a number of 0 or more or a percentage, if the field is set.
func countOrPercent(n engine.Node) {
	n.Run(engine.AtLeast(0))
	if text, ok := n.Value.(string); ok && len(validation.IsValidPercent(text)) > 0 {
		n.Fail(engine.RuleFormat, "want a number or a percentage such as 25%, "+n.Got())
	}
}

// atMostAll requires at most 100%, if there is a percentage.
func atMostAll(n engine.Node) {
	if percent, ok := percent(n); ok && percent > 100 {
		n.Fail(engine.RuleValue, "want at most 100%, "+n.Got())
	}
}

// percent reads a percentage.
func percent(n engine.Node) (int, bool) {
	if len(validation.IsValidPercent(n.Text())) > 0 {
		return 0, false
	}
	percent, _ := strconv.Atoi(strings.TrimSuffix(n.Text(), "%"))
	return percent, true
}

// notNothing requires more than 0, if there is a number or a percentage.
func notNothing(n engine.Node) {
	if nothing(n) {
		n.Fail(engine.RuleValue, "want more than 0, "+n.Got())
	}
}

// nothing reports whether the field is set to 0 or 0%.
func nothing(n engine.Node) bool {
	if percent, ok := percent(n); ok {
		return percent == 0
	}
	return n.Value == int64(0)
}
