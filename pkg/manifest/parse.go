package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/mop-platform/mop/pkg/diag"
)

// Document is one document of a file.
type Document struct {
	// At is where it begins.
	At diag.Position
	// Value is as encoding/json decodes.
	Value any
}

// Parse returns the documents of a file with manifests, in order; file is its
// name for messages. One that ends in .json holds JSON values one after the
// other, any other a stream of YAML. Documents that are empty, hold nothing but
// comments or are null are left out.
//
// YAML means what it means to kubectl (sigs.k8s.io/yaml): yes and no are
// booleans, the keys of objects become strings.
//
// The diagnostics tell of documents that cannot be parsed and of keys that an
// object sets twice. The other documents are returned all the same, in JSON
// those before the fault.
func Parse(file string, data []byte) ([]Document, diag.List) {
	p := parser{file: file}
	if path.Ext(file) == ".json" {
		p.json(data)
	} else {
		p.yaml(data)
	}
	return p.documents, p.found
}

type parser struct {
	file      string
	documents []Document
	found     diag.List
}

func (p *parser) add(line int, value any) {
	if value != nil {
		p.documents = append(p.documents, Document{diag.Position{File: p.file, Line: line}, value})
	}
}

func (p *parser) report(line int, subject, problem string) {
	p.found = append(p.found, diag.Diagnostic{
		At: diag.Position{File: p.file, Line: line}, Subject: subject, Problem: problem,
	})
}

// yaml parses a stream. A line that begins with --- begins a document, one that
// begins with ... ends one, wherever it stands
// (https://yaml.org/spec/1.2.2/#92-streams).
func (p *parser) yaml(data []byte) {
	t := yamlText{begin: 1}
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if marks(text, "---") && !onlyDirectives(t.text) {
			p.yamlDocument(t)
			t = yamlText{begin: line}
		}
		t.text = append(t.text, text...)
		if t.content == 0 && hasContent(text) {
			t.content = line
		}
		if marks(text, "...") {
			p.yamlDocument(t)
			t = yamlText{begin: line + 1}
		}
	}
	p.yamlDocument(t)
}

// yamlText is the text of one document.
type yamlText struct {
	text []byte
	// begin is its first line, content the first one with more than a marker
	// or a comment, 0 if there is none.
	begin, content int
}

// marks reports whether a line begins with a marker and no more of the same
// word.
func marks(line []byte, marker string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(marker))
	return ok && (len(rest) == 0 || strings.ContainsRune(" \t\r\n", rune(rest[0])))
}

// hasContent reports whether a line has more than a marker and a comment.
func hasContent(line []byte) bool {
	if marks(line, "---") || marks(line, "...") {
		line = line[len("---"):]
	}
	line = bytes.TrimSpace(line)
	return len(line) > 0 && line[0] != '#'
}

// onlyDirectives reports whether text is the directives that may stand before
// the marker of the document that they are for.
func onlyDirectives(text []byte) bool {
	directive := false
	for line := range bytes.Lines(text) {
		switch {
		case line[0] == '%':
			directive = true
		case marks(line, "---") || hasContent(line):
			return false
		}
	}
	return directive
}

// oddMarker is a marker after a line break that is one in YAML 1.1 only. The
// parser would stop there and say nothing.
var oddMarker = regexp.MustCompile(`[\r\x{85}\x{2028}\x{2029}](---|\.\.\.)([\s\x{85}\x{2028}\x{2029}]|$)`)

func (p *parser) yamlDocument(t yamlText) {
	if t.content == 0 {
		return
	}
	if oddMarker.Match(t.text) {
		p.report(t.content, "", "the end of a document is not marked on a line of its own: want lines that end in LF or CRLF")
		return
	}
	encoded, err := yaml.YAMLToJSONStrict(t.text)
	var value any
	if err == nil {
		err = json.Unmarshal(encoded, &value)
	}
	if err != nil {
		p.yamlFault(t, err)
		return
	}
	p.add(t.content, value)
}

var (
	yamlLine = regexp.MustCompile(`^line (\d+): `)
	// yamlKey is the parser's message about a key that is set twice.
	yamlKey = regexp.MustCompile(`^key (".*"|\S+) already set in map$`)
)

// yamlFault reports err, which may be several faults, one a line.
func (p *parser) yamlFault(t yamlText, err error) {
	faults := strings.Split(strings.TrimPrefix(err.Error(), "yaml: "), "\n")
	if len(faults) > 1 {
		// The first line is a title.
		faults = faults[1:]
	}
	last := t.begin + bytes.Count(t.text, []byte("\n"))
	for _, fault := range faults {
		fault = strings.TrimPrefix(strings.TrimSpace(fault), "yaml: ")
		line := t.content
		if m := yamlLine.FindStringSubmatch(fault); m != nil {
			fault = fault[len(m[0]):]
			if n, err := strconv.Atoi(m[1]); err == nil {
				// The parser knows more line breaks than LF.
				line = min(t.begin+n-1, last)
			}
		}
		if m := yamlKey.FindStringSubmatch(fault); m != nil {
			fault = "key " + m[1] + " is set twice"
		}
		p.report(line, "", fault)
	}
}

// json parses JSON values up to the first fault of syntax.
func (p *parser) json(data []byte) {
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
			return
		case errors.Is(err, io.ErrUnexpectedEOF):
			p.report(1+bytes.Count(data, []byte("\n")), "", "unexpected end of file")
			return
		case errors.As(err, &syntax):
			p.report(1+bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n")), "", syntax.Error())
			return
		case err != nil:
			p.report(line, "", err.Error())
			return
		}
		before := len(p.found)
		d := jsonDocument{p, json.NewDecoder(bytes.NewReader(raw)), raw, line}
		var value any
		if err = d.value(nil); err == nil {
			err = json.Unmarshal(raw, &value)
		}
		if err != nil {
			p.report(line, "", err.Error())
		}
		if len(p.found) == before {
			p.add(line, value)
		}
	}
}

// jsonDocument looks for keys that are set twice, which encoding/json accepts.
type jsonDocument struct {
	*parser
	dec  *json.Decoder
	raw  []byte
	line int
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
				line := d.line + bytes.Count(d.raw[:d.dec.InputOffset()], []byte("\n"))
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
