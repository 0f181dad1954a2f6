package validate_test

import (
	"context"
	"fmt"
	"os"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/validate"
)

func Example() {
	v, err := validate.New(validate.Options{Minor: 29})
	if err != nil {
		panic(err)
	}
	results, err := v.Check(context.Background(), []validate.Object{{
		Source: diag.Position{File: "web.yaml", Line: 1},
		Value: map[string]any{
			"apiVersion": "v1", "kind": "Service",
			"metadata": map[string]any{"name": "web"},
			"spec":     map[string]any{"prots": []any{}, "type": "Loadbalancer", "ports": []any{map[string]any{"port": 80.0}}},
		},
	}})
	if err != nil {
		panic(err)
	}
	fmt.Println(results[0].Status)
	if err := diag.Write(os.Stdout, results[0].Diagnostics(), diag.Options{}); err != nil {
		panic(err)
	}
	// Output:
	// invalid
	// web.yaml:1: Service web: spec.prots: no such field
	// web.yaml:1: Service web: spec.type: want "ClusterIP", "ExternalName", "LoadBalancer" or "NodePort", got string "Loadbalancer"
	//     hint: did you mean "LoadBalancer"?
}
