package rules

import (
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/release/changes"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// podWarnings warns of fields that the API server accepts in a pod although they have no
// effect, or not the intended one.
func podWarnings(s engine.Table) {
	s.On("core.v1.PodSpec",
		engine.Field("terminationGracePeriodSeconds", negativeGrace),
		engine.Field("nodeSelector", engine.Each(oldLabels)),
		engine.Field("imagePullSecrets", engine.Each(engine.Field("name", recommended))),
		probePorts,
	)
	s.On("core.v1.NodeSelectorTerm", engine.Field("matchExpressions", engine.Each(engine.Field("key", oldLabel))))
	s.On("core.v1.TopologySpreadConstraint", engine.Field("topologyKey", oldLabel), engine.Field("labelSelector", selectsNone))
	s.On("core.v1.PodAffinityTerm", engine.Field("topologyKey", oldLabel), engine.Field("labelSelector", selectsNone))
	s.On("core.v1.Volume", goneVolume)
}

// negativeGrace: pods with a negative time end after a second.
func negativeGrace(n engine.Node) {
	if i, ok := n.Integer(); ok && i < 0 {
		n.Warn(engine.RuleValue, "want a number of 0 or more, "+n.Got()+": it counts as 1")
	}
}

// recommended warns of an empty name.
func recommended(n engine.Node) {
	if n.IsZero() {
		n.Warn(engine.RuleRequired, "want a name, "+n.Got())
	}
}

// newLabels are the labels that replaced others (k8s.io/kubernetes, pkg/api/node:
// deprecatedNodeLabels).
var newLabels = map[string]string{
	"beta.kubernetes.io/arch":                  "kubernetes.io/arch",
	"beta.kubernetes.io/os":                    "kubernetes.io/os",
	"failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
	"failure-domain.beta.kubernetes.io/zone":   "topology.kubernetes.io/zone",
	"beta.kubernetes.io/instance-type":         "node.kubernetes.io/instance-type",
	"node-role.kubernetes.io/master":           "node-role.kubernetes.io/control-plane",
}

// oldLabel warns of a label of nodes that now has another name.
func oldLabel(n engine.Node) { warnOfOldLabel(n, n.Text()) }

// oldLabels is oldLabel for the key of a value.
func oldLabels(n engine.Node) { warnOfOldLabel(n, n.Name()) }

func warnOfOldLabel(n engine.Node, key string) {
	if label, ok := newLabels[key]; ok {
		n.Warn(engine.RuleDeprecated, "the label "+key+" is deprecated", "use "+label)
	}
}

// selectsNone warns of a missing selector, which selects no pod.
func selectsNone(n engine.Node) {
	if !n.IsSet() {
		n.Warn(engine.RuleRequired, "selects no pod where it is left out")
	}
}

// probePorts warns of probes and handlers that name a port which is not in their container.
func probePorts(n engine.Node) {
	for _, container := range containersOf(n) {
		var names []string
		for _, port := range container.Field("ports").Items() {
			names = append(names, port.Field("name").Text())
		}
		for _, user := range [][]string{
			{"livenessProbe"}, {"readinessProbe"}, {"startupProbe"}, {"lifecycle", "postStart"}, {"lifecycle", "preStop"},
		} {
			for _, action := range []string{"httpGet", "tcpSocket"} {
				among(container.Field(user...).Field(action, "port"), names)
			}
		}
	}
}

// among warns of a name that is not among the ports.
func among(n engine.Node, ports []string) {
	if text := n.Text(); text != "" && !slices.Contains(ports, text) {
		n.Warn(engine.RuleReference, "the container has no port of the name, "+n.Got(), n.DidYouMean(text, ports)...)
	}
}

// goneVolumes are the kinds of volumes that kubelets cannot mount any more.
var goneVolumes = map[string]release.Change{
	"cephfs": changes.CephfsGone, "flocker": changes.FlockerGone, "glusterfs": changes.GlusterfsGone,
	"photonPersistentDisk": changes.PhotonPersistentDiskGone, "quobyte": changes.QuobyteGone, "rbd": changes.RBDGone,
	"scaleIO": changes.ScaleIOGone, "storageos": changes.StorageOSGone,
}

// goneVolume warns of a volume that cannot be mounted.
func goneVolume(n engine.Node) {
	for _, source := range n.Given(volumeSources) {
		if gone, ok := goneVolumes[source]; ok && n.Has(gone) {
			n.Field(source).Warn(engine.RuleRemoved, "nodes cannot mount it any more")
		}
	}
	if git := n.Field("gitRepo"); git.IsSet() {
		git.Warn(engine.RuleDeprecated, "it is deprecated", "clone the repository in an init container")
	}
}

// wholeBytes warns of an amount of memory or storage with a fraction of a byte.
func wholeBytes(n engine.Node) {
	if q, ok := n.Quantity(); ok && q.MilliValue()%1000 != 0 {
		var hints []string
		if text := strings.TrimSuffix(n.Text(), "m"); text != n.Text() {
			hints = []string{"m stands for a thousandth: " + text + "Mi are mebibytes, " + text + "M megabytes"}
		}
		n.Warn(engine.RuleValue, "want a whole number of bytes, "+n.Got(), hints...)
	}
}
