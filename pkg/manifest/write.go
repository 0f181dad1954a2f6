package manifest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/emitter"
)

// YAML returns the object as one YAML document with sorted keys and a final newline, as
// Kubernetes' own tools print it. Whole numbers are printed as integers if 64 bits hold
// them. The error is the reason why ctx has ended, behind the object's identity.
func (o Object) YAML(ctx context.Context) ([]byte, error) {
	b, err := emitter.Marshal(ctx, o.value, emitter.Style{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.id, err)
	}
	return b, nil
}

// WriteYAML writes objects as a YAML stream, with --- between documents. Without objects it
// writes nothing. The error is that of w, or that of [Object.YAML]; the objects before it
// have been written.
func WriteYAML(ctx context.Context, w io.Writer, objects []Object) error {
	for i, o := range objects {
		b, err := o.YAML(ctx)
		if err != nil {
			return err
		}
		if i > 0 {
			b = append([]byte("---\n"), b...)
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// WriteJSON writes objects as one indented JSON document that the API server can read: a v1
// List, also for no objects or one. The error is that of w, or the reason why ctx has ended
// before anything was written.
func WriteJSON(ctx context.Context, w io.Writer, objects []Object) error {
	items := make([]map[string]any, len(objects))
	for i, o := range objects {
		items[i] = o.value
	}
	var b bytes.Buffer
	var wrong error
	err := budget.Away(ctx, func() {
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		wrong = enc.Encode(struct {
			APIVersion string           `json:"apiVersion"`
			Items      []map[string]any `json:"items"`
			Kind       string           `json:"kind"`
		}{"v1", items, "List"})
	})
	if err != nil {
		return err
	}
	if wrong != nil {
		return wrong
	}
	text, err := document.Indent(ctx, b.Bytes(), "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
