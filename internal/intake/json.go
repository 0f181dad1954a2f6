package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/diag"
)

// json returns the value of a JSON text whose syntax has been checked.
func (t Text) json(ctx context.Context) (any, error) {
	value, err := document.JSON(ctx, t.piece.Text, document.Options{})
	if stopped := (*document.Interrupted)(nil); errors.As(err, &stopped) {
		return nil, &Interrupted{At: t.At(), Err: stopped.Err}
	}
	if err != nil {
		return nil, diag.List{{At: t.At(), Problem: err.Error()}}.Err()
	}
	// kubectl sends 1.0 and 1e3 as 1 and 1000.
	value = plain.Integers(value)
	if countKeys(value) == countColons(t.piece.Text) {
		return value, nil
	}
	d := twice{text: t, decoder: json.NewDecoder(bytes.NewReader(t.piece.Text)), meter: budget.Of(ctx).Meter(), line: t.piece.Line}
	if err := d.value(); err != nil {
		return nil, &Interrupted{At: t.At(), Err: err}
	}
	return value, d.found.Err()
}

// countKeys returns the number of keys in a value, at any depth.
func countKeys(value any) int {
	n := 0
	switch value := value.(type) {
	case map[string]any:
		n = len(value)
		for _, v := range value {
			n += countKeys(v)
		}
	case []any:
		for _, v := range value {
			n += countKeys(v)
		}
	}
	return n
}

// countColons returns the number of colons outside of strings in valid JSON. This is the
// number of its keys, including those that are set twice.
func countColons(text []byte) int {
	n, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			inString = !inString
		case c == '\\':
			i++
		case c == ':' && !inString:
			n++
		}
	}
	return n
}

// twice looks for keys that are set twice, which encoding/json accepts.
type twice struct {
	text    Text
	decoder *json.Decoder
	meter   budget.Meter
	// at is the path to the value that is being read.
	at    []any
	found diag.List
	// line is the line of the byte at the offset counted.
	line, counted int
}

// token returns the next token of a text whose syntax has been checked.
func (d *twice) token() (json.Token, error) {
	if err := d.meter.Work(1); err != nil {
		return nil, err
	}
	return d.decoder.Token()
}

// value reads the next value. The check of the syntax has limited its depth.
func (d *twice) value() error {
	token, err := d.token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		err = d.object()
	case json.Delim('['):
		for i := 0; err == nil && d.decoder.More(); i++ {
			err = d.within(i)
		}
	default:
		return nil
	}
	if err == nil {
		_, err = d.token()
	}
	return err
}

func (d *twice) object() error {
	seen := map[string]bool{}
	for d.decoder.More() {
		token, err := d.token()
		if err != nil {
			return err
		}
		key, ok := token.(string)
		if !ok {
			return fmt.Errorf("want a key, got %v", token)
		}
		if seen[key] {
			if err := d.report(key); err != nil {
				return err
			}
		}
		seen[key] = true
		if err := d.within(key); err != nil {
			return err
		}
	}
	return nil
}

// within reads the value at a step below the one that is being read.
func (d *twice) within(step any) error {
	d.at = append(d.at, step)
	err := d.value()
	d.at = d.at[:len(d.at)-1]
	return err
}

// mostPlaced is how many keys that are set twice are reported with the whole path, which
// can be as long as the text. The others are reported with their lines.
const mostPlaced = 100

// report reports that the key that was just read is set twice.
func (d *twice) report(key string) error {
	offset := int(d.decoder.InputOffset())
	d.line += bytes.Count(d.text.piece.Text[d.counted:offset], []byte("\n"))
	d.counted = offset
	path := plain.PathText([]any{key})
	if len(d.found) < mostPlaced {
		path = plain.PathText(append(slices.Clone(d.at), key))
	}
	d.found = append(d.found, diag.Diagnostic{At: diag.Position{File: d.text.file, Line: d.line}, Subject: path, Problem: "is set twice"})
	return d.meter.Work(len(path))
}
