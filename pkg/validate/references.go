package validate

import (
	"fmt"
	"strings"

	"github.com/mop-platform/mop/pkg/manifest"
)

// The groups of the kinds that are referred to.
const (
	accessGroup       = "rbac.authorization.k8s.io"
	admissionGroup    = "admissionregistration.k8s.io"
	certificatesGroup = "certificates.k8s.io"
	flowGroup         = "flowcontrol.apiserver.k8s.io"
	networkingGroup   = "networking.k8s.io"
	nodeGroup         = "node.k8s.io"
	resourceGroup     = "resource.k8s.io"
	schedulingGroup   = "scheduling.k8s.io"
	storageGroup      = "storage.k8s.io"
)

// references adds the rules for what objects name: it must be among the objects
// or come from elsewhere ([Options.External]). The API server asks for none of
// it, so all these are warnings.
func references(s table) {
	s.on("core.v1.PodSpec",
		field("imagePullSecrets", each(field("name", refersTo("", "Secret")))),
		field("priorityClassName", refersTo(schedulingGroup, "PriorityClass")),
		field("runtimeClassName", refersTo(nodeGroup, "RuntimeClass")),
		serviceAccountOfPod,
	)
	for _, definition := range []string{"core.v1.PodResourceClaim", "core.v1.ClaimSource"} {
		s.on(definition,
			field("resourceClaimName", refersTo(resourceGroup, "ResourceClaim")),
			field("resourceClaimTemplateName", refersTo(resourceGroup, "ResourceClaimTemplate")))
	}
	s.on("core.v1.ServiceAccount", field("imagePullSecrets", each(field("name", refersTo("", "Secret")))))
	data(s)
	claims(s)
	s.on("networking.v1.IngressSpec", field("ingressClassName", refersTo(networkingGroup, "IngressClass")))
	s.on("networking.v1.IngressTLS", field("secretName", refersTo("", "Secret")))
	s.on("networking.v1.IngressBackend", backend)
	for _, group := range []string{"admissionregistration", "apiextensions", "apiregistration"} {
		s.on(group+".v1.ServiceReference", serviceReference)
	}
	s.on("apps.v1.StatefulSetSpec", field("serviceName", refersTo("", "Service")))
	for _, version := range []string{"v1", "v2"} {
		s.on("autoscaling."+version+".CrossVersionObjectReference", crossVersion)
	}
	s.on("rbac.v1.RoleRef", roleOfBinding)
	s.on("rbac.v1.Subject", subjectOfBinding)
	for _, version := range []string{"v1", "v1beta1", "v1alpha1"} {
		s.on("admissionregistration."+version+".ValidatingAdmissionPolicyBindingSpec",
			field("policyName", refersTo(admissionGroup, "ValidatingAdmissionPolicy")))
		s.on("admissionregistration."+version+".MutatingAdmissionPolicyBindingSpec",
			field("policyName", refersTo(admissionGroup, "MutatingAdmissionPolicy")))
	}
	for _, version := range []string{"v1", "v1beta3"} {
		s.on("flowcontrol."+version+".FlowSchemaSpec",
			field("priorityLevelConfiguration", field("name", refersTo(flowGroup, "PriorityLevelConfiguration"))))
	}
	selections(s)
}

// refersTo asks for an object of a kind that the field names, in the namespace
// of the object whose field it is if the kind has namespaces.
func refersTo(group, kind string) constraint {
	return func(n node) {
		n.refer(manifest.ID{Group: group, Kind: kind, Name: n.text()})
	}
}

// data adds the rules for what refers to ConfigMaps and Secrets.
func data(s table) {
	for _, kind := range []string{"ConfigMap", "Secret"} {
		s.on("core.v1."+kind+"KeySelector", refersToData(kind, "name"))
		s.on("core.v1."+kind+"EnvSource", refersToData(kind, "name"))
		s.on("core.v1."+kind+"Projection", refersToData(kind, "name"))
	}
	s.on("core.v1.ConfigMapVolumeSource", refersToData("ConfigMap", "name"))
	s.on("core.v1.SecretVolumeSource", refersToData("Secret", "secretName"))
	s.on("core.v1.SecretReference", func(n node) {
		name := n.field("name")
		name.refer(manifest.ID{Kind: "Secret", Namespace: n.field("namespace").text(), Name: name.text()})
	})
	s.on("core.v1.AzureFileVolumeSource", field("secretName", refersTo("", "Secret")))
	s.on("core.v1.CSIVolumeSource", field("nodePublishSecretRef", field("name", refersTo("", "Secret"))))
	for _, source := range []string{"CephFS", "Flex", "ISCSI", "RBD", "ScaleIO", "StorageOS"} {
		s.on("core.v1."+source+"VolumeSource", field("secretRef", field("name", refersTo("", "Secret"))))
	}
	s.on("core.v1.ClusterTrustBundleProjection", unlessOptional(field("name", refersTo(certificatesGroup, "ClusterTrustBundle"))))
}

func unlessOptional(r constraint) constraint {
	return func(n node) {
		if !n.field("optional").truth() {
			r(n)
		}
	}
}

// refersToData asks for a ConfigMap or Secret, and for the keys that are taken
// from it.
func refersToData(kind, nameField string) constraint {
	return unlessOptional(func(n node) {
		keys := n.field("key").named(wantsKey, nil)
		for _, item := range n.field("items").items() {
			keys = item.field("key").named(wantsKey, keys)
		}
		name := n.field(nameField)
		name.refer(manifest.ID{Kind: kind, Name: name.text()}, keys...)
	})
}

// serviceAccountOfPod: the older of two fields says the same as the newer.
func serviceAccountOfPod(n node) {
	name := n.field("serviceAccountName")
	if name.zero() {
		name = n.field("serviceAccount")
	}
	refersTo("", "ServiceAccount")(name)
}

// claims adds the rules for what refers to storage. A StorageClass need not be
// there where PersistentVolumes have its name.
func claims(s table) {
	s.on("core.v1.PersistentVolumeClaimVolumeSource", field("claimName", refersTo("", "PersistentVolumeClaim")))
	s.on("core.v1.PersistentVolumeClaimSpec",
		field("volumeName", refersTo("", "PersistentVolume")),
		field("volumeAttributesClassName", refersTo(storageGroup, "VolumeAttributesClass")),
		field("storageClassName", storageClassName),
		field("dataSource", refersToTyped),
	)
}

func storageClassName(n node) {
	if !n.zero() {
		n.ask(ask{kind: asksForClass, id: manifest.ID{Group: storageGroup, Kind: "StorageClass", Name: n.text()}})
	}
}

// refersToTyped asks for an object of any kind.
func refersToTyped(n node) {
	name := n.field("name")
	name.refer(manifest.ID{Group: n.field("apiGroup").text(), Kind: n.field("kind").text(), Name: name.text()})
}

// crossVersion asks for an object of any kind that is given by its apiVersion.
func crossVersion(n node) {
	group, version, ok := strings.Cut(n.field("apiVersion").text(), "/")
	if !ok {
		group, version = "", group
	}
	if version == "" {
		return
	}
	name := n.field("name")
	name.refer(manifest.ID{Group: group, Kind: n.field("kind").text(), Name: name.text()})
}

// backend asks for the Service and its port, or the other object, to which an
// Ingress sends requests.
func backend(n node) {
	service, name := n.field("service"), n.field("service", "name")
	ports := service.field("port", "name").named(wantsPortName, nil)
	if number := service.field("port", "number"); !number.zero() {
		ports = isPort(number, ports)
	}
	name.refer(manifest.ID{Kind: "Service", Name: name.text()}, ports...)
	refersToTyped(n.field("resource"))
}

// serviceReference asks for the Service and its port that the API server calls.
// The port is 443 where none is given.
func serviceReference(n node) {
	name, port := n.field("name"), n.field("port")
	if port.zero() {
		port.value = int64(443)
	}
	name.refer(manifest.ID{Kind: "Service", Namespace: n.field("namespace").text(), Name: name.text()}, isPort(port, nil)...)
}

// isPort appends to details that the node is the number of a port.
func isPort(n node, details []detail) []detail {
	if number := scalar(n); number != nil {
		details = append(details, detail{place: n.here(), kind: wantsPortNumber, number: number})
	}
	return details
}

// mostListed is how many ports a hint lists.
const mostListed = 20

// amongPorts warns of a number that no port of a Service has. One that is but
// another name of a host needs no ports.
func (l *looking) amongPorts(d detail, service manifest.ID, o *offer) {
	if o.external {
		return
	}
	if !l.work(len(o.ports)) {
		return
	}
	var numbers []string
	for _, p := range o.ports {
		if p.number == d.number {
			return
		}
		if p.number != nil && len(numbers) <= mostListed {
			numbers = append(numbers, fmt.Sprint(p.number))
		}
	}
	var hints []string
	switch {
	case len(numbers) > mostListed:
		hints = []string{"it has " + strings.Join(numbers[:mostListed], ", ") + " and others"}
	case len(numbers) > 0:
		hints = []string{"it has " + strings.Join(numbers, ", ")}
	}
	l.warn(d.place, ruleReference, fmt.Sprintf("Service %s has no port %v", service.Name, d.number), hints...)
}

// roleOfBinding asks for the role of a binding.
func roleOfBinding(n node) {
	name := n.field("name")
	name.refer(manifest.ID{Group: accessGroup, Kind: n.field("kind").text(), Name: name.text()})
}

// subjectOfBinding asks for the ServiceAccount of a binding. Users and groups are no
// objects.
func subjectOfBinding(n node) {
	if name := n.field("name"); n.field("kind").text() == "ServiceAccount" {
		name.refer(manifest.ID{Kind: "ServiceAccount", Namespace: n.field("namespace").text(), Name: name.text()})
	}
}
