package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	restclient "k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// manager is who the server notes as the one that applies.
const manager = "mop"

// A cluster is a server that requests are sent to.
type cluster struct {
	kubernetes.Interface
	config *restclient.Config
	mapper meta.RESTMapper
}

func connect(t *testing.T, config *restclient.Config) *cluster {
	t.Helper()
	client, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	c := &cluster{Interface: client, config: config}
	c.discover(t)
	return c
}

// discover learns which kinds the server serves.
func (c *cluster) discover(t *testing.T) {
	t.Helper()
	groups, err := restmapper.GetAPIGroupResources(c.Discovery())
	require.NoError(t, err)
	c.mapper = restmapper.NewDiscoveryRESTMapper(groups)
}

// path returns where the objects of a kind are, in a namespace if they have one.
func (c *cluster) path(kind schema.GroupVersionKind, namespace string) (string, error) {
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		return "", err
	}
	path := "/apis/" + kind.Group + "/" + kind.Version
	if kind.Group == "" {
		path = "/api/" + kind.Version
	}
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		path += "/namespaces/" + namespace
	}
	return path + "/" + mapping.Resource.Resource, nil
}

// create sends a manifest, which is JSON, and returns the server's refusal.
func (c *cluster) create(kind schema.GroupVersionKind, namespace string, manifest []byte, dryRun ...string) error {
	path, err := c.path(kind, namespace)
	if err != nil {
		return err
	}
	request := c.Discovery().RESTClient().Post().AbsPath(path).
		Param("fieldValidation", metav1.FieldValidationStrict).
		SetHeader("Content-Type", "application/json").Body(manifest)
	for _, stage := range dryRun {
		request.Param("dryRun", stage)
	}
	return request.Do(background).Error()
}

// apply applies an object as kubectl apply --server-side does, and returns what
// the server keeps then, or would where it is a dry run.
func (c *cluster) apply(object unstructured.Unstructured, dryRun ...string) (unstructured.Unstructured, error) {
	path, err := c.path(object.GroupVersionKind(), object.GetNamespace())
	if err != nil {
		return object, err
	}
	manifest, err := object.MarshalJSON()
	if err != nil {
		return object, err
	}
	request := c.Discovery().RESTClient().Patch(types.ApplyPatchType).AbsPath(path, object.GetName()).
		Param("fieldManager", manager).Param("fieldValidation", metav1.FieldValidationStrict).Body(manifest)
	for _, stage := range dryRun {
		request.Param("dryRun", stage)
	}
	answer, err := request.Do(background).Raw()
	if err != nil {
		return object, err
	}
	var kept unstructured.Unstructured
	return kept, kept.UnmarshalJSON(answer)
}

// applyAll applies objects in their order.
func (c *cluster) applyAll(t *testing.T, objects []unstructured.Unstructured) []unstructured.Unstructured {
	t.Helper()
	kept := make([]unstructured.Unstructured, len(objects))
	for i, object := range objects {
		var err error
		kept[i], err = c.apply(object)
		require.NoError(t, err, "%s %s", object.GetKind(), object.GetName())
		require.NotEmpty(t, kept[i].GetResourceVersion())
	}
	return kept
}
