package scaffold

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mop-platform/mop/internal/format"
	"github.com/mop-platform/mop/internal/project"
)

// Environment returns the resource for the spec.json of a new environment, nil for none,
// and the code of its entrypoint. data is the Jsonnet of its objects.
func Environment(dir string, resource project.Resource, data string, inline bool) (*project.Resource, string, error) {
	resource.Metadata.Name = dir
	if !inline {
		return &resource, data, nil
	}
	code, err := inlineCode(resource, data)
	return nil, code, err
}

// inlineCode returns the Jsonnet of an inline environment. data is the Jsonnet of its
// objects.
func inlineCode(resource project.Resource, data string) (string, error) {
	text, err := json.MarshalIndent(resource, "", "  ")
	if err != nil {
		return "", fmt.Errorf("environment %s: %w", resource.Metadata.Name, err)
	}
	header := strings.TrimSuffix(string(text), "\n}")
	return format.Source(context.Background(), project.Entrypoint, header+",\n  data: "+data+"}\n")
}
