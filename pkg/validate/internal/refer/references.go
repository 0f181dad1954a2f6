package refer

import (
	"fmt"
	"strings"

	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// The groups of the kinds that objects refer to.
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

// AddReferences adds the rules for references: the named object must be among the objects
// or come from elsewhere. The API server does not check that, so all these are warnings.
func AddReferences(s engine.Table) {
	s.On("core.v1.PodSpec",
		engine.Field("imagePullSecrets", engine.Each(engine.Field("name", refersTo("", "Secret")))),
		engine.Field("priorityClassName", refersTo(schedulingGroup, "PriorityClass")),
		engine.Field("runtimeClassName", refersTo(nodeGroup, "RuntimeClass")),
		serviceAccountOfPod,
	)
	for _, definition := range []string{"core.v1.PodResourceClaim", "core.v1.ClaimSource"} {
		s.On(definition,
			engine.Field("resourceClaimName", refersTo(resourceGroup, "ResourceClaim")),
			engine.Field("resourceClaimTemplateName", refersTo(resourceGroup, "ResourceClaimTemplate")))
	}
	s.On("core.v1.ServiceAccount", engine.Field("imagePullSecrets", engine.Each(engine.Field("name", refersTo("", "Secret")))))
	data(s)
	claims(s)
	s.On("networking.v1.IngressSpec", engine.Field("ingressClassName", refersTo(networkingGroup, "IngressClass")))
	s.On("networking.v1.IngressTLS", engine.Field("secretName", refersTo("", "Secret")))
	s.On("networking.v1.IngressBackend", backend)
	for _, group := range []string{"admissionregistration", "apiextensions", "apiregistration"} {
		s.On(group+".v1.ServiceReference", serviceReference)
	}
	s.On("apps.v1.StatefulSetSpec", engine.Field("serviceName", refersTo("", "Service")))
	for _, version := range []string{"v1", "v2"} {
		s.On("autoscaling."+version+".CrossVersionObjectReference", crossVersion)
	}
	s.On("rbac.v1.RoleRef", roleOfBinding)
	s.On("rbac.v1.Subject", subjectOfBinding)
	for _, version := range []string{"v1", "v1beta1", "v1alpha1"} {
		s.On("admissionregistration."+version+".ValidatingAdmissionPolicyBindingSpec",
			engine.Field("policyName", refersTo(admissionGroup, "ValidatingAdmissionPolicy")))
		s.On("admissionregistration."+version+".MutatingAdmissionPolicyBindingSpec",
			engine.Field("policyName", refersTo(admissionGroup, "MutatingAdmissionPolicy")))
	}
	for _, version := range []string{"v1", "v1beta3"} {
		s.On("flowcontrol."+version+".FlowSchemaSpec",
			engine.Field("priorityLevelConfiguration", engine.Field("name", refersTo(flowGroup, "PriorityLevelConfiguration"))))
	}
	selections(s)
}

// refersTo asks for the object of a kind that the field names. If the kind has namespaces,
// it must be in that of the object with the field.
func refersTo(group, kind string) engine.Constraint {
	return func(n engine.Node) {
		n.Refer(manifest.ID{Group: group, Kind: kind, Name: n.Text()})
	}
}

// data adds the rules for references to ConfigMaps and Secrets.
func data(s engine.Table) {
	for _, kind := range []string{"ConfigMap", "Secret"} {
		s.On("core.v1."+kind+"KeySelector", refersToData(kind, "name"))
		s.On("core.v1."+kind+"EnvSource", refersToData(kind, "name"))
		s.On("core.v1."+kind+"Projection", refersToData(kind, "name"))
	}
	s.On("core.v1.ConfigMapVolumeSource", refersToData("ConfigMap", "name"))
	s.On("core.v1.SecretVolumeSource", refersToData("Secret", "secretName"))
	s.On("core.v1.SecretReference", func(n engine.Node) {
		name := n.Field("name")
		name.Refer(manifest.ID{Kind: "Secret", Namespace: n.Field("namespace").Text(), Name: name.Text()})
	})
	s.On("core.v1.AzureFileVolumeSource", engine.Field("secretName", refersTo("", "Secret")))
	s.On("core.v1.CSIVolumeSource", engine.Field("nodePublishSecretRef", engine.Field("name", refersTo("", "Secret"))))
	for _, source := range []string{"CephFS", "Flex", "ISCSI", "RBD", "ScaleIO", "StorageOS"} {
		s.On("core.v1."+source+"VolumeSource", engine.Field("secretRef", engine.Field("name", refersTo("", "Secret"))))
	}
	s.On("core.v1.ClusterTrustBundleProjection", unlessOptional(engine.Field("name", refersTo(certificatesGroup, "ClusterTrustBundle"))))
}

func unlessOptional(r engine.Constraint) engine.Constraint {
	return func(n engine.Node) {
		if !n.Field("optional").Truth() {
			r(n)
		}
	}
}

// refersToData asks for a ConfigMap or Secret, and for the keys that are used from it.
func refersToData(kind, nameField string) engine.Constraint {
	return unlessOptional(func(n engine.Node) {
		keys := n.Field("key").Named(engine.WantsKey, nil)
		for _, item := range n.Field("items").Items() {
			keys = item.Field("key").Named(engine.WantsKey, keys)
		}
		name := n.Field(nameField)
		name.Refer(manifest.ID{Kind: kind, Name: name.Text()}, keys...)
	})
}

// serviceAccountOfPod: the older of two fields says the same as the newer.
func serviceAccountOfPod(n engine.Node) {
	name := n.Field("serviceAccountName")
	if name.IsZero() {
		name = n.Field("serviceAccount")
	}
	refersTo("", "ServiceAccount")(name)
}

// claims adds the rules for references to storage. A StorageClass need not exist if
// PersistentVolumes have its name.
func claims(s engine.Table) {
	s.On("core.v1.PersistentVolumeClaimVolumeSource", engine.Field("claimName", refersTo("", "PersistentVolumeClaim")))
	s.On("core.v1.PersistentVolumeClaimSpec",
		engine.Field("volumeName", refersTo("", "PersistentVolume")),
		engine.Field("volumeAttributesClassName", refersTo(storageGroup, "VolumeAttributesClass")),
		engine.Field("storageClassName", storageClassName),
		engine.Field("dataSource", refersToTyped),
	)
}

func storageClassName(n engine.Node) {
	if !n.IsZero() {
		n.Ask(engine.Ask{Kind: engine.AsksForClass, ID: manifest.ID{Group: storageGroup, Kind: "StorageClass", Name: n.Text()}})
	}
}

// refersToTyped asks for an object of any kind.
func refersToTyped(n engine.Node) {
	name := n.Field("name")
	name.Refer(manifest.ID{Group: n.Field("apiGroup").Text(), Kind: n.Field("kind").Text(), Name: name.Text()})
}

// crossVersion asks for an object of any kind, which the field gives with its apiVersion.
func crossVersion(n engine.Node) {
	group, version, ok := strings.Cut(n.Field("apiVersion").Text(), "/")
	if !ok {
		group, version = "", group
	}
	if version == "" {
		return
	}
	name := n.Field("name")
	name.Refer(manifest.ID{Group: group, Kind: n.Field("kind").Text(), Name: name.Text()})
}

// backend asks for the Service and its port, or another object, to which an Ingress sends
// requests.
func backend(n engine.Node) {
	service, name := n.Field("service"), n.Field("service", "name")
	ports := service.Field("port", "name").Named(engine.WantsPortName, nil)
	if number := service.Field("port", "number"); !number.IsZero() {
		ports = isPort(number, ports)
	}
	name.Refer(manifest.ID{Kind: "Service", Name: name.Text()}, ports...)
	refersToTyped(n.Field("resource"))
}

// serviceReference asks for the Service and its port that the API server calls. The port is
// 443 by default.
func serviceReference(n engine.Node) {
	name, port := n.Field("name"), n.Field("port")
	if port.IsZero() {
		port.Value = int64(443)
	}
	name.Refer(manifest.ID{Kind: "Service", Namespace: n.Field("namespace").Text(), Name: name.Text()}, isPort(port, nil)...)
}

// isPort appends a detail that asks for the port in the node.
func isPort(n engine.Node, details []engine.Detail) []engine.Detail {
	if number := scalar(n); number != nil {
		details = append(details, engine.Detail{Place: n.Here(), Kind: engine.WantsPortNumber, Number: number})
	}
	return details
}

// mostListed is the most ports that a hint lists.
const mostListed = 20

// amongPorts warns of a number that no port of a Service has. A Service that is only
// another name of a host needs no ports.
func (l *looking) amongPorts(d engine.Detail, service manifest.ID, o *offer) {
	if o.external {
		return
	}
	if !l.work(len(o.ports)) {
		return
	}
	var numbers []string
	for _, p := range o.ports {
		if p.number == d.Number {
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
	l.warn(d.Place, engine.RuleReference, fmt.Sprintf("Service %s has no port %v", service.Name, d.Number), hints...)
}

// roleOfBinding asks for the role of a binding.
func roleOfBinding(n engine.Node) {
	name := n.Field("name")
	name.Refer(manifest.ID{Group: accessGroup, Kind: n.Field("kind").Text(), Name: name.Text()})
}

// subjectOfBinding asks for the ServiceAccount of a binding. Users and groups are not
// objects.
func subjectOfBinding(n engine.Node) {
	if name := n.Field("name"); n.Field("kind").Text() == "ServiceAccount" {
		name.Refer(manifest.ID{Kind: "ServiceAccount", Namespace: n.Field("namespace").Text(), Name: name.Text()})
	}
}
