package diff_test

import (
	"context"
	"os"

	"github.com/mop-platform/mop/pkg/diff"
	"github.com/mop-platform/mop/pkg/manifest"
)

func ExampleCompare() {
	deployment := func(replicas float64) manifest.Object {
		o, problems := manifest.New(nil, map[string]any{
			"apiVersion": "apps/v1",
			"kind":       "Deployment",
			"metadata":   map[string]any{"name": "web", "namespace": "shop"},
			"spec":       map[string]any{"replicas": replicas},
		})
		if err := problems.Err(); err != nil {
			panic(err)
		}
		return o
	}
	before := []manifest.Object{deployment(1)}
	after := []manifest.Object{deployment(2)}

	report := diff.Compare(before, after)
	if err := report.WriteUnified(context.Background(), os.Stdout, diff.Options{}); err != nil {
		panic(err)
	}
	if err := report.WriteSummary(context.Background(), os.Stdout, diff.Options{}); err != nil {
		panic(err)
	}
	// Output:
	// --- a/Deployment.apps shop/web
	// +++ b/Deployment.apps shop/web
	// @@ -4,4 +4,4 @@
	//    name: web
	//    namespace: shop
	//  spec:
	// -  replicas: 1
	// +  replicas: 2
	// ~ Deployment.apps shop/web (+1 -1)
	// 0 added, 1 changed, 0 removed, 0 equal
}
