package validate_test

import (
	"context"
	"fmt"
	"os"

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
