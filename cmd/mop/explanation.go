package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/eval"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/message"
	"github.com/mop-platform/mop/pkg/render"
)

// explanation tells where a field of an object comes from. It is what -o json
// prints.
type explanation struct {
	Environment string          `json:"environment"`
	Object      explainedObject `json:"object"`
	// Field is "" for the object as a whole.
	Field string `json:"field"`
	Value any    `json:"value"`
	// Parts are the field and what is around it, up to the object, as far as
	// they have origins of their own.
	Parts []explainedPart `json:"parts"`
}

type explainedObject struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
	// Path is where it stands in what the Jsonnet evaluates to.
	Path string `json:"path"`
	id   manifest.ID
}

type explainedPart struct {
	Field   string            `json:"field"`
	Origins []explainedOrigin `json:"origins"`
}

// explainedOrigin is a place. Line and Column are 0 where only the file is
// known, Text is the line.
type explainedOrigin struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Effect string `json:"effect"`
	Text   string `json:"text"`
}

// explain tells where a field of an object of env comes from. The error is a
// [diag.Diagnostic] where there is no such field.
func explain(ctx context.Context, s *workspace.State, env render.Environment, o manifest.Object, field manifest.Path) (explanation, error) {
	value, err := fieldOf(o, field)
	if err != nil {
		return explanation{}, err
	}
	id := o.ID()
	e := explanation{
		Environment: env.Name(), Value: value,
		Object: explainedObject{APIVersion: o.APIVersion(), Kind: id.Kind, Namespace: id.Namespace, Name: id.Name, Path: o.Path().String(), id: id},
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
		part := explainedPart{Origins: explainOrigins(ctx, s, origins)}
		if n > 0 {
			part.Field = field[:n].String()
		}
		e.Parts = append(e.Parts, part)
	}
	return e, nil
}

// explainOrigins returns origins with what each does.
func explainOrigins(ctx context.Context, s *workspace.State, origins []eval.Origin) []explainedOrigin {
	all := make([]explainedOrigin, len(origins))
	for i, o := range origins {
		all[i] = explainedOrigin{File: originText(s, diag.Position{File: o.At.File}), Line: o.At.Line, Column: o.At.Column, Effect: o.Effect.String(), Text: sourceLine(ctx, s, o.At)}
	}
	return all
}

// sourceLine returns the line at a position in the project without the white
// space around it, "" where it cannot be read.
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

// fieldOf returns the value of a field of an object. The error is a
// [diag.Diagnostic] that says from where on there is none.
func fieldOf(o manifest.Object, field manifest.Path) (any, error) {
	whole, _ := o.Lookup()
	for n := range field {
		if _, ok := field[:n+1].In(whole); ok {
			continue
		}
		around, _ := field[:n].In(whole)
		d := diag.Diagnostic{Subject: o.ID().String(), Problem: "no field " + field[:n+1].String()}
		if fields, ok := around.(map[string]any); ok {
			names := sortedKeys(fields)
			spelt := make([]string, len(names))
			for i, name := range names {
				spelt[i] = manifest.Path{name}.String()
			}
			d.Hints = []string{fmt.Sprintf("%s has the fields %s", subjectOf(field[:n]), listed(spelt))}
			if name, ok := field[n].(string); ok {
				if s := diag.Suggest(name, names); s != "" {
					d.Hints = []string{fmt.Sprintf("did you mean %s?", field[:n].Field(s))}
				}
			}
		} else {
			d.Hints = []string{subjectOf(field[:n]) + " is " + describe(around)}
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

// describe is [manifest.Describe] with the length of an array.
func describe(v any) string {
	if array, ok := v.([]any); ok {
		return "an array of " + message.Counted(len(array), "element")
	}
	return manifest.Describe(v)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// listed returns the first of names for a hint.
func listed(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}

// explainFormats are the values of -o.
var explainFormats = []string{"text", "json"}

func checkExplainFormat(format string) error {
	if !slices.Contains(explainFormats, format) {
		return usageError{fmt.Sprintf("--output: want text or json, got %q", format), ""}
	}
	return nil
}

// writeExplanation writes e in one of explainFormats.
func (a *app) writeExplanation(ctx context.Context, e explanation, format string) error {
	var b bytes.Buffer
	w := a.stdout
	if format == "json" {
		w = a.product
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(e); err != nil {
			return err
		}
	} else if err := e.writeText(ctx, &b); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (e explanation) writeText(ctx context.Context, w io.Writer) error {
	fmt.Fprintf(w, "environment: %s\nobject: %s\npath: %s\n", e.Environment, e.Object.id, e.Object.Path)
	if e.Field != "" {
		value, err := e.valueText(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "field: %s\n%s", e.Field, value)
	}
	for _, p := range e.Parts {
		heading := p.Field
		if heading == "" {
			heading = "object"
		}
		fmt.Fprintf(w, "\n%s\n", heading)
		for _, o := range p.Origins {
			at := diag.Position{File: o.File, Line: o.Line, Column: o.Column}
			fmt.Fprintf(w, "  %-7s  %s\n", o.Effect, strings.TrimRight(at.String()+"  "+cut(o.Text), " "))
		}
	}
	return nil
}

// valueText returns the value as YAML, not more than its first lines.
func (e explanation) valueText(ctx context.Context) (string, error) {
	const most = 11
	text, err := manifest.EncodeYAML(ctx, map[string]any{"value": e.Value})
	if err != nil {
		return "", err
	}
	var out string
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		if i == most {
			return out + "  ...\n", nil
		}
		out += cut(line) + "\n"
	}
	return out, nil
}

// cut keeps a line of text short enough for a screen.
func cut(line string) string {
	const most = 100
	if r := []rune(line); len(r) > most {
		return string(r[:most]) + "…"
	}
	return line
}
