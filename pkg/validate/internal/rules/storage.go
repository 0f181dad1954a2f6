package rules

import (
	"fmt"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// driverName requires the name of a CSI driver, which may be in upper case
// (k8s.io/kubernetes, pkg/apis/core/validation: ValidateCSIDriverName).
var driverName = engine.Written(func(name string) []string {
	if problems := validation.IsDNS1123Subdomain(strings.ToLower(name)); problems != nil {
		return problems
	}
	if len(name) > 63 {
		return []string{validation.MaxLenError(63)}
	}
	return nil
})

// provisioner requires a qualified name, which may be in upper case.
var provisioner = engine.Written(func(name string) []string { return validation.IsQualifiedName(strings.ToLower(name)) })

// storage adds the rules for storage classes and drivers.
func storage(s engine.Table) {
	s.On("storage.v1.StorageClass",
		engine.Field("provisioner", engine.Required, provisioner),
		engine.Field("parameters", parameters),
		engine.Field("reclaimPolicy", engine.OneOf("Delete", "Retain")),
		engine.Field("volumeBindingMode", engine.OneOfGiven("Immediate", "WaitForFirstConsumer")),
		engine.Field("allowedTopologies", distinctTopologies),
	)
	s.On("core.v1.TopologySelectorTerm",
		engine.Field("matchLabelExpressions", engine.Required, engine.UniqueBy("key")),
	)
	s.On("core.v1.TopologySelectorLabelRequirement",
		engine.Field("key", engine.Required, engine.QualifiedName),
		engine.Field("values", engine.Required, engine.UniqueItems),
	)
	csi(s)
	volumeAttachments(s)
	for _, version := range []string{"v1alpha1", "v1beta1", "v1"} {
		s.On("storage."+version+".VolumeAttributesClass",
			engine.Field("driverName", engine.Required, provisioner),
			engine.Field("parameters", engine.Required, parameters),
		)
	}
}

// csi adds the rules for objects that describe CSI drivers.
func csi(s engine.Table) {
	s.On("storage.v1.CSIDriverSpec",
		engine.Field("fsGroupPolicy", engine.OneOfGiven("ReadWriteOnceWithFSType", "File", "None")),
		engine.Field("volumeLifecycleModes", engine.Each(engine.Required, engine.OneOf("Persistent", "Ephemeral"))),
		engine.Field("tokenRequests", distinctAudiences),
		newDriverFields,
	)
	s.On("storage.v1.TokenRequest", engine.Field("expirationSeconds", engine.Between(600, 1<<32)))

	s.On("storage.v1.CSINodeSpec", engine.Field("drivers", engine.UniqueBy("name")))
	s.On("storage.v1.CSINodeDriver",
		engine.Field("name", engine.Required, driverName),
		engine.Field("nodeID", engine.Required, engine.AtMostBytes(256)),
		engine.Field("topologyKeys", engine.UniqueItems, engine.Each(engine.Required, engine.QualifiedName)),
	)
	s.On("storage.v1.VolumeNodeResources", engine.Field("count", engine.AtLeast(0)))

	s.On("storage.v1.CSIStorageCapacity",
		engine.Field("storageClassName", engine.Required, engine.DNSSubdomain),
		engine.Field("capacity", engine.NotNegative),
	)
}

func volumeAttachments(s engine.Table) {
	s.On("storage.v1.VolumeAttachment", engine.Field("spec", engine.Present))
	s.On("storage.v1.VolumeAttachmentSpec",
		engine.Field("attacher", engine.Required, driverName),
		engine.Field("nodeName", engine.Required, engine.DNSSubdomain),
		engine.Field("source", engine.Present),
	)
	s.On("storage.v1.VolumeAttachmentSource",
		engine.ExactlyOne("persistentVolumeName", "inlineVolumeSpec"),
		engine.Field("persistentVolumeName", engine.DNSSubdomain, engine.NotEmpty),
	)
}

// parameters requires keys that are not empty, and limits the parameters for a provisioner.
func parameters(n engine.Node) {
	const mostPairs, mostBytes = 512, 256 << 10
	if n.Len() > mostPairs {
		n.Fail(engine.RuleValue, fmt.Sprintf("want at most %d parameters, got %d", mostPairs, n.Len()))
		return
	}
	size := 0
	for key, value := range n.Entries() {
		if key == "" {
			n.Fail(engine.RuleFormat, "want keys that are not empty")
		}
		size += len(key) + len(value.Text())
	}
	if size > mostBytes {
		n.Fail(engine.RuleValue, fmt.Sprintf("want parameters of at most %d bytes in all, got %d", mostBytes, size))
	}
}

// distinctTopologies requires terms that differ in more than the order of their labels and
// values.
func distinctTopologies(n engine.Node) {
	var seen []map[string]map[string]bool
	for i, term := range n.Items() {
		labels := map[string]map[string]bool{}
		for _, expression := range term.Field("matchLabelExpressions").Items() {
			values := map[string]bool{}
			for _, value := range expression.Field("values").Items() {
				values[value.Text()] = true
			}
			labels[expression.Field("key").Text()] = values
		}
		for first, other := range seen[:i] {
			if len(labels) > 0 && reflect.DeepEqual(labels, other) {
				term.Fail(engine.RuleDuplicate, fmt.Sprintf("selects the same as item %d", first))
				break
			}
		}
		seen = append(seen, labels)
	}
}

// distinctAudiences requires token requests with different audiences; one may have none.
func distinctAudiences(n engine.Node) {
	seen := map[string]int{}
	for i, request := range n.Items() {
		audience := request.Field("audience")
		if first, ok := seen[audience.Text()]; ok {
			audience.Fail(engine.RuleDuplicate, fmt.Sprintf("is the same as in item %d, %s", first, audience.Got()))
			continue
		}
		seen[audience.Text()] = i
	}
}

// newDriverFields checks fields of CSI drivers that the API server drops without their
// gates.
func newDriverFields(n engine.Node) {
	n.Field("nodeAllocatableUpdatePeriodSeconds").Run(engine.When(gates.MutableCSINodeAllocatableCount, engine.AtLeast(10)))
	where := n.Field("serviceAccountTokenInSecrets")
	if n.Has(gates.CSIServiceAccountTokenSecrets) && where.IsSet() && n.Field("tokenRequests").IsZero() {
		where.Fail(engine.RuleConflict, "leave it out: there are no tokenRequests")
	}
}

// storageVersions adds the rules for migrations to another version in storage.
func storageVersions(s engine.Table) {
	for _, version := range []string{"v1beta1", "v1"} {
		s.On("storagemigration."+version+".StorageVersionMigration", func(n engine.Node) {
			resource := n.Field("spec", "resource")
			resource.Field("resource").Run(engine.Required, engine.Written(validation.IsDNS1035Label))
			resource.Field("group").Run(engine.DNSSubdomain)
		})
	}
}
