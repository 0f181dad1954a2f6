package k8s_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-jsonnet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/k8s"
)

// program makes an object of each of thirty kinds, as an application would.
const program = `
local k = import 'k8s/main.libsonnet';
local container = k.core.v1.container;
local web =
  container.new('web', 'web:1')
  + container.withPorts([k.core.v1.containerPort.newNamed(8080, 'http')])
  + container.withEnvMap({ MODE: 'fast', ZONE: { fieldRef: { fieldPath: 'metadata.namespace' } } })
  + container.withResourcesRequests('100m', '64Mi')
  + container.livenessProbe.httpGet.withPath('/live')
  + container.livenessProbe.httpGet.withPort('http')
  + container.securityContext.withReadOnlyRootFilesystem(true);
local pods(kind) = kind.spec.template.spec.withServiceAccountName('web')
  + kind.spec.template.spec.securityContext.withRunAsNonRoot(true)
  + kind.spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.withNodeSelectorTerms(
    k.core.v1.nodeSelectorTerm.withMatchExpressions(k.core.v1.nodeSelectorRequirement.withKey('zone'))
  );
local objects = [
  k.core.v1.namespace.new('a') + k.core.v1.namespace.metadata.withLabels({ team: 'b' }),
  k.core.v1.configMap.new('a', { b: 'c' }),
  k.core.v1.secret.new('a', { b: 'Yw==' }),
  k.core.v1.service.new('a', { name: 'a' }, k.core.v1.servicePort.newNamed('http', 80, 'http')),
  k.core.v1.serviceAccount.new('web') + k.core.v1.serviceAccount.withImagePullSecrets({ name: 'b' }),
  k.core.v1.persistentVolume.new('a') + k.core.v1.persistentVolume.spec.withCapacity({ storage: '1Gi' }),
  k.core.v1.persistentVolumeClaim.new('a') + k.core.v1.persistentVolumeClaim.spec.withAccessModes('ReadWriteOnce'),
  k.core.v1.pod.new('a') + k.core.v1.pod.spec.withContainers(web),
  k.core.v1.podTemplate.new('a') + k.core.v1.podTemplate.template.spec.withContainers(web),
  k.core.v1.replicationController.new('a') + k.core.v1.replicationController.spec.template.spec.withContainers(web),
  k.core.v1.resourceQuota.new('a') + k.core.v1.resourceQuota.spec.withHard({ cpu: '1' }),
  k.core.v1.limitRange.new('a') + k.core.v1.limitRange.spec.withLimits(k.core.v1.limitRangeItem.withType('Pod')),
  k.apps.v1.deployment.new('a', 2, web) + pods(k.apps.v1.deployment) + k.apps.v1.deployment.configVolumeMount('a', '/a'),
  k.apps.v1.statefulSet.new('a', 2, web) + pods(k.apps.v1.statefulSet) + k.apps.v1.statefulSet.spec.withServiceName('a'),
  k.apps.v1.daemonSet.new('a', web) + pods(k.apps.v1.daemonSet) + k.apps.v1.daemonSet.hostVolumeMount('a', '/a', '/b'),
  k.apps.v1.replicaSet.new('a') + pods(k.apps.v1.replicaSet) + k.apps.v1.replicaSet.spec.template.spec.withContainers(web),
  k.batch.v1.job.new('a') + k.batch.v1.job.spec.template.spec.withContainers(web),
  k.batch.v1.cronJob.new('a', '@daily', web),
  k.autoscaling.v2.horizontalPodAutoscaler.new('a') + k.autoscaling.v2.horizontalPodAutoscaler.spec.withMaxReplicas(5),
  k.policy.v1.podDisruptionBudget.new('a') + k.policy.v1.podDisruptionBudget.spec.withMinAvailable(1),
  k.networking.v1.ingress.new('a') + k.networking.v1.ingress.spec.withRules(k.networking.v1.ingressRule.withHost('b')),
  k.networking.v1.ingressClass.new('a') + k.networking.v1.ingressClass.spec.withController('b'),
  k.networking.v1.networkPolicy.new('a') + k.networking.v1.networkPolicy.spec.podSelector.withMatchLabels({ name: 'a' }),
  k.rbac.v1.role.new('a') + k.rbac.v1.role.withRules(k.rbac.v1.policyRule.withVerbs(['get'])),
  k.rbac.v1.roleBinding.new('a') + k.rbac.v1.roleBinding.withSubjects(k.rbac.v1.subject.withName('web')),
  k.rbac.v1.clusterRole.new('a') + k.rbac.v1.clusterRole.withRules([]),
  k.rbac.v1.clusterRoleBinding.new('a') + k.rbac.v1.clusterRoleBinding.roleRef.withName('a'),
  k.storage.v1.storageClass.new('a') + k.storage.v1.storageClass.withProvisioner('b'),
  k.scheduling.v1.priorityClass.new('a') + k.scheduling.v1.priorityClass.withValue(1),
  k.coordination.v1.lease.new('a') + k.coordination.v1.lease.spec.withHolderIdentity('b'),
];
objects`

func TestProgram(t *testing.T) {
	var first string
	for name, l := range variants(t) {
		out, err := l.vm.EvaluateAnonymousSnippet("test.jsonnet", program)
		require.NoError(t, err, name)
		var objects []struct{ Kind string }
		require.NoError(t, json.Unmarshal([]byte(out), &objects))
		kinds := map[string]bool{}
		for _, o := range objects {
			kinds[o.Kind] = true
		}
		assert.Len(t, kinds, 30)
		if first == "" {
			first = out
		}
		assert.Equal(t, first, out, name)
	}
}

// A program reads the definitions that it uses and the indexes above them.
func TestOnlyWhatIsUsedIsRead(t *testing.T) {
	vm := jsonnet.MakeVM()
	recorder := &recording{relative: relative{jsonnet.MemoryImporter{Data: generate(t, k8s.Options{}).contents}}, read: map[string]bool{}}
	vm.Importer(recorder)
	_, err := vm.EvaluateAnonymousSnippet("test.jsonnet", `(import 'k8s/main.libsonnet').apps.v1.deployment.spec.withReplicas(2)`)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"k8s/_custom/apps.libsonnet",
		"k8s/_custom/containers.libsonnet",
		"k8s/_custom/volumes.libsonnet",
		"k8s/_gen/apps/main.libsonnet",
		"k8s/_gen/apps/v1/deployment.libsonnet",
		"k8s/_gen/apps/v1/deploymentSpec.libsonnet",
		"k8s/_gen/apps/v1/main.libsonnet",
		"k8s/gen.libsonnet",
		"k8s/main.libsonnet",
	}, slices.Sorted(maps.Keys(recorder.read)))
}

// recording records the imports.
type recording struct {
	relative
	read map[string]bool
}

func (r *recording) Import(from, name string) (jsonnet.Contents, string, error) {
	contents, found, err := r.relative.Import(from, name)
	r.read[found] = true
	return contents, found, err
}

// variants returns the library as it is, with its documentation, and with
// documentation and a copy of each part in each kind, as k8s-libsonnet has it.
func variants(tb testing.TB) map[string]library {
	var copies []k8s.Definition
	byName := map[string]k8s.Definition{}
	for _, d := range definitions(tb) {
		byName[d.Name] = d
	}
	for _, d := range byName {
		if !strings.Contains(d.Name, ".apiextensions.") { // they contain themselves
			d.Schema = withCopies(d.Schema, byName)
			copies = append(copies, d)
		}
	}
	return map[string]library{
		"plain":  generate(tb, k8s.Options{}),
		"docs":   generate(tb, k8s.Options{Docs: true}),
		"copies": files(tb, copies, k8s.Options{Docs: true}),
	}
}

// withCopies returns s with each reference in its properties replaced by the definition.
func withCopies(s k8s.Schema, definitions map[string]k8s.Definition) k8s.Schema {
	if s.Ref != "" && !strings.HasSuffix(s.Ref, ".ListMeta") {
		description := s.Description
		s = definitions[strings.TrimPrefix(s.Ref, "#/definitions/")].Schema
		s.Description = description
	}
	properties := map[string]k8s.Schema{}
	for name, p := range s.Properties {
		properties[name] = withCopies(p, definitions)
	}
	s.Properties = properties
	return s
}

func BenchmarkProgram(b *testing.B) {
	for name, l := range variants(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := l.newVM().EvaluateAnonymousSnippet("test.jsonnet", program)
				require.NoError(b, err)
			}
			size := 0
			for _, text := range l.files {
				size += len(text)
			}
			b.ReportMetric(float64(size), "library-B")
		})
	}
}

func BenchmarkGenerate(b *testing.B) {
	defs := definitions(b)
	b.ReportAllocs()
	for b.Loop() {
		_, err := k8s.Generate(b.Context(), defs, k8s.Options{})
		require.NoError(b, err)
	}
}
