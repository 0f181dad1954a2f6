package validate

import (
	"slices"
	"strings"

	"github.com/mop-platform/mop/pkg/release"
	"github.com/mop-platform/mop/pkg/release/changes"
)

// podWarnings warns of what the API server takes in a pod although it has no
// effect or another than was meant (k8s.io/kubernetes, pkg/api/pod:
// warningsForPodSpecAndMeta).
func podWarnings(s table) {
	s.on("core.v1.PodSpec",
		field("terminationGracePeriodSeconds", negativeGrace),
		field("nodeSelector", each(oldLabels)),
		field("imagePullSecrets", each(field("name", recommended))),
		probePorts,
	)
	s.on("core.v1.NodeSelectorTerm", field("matchExpressions", each(field("key", oldLabel))))
	s.on("core.v1.TopologySpreadConstraint", field("topologyKey", oldLabel), field("labelSelector", selectsNone))
	s.on("core.v1.PodAffinityTerm", field("topologyKey", oldLabel), field("labelSelector", selectsNone))
	s.on("core.v1.Volume", goneVolume)
}

// negativeGrace: pods with a negative time are ended after a second.
func negativeGrace(n node) {
	if i, ok := n.integer(); ok && i < 0 {
		n.warn(ruleValue, "want a number of 0 or more, "+n.got()+": it counts as 1")
	}
}

// recommended warns of a name that says nothing.
func recommended(n node) {
	if n.zero() {
		n.warn(ruleRequired, "want a name, "+n.got())
	}
}

// newLabels are those that took the place of others
// (k8s.io/kubernetes, pkg/api/node: deprecatedNodeLabels).
var newLabels = map[string]string{
	"beta.kubernetes.io/arch":                  "kubernetes.io/arch",
	"beta.kubernetes.io/os":                    "kubernetes.io/os",
	"failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
	"failure-domain.beta.kubernetes.io/zone":   "topology.kubernetes.io/zone",
	"beta.kubernetes.io/instance-type":         "node.kubernetes.io/instance-type",
	"node-role.kubernetes.io/master":           "node-role.kubernetes.io/control-plane",
}

// oldLabel warns of a label of nodes that has another name now.
func oldLabel(n node) { warnOfOldLabel(n, n.text()) }

// oldLabels is oldLabel for the key of a value.
func oldLabels(n node) { warnOfOldLabel(n, n.name()) }

func warnOfOldLabel(n node, key string) {
	if label, ok := newLabels[key]; ok {
		n.warn(ruleDeprecated, "the label "+key+" is deprecated", "use "+label)
	}
}

// selectsNone warns of a selector that is left out: it selects no pod.
func selectsNone(n node) {
	if !n.set() {
		n.warn(ruleRequired, "selects no pod where it is left out")
	}
}

// probePorts warns of probes and handlers that name a port which their container
// does not have.
func probePorts(n node) {
	for _, container := range containersOf(n) {
		var names []string
		for _, port := range container.field("ports").items() {
			names = append(names, port.field("name").text())
		}
		for _, user := range [][]string{
			{"livenessProbe"}, {"readinessProbe"}, {"startupProbe"}, {"lifecycle", "postStart"}, {"lifecycle", "preStop"},
		} {
			for _, action := range []string{"httpGet", "tcpSocket"} {
				among(container.field(user...).field(action, "port"), names)
			}
		}
	}
}

// among warns of a name that is none of those of some ports.
func among(n node, ports []string) {
	if text := n.text(); text != "" && !slices.Contains(ports, text) {
		n.warn(ruleReference, "the container has no port of the name, "+n.got(), n.didYouMean(text, ports)...)
	}
}

// goneVolumes are the kinds of volumes that kubelets cannot mount any more.
var goneVolumes = map[string]release.Change{
	"cephfs": changes.CephfsGone, "flocker": changes.FlockerGone, "glusterfs": changes.GlusterfsGone,
	"photonPersistentDisk": changes.PhotonPersistentDiskGone, "quobyte": changes.QuobyteGone, "rbd": changes.RBDGone,
	"scaleIO": changes.ScaleIOGone, "storageos": changes.StorageOSGone,
}

// goneVolume warns of a volume that cannot be mounted.
func goneVolume(n node) {
	for _, source := range n.given(volumeSources) {
		if gone, ok := goneVolumes[source]; ok && n.has(gone) {
			n.field(source).warn(ruleRemoved, "nodes cannot mount it any more")
		}
	}
	if git := n.field("gitRepo"); git.set() {
		git.warn(ruleDeprecated, "it is deprecated", "clone the repository in an init container")
	}
}

// wholeBytes warns of an amount of memory or storage with a fraction of a byte.
func wholeBytes(n node) {
	if q, ok := n.quantity(); ok && q.MilliValue()%1000 != 0 {
		var hints []string
		if text := strings.TrimSuffix(n.text(), "m"); text != n.text() {
			hints = []string{"m stands for a thousandth: " + text + "Mi are mebibytes, " + text + "M megabytes"}
		}
		n.warn(ruleValue, "want a whole number of bytes, "+n.got(), hints...)
	}
}
