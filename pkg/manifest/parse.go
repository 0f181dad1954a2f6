package manifest

import (
	"bytes"
	"encoding/json"
	"path"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"go.yaml.in/yaml/v3"

	"github.com/mop-platform/mop/pkg/diag"
)

// Document is one document of a file.
type Document struct {
	// At is where it begins.
	At diag.Position
	// Value is as encoding/json decodes, but whole numbers are int64, as far as
	// 64 bits hold them.
	Value any
	// root returns the node of the document, nil for what the parser of nodes
	// does not take; its lines count from the line before first.
	root  func() *yaml.Node
	first int
}

// Find returns where the part at a path stands, or where there is none, what is
// around it. It is safe for concurrent use.
func (d Document) Find(path Path) diag.Position {
	at := d.At
	if len(path) == 0 || d.root == nil {
		return at
	}
	node := d.root()
	for _, step := range path {
		line := 0
		if line, node = child(node, step); node == nil {
			break
		}
		at.Line = d.first + line - 1
	}
	return at
}

// child returns the field or element of a node and the line where it begins; nil
// if it has none.
func child(node *yaml.Node, step any) (line int, part *yaml.Node) {
	if node == nil {
		return 0, nil
	}
	switch step := step.(type) {
	case int:
		if node.Kind == yaml.SequenceNode && step < len(node.Content) {
			return node.Content[step].Line, node.Content[step]
		}
	case string:
		for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step {
				return node.Content[i].Line, node.Content[i+1]
			}
		}
	}
	return 0, nil
}

// Parse returns the documents of a file with manifests, in order; file is its
// name for messages. One that ends in .json or .jsonl holds JSON values one
// after the other, one that ends in .yaml or .yml a stream of YAML; of any other
// the text tells. Documents that are empty, hold nothing but comments or are
// null are left out.
//
// YAML means what it means to kubectl (sigs.k8s.io/yaml): yes and no are
// booleans, the keys of objects become strings.
//
// The diagnostics tell of documents that cannot be parsed and of keys that an
// object sets twice. The other documents are returned all the same, in JSON
// those before the fault.
func Parse(file string, data []byte) ([]Document, diag.List) {
	p := parser{file: file}
	switch path.Ext(file) {
	case ".json", ".jsonl":
		p.json(data)
	case ".yaml", ".yml":
		p.yaml(data)
	default:
		if isJSON(data) {
			p.json(data)
		} else {
			p.yaml(data)
		}
	}
	return p.documents, p.found
}

// isJSON reports whether data begins with a JSON object or array that nothing
// follows but another one, as it does in no YAML but JSON.
func isJSON(data []byte) bool {
	var first json.RawMessage
	dec := json.NewDecoder(bytes.NewReader(data))
	if dec.Decode(&first) != nil || first[0] != '{' && first[0] != '[' {
		return false
	}
	rest := bytes.TrimLeft(data[dec.InputOffset():], " \t\r\n")
	return len(rest) == 0 || rest[0] == '{' || rest[0] == '['
}

type parser struct {
	file      string
	documents []Document
	found     diag.List
}

// add adds the document that begins on a line, unless it is null. Its text begins
// on the line from.
func (p *parser) add(line int, value any, text []byte, from int) {
	if value == nil {
		return
	}
	root := sync.OnceValue(func() *yaml.Node {
		var document yaml.Node
		err := yaml.Unmarshal(text, &document)
		if err != nil {
			// JSON can be indented with tabs.
			err = yaml.Unmarshal(bytes.ReplaceAll(text, []byte("\t"), []byte(" ")), &document)
		}
		if err != nil || len(document.Content) == 0 {
			return nil
		}
		return document.Content[0]
	})
	p.documents = append(p.documents, Document{diag.Position{File: p.file, Line: line}, value, root, from})
}

func (p *parser) report(line int, subject, problem string) {
	p.found = append(p.found, diag.Diagnostic{
		At: diag.Position{File: p.file, Line: line}, Subject: subject, Problem: problem,
	})
}

// each parses n texts at the same time: f with the parser for the text at an
// index. What they give is in the order of the indexes.
func (p *parser) each(n int, f func(p *parser, i int)) {
	parts := make([]parser, n)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				parts[i].file = p.file
				f(&parts[i], i)
			}
		})
	}
	workers.Wait()
	for _, part := range parts {
		p.documents = append(p.documents, part.documents...)
		p.found = append(p.found, part.found...)
	}
}

// yaml parses a stream. A line that begins with --- begins a document, one that
// begins with ... ends one, wherever it stands
// (https://yaml.org/spec/1.2.2/#92-streams).
func (p *parser) yaml(data []byte) {
	var texts []yamlText
	t := yamlText{begin: 1}
	line, from, at := 0, 0, 0
	end := func(nextLine int) {
		t.text = data[from:at]
		texts = append(texts, t)
		t, from = yamlText{begin: nextLine}, at
	}
	for text := range bytes.Lines(data) {
		line++
		if marks(text, "---") && !onlyDirectives(data[from:at]) {
			end(line)
		}
		at += len(text)
		if t.content == 0 && hasContent(text) {
			t.content = line
		}
		if marks(text, "...") {
			end(line + 1)
		}
	}
	end(line)
	p.each(len(texts), func(p *parser, i int) { p.yamlDocument(texts[i]) })
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
	value, err := decodeYAML(t.text)
	if err != nil {
		p.yamlFault(t, err)
		return
	}
	p.add(t.content, value, t.text, t.begin)
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
