package validate

import (
	"fmt"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/pkg/release/gates"
)

// driverName asks for the name of a CSI driver, which may be in upper case
// (k8s.io/kubernetes, pkg/apis/core/validation: ValidateCSIDriverName).
var driverName = written(func(name string) []string {
	if problems := validation.IsDNS1123Subdomain(strings.ToLower(name)); problems != nil {
		return problems
	}
	if len(name) > 63 {
		return []string{validation.MaxLenError(63)}
	}
	return nil
})

// provisioner asks for a qualified name, which may be in upper case.
var provisioner = written(func(name string) []string { return validation.IsQualifiedName(strings.ToLower(name)) })

// storage adds the rules for storage classes and drivers
// (k8s.io/kubernetes, pkg/apis/storage/validation).
func storage(s table) {
	s.on("storage.v1.StorageClass",
		field("provisioner", required, provisioner),
		field("parameters", parameters),
		field("reclaimPolicy", oneOf("Delete", "Retain")),
		field("volumeBindingMode", oneOfGiven("Immediate", "WaitForFirstConsumer")),
		field("allowedTopologies", distinctTopologies),
	)
	s.on("core.v1.TopologySelectorTerm",
		field("matchLabelExpressions", required, uniqueBy("key")),
	)
	s.on("core.v1.TopologySelectorLabelRequirement",
		field("key", required, qualifiedName),
		field("values", required, uniqueItems),
	)
	csi(s)
	volumeAttachments(s)
	for _, version := range []string{"v1alpha1", "v1beta1", "v1"} {
		s.on("storage."+version+".VolumeAttributesClass",
			field("driverName", required, provisioner),
			field("parameters", required, parameters),
		)
	}
}

// csi adds the rules for what CSI drivers say of themselves.
func csi(s table) {
	s.on("storage.v1.CSIDriverSpec",
		field("fsGroupPolicy", oneOfGiven("ReadWriteOnceWithFSType", "File", "None")),
		field("volumeLifecycleModes", each(required, oneOf("Persistent", "Ephemeral"))),
		field("tokenRequests", distinctAudiences),
		newDriverFields,
	)
	s.on("storage.v1.TokenRequest", field("expirationSeconds", between(600, 1<<32)))

	s.on("storage.v1.CSINodeSpec", field("drivers", uniqueBy("name")))
	s.on("storage.v1.CSINodeDriver",
		field("name", required, driverName),
		field("nodeID", required, atMostBytes(256)),
		field("topologyKeys", uniqueItems, each(required, qualifiedName)),
	)
	s.on("storage.v1.VolumeNodeResources", field("count", atLeast(0)))

	s.on("storage.v1.CSIStorageCapacity",
		field("storageClassName", required, dnsSubdomain),
		field("capacity", notNegative),
	)
}

func volumeAttachments(s table) {
	s.on("storage.v1.VolumeAttachment", field("spec", present))
	s.on("storage.v1.VolumeAttachmentSpec",
		field("attacher", required, driverName),
		field("nodeName", required, dnsSubdomain),
		field("source", present),
	)
	s.on("storage.v1.VolumeAttachmentSource",
		exactlyOne("persistentVolumeName", "inlineVolumeSpec"),
		field("persistentVolumeName", dnsSubdomain, notEmpty),
	)
}

// parameters asks for keys, and for no more than a provisioner may have.
func parameters(n node) {
	const mostPairs, mostBytes = 512, 256 << 10
	if n.len() > mostPairs {
		n.fail(ruleValue, fmt.Sprintf("want at most %d parameters, got %d", mostPairs, n.len()))
		return
	}
	size := 0
	for key, value := range n.entries() {
		if key == "" {
			n.fail(ruleFormat, "want keys that are not empty")
		}
		size += len(key) + len(value.text())
	}
	if size > mostBytes {
		n.fail(ruleValue, fmt.Sprintf("want parameters of at most %d bytes in all, got %d", mostBytes, size))
	}
}

// distinctTopologies asks for terms that differ, in whatever order their labels
// and values are.
func distinctTopologies(n node) {
	var seen []map[string]map[string]bool
	for i, term := range n.items() {
		labels := map[string]map[string]bool{}
		for _, expression := range term.field("matchLabelExpressions").items() {
			values := map[string]bool{}
			for _, value := range expression.field("values").items() {
				values[value.text()] = true
			}
			labels[expression.field("key").text()] = values
		}
		for first, other := range seen[:i] {
			if len(labels) > 0 && reflect.DeepEqual(labels, other) {
				term.fail(ruleDuplicate, fmt.Sprintf("selects the same as item %d", first))
				break
			}
		}
		seen = append(seen, labels)
	}
}

// distinctAudiences asks for token requests of which each has an audience of its
// own; one may have none.
func distinctAudiences(n node) {
	seen := map[string]int{}
	for i, request := range n.items() {
		audience := request.field("audience")
		if first, ok := seen[audience.text()]; ok {
			audience.fail(ruleDuplicate, fmt.Sprintf("is the same as in item %d, %s", first, audience.got()))
			continue
		}
		seen[audience.text()] = i
	}
}

// newDriverFields are fields of CSI drivers that gates drop.
func newDriverFields(n node) {
	n.field("nodeAllocatableUpdatePeriodSeconds").run(when(gates.MutableCSINodeAllocatableCount, atLeast(10)))
	where := n.field("serviceAccountTokenInSecrets")
	if n.has(gates.CSIServiceAccountTokenSecrets) && where.set() && n.field("tokenRequests").zero() {
		where.fail(ruleConflict, "leave it out: there are no tokenRequests")
	}
}

// storageVersions adds the rules for migrations to another version in storage
// (k8s.io/kubernetes, pkg/apis/storagemigration/validation).
func storageVersions(s table) {
	for _, version := range []string{"v1beta1", "v1"} {
		s.on("storagemigration."+version+".StorageVersionMigration", func(n node) {
			resource := n.field("spec", "resource")
			resource.field("resource").run(required, written(validation.IsDNS1035Label))
			resource.field("group").run(dnsSubdomain)
		})
	}
}
