package diff_test

import (
	"fmt"

	"github.com/mop-platform/mop/pkg/diff"
	"github.com/mop-platform/mop/pkg/manifest"
)

func Example() {
	deployment := func(replicas int) manifest.Object {
		o, err := manifest.From(map[string]any{
			"apiVersion": "apps/v1",
			"kind":       "Deployment",
			"metadata":   map[string]any{"name": "web", "namespace": "shop"},
			"spec":       map[string]any{"replicas": replicas},
		})
		if err != nil {
			panic(err)
		}
		return o
	}
	for _, c := range diff.Compare([]manifest.Object{deployment(1)}, []manifest.Object{deployment(2)}) {
		fmt.Println(c, c.Fields())
		for _, f := range c.Fields() {
			fmt.Println(f.Path, "from", f.From, "to", f.To)
		}
	}
	// Output:
	// changed Deployment.apps shop/web [changed spec.replicas]
	// spec.replicas from 1 to 2
}
