package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// policies adds the rules for objects that limit or order pods.
func policies(s engine.Table) {
	s.On("policy.v1.PodDisruptionBudgetSpec",
		engine.AtMostOne("maxUnavailable", "minAvailable"),
		engine.Field("maxUnavailable", countOrPercent, atMostAll),
		engine.Field("minAvailable", countOrPercent, atMostAll),
		engine.Field("unhealthyPodEvictionPolicy", engine.OneOfGiven("AlwaysAllow", "IfHealthyBudget")),
	)
	s.On("scheduling.v1.PriorityClass",
		engine.Field("preemptionPolicy", engine.OneOfGiven("Never", "PreemptLowerPriority")),
		priority,
	)
	s.On("node.v1.RuntimeClass",
		engine.Field("handler", engine.Required, engine.DNSLabel),
		engine.Field("overhead", engine.Field("podFixed", overhead)),
		engine.Field("scheduling",
			engine.Field("nodeSelector", engine.LabelMap),
			engine.Field("tolerations", distinctTolerations),
		),
	)
}

// systemPriorities are the values of Kubernetes' own classes.
var systemPriorities = map[string]int64{
	"system-cluster-critical": 2_000_000_000,
	"system-node-critical":    2_000_001_000,
}

// priority: the highest values are for the system's own pods.
func priority(n engine.Node) {
	name, value := n.Field("metadata", "name"), n.Field("value")
	const highest = 1_000_000_000
	i, _ := value.Integer()
	if !strings.HasPrefix(name.Text(), "system-") {
		atMost(value, highest)
		return
	}
	want, ok := systemPriorities[name.Text()]
	switch {
	case !ok:
		name.Fail(engine.RuleValue, "want a name that does not begin with system-, "+name.Got())
	case i != want:
		value.Fail(engine.RuleValue, fmt.Sprintf("want %d, the value of %s, %s", want, name.Text(), value.Got()))
	case n.Field("globalDefault").Truth():
		n.Field("globalDefault").Fail(engine.RuleValue, "want false for a class of the system, got true")
	}
}

// distinctTolerations requires tolerations that differ in more than seconds.
func distinctTolerations(n engine.Node) {
	var seen []string
	for _, t := range n.Items() {
		key := fmt.Sprintf("%q %q %q %q", t.Field("key").Text(), t.Field("operator").Text(), t.Field("value").Text(), t.Field("effect").Text())
		if slices.Contains(seen, key) {
			t.Fail(engine.RuleDuplicate, "tolerates the same as an item before")
		}
		seen = append(seen, key)
	}
}

// leases adds the rules for Leases and LeaseCandidates. The API server drops the fields
// about handing a Lease over, unless a feature is switched on.
func leases(s engine.Table) {
	s.On("coordination.v1.LeaseSpec",
		engine.Field("leaseDurationSeconds", engine.AtLeast(1)),
		engine.Field("leaseTransitions", engine.AtLeast(0)),
	)
	for _, version := range []string{"v1alpha2", "v1beta1"} {
		s.On("coordination."+version+".LeaseCandidateSpec",
			engine.Field("leaseName", engine.Required),
			engine.Field("binaryVersion", engine.Required, semanticVersion),
			engine.Field("emulationVersion", semanticVersion),
			engine.Field("strategy", engine.Required, strategy),
			emulation,
		)
	}
}

// nameIsConfigMapKey is for LeaseCandidates.
func nameIsConfigMapKey(name string, _ bool) []string { return validation.IsConfigMapKey(name) }

func strategy(n engine.Node) {
	if strings.Contains(n.Text(), "/") {
		n.Run(engine.Written(validation.IsQualifiedName))
	} else {
		n.Run(engine.OneOf("OldestEmulationVersion"))
	}
}

func semanticVersion(n engine.Node) {
	if _, err := semver.StrictNewVersion(n.Text()); err != nil && n.Text() != "" {
		n.Fail(engine.RuleFormat, "want a version such as "+n.Release.Minor().String()+".0, "+n.Got())
	}
}

// emulation: a program can act as an older version of itself.
func emulation(n engine.Node) {
	binary, emulated := n.Field("binaryVersion"), n.Field("emulationVersion")
	b, noBinary := semver.StrictNewVersion(binary.Text())
	e, noEmulated := semver.StrictNewVersion(emulated.Text())
	if noBinary == nil && noEmulated == nil && b.LessThan(e) {
		binary.Fail(engine.RuleConflict, "want at least emulationVersion, "+e.String()+", "+binary.Got())
	}
	if emulated.IsZero() && n.Field("strategy").Text() == "OldestEmulationVersion" {
		emulated.Fail(engine.RuleRequired, `is required with strategy "OldestEmulationVersion", got none`)
	}
}
