package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"k8s.io/apimachinery/pkg/util/validation"
)

// policies adds the rules for what bounds or orders pods
// (k8s.io/kubernetes, pkg/apis/policy/validation, pkg/apis/scheduling/validation
// and pkg/apis/node/validation).
func policies(s table) {
	s.on("policy.v1.PodDisruptionBudgetSpec",
		atMostOne("maxUnavailable", "minAvailable"),
		field("maxUnavailable", countOrPercent, atMostAll),
		field("minAvailable", countOrPercent, atMostAll),
		field("unhealthyPodEvictionPolicy", oneOfGiven("AlwaysAllow", "IfHealthyBudget")),
	)
	s.on("scheduling.v1.PriorityClass",
		field("preemptionPolicy", oneOfGiven("Never", "PreemptLowerPriority")),
		priority,
	)
	s.on("node.v1.RuntimeClass",
		field("handler", required, dnsLabel),
		field("overhead", field("podFixed", overhead)),
		field("scheduling",
			field("nodeSelector", labelMap),
			field("tolerations", distinctTolerations),
		),
	)
}

// systemPriorities are the values of the classes that Kubernetes has itself.
var systemPriorities = map[string]int64{
	"system-cluster-critical": 2_000_000_000,
	"system-node-critical":    2_000_001_000,
}

// priority: the system's own pods come before all others.
func priority(n node) {
	name, value := n.field("metadata", "name"), n.field("value")
	const highest = 1_000_000_000
	i, _ := value.integer()
	if !strings.HasPrefix(name.text(), "system-") {
		atMost(value, highest)
		return
	}
	want, ok := systemPriorities[name.text()]
	switch {
	case !ok:
		name.fail(ruleValue, "want a name that does not begin with system-, "+name.got())
	case i != want:
		value.fail(ruleValue, fmt.Sprintf("want %d, the value of %s, %s", want, name.text(), value.got()))
	case n.field("globalDefault").truth():
		n.field("globalDefault").fail(ruleValue, "want false for a class of the system, got true")
	}
}

// distinctTolerations asks for tolerations that differ in more than seconds.
func distinctTolerations(n node) {
	var seen []string
	for _, t := range n.items() {
		key := fmt.Sprintf("%q %q %q %q", t.field("key").text(), t.field("operator").text(), t.field("value").text(), t.field("effect").text())
		if slices.Contains(seen, key) {
			t.fail(ruleDuplicate, "tolerates the same as an item before")
		}
		seen = append(seen, key)
	}
}

// leases adds the rules for Leases and those who want one. How a Lease is given
// away is dropped unless a feature is switched on
// (k8s.io/kubernetes, pkg/apis/coordination/validation).
func leases(s table) {
	s.on("coordination.v1.LeaseSpec",
		field("leaseDurationSeconds", atLeast(1)),
		field("leaseTransitions", atLeast(0)),
	)
	for _, version := range []string{"v1alpha2", "v1beta1"} {
		s.on("coordination."+version+".LeaseCandidateSpec",
			field("leaseName", required),
			field("binaryVersion", required, semanticVersion),
			field("emulationVersion", semanticVersion),
			field("strategy", required, strategy),
			emulation,
		)
	}
}

// nameIsConfigMapKey is for LeaseCandidates.
func nameIsConfigMapKey(name string, _ bool) []string { return validation.IsConfigMapKey(name) }

func strategy(n node) {
	if strings.Contains(n.text(), "/") {
		n.run(written(validation.IsQualifiedName))
	} else {
		n.run(oneOf("OldestEmulationVersion"))
	}
}

func semanticVersion(n node) {
	if _, err := semver.StrictNewVersion(n.text()); err != nil && n.text() != "" {
		n.fail(ruleFormat, "want a version such as "+n.release.Minor().String()+".0, "+n.got())
	}
}

// emulation: a program can act as an older version of itself.
func emulation(n node) {
	binary, emulated := n.field("binaryVersion"), n.field("emulationVersion")
	b, noBinary := semver.StrictNewVersion(binary.text())
	e, noEmulated := semver.StrictNewVersion(emulated.text())
	if noBinary == nil && noEmulated == nil && b.LessThan(e) {
		binary.fail(ruleConflict, "want at least emulationVersion, "+e.String()+", "+binary.got())
	}
	if emulated.zero() && n.field("strategy").text() == "OldestEmulationVersion" {
		emulated.fail(ruleRequired, `is required with strategy "OldestEmulationVersion", got none`)
	}
}
