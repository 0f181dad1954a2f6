package project

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/position"
	"github.com/mop-platform/mop/internal/spelling"
	"github.com/mop-platform/mop/pkg/diag"
)

// The apiVersion and kind of a spec.json.
const (
	APIVersion = "tanka.dev/v1alpha1"
	Kind       = "Environment"
)

// Resource is the Environment resource of Grafana Tanka
// (https://tanka.dev/config): the contents of a spec.json.
type Resource struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   Metadata `json:"metadata"`
	Spec       Spec     `json:"spec"`
}

// Metadata identifies an environment. As in Tanka, Name and Namespace are read, but an
// environment on disk is called by its directory.
type Metadata struct {
	Name      string            `json:"name,omitempty"`
	Namespace string            `json:"namespace,omitempty"`
	Labels    map[string]string `json:"labels,omitempty"`
}

// Spec says where and how an environment is deployed. A zero value means that the file does
// not set the field, except for Namespace, whose default is "default". Tanka writes
// resourceDefaults and expectVersions even if they are empty.
type Spec struct {
	APIServer                   string           `json:"apiServer,omitempty"`
	ContextNames                []string         `json:"contextNames,omitempty"`
	Namespace                   string           `json:"namespace"`
	DiffStrategy                string           `json:"diffStrategy,omitempty"`
	ApplyStrategy               string           `json:"applyStrategy,omitempty"`
	InjectLabels                bool             `json:"injectLabels,omitempty"`
	TankaEnvLabelFromFields     []string         `json:"tankaEnvLabelFromFields,omitempty"`
	ResourceDefaults            ResourceDefaults `json:"resourceDefaults"`
	ExpectVersions              ExpectVersions   `json:"expectVersions"`
	ExportJsonnetImplementation string           `json:"exportJsonnetImplementation,omitempty"`
}

// ResourceDefaults are set on every object that does not set them itself.
type ResourceDefaults struct {
	Annotations map[string]string `json:"annotations,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
}

// ExpectVersions are the versions for which the environment is made.
type ExpectVersions struct {
	// Tanka is a semantic version constraint.
	Tanka string `json:"tanka,omitempty"`
	// Kubernetes is the version of the cluster, with or without a v and a patch. Tanka has
	// no such field and ignores it.
	Kubernetes string `json:"kubernetes,omitempty"`
}

// ParseSpec reads data, the contents of a spec.json; file is its name in messages. A value
// of the wrong type, a syntax error, text after the document, more than 100 levels and more
// than 1 MiB are errors; the Resource is zero then. An unknown field, a field set twice and
// a foreign apiVersion or kind are warnings, because Tanka accepts them. So are the old
// fields server, namespace and team at the first level, which have successors. Fields match
// without regard to case, as in Tanka, but with a warning.
func ParseSpec(file string, data []byte) (Resource, diag.List) {
	if len(data) > maxSpec {
		return Resource{}, diag.List{{
			At: diag.Position{File: file, Line: 1}, Problem: fmt.Sprintf("want at most %s, got %s", budget.Bytes(maxSpec), budget.Bytes(uint64(len(data)))),
		}}
	}
	w := specWalker{file: file, data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	w.dec.UseNumber()
	if err := w.document(); err != nil {
		problem := err.Error()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			problem = "unexpected end of file"
		}
		w.report(diag.Error, w.next(), "", problem)
		return Resource{}, w.found
	}
	if w.found.Err() != nil {
		return Resource{}, w.found
	}
	r := Resource{Spec: NewResource().Spec}
	var old deprecated
	if err := errors.Join(json.Unmarshal(data, &r), json.Unmarshal(data, &old)); err != nil {
		w.report(diag.Error, 0, "", err.Error())
		return Resource{}, w.found
	}
	old.apply(&r)
	for _, f := range []struct{ name, want, got string }{
		{"apiVersion", APIVersion, r.APIVersion},
		{"kind", Kind, r.Kind},
	} {
		if f.got != f.want {
			w.found = append(w.found, diag.Diagnostic{
				Severity: diag.Warning, At: diag.Position{File: file},
				Subject: f.name, Problem: fmt.Sprintf("want %s, got %s", message.Quote(f.want), message.Quote(f.got)),
			})
		}
	}
	return r, w.found
}

// deprecated are the fields that Tanka once had at the first level.
type deprecated struct {
	Server string `json:"server"`
	Team   string `json:"team"`
}

// deprecations are the messages about these fields, and the fields to use instead. In
// Tanka, the default of spec.namespace takes precedence over the old namespace, which
// therefore has no effect.
var deprecations = map[string]struct{ problem, field string }{
	"server":    {"deprecated", "spec.apiServer"},
	"namespace": {"has no effect, as in Tanka", "spec.namespace"},
	"team":      {"deprecated", "metadata.labels.team"},
}

// apply sets the fields that r does not set itself.
func (d deprecated) apply(r *Resource) {
	r.Spec.APIServer = cmp.Or(r.Spec.APIServer, d.Server)
	if _, ok := r.Metadata.Labels["team"]; !ok && d.Team != "" {
		if r.Metadata.Labels == nil {
			r.Metadata.Labels = map[string]string{}
		}
		r.Metadata.Labels["team"] = d.Team
	}
}

// specWalker compares the tokens of a document with their expected types, because
// encoding/json stops at the first fault and gives no position for an unknown field.
type specWalker struct {
	file  string
	data  []byte
	dec   *json.Decoder
	found diag.List
}

// maxSpec is the limit of a spec.json in bytes, far beyond any real one.
const maxSpec = 1 << 20

// maxSpecDepth is far beyond any spec, and keeps hostile nesting from filling the stack.
const maxSpecDepth = 100

func (w *specWalker) document() error {
	if err := w.value(reflect.TypeFor[Resource](), "", 0); err != nil {
		return err
	}
	if _, _, err := w.token(); !errors.Is(err, io.EOF) {
		return errors.New("text after the end of the document")
	}
	return nil
}

// value reads one value. typ is its expected type, nil for any.
func (w *specWalker) value(typ reflect.Type, at string, depth int) error {
	if depth > maxSpecDepth {
		return errors.New("nested too deeply")
	}
	tok, offset, err := w.token()
	if err != nil {
		return err
	}
	if want, got := jsonType(typ), tokenType(tok); typ != nil && tok != nil && want != got {
		w.report(diag.Error, offset, at, fmt.Sprintf("want %s, got %s", want, got))
		typ = nil
	}
	switch tok {
	case json.Delim('{'):
		return w.object(typ, at, depth)
	case json.Delim('['):
		for i := 0; w.dec.More(); i++ {
			if err := w.value(elem(typ), fmt.Sprintf("%s[%d]", at, i), depth+1); err != nil {
				return err
			}
		}
		_, _, err = w.token()
	}
	return err
}

// token reads a token and returns the offset at which it begins.
func (w *specWalker) token() (tok json.Token, offset int64, err error) {
	offset = w.next()
	tok, err = w.dec.Token()
	return tok, offset, err
}

// next returns the offset at which the next token begins.
func (w *specWalker) next() int64 {
	rest := w.data[w.dec.InputOffset():]
	return int64(len(w.data) - len(bytes.TrimLeft(rest, " \t\r\n,:")))
}

func (w *specWalker) object(typ reflect.Type, at string, depth int) error {
	seen := map[string]bool{}
	for w.dec.More() {
		tok, offset, err := w.token()
		if err != nil {
			return err
		}
		key, ok := tok.(string)
		if !ok {
			return fmt.Errorf("want a field's name, got %v", tok)
		}
		field := strings.TrimPrefix(at+"."+key, ".")
		if seen[key] {
			w.report(diag.Warning, offset, field, "set twice; the last one counts")
		}
		seen[key] = true
		sub := elem(typ)
		switch old, ok := deprecations[strings.ToLower(key)]; {
		case ok && typ == reflect.TypeFor[Resource]():
			w.report(diag.Warning, offset, field, old.problem+"; use "+old.field)
			sub = reflect.TypeFor[string]()
		case typ != nil && typ.Kind() == reflect.Struct:
			name := ""
			if name, sub = w.field(typ, key); name == "" {
				w.unknown(typ, offset, field, key)
			} else if name != key {
				w.report(diag.Warning, offset, field, fmt.Sprintf("is taken for the field %s", message.Quote(name)))
				w.advise(failure.MisspeltField, map[string]any{"name": message.Quote(name)})
			}
		}
		if err := w.value(sub, field, depth+1); err != nil {
			return err
		}
	}
	_, _, err := w.token()
	return err
}

// field returns the name and type of the field of the struct typ that encoding/json sets
// for key, "" and nil if there is none.
func (w *specWalker) field(typ reflect.Type, key string) (string, reflect.Type) {
	for i := range typ.NumField() {
		if name := fieldName(typ.Field(i)); strings.EqualFold(name, key) {
			return name, typ.Field(i).Type
		}
	}
	return "", nil
}

func (w *specWalker) unknown(typ reflect.Type, offset int64, field, key string) {
	var known []string
	for i := range typ.NumField() {
		known = append(known, fieldName(typ.Field(i)))
	}
	values := map[string]any{"known": known}
	if s := spelling.Suggest(key, known); s != "" {
		values["near"] = message.Quote(s)
	}
	w.report(diag.Warning, offset, field, "unknown field")
	w.advise(failure.UnknownField, values)
}

// report adds a diagnostic about the token at offset.
func (w *specWalker) report(s diag.Severity, offset int64, subject, problem string) {
	w.found = append(w.found, diag.Diagnostic{
		Severity: s, At: position.At(w.file, w.data, offset), Subject: subject, Problem: problem,
	})
}

// advise sets the kind and values of the last diagnostic.
func (w *specWalker) advise(code string, values map[string]any) {
	last := &w.found[len(w.found)-1]
	last.Code, last.Values = code, values
}

func fieldName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// elem returns the type of the elements of a slice or map, nil for other types.
func elem(typ reflect.Type) reflect.Type {
	if typ == nil || typ.Kind() != reflect.Slice && typ.Kind() != reflect.Map {
		return nil
	}
	return typ.Elem()
}

func jsonType(typ reflect.Type) string {
	if typ == nil {
		return ""
	}
	switch typ.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "a boolean"
	case reflect.Slice:
		return "an array"
	}
	return "an object"
}

func tokenType(tok json.Token) string {
	switch tok := tok.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case json.Delim:
		if tok == '[' {
			return "an array"
		}
		return "an object"
	}
	return "null"
}
