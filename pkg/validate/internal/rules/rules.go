// Package rules has the rules of the API server for the objects of Kubernetes' own kinds
// beyond their schemas.
//
// The rules are tables of constraints by the definitions that they check, with functions
// for rules that need code. Each file is named after a part of the API. [Groups] lists
// them, with the code of Kubernetes that each repeats.
package rules

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/validate/content"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"

	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/release/changes"
	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// Group is the rules of a part of the API.
type Group struct {
	// Add adds them to a table.
	Add func(engine.Table)
	// Of says what the rules are about.
	Of string
	// Sources are the code that the rules repeat: packages or files, in k8s.io/kubernetes
	// unless a module is named. Functions follow a colon if not all of the code is meant.
	Sources []string
}

// Groups returns all rules of a release. A rule that does not apply to the release finds
// nothing.
func Groups(r *release.Release) []Group {
	return []Group{
		{containers, "containers and init containers, probes and handlers", []string{"pkg/apis/core/validation: validateContainerCommon, validateProbe, validateLifecycle", "pkg/apis/core/v1/defaults.go"}},
		{pods, "pods and their templates", []string{"pkg/apis/core/validation: ValidatePodCreate, ValidatePodTemplateSpec, ValidatePodSpec", "pkg/apis/core/v1/defaults.go", "pkg/api/pod: dropDisabledFields"}},
		{securityContexts, "what pods and containers may do", []string{"pkg/apis/core/validation: ValidateSecurityContext, validatePodSpecSecurityContext"}},
		{scheduling, "where pods may run, and label selectors", []string{"pkg/apis/core/validation: validateAffinity, validateTopologySpreadConstraints, ValidateTolerations, ValidateNodeSelector", "k8s.io/apimachinery/pkg/apis/meta/v1/validation: ValidateLabelSelector"}},
		{volumes, "volumes of pods, and what is mounted of them", []string{"pkg/apis/core/validation: ValidateVolumes, validateVolumeSource, validateProjectionSources"}},
		{persistentVolumes, "PersistentVolumes and the claims to them", []string{"pkg/apis/core/validation: ValidatePersistentVolumeSpec, ValidatePersistentVolumeClaimSpec", "pkg/volume/validation"}},
		{workloads, "controllers that keep pods running", []string{"pkg/apis/apps/validation", "pkg/apis/core/validation: ValidateReplicationController", "pkg/apis/apps/v1/defaults.go"}},
		{jobs, "Jobs and CronJobs", []string{"pkg/apis/batch/validation", "pkg/apis/batch/v1/defaults.go", "pkg/registry/batch/job/strategy.go: generateSelector"}},
		{autoscaling, "HorizontalPodAutoscalers", []string{"pkg/apis/autoscaling/validation", "pkg/apis/autoscaling/*/defaults.go", "pkg/apis/autoscaling/v1/conversion.go"}},
		{services, "Services", []string{"pkg/apis/core/validation: ValidateServiceCreate", "pkg/apis/core/v1/defaults.go: SetDefaults_Service", "pkg/registry/core/service/storage/alloc.go: initIPFamilyFields"}},
		{endpoints, "Endpoints and EndpointSlices", []string{"pkg/apis/core/validation: ValidateEndpointsCreate", "pkg/apis/discovery/validation"}},
		{networking, "NetworkPolicies, Ingresses and what else stands in networking.k8s.io", []string{"pkg/apis/networking/validation"}},
		{policies, "what bounds or orders pods", []string{"pkg/apis/policy/validation", "pkg/apis/scheduling/validation", "pkg/apis/node/validation"}},
		{leases, "Leases and those who want one", []string{"pkg/apis/coordination/validation"}},
		{config, "what is in a namespace besides workloads", []string{"pkg/apis/core/validation"}},
		{quotas, "LimitRanges and ResourceQuotas", []string{"pkg/apis/core/validation"}},
		{events, "Events of both groups", []string{"pkg/apis/core/validation/events.go"}},
		{cluster, "Nodes, APIServices and certificates", []string{"pkg/apis/core/validation: ValidateNode", "k8s.io/kube-aggregator/pkg/apis/apiregistration/validation", "pkg/apis/certificates/validation"}},
		{rbac, "roles and what binds them", []string{"pkg/apis/rbac/validation"}},
		{storage, "storage classes and drivers", []string{"pkg/apis/storage/validation"}},
		{webhooks, "webhooks that admit or change objects", []string{"pkg/apis/admissionregistration/validation"}},
		{admissionPolicies, "policies that admit or change objects", []string{"pkg/apis/admissionregistration/validation"}},
		{func(t engine.Table) { expressionRules(t, newExpressions(r)) }, "expressions in webhooks and policies, and those that select devices", []string{"pkg/apis/admissionregistration/validation", "pkg/apis/resource/validation: validateSelector"}},
		{customResourceDefinitions, "CustomResourceDefinitions, but for the schemas in them", []string{"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"}},
		{flowcontrol, "API priority and fairness", []string{"pkg/apis/flowcontrol/validation"}},
		{devices, "claims of devices and classes of them", []string{"pkg/apis/resource/validation"}},
		{deviceSlices, "devices that drivers offer, and taints of them", []string{"pkg/apis/resource/validation: ValidateResourceSlice, ValidateDeviceTaintRule", "pkg/registry/resource/resourceslice/strategy.go: dropDisabledFields"}},
		{podCertificates, "requests for certificates of pods", []string{"pkg/apis/certificates/validation: ValidatePodCertificateRequestCreate"}},
		{storageVersions, "migrations to another version in storage", []string{"pkg/apis/storagemigration/validation"}},
	}
}

// Warnings returns the rules that only warn, because the API server accepts the objects.
func Warnings() []Group {
	return []Group{
		{podWarnings, "what is taken in a pod although it has no effect, or another than was meant", []string{"pkg/api/pod: warningsForPodSpecAndMeta"}},
	}
}

// Builtin returns the catalogue of the kinds of a release.
func Builtin(r *release.Release) engine.Catalogue {
	t := engine.Table{}
	for _, g := range slices.Concat(Groups(r), Warnings()) {
		g.Add(t)
	}
	return engine.Catalogue{Table: t, Namings: namings(r), Unenforced: unenforced, Overlooked: overlooked()}
}

// nameIsPathSegment accepts names that fit into a URL.
func nameIsPathSegment(name string, _ bool) []string { return content.IsPathSegmentName(name) }

// namings are the rules for the names of some kinds. The names of other kinds are DNS
// subdomains (Validate*Name in k8s.io/kubernetes, pkg/apis/*/validation).
func namings(r *release.Release) map[string]engine.Naming {
	return map[string]engine.Naming{
		"apiregistration.v1.APIService":             nameIsPathSegment,
		"apps.v1.StatefulSet":                       apivalidation.NameIsDNSLabel,
		"batch.v1.CronJob":                          nameOfCronJob,
		"certificates.v1.CertificateSigningRequest": nameIsPathSegment,
		"certificates.v1.ClusterTrustBundle":        nameIsPathSegment,
		"certificates.v1alpha1.ClusterTrustBundle":  nameIsPathSegment,
		"certificates.v1beta1.ClusterTrustBundle":   nameIsPathSegment,
		"coordination.v1alpha2.LeaseCandidate":      nameIsConfigMapKey,
		"coordination.v1beta1.LeaseCandidate":       nameIsConfigMapKey,
		"core.v1.Event":                             nameIsPathSegment,
		"core.v1.Namespace":                         apivalidation.NameIsDNSLabel,
		"core.v1.Service":                           serviceNaming(r),
		"networking.v1.IPAddress":                   nameIsAddress,
		"networking.v1alpha1.IPAddress":             nameIsAddress,
		"networking.v1beta1.IPAddress":              nameIsAddress,
		"policy.v1.PodDisruptionBudget":             nameIsPathSegment,
		"rbac.v1.ClusterRole":                       nameIsPathSegment,
		"rbac.v1.ClusterRoleBinding":                nameIsPathSegment,
		"rbac.v1.Role":                              nameIsPathSegment,
		"rbac.v1.RoleBinding":                       nameIsPathSegment,
	}
}

// overlooked are parts of objects that the API server decodes but does not judge. A
// controller finds their faults when it uses them, or the API server drops them first
// (PrepareForCreate in pkg/registry/*/*/strategy.go).
func overlooked() map[string][]engine.Part {
	parts := map[string][]engine.Part{
		"apps.v1.StatefulSet": {
			{Path: "spec.template.spec", Judged: changes.StatefulSetTemplates},
			{Path: "spec.volumeClaimTemplates", Judged: changes.StatefulSetClaims},
		},
		"autoscaling.v2.HorizontalPodAutoscaler": {
			{Path: "spec.metrics.*.*.metric.selector"},
		},
		"apiextensions.v1.CustomResourceDefinition": {
			{Path: "spec.versions.*.selectableFields", Judged: gates.CustomResourceFieldSelectors},
		},
		// The Jobs of a CronJob keep these.
		"batch.v1.Job": {
			{Path: "spec.managedBy", Judged: gates.JobManagedBy},
			{Path: "spec.successPolicy", Judged: gates.JobSuccessPolicy},
		},
		"discovery.v1.EndpointSlice": {
			{Path: "endpoints.*.hints.forNodes", Judged: gates.PreferSameTrafficDistribution},
		},
		"resource.v1.ResourceSlice":      droppedOfDevices("spec.devices.*."),
		"resource.v1beta1.ResourceSlice": droppedOfDevices("spec.devices.*.basic."),
		"resource.v1beta2.ResourceSlice": droppedOfDevices("spec.devices.*."),
	}
	for kind, path := range map[string]string{
		"core.v1.Pod":                   "spec.",
		"core.v1.PodTemplate":           "template.spec.",
		"core.v1.ReplicationController": "spec.template.spec.",
		"apps.v1.DaemonSet":             "spec.template.spec.",
		"apps.v1.Deployment":            "spec.template.spec.",
		"apps.v1.ReplicaSet":            "spec.template.spec.",
		"apps.v1.StatefulSet":           "spec.template.spec.",
		"batch.v1.CronJob":              "spec.jobTemplate.spec.template.spec.",
		"batch.v1.Job":                  "spec.template.spec.",
	} {
		parts[kind] = append(parts[kind], droppedOfPods(path)...)
	}
	return parts
}

// unenforced are the fields that the schema requires, but that the API server takes as zero
// if they are missing.
var unenforced = map[string]bool{
	"apiextensions.v1.CustomResourceDefinitionVersion.served":          true,
	"apiextensions.v1.CustomResourceDefinitionVersion.storage":         true,
	"apiextensions.v1.WebhookConversion.conversionReviewVersions":      true,
	"core.v1.AttachedVolume.devicePath":                                true,
	"core.v1.AttachedVolume.name":                                      true,
	"core.v1.ConfigMapNodeConfigSource.kubeletConfigKey":               true,
	"core.v1.ConfigMapNodeConfigSource.name":                           true,
	"core.v1.ConfigMapNodeConfigSource.namespace":                      true,
	"core.v1.DaemonEndpoint.Port":                                      true,
	"core.v1.Event.involvedObject":                                     true,
	"core.v1.Event.metadata":                                           true,
	"core.v1.LimitRangeSpec.limits":                                    true,
	"core.v1.NodeAddress.address":                                      true,
	"core.v1.NodeAddress.type":                                         true,
	"core.v1.NodeCondition.status":                                     true,
	"core.v1.NodeCondition.type":                                       true,
	"core.v1.NodeSystemInfo.architecture":                              true,
	"core.v1.NodeSystemInfo.bootID":                                    true,
	"core.v1.NodeSystemInfo.containerRuntimeVersion":                   true,
	"core.v1.NodeSystemInfo.kernelVersion":                             true,
	"core.v1.NodeSystemInfo.kubeProxyVersion":                          true,
	"core.v1.NodeSystemInfo.kubeletVersion":                            true,
	"core.v1.NodeSystemInfo.machineID":                                 true,
	"core.v1.NodeSystemInfo.operatingSystem":                           true,
	"core.v1.NodeSystemInfo.osImage":                                   true,
	"core.v1.NodeSystemInfo.systemUUID":                                true,
	"meta.v1.OwnerReference.apiVersion":                                true,
	"meta.v1.OwnerReference.kind":                                      true,
	"meta.v1.OwnerReference.name":                                      true,
	"meta.v1.OwnerReference.uid":                                       true,
	"rbac.v1.RoleRef.apiGroup":                                         true,
	"certificates.v1.PodCertificateRequestSpec.stubPKCS10Request":      true,
	"certificates.v1beta1.PodCertificateRequestSpec.stubPKCS10Request": true,
	"resource.v1.DeviceClass.spec":                                     true,
	"resource.v1.ResourceClaim.spec":                                   true,
	"resource.v1.ResourceClaimTemplate.spec":                           true,
	"resource.v1.ResourceClaimTemplateSpec.spec":                       true,
	"resource.v1beta1.DeviceClass.spec":                                true,
	"resource.v1beta1.ResourceClaim.spec":                              true,
	"resource.v1beta1.ResourceClaimTemplate.spec":                      true,
	"resource.v1beta1.ResourceClaimTemplateSpec.spec":                  true,
	"resource.v1beta2.DeviceClass.spec":                                true,
	"resource.v1beta2.ResourceClaim.spec":                              true,
	"resource.v1beta2.ResourceClaimTemplate.spec":                      true,
	"resource.v1beta2.ResourceClaimTemplateSpec.spec":                  true,
	"resource.v1.Counter.value":                                        true,
	"resource.v1.DeviceCapacity.value":                                 true,
	"resource.v1.ResourcePool.generation":                              true,
	"resource.v1beta1.Counter.value":                                   true,
	"resource.v1beta1.DeviceCapacity.value":                            true,
	"resource.v1beta1.ResourcePool.generation":                         true,
	"resource.v1beta2.Counter.value":                                   true,
	"resource.v1beta2.DeviceCapacity.value":                            true,
	"resource.v1beta2.ResourcePool.generation":                         true,
	"storage.v1.CSIDriver.spec":                                        true,
	"storage.v1.CSINode.spec":                                          true,
	"storage.v1.CSINodeSpec.drivers":                                   true,
	"storage.v1.TokenRequest.audience":                                 true,

	"scheduling.v1.PriorityClass.value":                      true,
	"discovery.v1.ForZone.name":                              true,
	"discovery.v1.EndpointSlice.endpoints":                   true,
	"batch.v1.PodFailurePolicy.rules":                        true,
	"apps.v1.StatefulSetSpec.serviceName":                    true,
	"apps.v1.ControllerRevision.revision":                    true,
	"batch.v1.PodFailurePolicyOnPodConditionsPattern.status": true,
	"networking.v1.NetworkPolicySpec.podSelector":            true,

	// Rules of containers.go, resources.go and volumes.go ask for some of these if a version
	// does not drop them.
	"core.v1.ClusterTrustBundleProjection.path":        true,
	"core.v1.ContainerResizePolicy.resourceName":       true,
	"core.v1.ContainerResizePolicy.restartPolicy":      true,
	"core.v1.ContainerRestartRule.action":              true,
	"core.v1.ContainerRestartRuleOnExitCodes.operator": true,
	"core.v1.FileKeySelector.key":                      true,
	"core.v1.FileKeySelector.path":                     true,
	"core.v1.FileKeySelector.volumeName":               true,
	"core.v1.HTTPHeader.value":                         true,
	"core.v1.ISCSIPersistentVolumeSource.lun":          true,
	"core.v1.ISCSIVolumeSource.lun":                    true,
	"core.v1.PodCertificateProjection.keyType":         true,
	"core.v1.PodCertificateProjection.signerName":      true,
	"core.v1.PodResourceClaim.name":                    true,
	"core.v1.PreferredSchedulingTerm.preference":       true,
	"core.v1.ResourceClaim.name":                       true,
	"core.v1.ScaleIOPersistentVolumeSource.secretRef":  true,
	"core.v1.ScaleIOVolumeSource.secretRef":            true,
	"core.v1.SleepAction.seconds":                      true,
	"core.v1.Sysctl.value":                             true,
	"core.v1.TypedLocalObjectReference.kind":           true,
	"core.v1.TypedLocalObjectReference.name":           true,
	"core.v1.TypedObjectReference.kind":                true,
	"core.v1.TypedObjectReference.name":                true,

	"meta.v1.GroupResource.group":                                   true,
	"storagemigration.v1.StorageVersionMigrationSpec.resource":      true,
	"storagemigration.v1beta1.StorageVersionMigrationSpec.resource": true,
}
