package schema

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// Document holds the schemas of one minor version of Kubernetes' API. It is immutable and
// safe for concurrent use. The zero Document has no schemas.
type Document struct {
	names       []string
	definitions map[string]*Schema
	kinds       map[GVK]*Schema
	// descriptions returns the descriptions as JSON strings; number n is at n-1.
	descriptions func() []string
}

// GVK names a kind of objects in one version of its group. Group is "" for the
// core group.
type GVK struct{ Group, Version, Kind string }

//go:embed definitions.gz
var definitionsFile []byte

//go:embed descriptions.gz
var descriptionsFile []byte

// Minors returns the minor versions of Kubernetes that [Open] accepts, ascending and
// without gaps.
func Minors() []Minor { return slices.Clone(minors()) }

// minors reads the beginning of the file, which takes a fraction of the time for all of it.
var minors = sync.OnceValue(func() []Minor {
	r, err := gzip.NewReader(bytes.NewReader(definitionsFile))
	if err != nil {
		panic("schema: definitions.gz: " + err.Error())
	}
	beginning := make([]byte, 1<<10)
	n, err := io.ReadFull(r, beginning)
	d := &decoder{rest: beginning[:n]}
	if d.readMinors(); d.err != nil {
		panic(fmt.Sprintf("schema: definitions.gz: %v (%v)", d.err, err))
	}
	return d.minors
})

// Open returns the schemas of a minor version of Kubernetes. The error for an unknown
// version lists the known ones.
//
// It takes some milliseconds: keep the Document.
func Open(m Minor) (*Document, error) {
	d := newDecoder(unzip(definitionsFile))
	if d.err == nil && !slices.Contains(d.minors, m) {
		return nil, fmt.Errorf("kubernetes %s: no schemas, want one of %s", m, strings.Trim(fmt.Sprint(d.minors), "[]"))
	}
	doc := d.definitions(m)
	if d.err != nil {
		panic("schema: definitions.gz: " + d.err.Error())
	}
	doc.descriptions = sync.OnceValue(func() []string {
		return strings.Split(string(unzip(descriptionsFile)), "\n")
	})
	return doc, nil
}

// Kind returns the schema of the objects of a kind; group is "" for the core group. Lists
// (PodList), subresources (Scale) and other objects for an API server (DeleteOptions) have
// schemas too.
func (d *Document) Kind(group, version, kind string) (s *Schema, ok bool) {
	s, ok = d.kinds[GVK{group, version, kind}]
	return s, ok
}

// Definition returns the schema with a name such as
// io.k8s.api.core.v1.PodSpec.
func (d *Document) Definition(name string) (s *Schema, ok bool) {
	s, ok = d.definitions[name]
	return s, ok
}

// Names returns the names of all definitions, sorted.
func (d *Document) Names() []string { return slices.Clone(d.names) }

// description returns description n; 0 is none.
func (d *Document) description(n int) string {
	if n == 0 {
		return ""
	}
	var text string
	if err := json.Unmarshal([]byte(d.descriptions()[n-1]), &text); err != nil {
		panic(fmt.Sprintf("schema: descriptions.gz: line %d: %v", n, err))
	}
	return text
}

// unzip returns the contents of an embedded file.
func unzip(file []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		panic("schema: embedded file: " + err.Error())
	}
	data, err := io.ReadAll(r)
	if err != nil {
		panic("schema: embedded file: " + err.Error())
	}
	return data
}
