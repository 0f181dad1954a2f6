package validate

import (
	"fmt"
	"strings"

	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/schema"
)

// The groups of the kinds that are referred to.
const (
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
func (s ruleset) references() {
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
	s.data()
	s.claims()
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
	s.selections()
}

// refersTo asks for an object of a kind that the field names, in the namespace
// of the object whose field it is if the kind has namespaces.
func refersTo(group, kind string) rule {
	return func(n node) {
		n.refer(manifest.ID{Group: group, Kind: kind, Name: n.text()})
	}
}

// refer asks for an object, which the node names, and for something in it. One
// without a namespace is in that of the object that the node is of, if its kind
// has namespaces.
func (n node) refer(id manifest.ID, in ...func(object node)) {
	if id.Name == "" || id.Kind == "" {
		return
	}
	n.later(func(n node, s *set) {
		if id.Namespace == "" && s.scope(id) != schema.Cluster {
			id.Namespace = n.id.Namespace
		}
		for _, r := range n.mustBe(s, id) {
			for _, look := range in {
				look(node{value: r.Object.Value})
			}
		}
	})
}

// data adds the rules for what refers to ConfigMaps and Secrets.
func (s ruleset) data() {
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

func unlessOptional(r rule) rule {
	return func(n node) {
		if !n.field("optional").truth() {
			r(n)
		}
	}
}

// refersToData asks for a ConfigMap or Secret, and for the keys that are taken
// from it.
func refersToData(kind, nameField string) rule {
	return unlessOptional(func(n node) {
		name := n.field(nameField)
		name.refer(manifest.ID{Kind: kind, Name: name.text()}, func(object node) {
			if keys := object.keys(); len(keys) > 0 {
				what := kind + " " + name.text()
				n.field("key").has(keys, what+" has no key")
				for _, item := range n.field("items").items() {
					item.field("key").has(keys, what+" has no key")
				}
			}
		})
	})
}

// keys returns the keys of a ConfigMap or Secret; none where others fill it, as
// they do where it has none or is the token of a ServiceAccount.
func (n node) keys() []string {
	if n.field("type").text() == "kubernetes.io/service-account-token" {
		return nil
	}
	var keys []string
	for _, part := range []string{"data", "binaryData", "stringData"} {
		for key := range n.field(part).entries() {
			keys = append(keys, key)
		}
	}
	return keys
}

// has warns of a string that is none of those that there are.
func (n node) has(values []string, lacks string) {
	text := n.text()
	if text == "" {
		return
	}
	for _, v := range values {
		if v == text {
			return
		}
	}
	n.warn(RuleReference, fmt.Sprintf("%s %q", lacks, text), didYouMean(text, values)...)
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
func (s ruleset) claims() {
	s.on("core.v1.PersistentVolumeClaimVolumeSource", field("claimName", refersTo("", "PersistentVolumeClaim")))
	s.on("core.v1.PersistentVolumeClaimSpec",
		field("volumeName", refersTo("", "PersistentVolume")),
		field("volumeAttributesClassName", refersTo(storageGroup, "VolumeAttributesClass")),
		field("storageClassName", storageClassName),
		field("dataSource", refersToTyped),
	)
}

func storageClassName(n node) {
	n.later(func(n node, s *set) {
		if !s.classes[n.text()] {
			n.mustBe(s, manifest.ID{Group: storageGroup, Kind: "StorageClass", Name: n.text()})
		}
	})
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
	name.refer(manifest.ID{Kind: "Service", Name: name.text()}, func(object node) {
		service.field("port", "name").has(object.portNames(), "Service "+name.text()+" has no port")
		service.field("port", "number").amongPorts(object, name.text())
	})
	refersToTyped(n.field("resource"))
}

// serviceReference asks for the Service and its port that the API server calls.
// The port is 443 where none is given.
func serviceReference(n node) {
	name := n.field("name")
	name.refer(manifest.ID{Kind: "Service", Namespace: n.field("namespace").text(), Name: name.text()}, func(object node) {
		port := n.field("port")
		if port.zero() {
			port.value = int64(443)
		}
		port.amongPorts(object, name.text())
	})
}

// portNames returns the names of a Service's ports.
func (n node) portNames() []string {
	var names []string
	for _, port := range n.field("spec", "ports").items() {
		names = append(names, port.field("name").text())
	}
	return names
}

// amongPorts warns of a number that no port of a Service has. One that is but
// another name of a host needs no ports.
func (n node) amongPorts(service node, name string) {
	if n.zero() || service.field("spec", "type").text() == "ExternalName" {
		return
	}
	var ports []string
	for _, port := range service.field("spec", "ports").items() {
		if port.field("port").value == n.value {
			return
		}
		if number := port.field("port").value; number != nil {
			ports = append(ports, fmt.Sprint(number))
		}
	}
	var hints []string
	if len(ports) > 0 {
		hints = []string{"it has " + strings.Join(ports, ", ")}
	}
	n.warn(RuleReference, fmt.Sprintf("Service %s has no port %v", name, n.value), hints...)
}

// roleOfBinding asks for the role of a binding.
func roleOfBinding(n node) {
	name := n.field("name")
	name.refer(manifest.ID{Group: rbacGroup, Kind: n.field("kind").text(), Name: name.text()})
}

// subjectOfBinding asks for the ServiceAccount of a binding. Users and groups are no
// objects.
func subjectOfBinding(n node) {
	if name := n.field("name"); n.field("kind").text() == "ServiceAccount" {
		name.refer(manifest.ID{Kind: "ServiceAccount", Namespace: n.field("namespace").text(), Name: name.text()})
	}
}
