package schema

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// decoder reads definitions.gz, which internal/schemagen writes:
//
//	file       = minors strings { definition }
//	minors     = count { number }
//	strings    = count { count bytes }
//	definition = name set size schema
//	schema     = count { keyword value }
//
// Numbers and counts are as [binary.Uvarint] reads them. Names, keywords and all other
// texts are numbers of strings, from 0. A set has bit i for the i-th of the minors. A size
// is that of the schema, in bytes, because most definitions of other versions are passed
// over. The keyword determines the form of a value, see [decoder.schema].
//
// The first failure stays in err; everything that is read after it is empty.
type decoder struct {
	rest     []byte
	minors   []Minor
	strings  []string
	document *Document
	err      error
}

// newDecoder reads everything before the definitions.
func newDecoder(file []byte) *decoder {
	d := &decoder{rest: file}
	d.readMinors()
	for range d.count() {
		d.strings = append(d.strings, string(d.bytes(d.count())))
	}
	return d
}

// readMinors reads the minor versions, which stand first.
func (d *decoder) readMinors() {
	for range d.count() {
		d.minors = append(d.minors, Minor(d.number()))
	}
}

// definitions returns the definitions of one of d.minors.
func (d *decoder) definitions(m Minor) *Document {
	d.document = &Document{definitions: map[string]*Schema{}, kinds: map[GVK]*Schema{}}
	bit := slices.Index(d.minors, m)
	for len(d.rest) > 0 {
		name, set, size := d.string(), d.number(), d.count()
		if set>>bit&1 == 0 {
			d.bytes(size)
			continue
		}
		if n := len(d.document.names); n > 0 && d.document.names[n-1] >= name {
			d.fail("want the names sorted, got %s late", name)
		}
		s := d.schema()
		s.Name = name
		d.document.names = append(d.document.names, name)
		d.document.definitions[name] = s
		for _, kind := range s.Kinds {
			d.document.kinds[kind] = s
		}
	}
	return d.document
}

// schema reads the keywords of a schema and their values.
func (d *decoder) schema() *Schema {
	s := &Schema{document: d.document}
	for range d.count() {
		switch keyword := d.string(); keyword {
		case "$ref":
			s.Ref = d.string()
		case "type":
			s.Type = d.string()
		case "format":
			s.Format = d.string()
		case "description":
			s.description = d.number()
		case "properties":
			s.Properties = d.properties()
		case "required":
			s.Required = d.list()
		case "additionalProperties":
			s.AdditionalProperties = d.schema()
		case "items":
			s.Items = d.schema()
		case "x-kubernetes-group-version-kind":
			for range d.count() {
				s.Kinds = append(s.Kinds, GVK{d.string(), d.string(), d.string()})
			}
		case "x-kubernetes-list-type":
			s.ListType = d.string()
		case "x-kubernetes-list-map-keys":
			s.ListMapKeys = d.list()
		case "x-kubernetes-map-type":
			s.MapType = d.string()
		case "x-kubernetes-patch-strategy":
			s.PatchStrategy = d.string()
		case "x-kubernetes-patch-merge-key":
			s.PatchMergeKey = d.string()
		case "x-kubernetes-unions":
			for range d.count() {
				s.Unions = append(s.Unions, d.union())
			}
		default:
			d.fail("want a keyword, got %q", keyword)
		}
	}
	return s
}

// properties reads ascending names and their schemas.
func (d *decoder) properties() []Property {
	var all []Property
	for range d.count() {
		p := Property{d.string(), d.schema()}
		if n := len(all); n > 0 && all[n-1].Name >= p.Name {
			d.fail("want the properties sorted, got %s late", p.Name)
		}
		all = append(all, p)
	}
	return all
}

// union reads the name of the discriminator, and names and values of fields.
func (d *decoder) union() Union {
	u := Union{Discriminator: d.string(), Fields: map[string]string{}}
	for range d.count() {
		field := d.string()
		u.Fields[field] = d.string()
	}
	return u
}

func (d *decoder) list() []string {
	var all []string
	for range d.count() {
		all = append(all, d.string())
	}
	return all
}

func (d *decoder) string() string {
	n := d.number()
	if d.err == nil && n >= len(d.strings) {
		d.fail("want one of %d strings, got number %d", len(d.strings), n)
	}
	if d.err != nil {
		return ""
	}
	return d.strings[n]
}

// count reads the number of things to come, of a byte or more each.
func (d *decoder) count() int {
	n := d.number()
	if n > len(d.rest) {
		d.fail("want %d bytes or more, got %d", n, len(d.rest))
		return 0
	}
	return n
}

func (d *decoder) number() int {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 || n > math.MaxInt32 {
		d.fail("want a number, got none")
		return 0
	}
	d.rest = d.rest[size:]
	return int(n)
}

// bytes returns the next n bytes; n comes from [decoder.count].
func (d *decoder) bytes(n int) []byte {
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf(format, args...)
	}
	d.rest = nil
}
