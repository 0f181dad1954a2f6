package report_test

import (
	"context"
	"os"

	"github.com/mop-platform/mop/cmd/mop/internal/report"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/validate"
)

func ExampleJSON() {
	v, err := validate.New(validate.Config{Release: "1.29"})
	if err != nil {
		panic(err)
	}
	checked, err := v.Check(context.Background(), validate.Object{
		Source: diag.Position{File: "cm.yaml", Line: 1},
		Value: map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap",
			"metadata": map[string]any{"name": "a"},
			"datas":    map[string]any{},
		},
	})
	if err != nil {
		panic(err)
	}
	w := report.JSON(os.Stdout)
	if err := w.Write(report.Record{Result: checked.Results[0], Minor: 29}); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	// Output:
	// {"source":{"file":"cm.yaml","line":1},"apiVersion":"v1","kind":"ConfigMap","namespace":"","name":"a","path":"","kubernetesVersion":"1.29","status":"invalid","findings":[{"severity":"error","rule":"unknown-field","path":"datas","message":"no such field","hints":["did you mean data?"],"origins":["cm.yaml:1"]}]}
}
