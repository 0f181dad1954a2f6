package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// definitions has the definitions of several versions of Kubernetes, equal ones once.
// internal/schema/definitions.go reads and describes the format in which they are written.
type definitions struct {
	minors []int
	// rows has the minor versions that have a definition, ascending.
	rows map[definition][]int
	// strings and descriptions have each text once.
	strings, descriptions texts
}

// definition is a definition's name and its encoded schema.
type definition struct{ name, schema string }

// texts numbers texts in the order in which they are added.
type texts struct {
	all     []string
	numbers map[string]int
}

func newTexts() texts { return texts{numbers: map[string]int{}} }

// number returns the number of a text, from 0.
func (t *texts) number(text string) int {
	n, ok := t.numbers[text]
	if !ok {
		n = len(t.all)
		t.all = append(t.all, text)
		t.numbers[text] = n
	}
	return n
}

func newDefinitions() *definitions {
	return &definitions{rows: map[definition][]int{}, strings: newTexts(), descriptions: newTexts()}
}

// add adds the definitions of a minor version. Minor versions must be added in ascending
// order.
func (d *definitions) add(minor int, api swagger) error {
	d.minors = append(d.minors, minor)
	defined := map[gvk]string{}
	for _, name := range slices.Sorted(maps.Keys(api.Definitions)) {
		var s schema
		if err := decodeStrictly(api.Definitions[name], &s); err != nil {
			return fmt.Errorf("definition %s: %w", name, err)
		}
		for _, kind := range s.Kinds {
			if other, ok := defined[kind]; ok {
				return fmt.Errorf("kind %s/%s/%s: want one definition, got %s and %s", kind.Group, kind.Version, kind.Kind, other, name)
			}
			defined[kind] = name
		}
		row := definition{name, string(d.encode(nil, s))}
		d.rows[row] = append(d.rows[row], minor)
	}
	return nil
}

// schema has the keywords that internal/schema reads. The zero value of one means that it is
// absent.
type schema struct {
	Ref                  string            `json:"$ref"`
	Type                 string            `json:"type"`
	Format               string            `json:"format"`
	Description          string            `json:"description"`
	Properties           map[string]schema `json:"properties"`
	Required             []string          `json:"required"`
	AdditionalProperties *schema           `json:"additionalProperties"`
	Items                *schema           `json:"items"`
	Kinds                []gvk             `json:"x-kubernetes-group-version-kind"`
	ListType             string            `json:"x-kubernetes-list-type"`
	ListMapKeys          []string          `json:"x-kubernetes-list-map-keys"`
	MapType              string            `json:"x-kubernetes-map-type"`
	PatchStrategy        string            `json:"x-kubernetes-patch-strategy"`
	PatchMergeKey        string            `json:"x-kubernetes-patch-merge-key"`
	Unions               []struct {
		Discriminator string            `json:"discriminator"`
		Fields        map[string]string `json:"fields-to-discriminateBy"`
	} `json:"x-kubernetes-unions"`
}

// decodeStrictly decodes JSON. An unknown keyword is an error, because internal/schema must
// learn it first.
func decodeStrictly(text []byte, s *schema) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(s)
}

// encode appends a schema to b.
func (d *definitions) encode(b []byte, s schema) []byte {
	count, keywords := 0, []byte{}
	keyword := func(name string, present bool, value func()) {
		if present {
			count++
			keywords = d.text(keywords, name)
			value()
		}
	}
	text := func(name, value string) {
		keyword(name, value != "", func() { keywords = d.text(keywords, value) })
	}
	list := func(name string, values []string) {
		keyword(name, len(values) > 0, func() { keywords = d.list(keywords, values) })
	}
	text("$ref", strings.TrimPrefix(s.Ref, "#/definitions/"))
	text("type", s.Type)
	text("format", s.Format)
	keyword("description", s.Description != "", func() {
		// 0 means no description.
		keywords = number(keywords, d.descriptions.number(s.Description)+1)
	})
	keyword("properties", len(s.Properties) > 0, func() {
		keywords = number(keywords, len(s.Properties))
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			keywords = d.encode(d.text(keywords, name), s.Properties[name])
		}
	})
	list("required", s.Required)
	keyword("additionalProperties", s.AdditionalProperties != nil, func() {
		keywords = d.encode(keywords, *s.AdditionalProperties)
	})
	keyword("items", s.Items != nil, func() { keywords = d.encode(keywords, *s.Items) })
	keyword("x-kubernetes-group-version-kind", len(s.Kinds) > 0, func() {
		keywords = number(keywords, len(s.Kinds))
		for _, k := range s.Kinds {
			keywords = d.text(d.text(d.text(keywords, k.Group), k.Version), k.Kind)
		}
	})
	text("x-kubernetes-list-type", s.ListType)
	list("x-kubernetes-list-map-keys", s.ListMapKeys)
	text("x-kubernetes-map-type", s.MapType)
	text("x-kubernetes-patch-strategy", s.PatchStrategy)
	text("x-kubernetes-patch-merge-key", s.PatchMergeKey)
	keyword("x-kubernetes-unions", len(s.Unions) > 0, func() {
		keywords = number(keywords, len(s.Unions))
		for _, u := range s.Unions {
			keywords = number(d.text(keywords, u.Discriminator), len(u.Fields))
			for _, field := range slices.Sorted(maps.Keys(u.Fields)) {
				keywords = d.text(d.text(keywords, field), u.Fields[field])
			}
		}
	})
	return append(number(b, count), keywords...)
}

func (d *definitions) text(b []byte, text string) []byte {
	return number(b, d.strings.number(text))
}

func (d *definitions) list(b []byte, texts []string) []byte {
	b = number(b, len(texts))
	for _, text := range texts {
		b = d.text(b, text)
	}
	return b
}

func number(b []byte, n int) []byte { return binary.AppendUvarint(b, uint64(n)) }

// bytes returns the contents of definitions.gz before compression.
func (d *definitions) bytes() []byte {
	var rows []byte
	for _, row := range slices.SortedFunc(maps.Keys(d.rows), func(a, b definition) int {
		return cmp.Or(strings.Compare(a.name, b.name), slices.Compare(d.rows[a], d.rows[b]))
	}) {
		set := 0
		for i, minor := range d.minors {
			if slices.Contains(d.rows[row], minor) {
				set |= 1 << i
			}
		}
		rows = number(number(d.text(rows, row.name), set), len(row.schema))
		rows = append(rows, row.schema...)
	}
	b := number(nil, len(d.minors))
	for _, minor := range d.minors {
		b = number(b, minor)
	}
	b = number(b, len(d.strings.all))
	for _, text := range d.strings.all {
		b = append(number(b, len(text)), text...)
	}
	return append(b, rows...)
}

// descriptionLines returns the contents of descriptions.gz before compression: one
// description in each line, as a JSON string.
func (d *definitions) descriptionLines() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, text := range d.descriptions.all {
		if err := e.Encode(text); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}
