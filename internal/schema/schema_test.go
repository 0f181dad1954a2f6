package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

func Example() {
	kinds := schema.Builtin()
	fmt.Println(kinds.Scope("networking.k8s.io", "Ingress"))
	fmt.Println(kinds.Scope("networking.k8s.io", "IngressClass"))
	fmt.Println(kinds.Scope("example.com", "IngressClass"))

	versions, _ := kinds.Known("flowcontrol.apiserver.k8s.io", "FlowSchema")
	for _, v := range versions {
		fmt.Println(v.Version, v.Minors)
	}
	// Output:
	// namespaced
	// cluster
	// unknown
	// v1 [1.29 1.30 1.31 1.32 1.33 1.34 1.35 1.36 1.37]
	// v1beta3 [1.29 1.30 1.31]
}

func TestScope(t *testing.T) {
	tests := []struct {
		name string
		want schema.Scope
		// kinds are Kind or Kind.group.
		kinds []string
	}{
		// Tanka's whole list of cluster-wide kinds
		// (grafana/tanka, pkg/process/namespace.go).
		{"of Tanka's list", schema.Cluster, []string{
			"APIService.apiregistration.k8s.io",
			"CertificateSigningRequest.certificates.k8s.io",
			"ClusterRole.rbac.authorization.k8s.io",
			"ClusterRoleBinding.rbac.authorization.k8s.io",
			"ComponentStatus",
			"CSIDriver.storage.k8s.io",
			"CSINode.storage.k8s.io",
			"CustomResourceDefinition.apiextensions.k8s.io",
			"MutatingWebhookConfiguration.admissionregistration.k8s.io",
			"Namespace",
			"Node",
			"NodeMetrics.metrics.k8s.io",
			"PersistentVolume",
			"PodSecurityPolicy.policy",
			"PriorityClass.scheduling.k8s.io",
			"RuntimeClass.node.k8s.io",
			"SelfSubjectAccessReview.authorization.k8s.io",
			"SelfSubjectRulesReview.authorization.k8s.io",
			"StorageClass.storage.k8s.io",
			"SubjectAccessReview.authorization.k8s.io",
			"TokenReview.authentication.k8s.io",
			"ValidatingWebhookConfiguration.admissionregistration.k8s.io",
			"VolumeAttachment.storage.k8s.io",
		}},
		{"missing in Tanka's list", schema.Cluster, []string{
			"ClusterTrustBundle.certificates.k8s.io",
			"DeviceClass.resource.k8s.io",
			"FlowSchema.flowcontrol.apiserver.k8s.io",
			"IPAddress.networking.k8s.io",
			"IngressClass.networking.k8s.io",
			"MutatingAdmissionPolicy.admissionregistration.k8s.io",
			"MutatingAdmissionPolicyBinding.admissionregistration.k8s.io",
			"PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io",
			"ResourceSlice.resource.k8s.io",
			"SelfSubjectReview.authentication.k8s.io",
			"ServiceCIDR.networking.k8s.io",
			"StorageVersionMigration.storagemigration.k8s.io",
			"ValidatingAdmissionPolicy.admissionregistration.k8s.io",
			"ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io",
			"VolumeAttributesClass.storage.k8s.io",
		}},
		{"namespaced", schema.Namespaced, []string{
			"ConfigMap", "Pod", "Secret", "Service", "ServiceAccount", "PersistentVolumeClaim",
			"Deployment.apps", "CronJob.batch", "Ingress.networking.k8s.io", "Role.rbac.authorization.k8s.io",
			"CSIStorageCapacity.storage.k8s.io", "ResourceClaim.resource.k8s.io", "PodMetrics.metrics.k8s.io",
		}},
		{"namespaced and only ever created", schema.Namespaced, []string{
			"Binding", "LocalSubjectAccessReview.authorization.k8s.io",
		}},
		{"of two groups", schema.Namespaced, []string{"Event", "Event.events.k8s.io"}},
		{"of a group that is gone", schema.Namespaced, []string{"Deployment.extensions", "Ingress.extensions"}},
		{"cluster-scoped in a group that is gone", schema.Cluster, []string{"PodSecurityPolicy.extensions"}},
		{"of another group", schema.Unknown, []string{
			"Namespace.example.com", "ClusterRole.example.com", "Pod.apps", "Deployment", "Node.core",
		}},
		{"below another object", schema.Unknown, []string{
			"TokenRequest.authentication.k8s.io", "TokenRequest", "Eviction.policy", "Scale.autoscaling",
			"PodExecOptions", "NodeProxyOptions",
		}},
		{"no objects", schema.Unknown, []string{
			"DeleteOptions", "WatchEvent", "Status", "APIResourceList", "List", "PodList", "RoleList.rbac.authorization.k8s.io",
			"WatchEvent.apps", "DeleteOptions.apps",
		}},
		{"unknown", schema.Unknown, []string{"Prometheus.monitoring.coreos.com", "pod", "namespace", ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, name := range tt.kinds {
				kind, group, _ := strings.Cut(name, ".")
				assert.Equal(t, tt.want, schema.Builtin().Scope(group, kind), name)
			}
		})
	}
}

func TestKnown(t *testing.T) {
	minors := func(first, last schema.Minor) []schema.Minor {
		var l []schema.Minor
		for m := first; m <= last; m++ {
			l = append(l, m)
		}
		return l
	}
	newest := schema.Minor(37)
	tests := []struct {
		name, group, kind string
		want              []schema.Served
		ok                bool
	}{
		{"in all versions", "", "Namespace", []schema.Served{
			{"v1", append([]schema.Minor{13}, minors(29, newest)...)},
		}, true},
		{"a version gone", "flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration", []schema.Served{
			{"v1", minors(29, newest)},
			{"v1beta3", minors(29, 31)},
		}, true},
		{"a version gone long ago", "policy", "PodDisruptionBudget", []schema.Served{
			{"v1", minors(29, newest)},
			{"v1beta1", []schema.Minor{13}},
		}, true},
		{"gone", "policy", "PodSecurityPolicy", []schema.Served{{"v1beta1", []schema.Minor{13}}}, true},
		{"new", "resource.k8s.io", "DeviceTaintRule", []schema.Served{
			{"v1", minors(37, newest)},
			{"v1alpha3", minors(33, newest)},
			{"v1beta2", minors(36, newest)},
		}, true},
		{"of an extension", "metrics.k8s.io", "NodeMetrics", nil, true},
		{"unknown", "example.com", "Namespace", nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := schema.Builtin().Known(tt.group, tt.kind)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.ok, ok)
		})
	}
}

func TestVersions(t *testing.T) {
	assert.Equal(t, "[1.13 1.29 1.30 1.31 1.32 1.33 1.34 1.35 1.36 1.37]", fmt.Sprint(schema.Builtin().Versions()))
}

func TestZeroKindsKnowNothing(t *testing.T) {
	var k schema.Kinds
	assert.Equal(t, schema.Unknown, k.Scope("", "Pod"))
	assert.Empty(t, k.Versions())
	_, ok := k.Known("", "Pod")
	assert.False(t, ok)
}

// Changes by a caller to an answer do not reach the table.
func TestAnswersAreCopies(t *testing.T) {
	k := schema.Builtin()
	versions, _ := k.Known("", "Pod")
	versions[0].Minors[0], versions[0].Version = 99, "changed"
	k.Versions()[0] = 99
	versions, _ = k.Known("", "Pod")
	assert.Equal(t, "v1", versions[0].Version)
	assert.Equal(t, schema.Minor(13), versions[0].Minors[0])
	assert.Equal(t, schema.Minor(13), k.Versions()[0])
}

// crd returns a CustomResourceDefinition at the path crds.NAME.
func crd(t *testing.T, name, version, spec string) manifest.Object {
	t.Helper()
	return object(t, name, "{apiVersion: apiextensions.k8s.io/"+version+", kind: CustomResourceDefinition, metadata: {name: "+name+"}, spec: "+spec+"}")
}

func object(t *testing.T, name, text string) manifest.Object {
	t.Helper()
	var v map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &v))
	o, l := manifest.New(manifest.Path{"crds", name}, v)
	require.Empty(t, l)
	return o
}

func TestWith(t *testing.T) {
	tests := []struct {
		name, version, spec string
		want                schema.Scope
		versions            []schema.Served
		found               string
	}{
		{"namespaced", "v1", `{group: g, names: {kind: K}, scope: Namespaced, versions: [{name: v2, served: true}, {name: v1, served: true}, {name: v0, served: false}]}`,
			schema.Namespaced, []schema.Served{{Version: "v1"}, {Version: "v2"}}, ""},
		{"cluster", "v1", `{group: g, names: {kind: K}, scope: Cluster, versions: [{name: v1, served: true}]}`,
			schema.Cluster, []schema.Served{{Version: "v1"}}, ""},
		{"v1beta1", "v1beta1", `{group: g, names: {kind: K}, scope: Cluster, version: v1}`,
			schema.Cluster, []schema.Served{{Version: "v1"}}, ""},
		{"v1beta1 with versions", "v1beta1", `{group: g, names: {kind: K}, scope: Cluster, version: v1, versions: [{name: v2, served: true}]}`,
			schema.Cluster, []schema.Served{{Version: "v2"}}, ""},
		{"v1beta1 defaults the scope", "v1beta1", `{group: g, names: {kind: K}, version: v1}`,
			schema.Namespaced, []schema.Served{{Version: "v1"}}, ""},
		{"v1 does not", "v1", `{group: g, names: {kind: K}}`, schema.Unknown, nil,
			"crds.k.spec.scope: want \"Cluster\" or \"Namespaced\", got none\n"},
		{"scope misspelt", "v1beta1", `{group: g, names: {kind: K}, scope: cluster}`, schema.Unknown, nil,
			"crds.k.spec.scope: want \"Cluster\" or \"Namespaced\", got string \"cluster\"\n"},
		{"everything wrong", "v1", `{group: "", names: {kind: 1}, scope: {}}`, schema.Unknown, nil,
			"crds.k.spec.group: want a non-empty string, got string \"\"\n" +
				"crds.k.spec.names.kind: want a non-empty string, got number 1\n" +
				"crds.k.spec.scope: want \"Cluster\" or \"Namespaced\", got an object\n"},
		{"no spec", "v1", `null`, schema.Unknown, nil,
			"crds.k.spec.group: want a non-empty string, got none\n" +
				"crds.k.spec.names.kind: want a non-empty string, got none\n" +
				"crds.k.spec.scope: want \"Cluster\" or \"Namespaced\", got none\n"},
		{"versions of other types", "v1", `{group: g, names: {kind: K}, scope: Cluster, versions: [1, null, {name: 1, served: true}]}`,
			schema.Cluster, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pod := object(t, "pod", `{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {group: g, names: {kind: P}, scope: Cluster}}`)
			kinds, found := schema.Builtin().With(pod, crd(t, "k", tt.version, tt.spec))
			assert.Equal(t, tt.want, kinds.Scope("g", "K"))
			versions, ok := kinds.Known("g", "K")
			assert.Equal(t, tt.versions, versions)
			assert.Equal(t, tt.want != schema.Unknown, ok)
			assert.Equal(t, schema.Unknown, kinds.Scope("g", "P"), "a Pod defines nothing")
			assert.Equal(t, schema.Cluster, kinds.Scope("", "Node"), "the built-in kinds stay")
			assert.Equal(t, schema.Builtin().Versions(), kinds.Versions())
			var b strings.Builder
			require.NoError(t, diag.Write(&b, found, diag.Options{}))
			assert.Equal(t, tt.found, b.String())
		})
	}
}

func TestWithLeavesTheReceiverAlone(t *testing.T) {
	namespaced := crd(t, "a", "v1", `{group: g, names: {kind: K}, scope: Namespaced}`)
	cluster := crd(t, "b", "v1", `{group: g, names: {kind: K}, scope: Cluster}`)
	first, _ := schema.Builtin().With(namespaced)
	second, _ := first.With(cluster)
	assert.Equal(t, schema.Unknown, schema.Builtin().Scope("g", "K"))
	assert.Equal(t, schema.Namespaced, first.Scope("g", "K"))
	assert.Equal(t, schema.Cluster, second.Scope("g", "K"))

	both, _ := schema.Builtin().With(cluster, namespaced)
	assert.Equal(t, schema.Namespaced, both.Scope("g", "K"), "the later definition counts")
}

func TestWithIgnoresOtherDefinitions(t *testing.T) {
	o := object(t, "a", `{apiVersion: example.com/v1, kind: CustomResourceDefinition, metadata: {name: a}, spec: {group: g, names: {kind: K}, scope: Cluster}}`)
	kinds, found := schema.Builtin().With(o)
	assert.Empty(t, found)
	assert.Equal(t, schema.Unknown, kinds.Scope("g", "K"))
}
