package native

import (
	"context"
	"fmt"

	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/pkg/manifest"
)

func parseYAML(c eval.Call, args []string) (any, error) {
	documents, err := document.YAML(c.Context(), []byte(args[0]), document.Options{Meaning: document.Tanka, Doubles: true})
	if err != nil {
		return nil, err
	}
	var changed document.Integers
	values := make([]any, len(documents))
	for i, d := range documents {
		values[i] = d.Value
		changed = append(changed, d.Changed...)
	}
	warnOfIntegers(c, changed)
	return values, nil
}

// warnOfIntegers warns of the integers of a text that Jsonnet changes. They are no error:
// Tanka changes them too, and most are limits that just mean a very large number.
func warnOfIntegers(c eval.Call, changed document.Integers) {
	if len(changed) > 0 {
		c.Warn(changed.String(), failure.LargeInteger)
	}
}

// manifests returns the documents of a program's output as values of Jsonnet. It reads them
// as an API server would. changed describes the integers that Jsonnet cannot hold.
func manifests(ctx context.Context, text []byte) (values []any, changed []string, err error) {
	documents, err := document.YAML(ctx, text, document.Options{Doubles: true})
	if err != nil {
		return nil, nil, err
	}
	for _, d := range documents {
		values = append(values, d.Value)
		for _, i := range d.Changed {
			changed = append(changed, fmt.Sprintf("%s: %s: %s", title(d), manifest.Path(i.Path), i))
		}
	}
	return values, changed, nil
}

// title names a document by its kind and name, or by its line.
func title(d document.Document) string {
	object, _ := d.Value.(map[string]any)
	metadata, _ := object["metadata"].(map[string]any)
	kind, _ := object["kind"].(string)
	name, _ := metadata["name"].(string)
	if kind == "" || name == "" {
		return fmt.Sprintf("document at line %d", d.Line)
	}
	return kind + "/" + name
}
