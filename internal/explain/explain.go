// Package explain finds the lines of Jsonnet that made an object of an environment, a field
// of an object, or a line of rendered YAML.
package explain

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/internal/spelling"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Explanation has the origins of a field of an object.
type Explanation struct {
	Environment string `json:"environment"`
	Object      Object `json:"object"`
	// Field is "" for the object as a whole.
	Field string `json:"field"`
	Value any    `json:"value"`
	// Parts are the field and the values around it, up to the object, that have origins of
	// their own.
	Parts []Part `json:"parts"`
}

// Object is the object that has the field.
type Object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
	// Path is its place in the value of the Jsonnet.
	Path string `json:"path"`
	id   manifest.ID
}

// Part is a field with its own origins.
type Part struct {
	Field   string   `json:"field"`
	Origins []Origin `json:"origins"`
}

// Origin is a place in the Jsonnet. Line and Column are 0 if only the file is known. Text
// is the text of the line.
type Origin struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Effect string `json:"effect"`
	Text   string `json:"text"`
}

// Field returns the origins of a field of an object of env. The error is a
// [diag.Diagnostic] if there is no such field.
func Field(ctx context.Context, env batch.Environment, o manifest.Object, field manifest.Path) (Explanation, error) {
	value, err := fieldOf(o, field)
	if err != nil {
		return Explanation{}, err
	}
	id := o.ID()
	e := Explanation{
		Environment: env.Name(), Value: value,
		Object: Object{APIVersion: o.APIVersion(), Kind: id.Kind, Namespace: id.Namespace, Name: id.Name, Path: o.Path().String(), id: id},
	}
	if len(field) > 0 {
		e.Field = field.String()
	}
	for n := len(field); n >= 0; n-- {
		origins := env.ObjectOrigins(o, field[:n])
		if n > 0 && slices.Equal(origins, env.ObjectOrigins(o, field[:n-1])) {
			continue
		}
		if len(origins) == 0 {
			origins = []eval.Origin{{At: diag.Position{File: env.Entry.Entrypoint}}}
		}
		part := Part{Origins: originsOf(ctx, env.State, origins)}
		if n > 0 {
			part.Field = field[:n].String()
		}
		e.Parts = append(e.Parts, part)
	}
	return e, nil
}

// originsOf returns origins with their effects and texts.
func originsOf(ctx context.Context, s *workspace.State, origins []eval.Origin) []Origin {
	all := make([]Origin, len(origins))
	for i, o := range origins {
		all[i] = Origin{File: shown(s, diag.Position{File: o.At.File}), Line: o.At.Line, Column: o.At.Column, Effect: o.Effect.String(), Text: sourceLine(ctx, s, o.At)}
	}
	return all
}

// sourceLine returns the line at a position in the project without the white space around
// it, "" if the file cannot be read.
func sourceLine(ctx context.Context, s *workspace.State, p diag.Position) string {
	data, err := s.Project.ReadFile(ctx, p.File)
	if err != nil {
		return ""
	}
	lines := strings.Split(string(data), "\n")
	if p.Line < 1 || p.Line > len(lines) {
		return ""
	}
	return strings.TrimSpace(lines[p.Line-1])
}

// fieldOf returns the value of a field of an object. The error is a [diag.Diagnostic] that
// says which part of the path does not exist.
func fieldOf(o manifest.Object, field manifest.Path) (any, error) {
	whole, _ := o.Lookup()
	for n := range field {
		if _, ok := field[:n+1].In(whole); ok {
			continue
		}
		around, _ := field[:n].In(whole)
		d := diag.Diagnostic{
			Code: failure.NoField, Values: map[string]any{"around": subjectOf(field[:n])},
			Subject: o.ID().String(), Problem: "no field " + field[:n+1].String(),
		}
		if fields, ok := around.(map[string]any); ok {
			names := sortedKeys(fields)
			spelt := make([]string, len(names))
			for i, name := range names {
				spelt[i] = manifest.Path{name}.String()
			}
			d.Values["fields"] = listed(spelt)
			if name, ok := field[n].(string); ok {
				if s := spelling.Suggest(name, names); s != "" {
					d.Values["near"] = field[:n].Field(s).String()
				}
			}
		} else {
			d.Values["value"] = describe(around)
		}
		return nil, d
	}
	value, _ := field.In(whole)
	return value, nil
}

func subjectOf(field manifest.Path) string {
	if len(field) == 0 {
		return "the object"
	}
	return field.String()
}

// describe is [plain.Describe] with the length of an array.
func describe(v any) string {
	if array, ok := v.([]any); ok {
		return "an array of " + message.Counted(len(array), "element")
	}
	return plain.Describe(v)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// listed returns the first names as text for a hint.
func listed(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}
