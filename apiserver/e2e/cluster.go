package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	restclient "k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"sigs.k8s.io/yaml"
)

// manager is the name of the field manager that applies objects.
const manager = "mop"

// A cluster is a client of a server.
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

// discover asks the server for the kinds that it serves.
func (c *cluster) discover(t *testing.T) {
	t.Helper()
	groups, err := restmapper.GetAPIGroupResources(c.Discovery())
	require.NoError(t, err)
	c.mapper = restmapper.NewDiscoveryRESTMapper(groups)
}

// path returns the URL path of the objects of a kind, in the namespace if the kind has
// namespaces.
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

// apply applies an object as kubectl apply --server-side does. It returns the object that
// the server keeps then, or would keep if it is a dry run.
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
	err = kept.UnmarshalJSON(answer)
	return kept, err
}

// applyAll applies objects in their order and returns the objects that the server keeps.
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

// makeAccount makes the ServiceAccount "default" of the namespace "default", which pods
// need. In other clusters a controller makes it in every namespace.
func (c *cluster) makeAccount(t *testing.T) {
	t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
	_, err := c.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Create(background, account, metav1.CreateOptions{})
	require.NoError(t, err)
}

// define makes the CustomResourceDefinitions of a directory, and waits until the
// server serves their kinds.
func (c *cluster) define(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	require.NoError(t, err)
	definition := schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}
	var kinds []schema.GroupVersionKind
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		manifest, err := yaml.YAMLToJSON(text)
		require.NoError(t, err)
		require.NoError(t, c.create(definition, "", manifest), file)
		var crd struct {
			Spec struct {
				Group    string
				Names    struct{ Kind string }
				Versions []struct{ Name string }
			}
		}
		require.NoError(t, json.Unmarshal(manifest, &crd))
		kinds = append(kinds, schema.GroupVersionKind{Group: crd.Spec.Group, Version: crd.Spec.Versions[0].Name, Kind: crd.Spec.Names.Kind})
	}
	require.Eventually(t, func() bool {
		c.discover(t)
		for _, kind := range kinds {
			path, err := c.path(kind, metav1.NamespaceDefault)
			if err != nil || c.Discovery().RESTClient().Get().AbsPath(path).Do(background).Error() != nil {
				return false
			}
		}
		return true
	}, time.Minute, 100*time.Millisecond, "the server does not serve the custom resources")
}
