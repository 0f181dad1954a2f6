package check

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/mop-platform/mop/pkg/manifest"
)

// widgets defines a custom resource. Its minimum is an int, as programs write it.
func widgets(t *testing.T) manifest.Object {
	o, err := manifest.From(map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]string{"name": "widgets.example.com"},
		"spec": map[string]any{
			"group": "example.com", "scope": "Namespaced",
			"names": map[string]string{"kind": "Widget", "plural": "widgets"},
			"versions": []map[string]any{{
				"name": "v1", "served": true, "storage": true,
				"schema": map[string]any{"openAPIV3Schema": map[string]any{
					"type": "object",
					"properties": map[string]any{"spec": map[string]any{
						"type": "object",
						"properties": map[string]any{
							"size": map[string]any{"type": "integer", "minimum": 1},
							"tags": map[string]any{"type": "array", "items": map[string]any{"type": "string"}},
						},
					}},
				}},
			}},
		},
	})
	require.NoError(t, err)
	return o
}

func widget(size any) map[string]any {
	return map[string]any{
		"apiVersion": "example.com/v1", "kind": "Widget",
		"metadata": map[string]any{"name": "w", "labels": map[string]string{"a": "b"}},
		"spec":     map[string]any{"size": size, "tags": []string{"x"}},
	}
}

func deployment(image string) *appsv1.Deployment {
	labels := map[string]string{"app": "web"}
	replicas := int32(2)
	return &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: image}}},
			},
		},
	}
}

func TestPrint(t *testing.T) {
	u := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "c", "generation": int64(1)},
	}}
	crds := []manifest.Object{widgets(t)}
	var out strings.Builder
	ok, err := Print(t.Context(), &out, crds, widget(3), deployment("web:1"), u, json.RawMessage(`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n"}}`))
	require.NoError(t, err)
	assert.True(t, ok, out.String())
	assert.Empty(t, out.String())

	ok, err = Print(t.Context(), &out, crds, widget(0), deployment(""), map[string]any{"kind": "Pod", "spec": func() {}})
	require.NoError(t, err)
	assert.False(t, ok)
	assert.Contains(t, out.String(), "Widget.example.com w spec.size value")
	assert.Contains(t, out.String(), "spec.template.spec.containers[0].image required")
	assert.Contains(t, out.String(), "func")
}
