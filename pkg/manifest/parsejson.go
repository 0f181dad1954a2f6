package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	kjson "sigs.k8s.io/json"
)

// jsonText is the text of one JSON value and the line where it begins.
type jsonText struct {
	text []byte
	line int
}

// json parses JSON values up to the first fault of syntax.
func (p *parser) json(data []byte) {
	texts, fault := p.jsonTexts(data)
	p.each(len(texts), func(p *parser, i int) { p.jsonValue(texts[i]) })
	p.found = append(p.found, fault.found...)
}

// jsonTexts returns the texts of the values in data, whose syntax is right, and
// a parser that tells of the fault after them.
func (p *parser) jsonTexts(data []byte) (texts []jsonText, fault parser) {
	fault.file = p.file
	dec := json.NewDecoder(bytes.NewReader(data))
	at, line := 0, 1
	for {
		begin := len(data) - len(bytes.TrimLeft(data[dec.InputOffset():], " \t\r\n"))
		line += bytes.Count(data[at:begin], []byte("\n"))
		at = begin
		var raw json.RawMessage
		err := dec.Decode(&raw)
		var syntax *json.SyntaxError
		switch {
		case errors.Is(err, io.EOF):
			return texts, fault
		case errors.Is(err, io.ErrUnexpectedEOF):
			fault.report(1+bytes.Count(data, []byte("\n")), "", "unexpected end of file")
			return texts, fault
		case errors.As(err, &syntax):
			fault.report(1+bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n")), "", syntax.Error())
			return texts, fault
		case err != nil:
			fault.report(line, "", err.Error())
			return texts, fault
		}
		texts = append(texts, jsonText{raw, line})
	}
}

func (p *parser) jsonValue(t jsonText) {
	var value any
	if err := kjson.UnmarshalCaseSensitivePreserveInts(t.text, &value); err != nil {
		p.report(t.line, "", err.Error())
		return
	}
	// kubectl sends 1.0 and 1e3 as 1 and 1000.
	value = WithIntegers(value)
	if countKeys(value) != countColons(t.text) {
		d := jsonDocument{p, json.NewDecoder(bytes.NewReader(t.text)), t}
		if err := d.value(nil); err != nil {
			p.report(t.line, "", err.Error())
		}
	}
	if len(p.found) == 0 {
		p.add(t.line, value, t.text, t.line)
	}
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

// countColons returns the number of colons outside of strings in valid JSON,
// which is that of its keys, those included that are set twice.
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

// jsonDocument looks for keys that are set twice, which encoding/json accepts.
type jsonDocument struct {
	*parser
	dec *json.Decoder
	jsonText
}

// value reads the next value, whose syntax has been checked and so its depth.
func (d jsonDocument) value(at Path) error {
	token, err := d.dec.Token()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	switch token {
	case json.Delim('{'):
		for d.dec.More() {
			token, err := d.dec.Token()
			if err != nil {
				return err
			}
			key, ok := token.(string)
			if !ok {
				return fmt.Errorf("want a key, got %v", token)
			}
			if seen[key] {
				line := d.line + bytes.Count(d.text[:d.dec.InputOffset()], []byte("\n"))
				d.report(line, at.Field(key).String(), "is set twice")
			}
			seen[key] = true
			if err := d.value(at.Field(key)); err != nil {
				return err
			}
		}
	case json.Delim('['):
		for i := 0; d.dec.More(); i++ {
			if err := d.value(at.Index(i)); err != nil {
				return err
			}
		}
	default:
		return nil
	}
	_, err = d.dec.Token()
	return err
}
