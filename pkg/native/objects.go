package native

import (
	"fmt"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// defaultNameFormat is Tanka's.
const defaultNameFormat = `{{ print .kind "_" .metadata.name | snakecase }}`

// byName returns the documents that a program printed as an object: the key of
// each is what format, a Go template, makes of it; "" is the default. Documents
// with nothing in them, which charts leave between others, are left out.
func byName(docs []any, format string) (map[string]any, error) {
	if format == "" {
		format = defaultNameFormat
	}
	tmpl, err := template.New("nameFormat").Funcs(sprig.HermeticTxtFuncMap()).Parse(format)
	if err != nil {
		return nil, templateError(err)
	}
	objects := map[string]any{}
	for i, doc := range docs {
		object, ok := doc.(map[string]any)
		if doc != nil && !ok {
			return nil, fmt.Errorf("document %d of the output: want an object, got %s", i+1, manifest.Describe(doc))
		}
		if len(object) == 0 {
			continue
		}
		var key strings.Builder
		if err := tmpl.Execute(&key, object); err != nil {
			return nil, fmt.Errorf("document %d of the output: %w", i+1, templateError(err))
		}
		if _, ok := objects[key.String()]; ok {
			return nil, diag.Diagnostic{
				// Tanka's words, which its users look for.
				Problem: fmt.Sprintf("Two resources share the same name '%s'. Please adapt the name template '%s'.", &key, format),
				Hints:   []string{`set opts.nameFormat, for example to '{{ print .metadata.namespace "_" .kind "_" .metadata.name | snakecase }}'`},
			}
		}
		objects[key.String()] = object
	}
	return objects, nil
}

// templateError begins with the name of the template and the place in it.
func templateError(err error) error {
	return fmt.Errorf("opts.%s", strings.TrimPrefix(err.Error(), "template: "))
}
