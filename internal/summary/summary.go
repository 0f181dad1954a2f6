// Package summary describes environments, in texts for people and programs.
package summary

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Text returns the fields of an environment and of its spec that are set, and the names
// of its objects.
func Text(env render.Environment, objects []manifest.Object) ([]byte, error) {
	var resource struct {
		Metadata struct {
			Labels any `json:"labels"`
		} `json:"metadata"`
		Spec any `json:"spec"`
	}
	if err := json.Unmarshal(env.JSON(), &resource); err != nil {
		return nil, fmt.Errorf("environment %s: %w", env.Name(), err)
	}
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "Environment:\n  name\t%s\n  entrypoint\t%s\n", message.Cell(env.Name()), message.Cell(env.Entry.Entrypoint))
	writeFields(w, "labels", resource.Metadata.Labels)
	writeFields(w, "spec", resource.Spec)
	fmt.Fprintf(w, "Objects: %d, kinds: %d\n", len(objects), countKinds(objects))
	if len(objects) > 0 {
		fmt.Fprint(w, "  KIND\tNAMESPACE\tNAME\n")
	}
	for _, o := range objects {
		id := o.ID()
		fmt.Fprintf(w, "  %s\t%s\t%s\n", message.Cell(id.Kind), message.Cell(id.Namespace), message.Cell(cmp.Or(id.Name, o.GenerateName())))
	}
	err := w.Flush()
	return b.Bytes(), err
}

// writeFields writes a line for each value in v that is neither an object nor
// empty, with its path.
func writeFields(w *tabwriter.Writer, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			writeFields(w, path+"."+name, v[name])
		}
	case []any:
		for i, element := range v {
			writeFields(w, fmt.Sprintf("%s[%d]", path, i), element)
		}
	default:
		if v != nil && v != "" {
			fmt.Fprintf(w, "  %s\t%s\n", message.Cell(path), message.Cell(fmt.Sprint(v)))
		}
	}
}

func countKinds(objects []manifest.Object) int {
	kinds := map[string]bool{}
	for _, o := range objects {
		kinds[o.ID().Group+"/"+o.ID().Kind] = true
	}
	return len(kinds)
}
