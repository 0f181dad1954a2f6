package validate

import (
	"path"

	"github.com/mop-platform/mop/pkg/release/gates"
)

// persistentVolumes adds the rules for PersistentVolumes and the claims to them
// (k8s.io/kubernetes, pkg/apis/core/validation: ValidatePersistentVolumeSpec,
// ValidatePersistentVolumeClaimSpec; pkg/volume/validation).
func persistentVolumes(s table) {
	s.on("core.v1.PersistentVolume",
		field("spec", field("accessModes", required)),
		field("spec", field("capacity", required, capacity)),
		field("spec", field("persistentVolumeReclaimPolicy", oneOf("Delete", "Recycle", "Retain"))),
		field("spec", field("volumeMode", oneOfGiven("Block", "Filesystem"))),
		field("spec", exactlyOne(persistentSources...)),
		localVolume,
		mountOptions,
		recycledRoot,
		initiatorOfVolume,
	)
	s.on("core.v1.PersistentVolumeSpec",
		field("accessModes", accessModes),
		field("storageClassName", dnsSubdomain),
		when(gates.VolumeAttributesClass, attributesClassOfVolume),
	)
	s.on("core.v1.LocalVolumeSource", field("path", required, noBacksteps))
	s.on("core.v1.VolumeNodeAffinity", field("required", present))
	s.on("storage.v1.VolumeAttachmentSource", field("inlineVolumeSpec", whereSet(inlineVolume)))

	s.on("core.v1.PersistentVolumeClaim", claimOfItsOwn)
	s.on("core.v1.PersistentVolumeClaimTemplate",
		field("metadata", labelsAndAnnotations),
		field("spec", dataSources, claim),
	)
	s.on("apps.v1.StatefulSetSpec", claimTemplates)
}

// persistentSources are the fields of PersistentVolumes that say what they are.
var persistentSources = []string{
	"awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "csi", "fc", "flexVolume", "flocker", "gcePersistentDisk",
	"glusterfs", "hostPath", "iscsi", "local", "nfs", "photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO", "storageos",
	"vsphereVolume",
}

// accessModes asks for modes that can be had together.
func accessModes(n node) {
	once, others := false, false
	for _, mode := range n.items() {
		mode.run(required, oneOf("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"))
		once = once || mode.text() == "ReadWriteOncePod"
		others = others || mode.text() != "ReadWriteOncePod"
	}
	if once && others {
		n.fail(ruleConflict, "want no other mode beside ReadWriteOncePod")
	}
}

// capacity asks for storage and nothing else.
func capacity(n node) {
	if !n.zero() {
		if _, ok := names(n)["storage"]; !ok {
			n.field("storage").fail(ruleRequired, "is required, got none")
		}
	}
	for name, value := range n.entries() {
		value.run(someAmount)
		if name != "storage" {
			value.fail(ruleValue, "the key: want storage")
		}
	}
}

// someAmount asks for a quantity of more than 0, in a list of resources.
func someAmount(n node) {
	if q, ok := amount(n); ok && q.Sign() <= 0 {
		n.fail(ruleValue, "want a quantity of more than 0, "+n.got())
	}
}

// localVolume: a volume of a node is used on that node.
func localVolume(n node) {
	spec := n.field("spec")
	if affinity := spec.field("nodeAffinity"); spec.field("local").set() && !affinity.set() {
		affinity.fail(ruleRequired, "is required for a local volume, got none")
	}
}

// mountOptions: some kinds of volumes can have them in an annotation.
func mountOptions(n node) {
	annotation := n.field("metadata", "annotations", "volume.beta.kubernetes.io/mount-options")
	if _, ok := names(n.field("metadata", "annotations"))["volume.beta.kubernetes.io/mount-options"]; !ok {
		return
	}
	if len(n.field("spec").given([]string{
		"gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "nfs", "rbd", "quobyte", "iscsi", "cinder", "cephfs", "azureFile",
		"vsphereVolume", "azureDisk", "photonPersistentDisk",
	})) == 0 {
		annotation.fail(ruleConflict, "leave it out: the volume is of a kind that has no mount options")
	}
}

// initiatorOfVolume: see shortTarget.
func initiatorOfVolume(n node) { shortTarget(n.field("spec", "iscsi"), n.field("metadata", "name")) }

// recycledRoot: the files of a host are not to be deleted.
func recycledRoot(n node) {
	policy, host := n.field("spec", "persistentVolumeReclaimPolicy"), n.field("spec", "hostPath", "path")
	if policy.text() == "Recycle" && host.text() != "" && path.Clean(host.text()) == "/" {
		policy.fail(ruleConflict, `want another policy for the root of the host, got string "Recycle"`)
	}
}

// attributesClassOfVolume: volumes of CSI drivers can have a class of
// attributes.
func attributesClassOfVolume(n node) {
	class := n.field("volumeAttributesClassName")
	class.run(notEmpty, dnsSubdomain)
	if class.set() && !n.field("csi").set() {
		class.fail(ruleConflict, "leave it out: only a csi volume has it")
	}
}

// inlineVolume asks for what a VolumeAttachment can say of a volume that is no
// PersistentVolume.
func inlineVolume(n node) {
	const why = "the volume is no PersistentVolume"
	n.run(
		field("accessModes", required),
		field("claimRef", unset(why)),
		field("capacity", absent(why)),
		field("nodeAffinity", unset(why)),
		field("storageClassName", absent(why)),
		field("persistentVolumeReclaimPolicy", oneOf("Retain")),
		field("volumeMode", oneOfGiven("Filesystem")),
		field("csi", present),
		atMostOne(persistentSources...),
	)
}

// labelsAndAnnotations asks for the metadata of a claim that a pod makes, which
// gets its name from the pod (ValidateTemplateObjectMeta).
func labelsAndAnnotations(n node) {
	n.run(field("labels", labelMap), field("annotations", annotationMap))
	for name, value := range n.entries() {
		if name != "labels" && name != "annotations" {
			value.run(absent("only labels and annotations can be set"))
		}
	}
}

// claimOfItsOwn leaves out the claims of StatefulSets, which have rules of their
// own.
func claimOfItsOwn(n node) {
	if n.whole() {
		n.run(field("spec", dataSourceOfClaim, claim))
	}
}

// claim asks for what a claim to storage says.
func claim(n node) {
	n.run(
		field("accessModes", required, accessModes),
		field("storageClassName", dnsSubdomain),
		field("volumeMode", oneOfGiven("Block", "Filesystem")),
		when(gates.VolumeAttributesClass, field("volumeAttributesClassName", dnsSubdomain)),
	)
	requests := n.field("resources", "requests")
	if _, ok := names(requests)["storage"]; !ok {
		requests.field("storage").fail(ruleRequired, "is required, got none")
		return
	}
	requests.field("storage").run(someAmount)
	wholeBytes(requests.field("storage"))
}

// claimTemplates: StatefulSets make claims, and volumes of their names.
func claimTemplates(n node) {
	for _, template := range n.field("volumeClaimTemplates").items() {
		template.overlookedAs(func() {
			template.field("metadata", "name").run(required, dnsLabel)
			template.field("spec").run(dataSources, claim)
		})
	}
}

// dataSourceOfClaim leaves out what the API server drops of a claim that is an
// object of its own: sources in other namespaces, and those of other kinds that
// an old field cannot name (pkg/api/persistentvolumeclaim of k8s.io/kubernetes).
func dataSourceOfClaim(n node) {
	source, ref := n.field("dataSource"), n.field("dataSourceRef")
	dropsRef := ref.field("namespace").text() != ""
	if !ref.set() || dropsRef {
		group, kind := source.field("apiGroup").text(), source.field("kind").text()
		if group == "" && kind == "PersistentVolumeClaim" || group == "snapshot.storage.k8s.io" && kind == "VolumeSnapshot" {
			source.run(whereSet(dataSource))
		}
		return
	}
	n.run(dataSources)
}

// dataSources asks for one source, be it in both fields (validateDataSource,
// validateDataSourceRef).
func dataSources(n node) {
	source, ref := n.field("dataSource"), n.field("dataSourceRef")
	source.run(whereSet(dataSource))
	ref.run(whereSet(dataSource, field("namespace", namespaceName)))
	if !source.set() || !ref.set() {
		return
	}
	if ref.field("namespace").text() != "" {
		source.fail(ruleConflict, "leave it out: dataSourceRef has a namespace")
		return
	}
	for _, name := range []string{"apiGroup", "kind", "name"} {
		if source.field(name).value != ref.field(name).value {
			source.fail(ruleConflict, "want the same as dataSourceRef, "+source.got())
			return
		}
	}
}

// dataSource asks for an object that storage is filled from.
func dataSource(n node) {
	group, kind := n.field("apiGroup"), n.field("kind")
	n.run(field("name", required), field("kind", required))
	group.run(dnsSubdomain)
	if group.zero() && kind.text() != "" && kind.text() != "PersistentVolumeClaim" {
		kind.fail(ruleValue, `want "PersistentVolumeClaim" where there is no apiGroup, `+kind.got())
	}
}
