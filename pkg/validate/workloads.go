package validate

import (
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/pkg/release/changes"
	"github.com/mop-platform/mop/pkg/release/gates"
)

// workloads adds the rules for controllers that keep pods running
// (k8s.io/kubernetes, pkg/apis/apps/validation, and ValidateReplicationController
// in pkg/apis/core/validation; pkg/apis/apps/v1/defaults.go).
func workloads(s table) {
	for _, kind := range []string{"apps.v1.Deployment", "apps.v1.ReplicaSet", "apps.v1.DaemonSet", "apps.v1.StatefulSet"} {
		s.on(kind, field("spec", required))
		s.on(kind+"Spec",
			field("replicas", atLeast(0)),
			field("minReadySeconds", atLeast(0)),
			field("selector", present, nonEmptySelector),
			selectsTemplate,
			keepsPods,
		)
	}
	s.on("apps.v1.DeploymentSpec",
		field("revisionHistoryLimit", atLeast(0)),
		field("strategy", deploymentStrategy),
		progressDeadline,
	)
	s.on("apps.v1.ReplicaSetSpec", field("template", present))
	s.on("apps.v1.DaemonSetSpec",
		field("revisionHistoryLimit", atLeast(0)),
		field("updateStrategy", daemonSetStrategy),
	)
	s.on("apps.v1.StatefulSetSpec",
		field("podManagementPolicy", oneOf("OrderedReady", "Parallel")),
		field("updateStrategy", statefulSetStrategy),
		field("persistentVolumeClaimRetentionPolicy",
			field("whenDeleted", oneOf("Retain", "Delete")),
			field("whenScaled", oneOf("Retain", "Delete")),
		),
		field("ordinals", field("start", atLeast(0))),
		when(changes.StatefulSetServiceNames, field("serviceName", dnsLabel)),
	)
	s.on("apps.v1.ControllerRevision",
		field("data", revisionData),
		field("revision", atLeast(0)),
	)
	s.on("core.v1.ReplicationController", field("spec", required))
	s.on("core.v1.ReplicationControllerSpec",
		field("replicas", atLeast(0)),
		field("minReadySeconds", atLeast(0)),
		field("template", present),
		selectsByLabels,
		keepsPods,
	)
}

// keepsPods: pods that a controller keeps running are restarted always. So it is
// with StatefulSets, too, whose pods older API servers do not judge otherwise.
func keepsPods(n node) {
	pod := n.field("template", "spec")
	policy := pod.field("restartPolicy")
	if text := policy.text(); text == "OnFailure" || text == "Never" || n.kind == "apps.v1.StatefulSet" && text != "" && text != "Always" {
		policy.refuse(ruleValue, `want "Always", `+policy.got(), "a Job runs pods to their end")
	}
	if deadline := pod.field("activeDeadlineSeconds"); deadline.set() {
		deadline.refuse(ruleConflict, "leave it out: the pods run until they are replaced")
	}
}

// selectsByLabels: the selector of a ReplicationController is that of its
// template where there is none.
func selectsByLabels(n node) {
	selector, template := n.field("selector"), n.field("template", "metadata", "labels")
	switch {
	case selector.zero() && template.zero():
		selector.fail(ruleRequired, "want a selector, or labels in the template, got none")
	case !selector.zero() && n.field("template").set():
		template.selectedBy(selector.equal())
	}
}

// progressDeadline: a pod counts as available after minReadySeconds, so that
// progress takes longer.
func progressDeadline(n node) {
	deadline, ready := n.field("progressDeadlineSeconds"), n.field("minReadySeconds")
	seconds, ok := deadline.integer()
	if !deadline.set() {
		seconds, ok = 600, true
	}
	least, _ := ready.integer()
	switch {
	case !ok:
	case seconds < 0:
		deadline.run(atLeast(0))
	case seconds <= least:
		deadline.fail(ruleConflict, "want more than minReadySeconds, "+strconv.FormatInt(least, 10)+", got "+strconv.FormatInt(seconds, 10))
	}
}

func deploymentStrategy(n node) {
	kind, rolling := n.field("type"), n.field("rollingUpdate")
	kind.run(oneOf("RollingUpdate", "Recreate"))
	if kind.text() == "Recreate" {
		rolling.run(unset(`the strategy is "Recreate"`))
	}
	if !kind.zero() && kind.text() != "RollingUpdate" {
		return
	}
	unavailable, surge := rolling.field("maxUnavailable"), rolling.field("maxSurge")
	unavailable.run(countOrPercent, atMostAll)
	surge.run(countOrPercent)
	if nothing(unavailable) && nothing(surge) {
		unavailable.fail(ruleConflict, "want more than 0 where maxSurge is 0, "+unavailable.got())
	}
}

func daemonSetStrategy(n node) {
	kind, rolling := n.field("type"), n.field("rollingUpdate")
	kind.run(oneOf("RollingUpdate", "OnDelete"))
	if !kind.zero() && kind.text() != "RollingUpdate" {
		return
	}
	unavailable, surge := rolling.field("maxUnavailable"), rolling.field("maxSurge")
	unavailable.run(countOrPercent, atMostAll)
	surge.run(countOrPercent, atMostAll)
	surges := surge.set() && !nothing(surge)
	switch {
	case nothing(unavailable) && !surges:
		unavailable.fail(ruleConflict, "want more than 0 where maxSurge is 0, "+unavailable.got())
	case !nothing(unavailable) && surges:
		surge.fail(ruleConflict, "want 0 where maxUnavailable is not (it is 1 where nothing is said), "+surge.got(), "set maxUnavailable: 0")
	}
}

func statefulSetStrategy(n node) {
	kind, rolling := n.field("type"), n.field("rollingUpdate")
	kind.run(oneOf("RollingUpdate", "OnDelete"))
	if kind.text() == "OnDelete" {
		rolling.run(unset(`the strategy is "OnDelete"`))
	}
	if !kind.zero() && kind.text() != "RollingUpdate" {
		return
	}
	rolling.run(
		field("partition", atLeast(0)),
		when(gates.MaxUnavailableStatefulSet, field("maxUnavailable", countOrPercent, atMostAll, notNothing)),
	)
}

// revisionData: a ControllerRevision holds an object. Older API servers take any
// value but none.
func revisionData(n node) {
	n.run(present, when(changes.RevisionObjects, object))
}

// countOrPercent asks for a number of 0 or more or a percentage, where the field
// is set.
func countOrPercent(n node) {
	n.run(atLeast(0))
	if text, ok := n.value.(string); ok && len(validation.IsValidPercent(text)) > 0 {
		n.fail(ruleFormat, "want a number or a percentage such as 25%, "+n.got())
	}
}

// atMostAll asks for 100% at most, where there is a percentage.
func atMostAll(n node) {
	if percent, ok := percent(n); ok && percent > 100 {
		n.fail(ruleValue, "want at most 100%, "+n.got())
	}
}

// percent reads a percentage.
func percent(n node) (int, bool) {
	if len(validation.IsValidPercent(n.text())) > 0 {
		return 0, false
	}
	percent, _ := strconv.Atoi(strings.TrimSuffix(n.text(), "%"))
	return percent, true
}

// notNothing asks for more than 0, where there is a number or a percentage.
func notNothing(n node) {
	if nothing(n) {
		n.fail(ruleValue, "want more than 0, "+n.got())
	}
}

// nothing reports whether the field is set to 0 or 0%.
func nothing(n node) bool {
	if percent, ok := percent(n); ok {
		return percent == 0
	}
	return n.value == int64(0)
}
