package manifest_test

import (
	"context"
	"fmt"
	"os"

	"github.com/mop-platform/mop/pkg/manifest"
)

func Example() {
	var objects []manifest.Object
	for _, value := range []map[string]any{
		{"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": "web"}},
		{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "shop"}},
	} {
		o, faults := manifest.New(nil, value)
		if err := faults.Err(); err != nil {
			fmt.Println(err)
			return
		}
		objects = append(objects, o)
	}
	manifest.Sort(objects)
	if err := manifest.WriteYAML(context.Background(), os.Stdout, objects); err != nil {
		fmt.Println(err)
	}
	// Output:
	// apiVersion: v1
	// kind: Namespace
	// metadata:
	//   name: shop
	// ---
	// apiVersion: v1
	// kind: Service
	// metadata:
	//   name: web
}
