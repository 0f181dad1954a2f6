package native

import "github.com/mop-platform/mop/pkg/document"

func parseYAML(args []string) (any, error) {
	docs, err := yamlDocuments(args[0], document.Tanka)
	return docs, err
}

// yamlDocuments returns the documents of a stream as values of Jsonnet.
func yamlDocuments(text string, meaning document.Meaning) ([]any, error) {
	documents, err := document.YAML([]byte(text), document.Options{Meaning: meaning, Doubles: true})
	if err != nil {
		return nil, err
	}
	values := make([]any, len(documents))
	for i, d := range documents {
		values[i] = d.Value
	}
	return values, nil
}
