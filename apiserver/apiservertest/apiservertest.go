// Package apiservertest has the tests that the server of every release must pass.
package apiservertest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/apiserver"
)

// Run tests the server of a release. kinds are the kinds that it must create, as sorted
// lines "VERSION KIND".
func Run(t *testing.T, release apiserver.Release, kinds string) {
	server, err := apiserver.New(release, apiserver.Options{})
	require.NoError(t, err)
	t.Run("kinds", func(t *testing.T) { testKinds(t, server, kinds) })
	t.Run("create", func(t *testing.T) { testCreate(t, server) })
	t.Run("unknown kind", func(t *testing.T) { testUnknownKind(t, server) })
	t.Run("many services", func(t *testing.T) { testManyServices(t, server) })
	t.Run("lines", func(t *testing.T) { testLines(t, release) })
}

// testKinds tests that the server creates exactly these kinds.
func testKinds(t *testing.T, server *apiserver.Server, kinds string) {
	var got []string
	for _, kind := range server.Kinds() {
		got = append(got, kind.GroupVersion().String()+" "+kind.Kind)
	}
	slices.Sort(got)
	want := strings.Split(strings.TrimSpace(kinds), "\n")
	assert.Equal(t, want, got)
}

func testCreate(t *testing.T, server *apiserver.Server) {
	const (
		pod = `{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"%s}]%s}}`
		ns  = `{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n", "labels": {"pod-security.kubernetes.io/%s": "%s"}}}`
		svc = `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"%s}, "spec": {"ports": [{"port": 80%s}]%s}}`
	)
	for name, test := range map[string]struct{ manifest, refusal string }{
		"pod":                         {manifest: fmt.Sprintf(pod, "", "")},
		"unknown field":               {fmt.Sprintf(pod, `, "imge": "x"`, ""), `strict decoding error: unknown field "spec.containers[0].imge"`},
		"duplicate field":             {fmt.Sprintf(pod, `, "image": "x"`, ""), `strict decoding error: duplicate field "spec.containers[0].image"`},
		"field of another case":       {fmt.Sprintf(pod, "", `, "Containers": []`), `strict decoding error: unknown field "spec.Containers"`},
		"kind in another case":        {strings.Replace(fmt.Sprintf(pod, "", ""), `{`, `{"apiversion": 1, `, 1), "couldn't get version/kind; json parse error"},
		"privileged container":        {fmt.Sprintf(pod, `, "securityContext": {"privileged": true}`, ""), "privileged: Forbidden: disallowed by cluster policy"},
		"priority without class":      {fmt.Sprintf(pod, "", `, "priority": 5`), "must not be provided in pod spec"},
		"priority of a system class":  {manifest: fmt.Sprintf(pod, "", `, "priority": 2000001000, "priorityClassName": "system-node-critical"`)},
		"priority of some class":      {manifest: fmt.Sprintf(pod, "", `, "priority": 5, "priorityClassName": "five"`)},
		"overhead without class":      {fmt.Sprintf(pod, "", `, "overhead": {"cpu": "1"}`), "Pod Overhead set without corresponding RuntimeClass"},
		"overhead of a class":         {manifest: fmt.Sprintf(pod, "", `, "overhead": {"cpu": "1"}, "runtimeClassName": "kata"`)},
		"namespace that is moved":     {manifest: fmt.Sprintf(svc, `, "namespace": "elsewhere"`, "", "")},
		"namespace that cannot be":    {fmt.Sprintf(svc, `, "namespace": "Bad_NS"`, "", ""), "the namespace of the provided object does not match"},
		"generated name":              {manifest: `{"apiVersion": "v1", "kind": "Secret", "metadata": {"generateName": "s-"}}`},
		"any cluster IP":              {manifest: fmt.Sprintf(svc, "", "", `, "clusterIP": "172.30.0.7"`)},
		"two families of cluster IPs": {manifest: fmt.Sprintf(svc, "", "", `, "ipFamilyPolicy": "RequireDualStack"`)},
		"cluster IP of no address":    {fmt.Sprintf(svc, "", "", `, "clusterIP": "web"`), "spec.clusterIPs[0]: Invalid value"},
		"node port":                   {manifest: fmt.Sprintf(svc, "", `, "nodePort": 30001`, `, "type": "NodePort"`)},
		"node port of another range":  {manifest: fmt.Sprintf(svc, "", `, "nodePort": 80`, `, "type": "NodePort"`)},
		"pod security level":          {manifest: fmt.Sprintf(ns, "enforce", "restricted")},
		"unknown pod security level":  {fmt.Sprintf(ns, "enforce", "strict"), "must be one of privileged, baseline, restricted"},
		"cluster scope":               {manifest: `{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r", "namespace": "x"}}`},
		"binding to a missing role":   {manifest: `{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "r"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "x"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			err := server.Create([]byte(test.manifest))
			if test.refusal == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, test.refusal)
		})
	}
}

func testUnknownKind(t *testing.T, server *apiserver.Server) {
	for name, manifest := range map[string]string{
		"custom resource":        `{"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor", "metadata": {"name": "m"}}`,
		"version that is not on": `{"apiVersion": "admissionregistration.k8s.io/v1beta1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "p"}}`,
		"no kind":                `{"apiVersion": "v1"}`,
		"kind of another type":   `{"apiVersion": "v1", "kind": 1}`,
		"not an object":          `[]`,
		"list":                   `{"apiVersion": "v1", "kind": "List", "items": []}`,
		"nothing":                ``,
	} {
		t.Run(name, func(t *testing.T) {
			assert.True(t, errors.Is(server.Create([]byte(manifest)), apiserver.ErrUnknownKind))
		})
	}
}

// testManyServices tests that the server keeps no objects: it creates more services than
// there are node ports.
func testManyServices(t *testing.T, server *apiserver.Server) {
	for range 3000 {
		require.NoError(t, server.Create([]byte(`{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"type": "NodePort", "ports": [{"port": 80}]}}`)))
	}
}
