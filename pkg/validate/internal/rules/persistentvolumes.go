package rules

import (
	"path"

	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// persistentVolumes adds the rules for PersistentVolumes and the claims to them.
func persistentVolumes(s engine.Table) {
	s.On("core.v1.PersistentVolume",
		engine.Field("spec", engine.Field("accessModes", engine.Required)),
		engine.Field("spec", engine.Field("capacity", engine.Required, capacity)),
		engine.Field("spec", engine.Field("persistentVolumeReclaimPolicy", engine.OneOf("Delete", "Recycle", "Retain"))),
		engine.Field("spec", engine.Field("volumeMode", engine.OneOfGiven("Block", "Filesystem"))),
		engine.Field("spec", engine.ExactlyOne(persistentSources...)),
		localVolume,
		mountOptions,
		recycledRoot,
		initiatorOfVolume,
	)
	s.On("core.v1.PersistentVolumeSpec",
		engine.Field("accessModes", accessModes),
		engine.Field("storageClassName", engine.DNSSubdomain),
		engine.When(gates.VolumeAttributesClass, attributesClassOfVolume),
	)
	s.On("core.v1.LocalVolumeSource", engine.Field("path", engine.Required, noBacksteps))
	s.On("core.v1.VolumeNodeAffinity", engine.Field("required", engine.Present))
	s.On("storage.v1.VolumeAttachmentSource", engine.Field("inlineVolumeSpec", whereSet(inlineVolume)))

	s.On("core.v1.PersistentVolumeClaim", claimOfItsOwn)
	s.On("core.v1.PersistentVolumeClaimTemplate",
		engine.Field("metadata", labelsAndAnnotations),
		engine.Field("spec", dataSources, claim),
	)
	s.On("apps.v1.StatefulSetSpec", claimTemplates)
}

// persistentSources are the fields that say what a PersistentVolume is.
var persistentSources = []string{
	"awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker", "gcePersistentDisk",
	"glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos",
	"vsphereVolume",
}

// accessModes requires modes that can be combined.
func accessModes(n engine.Node) {
	once, others := false, false
	for _, mode := range n.Items() {
		mode.Run(engine.Required, engine.OneOf("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"))
		once = once || mode.Text() == "ReadWriteOncePod"
		others = others || mode.Text() != "ReadWriteOncePod"
	}
	if once && others {
		n.Fail(engine.RuleConflict, "want no other mode beside ReadWriteOncePod")
	}
}

// capacity requires storage and nothing else.
func capacity(n engine.Node) {
	if !n.IsZero() {
		if _, ok := names(n)["storage"]; !ok {
			n.Field("storage").Fail(engine.RuleRequired, "is required, got none")
		}
	}
	for name, value := range n.Entries() {
		value.Run(someAmount)
		if name != "storage" {
			value.Fail(engine.RuleValue, "the key: want storage")
		}
	}
}

// someAmount requires a quantity of more than 0 in a list of resources.
func someAmount(n engine.Node) {
	if q, ok := amount(n); ok && q.Sign() <= 0 {
		n.Fail(engine.RuleValue, "want a quantity of more than 0, "+n.Got())
	}
}

// localVolume: a volume of a node is used on that node.
func localVolume(n engine.Node) {
	spec := n.Field("spec")
	if affinity := spec.Field("nodeAffinity"); spec.Field("local").IsSet() && !affinity.IsSet() {
		affinity.Fail(engine.RuleRequired, "is required for a local volume, got none")
	}
}

// mountOptions: some kinds of volumes can have them in an annotation.
func mountOptions(n engine.Node) {
	annotation := n.Field("metadata", "annotations", "volume.beta.kubernetes.io/mount-options")
	if _, ok := names(n.Field("metadata", "annotations"))["volume.beta.kubernetes.io/mount-options"]; !ok {
		return
	}
	if len(n.Field("spec").Given([]string{
		"gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "nfs", "rbd", "quobyte", "iscsi", "cinder", "cephfs", "azureFile",
		"vsphereVolume", "azureDisk", "photonPersistentDisk",
	})) == 0 {
		annotation.Fail(engine.RuleConflict, "leave it out: the volume is of a kind that has no mount options")
	}
}

// initiatorOfVolume: see shortTarget.
func initiatorOfVolume(n engine.Node) {
	shortTarget(n.Field("spec", "iscsi"), n.Field("metadata", "name"))
}

// recycledRoot: a volume of the host's root cannot be recycled, because that would delete
// the host's files.
func recycledRoot(n engine.Node) {
	policy, host := n.Field("spec", "persistentVolumeReclaimPolicy"), n.Field("spec", "hostPath", "path")
	if policy.Text() == "Recycle" && host.Text() != "" && path.Clean(host.Text()) == "/" {
		policy.Fail(engine.RuleConflict, `want another policy for the root of the host, got string "Recycle"`)
	}
}

// attributesClassOfVolume: only volumes of CSI drivers can have a class of attributes.
func attributesClassOfVolume(n engine.Node) {
	class := n.Field("volumeAttributesClassName")
	class.Run(engine.NotEmpty, engine.DNSSubdomain)
	if class.IsSet() && !n.Field("csi").IsSet() {
		class.Fail(engine.RuleConflict, "leave it out: only a csi volume has it")
	}
}

// inlineVolume has the rules for a volume in a VolumeAttachment that is no
// PersistentVolume.
func inlineVolume(n engine.Node) {
	const why = "the volume is no PersistentVolume"
	n.Run(
		engine.Field("accessModes", engine.Required),
		engine.Field("claimRef", engine.Unset(why)),
		engine.Field("capacity", engine.Absent(why)),
		engine.Field("nodeAffinity", engine.Unset(why)),
		engine.Field("storageClassName", engine.Absent(why)),
		engine.Field("persistentVolumeReclaimPolicy", engine.OneOf("Retain")),
		engine.Field("volumeMode", engine.OneOfGiven("Filesystem")),
		engine.Field("csi", engine.Present),
		engine.AtMostOne(persistentSources...),
	)
}

// labelsAndAnnotations requires the metadata of a claim that a pod makes. The claim gets
// its name from the pod (ValidateTemplateObjectMeta).
func labelsAndAnnotations(n engine.Node) {
	n.Run(engine.Field("labels", engine.LabelMap), engine.Field("annotations", engine.AnnotationMap))
	for name, value := range n.Entries() {
		if name != "labels" && name != "annotations" {
			value.Run(engine.Absent("only labels and annotations can be set"))
		}
	}
}

// claimOfItsOwn leaves out the claims of StatefulSets, which have other rules.
func claimOfItsOwn(n engine.Node) {
	if n.IsWhole() {
		n.Run(engine.Field("spec", dataSourceOfClaim, claim))
	}
}

// claim has the rules for a claim to storage.
func claim(n engine.Node) {
	n.Run(
		engine.Field("accessModes", engine.Required, accessModes),
		engine.Field("storageClassName", engine.DNSSubdomain),
		engine.Field("volumeMode", engine.OneOfGiven("Block", "Filesystem")),
		engine.When(gates.VolumeAttributesClass, engine.Field("volumeAttributesClassName", engine.DNSSubdomain)),
	)
	requests := n.Field("resources", "requests")
	if _, ok := names(requests)["storage"]; !ok {
		requests.Field("storage").Fail(engine.RuleRequired, "is required, got none")
		return
	}
	requests.Field("storage").Run(someAmount)
	wholeBytes(requests.Field("storage"))
}

// claimTemplates: StatefulSets make claims, and volumes with the same names.
func claimTemplates(n engine.Node) {
	for _, template := range n.Field("volumeClaimTemplates").Items() {
		template.OverlookedAs(func() {
			template.Field("metadata", "name").Run(engine.Required, engine.DNSLabel)
			template.Field("spec").Run(dataSources, claim)
		})
	}
}

// dataSourceOfClaim leaves out the sources that the API server drops from a claim that is
// an object itself: sources in other namespaces, and sources of other kinds in the old
// field (pkg/api/persistentvolumeclaim of k8s.io/kubernetes).
func dataSourceOfClaim(n engine.Node) {
	source, ref := n.Field("dataSource"), n.Field("dataSourceRef")
	dropsRef := ref.Field("namespace").Text() != ""
	if !ref.IsSet() || dropsRef {
		group, kind := source.Field("apiGroup").Text(), source.Field("kind").Text()
		if group == "" && kind == "PersistentVolumeClaim" || group == "snapshot.storage.k8s.io" && kind == "VolumeSnapshot" {
			source.Run(whereSet(dataSource))
		}
		return
	}
	n.Run(dataSources)
}

// dataSources requires one source, which may be in both fields (validateDataSource,
// validateDataSourceRef).
func dataSources(n engine.Node) {
	source, ref := n.Field("dataSource"), n.Field("dataSourceRef")
	source.Run(whereSet(dataSource))
	ref.Run(whereSet(dataSource, engine.Field("namespace", namespaceName)))
	if !source.IsSet() || !ref.IsSet() {
		return
	}
	if ref.Field("namespace").Text() != "" {
		source.Fail(engine.RuleConflict, "leave it out: dataSourceRef has a namespace")
		return
	}
	for _, name := range []string{"apiGroup", "kind", "name"} {
		if source.Field(name).Value != ref.Field(name).Value {
			source.Fail(engine.RuleConflict, "want the same as dataSourceRef, "+source.Got())
			return
		}
	}
}

// dataSource requires an object that storage can be filled from.
func dataSource(n engine.Node) {
	group, kind := n.Field("apiGroup"), n.Field("kind")
	n.Run(engine.Field("name", engine.Required), engine.Field("kind", engine.Required))
	group.Run(engine.DNSSubdomain)
	if group.IsZero() && kind.Text() != "" && kind.Text() != "PersistentVolumeClaim" {
		kind.Fail(engine.RuleValue, `want "PersistentVolumeClaim" where there is no apiGroup, `+kind.Got())
	}
}
