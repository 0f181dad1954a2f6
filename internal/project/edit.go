package project

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/mop-platform/mop/pkg/diag"
)

// Change is a field of a spec.json's spec that [EditSpec] changed.
type Change struct {
	// Name is the field's name in the file.
	Name string
	// From and To are JSON, "" where the field is not there.
	From, To string
}

// EditSpec changes the fields of the spec in data, the contents of a spec.json, that differ
// from to. It returns the new contents and the changes. Everything else stays: other
// fields, also unknown ones, their order, and the spelling of numbers and strings. White
// space becomes an indent of two. If there is nothing to change, it returns data as it is.
//
// The error is a [*diag.List] in file if [ParseSpec] finds faults in data or in the result,
// or reads something else than to from the result.
func EditSpec(file string, data []byte, to Spec) ([]byte, []Change, error) {
	r, found := ParseSpec(file, data)
	if err := found.Err(); err != nil {
		return nil, nil, err
	}
	changes := compareSpecs(r.Spec, to)
	if len(changes) == 0 {
		return data, nil, nil
	}
	doc := parseObject(data)
	var spec object
	for _, m := range doc {
		// encoding/json reads all members of a name into one value.
		if strings.EqualFold(m.name, "spec") {
			spec = append(spec, parseObject(m.value)...)
		}
	}
	for _, c := range changes {
		spec = spec.with(c.Name, c.To)
		for old, use := range deprecations {
			if use.field == "spec."+c.Name {
				// Otherwise the deprecated field would replace the removed one.
				doc = doc.with(old, "")
			}
		}
	}
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(doc.with("spec", spec.json()).json()), "", "  "); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	b.WriteByte('\n')
	// A value that cannot be read back, such as a text that is no UTF-8, is not written.
	again, found := ParseSpec(file, b.Bytes())
	if err := found.Err(); err != nil {
		return nil, nil, err
	}
	if err := lossless(file, again.Spec, to); err != nil {
		return nil, nil, err
	}
	return b.Bytes(), changes, nil
}

// lossless returns a [*diag.List] if read, which a file gives back, differs from wrote.
func lossless(file string, read, wrote Spec) error {
	lost := compareSpecs(read, wrote)
	if len(lost) == 0 {
		return nil
	}
	return diag.List{{
		At: diag.Position{File: file}, Subject: "spec." + lost[0].Name,
		Problem: fmt.Sprintf("want a text of UTF-8, got %s", lost[0].To),
	}}.Err()
}

// compareSpecs returns the fields that differ, in the order of the type.
func compareSpecs(from, to Spec) []Change {
	var changes []Change
	before, after := reflect.ValueOf(from), reflect.ValueOf(to)
	for i := range before.NumField() {
		if !reflect.DeepEqual(before.Field(i).Interface(), after.Field(i).Interface()) {
			name := fieldName(before.Type().Field(i))
			changes = append(changes, Change{name, fieldText(name, before.Field(i)), fieldText(name, after.Field(i))})
		}
	}
	return changes
}

// fieldText returns a field's value as JSON. It returns "" for the zero value, if that is
// also the value of an absent field.
func fieldText(name string, v reflect.Value) string {
	if v.IsZero() && name != "namespace" {
		return ""
	}
	return compact(v.Interface())
}

// compact returns v as JSON on one line. v must consist of types of JSON.
func compact(v any) string {
	return string(bytes.TrimSpace(indented(v, "")))
}

// indented returns v as indented JSON with a final newline. v must consist of types of
// JSON.
func indented(v any, indent string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		panic("project: a value that JSON cannot encode: " + err.Error())
	}
	return b.Bytes()
}

// object is a JSON object whose members keep their order and their text.
type object []member

type member struct {
	name  string
	value json.RawMessage
}

// parseObject returns the members of the object in data, which is valid JSON;
// of anything else there are none.
func parseObject(data []byte) object {
	dec := json.NewDecoder(bytes.NewReader(data))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return nil
	}
	var o object
	for dec.More() {
		var m member
		tok, err := dec.Token()
		if err == nil {
			m.name = tok.(string)
			err = dec.Decode(&m.value)
		}
		if err != nil {
			panic("project: want valid JSON: " + err.Error())
		}
		o = append(o, m)
	}
	return o
}

// with returns o with a new member. It replaces the last member that encoding/json takes
// for that name, and removes the others of the name. An empty value removes all.
func (o object) with(name, value string) object {
	last := -1
	for i, m := range o {
		if strings.EqualFold(m.name, name) {
			last = i
		}
	}
	var out object
	for i, m := range o {
		switch {
		case !strings.EqualFold(m.name, name):
			out = append(out, m)
		case i == last && value != "":
			out = append(out, member{m.name, json.RawMessage(value)})
		}
	}
	if last < 0 && value != "" {
		out = append(out, member{name, json.RawMessage(value)})
	}
	return out
}

func (o object) json() string {
	var b strings.Builder
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(compact(m.name) + ":" + string(m.value))
	}
	b.WriteByte('}')
	return b.String()
}
