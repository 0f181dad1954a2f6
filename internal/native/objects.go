package native

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/naming"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/diag"
)

// defaultNameFormat is Tanka's default.
const defaultNameFormat = `{{ print .kind "_" .metadata.name | snakecase }}`

// byName returns the documents of a program's output as an object. The key of each is the
// result of format, a Go template; "" is the default. Empty documents, which charts leave
// between others, are left out.
func byName(ctx context.Context, docs []any, format string) (map[string]any, error) {
	if format == "" {
		format = defaultNameFormat
	}
	tmpl, err := naming.Parse(ctx, "nameFormat", format, nil, nil)
	if err != nil {
		return nil, templateError(err)
	}
	objects := map[string]any{}
	for i, doc := range docs {
		object, ok := doc.(map[string]any)
		if doc != nil && !ok {
			return nil, fmt.Errorf("document %d of the output: want an object, got %s", i+1, plain.Describe(doc))
		}
		if len(object) == 0 {
			continue
		}
		key, err := naming.Execute(ctx, tmpl, object)
		if err != nil {
			return nil, fmt.Errorf("document %d of the output: %w", i+1, templateError(err))
		}
		if _, ok := objects[key]; ok {
			return nil, diag.Diagnostic{
				Code: failure.SameKey,
				// Tanka's words, which its users look for.
				Problem: fmt.Sprintf("Two resources share the same name '%s'. Please adapt the name template '%s'.", key, format),
			}
		}
		objects[key] = object
	}
	return objects, nil
}

// templateError puts the name of the option before an error. Errors of the template name it
// and the place in it, those of the budget do not.
func templateError(err error) error {
	if errors.As(err, new(*budget.Exceeded)) {
		return fmt.Errorf("opts.nameFormat: %w", err)
	}
	return fmt.Errorf("opts.%s", strings.TrimPrefix(err.Error(), "template: "))
}
