package validate_test

import (
	"context"
	"fmt"
	"os"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/validate"
)

func Example() {
	v, err := validate.New(validate.Config{Release: "1.31"})
	if err != nil {
		panic(err)
	}
	report, err := v.Check(context.Background(), map[string]any{
		"apiVersion": "v1", "kind": "Service",
		"metadata": map[string]any{"name": "web"},
		"spec":     map[string]any{"type": "Loadbalancer", "ports": []map[string]int{{"port": 80}}},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println("ok:", report.OK())
	for _, f := range report.Findings() {
		fmt.Println(f.Severity, f.Object, f.Path, f.Rule, f.Problem, f.Hints)
	}
	// Output:
	// ok: false
	// error Service web spec.type value want "ClusterIP", "ExternalName", "LoadBalancer" or "NodePort", got string "Loadbalancer" [did you mean "LoadBalancer"?]
}

// Objects come in the forms in which programs have them.
func ExampleValidator_Check() {
	widgets := map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": "widgets.example.com"},
		"spec": map[string]any{
			"group": "example.com", "scope": "Namespaced", "names": map[string]string{"plural": "widgets", "kind": "Widget"},
			"versions": []map[string]any{{
				"name": "v1", "served": true, "storage": true,
				"schema": map[string]any{"openAPIV3Schema": map[string]any{
					"type": "object", "properties": map[string]any{"spec": map[string]any{
						"type": "object", "properties": map[string]any{"size": map[string]any{"type": "integer", "minimum": 1}},
					}},
				}},
			}},
		},
	}
	widget := map[string]any{
		"apiVersion": "example.com/v1", "kind": "Widget", "metadata": map[string]any{"name": "w"},
		"spec": map[string]any{"size": 0},
	}
	deployment := &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "shop"},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "Web", Image: "web:1"}}},
			},
		},
	}
	flows := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "flowcontrol.apiserver.k8s.io/v1beta3", "kind": "FlowSchema", "metadata": map[string]any{"name": "f"},
		"spec": map[string]any{"priorityLevelConfiguration": map[string]any{"name": "exempt"}, "matchingPrecedence": int64(0)},
	}}

	v, err := validate.New(validate.Config{Release: "1.31", Definitions: []any{widgets}, Ignore: []validate.Rule{validate.RuleDeprecated}})
	if err != nil {
		panic(err)
	}
	report, err := v.Check(context.Background(), widget, deployment, flows)
	if err != nil {
		panic(err)
	}
	for _, f := range report.Findings() {
		fmt.Println(f.Severity, f.Object, f.Path, f.Rule, f.Problem, f.Origins)
	}
	// Output:
	// error Widget.example.com w spec.size value want a number of 1 or more, got number 0 []
	// error Deployment.apps shop/web spec.template.spec.containers[0].name format a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character, got string "Web" []
}

// Diagnostics are for people: with the place in the file and hints.
func ExampleResult_Diagnostics() {
	v, err := validate.New(validate.Config{Release: "1.29"})
	if err != nil {
		panic(err)
	}
	report, err := v.Check(context.Background(), validate.Object{
		Source: diag.Position{File: "web.yaml", Line: 1},
		Value: map[string]any{
			"apiVersion": "v1", "kind": "Service",
			"metadata": map[string]any{"name": "web"},
			"spec":     map[string]any{"prots": []any{}, "type": "Loadbalancer", "ports": []any{map[string]any{"port": 80}}},
		},
	})
	if err != nil {
		panic(err)
	}
	for _, r := range report.Results {
		fmt.Println(r.Status)
		if err := diag.Write(os.Stdout, r.Diagnostics(), diag.Options{}); err != nil {
			panic(err)
		}
	}
	// Output:
	// invalid
	// web.yaml:1: Service web: spec.prots: no such field
	// web.yaml:1: Service web: spec.type: want "ClusterIP", "ExternalName", "LoadBalancer" or "NodePort", got string "Loadbalancer"
	//     hint: did you mean "LoadBalancer"?
}
