package crd_test

import (
	"context"
	"fmt"

	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/pkg/validate/internal/crd"
)

func Example() {
	r, err := release.Open(release.Oldest)
	if err != nil {
		panic(err)
	}
	d, problems := crd.Parse(map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1",
		"kind":       "CustomResourceDefinition",
		"spec": map[string]any{
			"group": "example.dev",
			"names": map[string]any{"kind": "Web", "plural": "webs"},
			"scope": "Namespaced",
			"versions": []any{map[string]any{
				"name": "v1", "served": true, "storage": true,
				"schema": map[string]any{"openAPIV3Schema": map[string]any{
					"type": "object",
					"properties": map[string]any{
						"spec": map[string]any{
							"type":       "object",
							"properties": map[string]any{"replicas": map[string]any{"type": "integer"}},
						},
					},
				}},
			}},
		},
	}, r)
	if len(problems) > 0 {
		return
	}
	if v, served := d.Version("v1"); served {
		found, err := v.Check(context.Background(), map[string]any{"spec": map[string]any{"replica": 3.0}})
		if err != nil {
			panic(err)
		}
		for _, p := range found {
			fmt.Println(p.Path, p.Problem, p.Hints)
		}
	}
	// Output: spec.replica no such field [did you mean replicas?]
}
