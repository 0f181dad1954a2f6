package manifest_test

import (
	"context"
	"fmt"
	"os"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Objects come from any Go values, and are written in the order in which they can be
// applied.
func Example() {
	type meta struct {
		Name string `json:"name"`
	}
	type service struct {
		APIVersion string         `json:"apiVersion"`
		Kind       string         `json:"kind"`
		Metadata   meta           `json:"metadata"`
		Spec       map[string]any `json:"spec"`
	}
	var objects []manifest.Object
	for _, value := range []any{
		service{"v1", "Service", meta{"web"}, map[string]any{"ports": []map[string]int{{"port": 80}}}},
		map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]string{"name": "shop"}},
	} {
		o, err := manifest.From(value)
		if err != nil {
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
	// spec:
	//   ports:
	//   - port: 80
}

// What is wrong with a value is a diagnostic for each of its faults.
func ExampleFrom() {
	_, err := manifest.From(map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"labels": map[string]any{"tier": 1}}})
	found, _ := diag.From(err)
	for _, d := range found {
		fmt.Println(d.Code, d.Subject, d.Problem)
	}
	// Output:
	// no-name metadata.name want a non-empty string, got none
	// unquoted-value metadata.labels.tier want a string, got number 1
}

// The content of an object is a map for other programs, or a struct. Printing the object
// shows its identity alone.
func ExampleObject_Decode() {
	o, err := manifest.From(map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "db"}, "stringData": map[string]any{"password": "hunter2"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var secret struct {
		StringData map[string]string `json:"stringData"`
	}
	if err := o.Decode(&secret); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(o, len(secret.StringData), len(o.Map()))
	// Output:
	// Secret db 1 4
}

// A document knows the lines of its parts.
func ExampleParse() {
	documents, found, err := manifest.Parse(context.Background(), "pod.yaml", []byte("kind: Pod\nspec:\n  containers:\n  - name: a\n"))
	if err != nil || found.Err() != nil {
		fmt.Println(err, found.Err())
		return
	}
	fmt.Println(documents[0].Find(manifest.Path{"spec", "containers", 0, "name"}))
	// Output:
	// pod.yaml:4
}
