package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"path"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/document"
)

// Document is one document of a file.
type Document struct {
	// At is where it begins.
	At diag.Position
	// Value is as encoding/json decodes, but whole numbers are int64, as far as
	// 64 bits hold them.
	Value any
	// places count lines from the line before first.
	places document.Places
	first  int
}

// Find returns where the part at a path stands, or where there is none, what is
// around it. It is safe for concurrent use.
func (d Document) Find(path Path) diag.Position {
	at := d.At
	if line := d.places.Line(path...); line > 0 {
		at.Line = d.first + line - 1
	}
	return at
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
	p.documents = append(p.documents, Document{diag.Position{File: p.file, Line: line}, value, document.PlacesOf(text), from})
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

func (p *parser) yaml(data []byte) {
	pieces := document.Split(data)
	p.each(len(pieces), func(p *parser, i int) { p.yamlDocument(pieces[i]) })
}

func (p *parser) yamlDocument(piece document.Piece) {
	d, ok, err := piece.Document(document.Options{})
	var faults document.Faults
	switch {
	case errors.As(err, &faults):
		for _, f := range faults {
			d := diag.Diagnostic{At: diag.Position{File: p.file, Line: f.Line}, Problem: f.Problem}
			if f.First > 0 {
				d.Origins = []diag.Position{{File: p.file, Line: f.First}}
			}
			p.found = append(p.found, d)
		}
	case ok:
		p.add(d.Line, d.Value, piece.Text, piece.Line)
	}
}
