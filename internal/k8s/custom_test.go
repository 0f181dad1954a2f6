package k8s_test

import (
	"crypto/md5"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/k8s"
)

func TestAdditions(t *testing.T) {
	l := generate(t, k8s.Options{})
	role := `{apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: {name: 'r'}}`
	tests := []struct{ name, expr, want string }{
		{"deployment", `k.apps.v1.deployment.new('a', containers={name: 'c'})`,
			`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"replicas":1,"selector":{"matchLabels":{"name":"a"}},"template":{"metadata":{"labels":{"name":"a"}},"spec":{"containers":[{"name":"c"}]}}}}`},
		{"deployment with all", `k.apps.v1.deployment.new('a', 2, [{name: 'c'}], {name: 'b', x: 'y'})`,
			`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"replicas":2,"selector":{"matchLabels":{"name":"b","x":"y"}},"template":{"metadata":{"labels":{"name":"b","x":"y"}},"spec":{"containers":[{"name":"c"}]}}}}`},
		{"deployment without replicas", `std.objectFields(k.apps.v1.deployment.new('a', replicas=null, containers=[]).spec)`,
			`["selector","template"]`},
		{"deployment's containers given later", `(k.apps.v1.deployment.new('a') + k.apps.v1.deployment.spec.template.spec.withContainers([])).spec.template.spec`,
			`{"containers":[]}`},
		{"statefulSet", `k.apps.v1.statefulSet.new('a', containers=[])`,
			`{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"a"},"spec":{"replicas":1,"selector":{"matchLabels":{"name":"a"}},"template":{"metadata":{"labels":{"name":"a"}},"spec":{"containers":[]}}}}`},
		{"statefulSet with claims", `k.apps.v1.statefulSet.new('a', null, [], {kind: 'PersistentVolumeClaim'}, {b: 'c'}).spec`,
			`{"selector":{"matchLabels":{"b":"c","name":"a"}},"template":{"metadata":{"labels":{"b":"c","name":"a"}},"spec":{"containers":[]}},"volumeClaimTemplates":[{"kind":"PersistentVolumeClaim"}]}`},
		{"daemonSet", `k.apps.v1.daemonSet.new('a', podLabels={b: 'c'})`,
			`{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"b":"c","name":"a"}},"template":{"metadata":{"labels":{"b":"c","name":"a"}},"spec":{"containers":[]}}}}`},
		{"cronJob", `k.batch.v1.cronJob.new('a', '@daily', {name: 'c'})`,
			`{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"a"},"spec":{"jobTemplate":{"spec":{"template":{"metadata":{"labels":{"name":"a"}},"spec":{"containers":[{"name":"c"}]}}}},"schedule":"@daily"}}`},
		{"crossVersionObjectReference", `[k.autoscaling[v].crossVersionObjectReference.withApiVersion(apiversion='a') for v in ['v1', 'v2']]`,
			`[{"apiVersion":"a"},{"apiVersion":"a"}]`},
		{"horizontalPodAutoscaler", `[k.autoscaling[v].horizontalPodAutoscaler.spec.withScaleTargetRef(k.apps.v1.deployment.new('a', containers=[])) for v in ['v1', 'v2']]`,
			`[{"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"a"}}},{"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"a"}}}]`},
		{"configMap", `k.core.v1.configMap.new('a', {b: 'c'})`, `{"apiVersion":"v1","data":{"b":"c"},"kind":"ConfigMap","metadata":{"name":"a"}}`},
		{"configMap without data", `[k.core.v1.configMap.new('a'), k.core.v1.configMap.withData({}), k.core.v1.configMap.withDataMixin({})]`,
			`[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}},{},{}]`},
		{"configMap more data", `k.core.v1.configMap.withData({a: '1'}) + k.core.v1.configMap.withDataMixin({b: '2'})`, `{"data":{"a":"1","b":"2"}}`},
		{"container", `k.core.v1.container.new('a', 'b')`, `{"image":"b","name":"a"}`},
		{"container's env", `k.core.v1.container.withEnv({name: 'a', value: ''}) + k.core.v1.container.withEnvMixin([{name: 'b', value: ''}, {name: 'c', value: 'd'}])
			+ k.core.v1.container.withEnvMixin({name: 'e', value: ''})`,
			`{"env":[{"name":"a","value":""},{"name":"b"},{"name":"c","value":"d"},{"name":"e"}]}`},
		{"container's env from a map", `{env: [{name: 'x'}]} + k.core.v1.container.withEnvMap({b: '1', a: '', c: {fieldRef: {fieldPath: 'd'}}})`,
			`{"env":[{"name":"x"},{"name":"a"},{"name":"b","value":"1"},{"name":"c","valueFrom":{"fieldRef":{"fieldPath":"d"}}}]}`},
		{"container's resources", `k.core.v1.container.withResourcesRequests('1', '2Mi') + k.core.v1.container.withResourcesLimits(null, memory='4Mi')`,
			`{"resources":{"limits":{"memory":"4Mi"},"requests":{"cpu":"1","memory":"2Mi"}}}`},
		{"containerPort", `local p = k.core.v1.containerPort; [p.new(1), p.newNamed(1, 'a'), p.newUDP(1), p.newNamedUDP(1, 'a')]`,
			`[{"containerPort":1},{"containerPort":1,"name":"a"},{"containerPort":1,"protocol":"UDP"},{"containerPort":1,"name":"a","protocol":"UDP"}]`},
		{"envVar", `local e = k.core.v1.envVar; [e.new('a', 'b'), e.fromSecretRef('a', 's', 'k'), e.fromFieldPath('a', 'f')]`,
			`[{"name":"a","value":"b"},{"name":"a","valueFrom":{"secretKeyRef":{"key":"k","name":"s"}}},{"name":"a","valueFrom":{"fieldRef":{"fieldPath":"f"}}}]`},
		{"keyToPath", `k.core.v1.keyToPath.new('a', 'b')`, `{"key":"a","path":"b"}`},
		{"list", `k.core.v1.list.new([{a: 1}]) + k.core.v1.list.withItems({b: 2})`, `{"apiVersion":"v1","items":[{"a":1},{"b":2}],"kind":"List"}`},
		{"persistentVolume", `[k.core.v1.persistentVolume.new(), k.core.v1.persistentVolume.new('a')]`,
			`[{"apiVersion":"v1","kind":"PersistentVolume"},{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"a"}}]`},
		{"secret", `[k.core.v1.secret.new('a', {b: 'c'}), k.core.v1.secret.new('a', {}, 'd').type]`,
			`[{"apiVersion":"v1","data":{"b":"c"},"kind":"Secret","metadata":{"name":"a"},"type":"Opaque"},"d"]`},
		{"service", `[k.core.v1.service.new('a', {b: 'c'}, {port: 1}), k.core.v1.service.newWithoutSelector('a')]`,
			`[{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"ports":[{"port":1}],"selector":{"b":"c"}}},{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"}}]`},
		{"servicePort", `[k.core.v1.servicePort.new(1, 2), k.core.v1.servicePort.newNamed('a', 1, 'b')]`,
			`[{"port":1,"targetPort":2},{"name":"a","port":1,"targetPort":"b"}]`},
		{"volume", `local v = k.core.v1.volume; [v.fromConfigMap('a', 'b'), v.fromConfigMap('a', 'b', [{key: 'c'}]), v.fromEmptyDir('a'), v.fromEmptyDir('a', {medium: 'Memory'}),
			v.fromPersistentVolumeClaim('a', 'b'), v.fromPersistentVolumeClaim('a', emptyDir='b'), v.fromHostPath('a', '/b'), v.fromSecret('a', 'b'), v.fromCsi('a', 'b'), v.fromCsi('a', 'b', {c: 'd'}).csi.volumeAttributes]`,
			`[{"configMap":{"name":"b"},"name":"a"},{"configMap":{"items":[{"key":"c"}],"name":"b"},"name":"a"},{"emptyDir":{},"name":"a"},{"emptyDir":{"medium":"Memory"},"name":"a"},` +
				`{"name":"a","persistentVolumeClaim":{"claimName":"b"}},{"name":"a","persistentVolumeClaim":{"claimName":"b"}},{"hostPath":{"path":"/b"},"name":"a"},{"name":"a","secret":{"secretName":"b"}},` +
				`{"csi":{"driver":"b","readOnly":true,"volumeAttributes":{}},"name":"a"},{"c":"d"}]`},
		{"volumeMount", `[k.core.v1.volumeMount.new('a', '/b'), k.core.v1.volumeMount.new('a', '/b', true)]`,
			`[{"mountPath":"/b","name":"a"},{"mountPath":"/b","name":"a","readOnly":true}]`},
		{"bindings", `[k.rbac.v1[b].bindRole(` + role + `) for b in ['roleBinding', 'clusterRoleBinding']]`,
			`[{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"}},{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"}}]`},
		{"subject", `k.rbac.v1.subject.fromServiceAccount(service_account=k.core.v1.serviceAccount.new('a') + k.core.v1.serviceAccount.metadata.withNamespace('b'))`,
			`{"kind":"ServiceAccount","name":"a","namespace":"b"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, l.eval(t, tt.expr)) })
	}
}

func TestAdditionsFail(t *testing.T) {
	l := generate(t, k8s.Options{})
	tests := []struct{ name, expr, want string }{
		{"deployment without containers", `k.apps.v1.deployment.new('a')`, "RUNTIME ERROR: containers unset"},
		{"statefulSet without containers", `k.apps.v1.statefulSet.new('a')`, "RUNTIME ERROR: containers unset"},
		{"volume of no claim", `k.core.v1.volume.fromPersistentVolumeClaim('a')`, "RUNTIME ERROR: claimName not set"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := l.vm.EvaluateAnonymousSnippet("test.jsonnet", "local k = import 'k8s/main.libsonnet'; "+tt.expr)
			require.Error(t, err)
			first, _, _ := strings.Cut(err.Error(), "\n")
			assert.Equal(t, tt.want, first)
		})
	}
}

// The kinds that have containers, and the path to them from the object.
var workloads = []struct{ kind, path string }{
	{"apps.v1.daemonSet", "spec.template."},
	{"apps.v1.deployment", "spec.template."},
	{"apps.v1.replicaSet", "spec.template."},
	{"apps.v1.statefulSet", "spec.template."},
	{"batch.v1.cronJob", "spec.jobTemplate.spec.template."},
	{"batch.v1.job", "spec.template."},
	{"core.v1.pod", ""},
	{"core.v1.podTemplate", "template."},
	{"core.v1.replicationController", "spec.template."},
}

// pods is an object of the kind K with two containers and an init container.
const pods = `K.PATHspec.withContainers([{name: 'a'}, {name: 'b'}]) + K.PATHspec.withInitContainers({name: 'i'})`

func TestMapContainers(t *testing.T) {
	l := generate(t, k8s.Options{})
	const spec = `{"containers":[{"name":"a"%s},{"name":"b"%s}],"initContainers":[{"name":"i"%s}]}`
	const image = `,"x":1`
	tests := []struct{ name, call, want string }{
		{"all", `mapContainers(function(c) c + {x: 1})`, fmt.Sprintf(spec, image, image, "")},
		{"with init containers", `mapContainers(function(c) c + {x: 1}, includeInitContainers=true)`, fmt.Sprintf(spec, image, image, image)},
		{"one name", `mapContainersWithName('b', function(c) c + {x: 1})`, fmt.Sprintf(spec, "", image, "")},
		{"names", `mapContainersWithName(['a', 'i'], function(c) c + {x: 1}, true)`, fmt.Sprintf(spec, image, "", image)},
		{"no name", `mapContainersWithName('c', function(c) c + {x: 1}, true)`, fmt.Sprintf(spec, "", "", "")},
	}
	for _, w := range workloads {
		for _, tt := range tests {
			t.Run(w.kind+" "+tt.name, func(t *testing.T) {
				expr := strings.NewReplacer("K", "k."+w.kind, "PATH", w.path).Replace("("+pods+" + K.") + tt.call + ")." + w.path + "spec"
				assert.Equal(t, tt.want, l.eval(t, expr))
			})
		}
	}
	assert.Equal(t, `{"containers":[],"initContainers":[]}`, l.eval(t,
		`(k.core.v1.pod.spec.withContainers([]) + k.core.v1.pod.mapContainers(function(c) c, true)).spec`), "without init containers")
}

func TestVolumeMounts(t *testing.T) {
	l := generate(t, k8s.Options{})
	const configMap = `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "n"}}`
	hash := func(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) }
	const all = `"containers":[{"name":"a","volumeMounts":[MOUNT]},{"name":"b","volumeMounts":[MOUNT]}],"initContainers":[{"name":"i"}]`
	template := func(containers, mount, volume, metadata string) string {
		return `{` + metadata + `"spec":{` + strings.ReplaceAll(containers, "MOUNT", mount) + `,"volumes":[` + volume + `]}}`
	}
	const mount, readOnly = `{"mountPath":"/p","name":"n"}`, `{"mountPath":"/p","name":"n","readOnly":true}`
	const volume = `{"configMap":{"name":"n"},"name":"n"}`
	const secret = `{"name":"n","secret":{"defaultMode":256,"secretName":"n"}}`
	tests := []struct{ name, call, want string }{
		{"configMap by name", `configVolumeMount('n', '/p')`, template(all, mount, volume, "")},
		{"configMap", `configMapVolumeMount(` + configMap + `, '/p')`,
			template(all, mount, volume, `"metadata":{"annotations":{"n-hash":"`+hash(configMap)+`"}},`)},
		{"host", `hostVolumeMount('n', '/h', '/p')`, template(all, mount, `{"hostPath":{"path":"/h"},"name":"n"}`, "")},
		{"host, read-only", `hostVolumeMount('n', '/h', '/p', true)`, template(all, readOnly, `{"hostPath":{"path":"/h"},"name":"n"}`, "")},
		{"claim", `pvcVolumeMount('n', '/p')`, template(all, mount, `{"name":"n","persistentVolumeClaim":{"claimName":"n"}}`, "")},
		{"claim, read-only", `pvcVolumeMount('n', '/p', readOnly=true)`, template(all, readOnly, `{"name":"n","persistentVolumeClaim":{"claimName":"n"}}`, "")},
		{"secret", `secretVolumeMount('n', '/p')`, template(all, mount, secret, "")},
		{"secret with a mode", `secretVolumeMount('n', '/p', 420)`, template(all, mount, strings.ReplaceAll(secret, "256", "420"), "")},
		{"secret with an annotation", `secretVolumeMountAnnotated('n', '/p')`,
			template(all, mount, secret, `"metadata":{"annotations":{"n-secret-hash":"`+hash("n")+`"}},`)},
		{"empty", `emptyVolumeMount('n', '/p')`, template(all, mount, `{"emptyDir":{},"name":"n"}`, "")},
		{"csi", `csiVolumeMount('n', '/p', 'd', {e: 'f'})`,
			template(all, mount, `{"csi":{"driver":"d","readOnly":true,"volumeAttributes":{"e":"f"}},"name":"n"}`, "")},
		{"mixins", `configVolumeMount('n', '/p', {subPath: 's'}, {configMap+: {optional: true}})`,
			template(all, `{"mountPath":"/p","name":"n","subPath":"s"}`, `{"configMap":{"name":"n","optional":true},"name":"n"}`, "")},
		{"named containers", `configVolumeMount('n', '/p', containers=['b'])`,
			template(`"containers":[{"name":"a"},{"name":"b","volumeMounts":[MOUNT]}],"initContainers":[{"name":"i"}]`, mount, volume, "")},
		{"init containers", `configVolumeMount('n', '/p', containers=['i'], includeInitContainers=true)`,
			template(`"containers":[{"name":"a"},{"name":"b"}],"initContainers":[{"name":"i","volumeMounts":[MOUNT]}]`, mount, volume, "")},
	}
	for _, w := range workloads {
		if strings.HasPrefix(w.kind, "core.") {
			continue
		}
		for _, tt := range tests {
			t.Run(w.kind+" "+tt.name, func(t *testing.T) {
				object := strings.NewReplacer("K", "k."+w.kind, "PATH", w.path).Replace("("+pods+" + K.") + tt.call + ")"
				assert.Equal(t, tt.want, l.eval(t, object+"."+strings.TrimSuffix(w.path, ".")))
			})
		}
	}
}

// Each function written by hand has documentation above it, with the same parameters.
func TestAdditionsAreDocumented(t *testing.T) {
	names, err := fs.Glob(os.DirFS("custom"), "*.libsonnet")
	require.NoError(t, err)
	argument := regexp.MustCompile(`d\.arg\('([^']*)'`)
	for _, name := range names {
		text, err := os.ReadFile("custom/" + name)
		require.NoError(t, err)
		node, err := jsonnet.SnippetToAST(name, string(text))
		require.NoError(t, err)
		lines := strings.Split(string(text), "\n")
		functions(node, func(function string, line int, f *ast.Function) {
			if name == "doc.libsonnet" {
				return
			}
			doc := lines[line-2]
			assert.Contains(t, doc, "'#"+function+"':: d.fn(", name)
			var documented, parameters []string
			for _, m := range argument.FindAllStringSubmatch(doc, -1) {
				documented = append(documented, m[1])
			}
			for _, p := range f.Parameters {
				parameters = append(parameters, string(p.Name))
			}
			assert.Equal(t, parameters, documented, "%s: %s", name, function)
		})
	}
}
