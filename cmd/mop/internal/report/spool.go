package report

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// spool keeps records as bytes until all objects have been read, because there can be many
// records and each has many small parts. They are read once, in the order in which they
// were added, and then released.
type spool struct {
	chunks []*bytes.Buffer
	// data is the memory for the next record.
	data []byte
}

const chunkSize = 256 << 10

// add keeps records.
func (s *spool) add(records ...Record) {
	for _, r := range records {
		c := &coder{writing: true, data: s.data[:0]}
		c.record(&r)
		s.data = c.data
		length := binary.AppendUvarint(nil, uint64(len(c.data)))
		need := len(length) + len(c.data)
		last := len(s.chunks) - 1
		if last < 0 || s.chunks[last].Available() < need {
			s.chunks = append(s.chunks, bytes.NewBuffer(make([]byte, 0, max(chunkSize, need))))
			last++
		}
		s.chunks[last].Write(length)
		s.chunks[last].Write(c.data)
	}
}

// next returns the next record, in order; the error is [io.EOF] after the last one.
func (s *spool) next() (r Record, err error) {
	for len(s.chunks) > 0 && s.chunks[0].Len() == 0 {
		s.chunks = s.chunks[1:]
	}
	if len(s.chunks) == 0 {
		return r, io.EOF
	}
	n, err := binary.ReadUvarint(s.chunks[0])
	if err != nil {
		return r, err
	}
	c := &coder{data: s.chunks[0].Next(int(n))}
	c.record(&r)
	return r, nil
}

// coder writes values at the end of data, or reads them from its beginning, so that one
// description of a record serves both.
type coder struct {
	writing bool
	data    []byte
}

// record writes or reads a record. It keeps hints in place of their kinds.
func (c *coder) record(r *Record) {
	whole(c, &r.Minor)
	c.position(&r.Object.Source)
	c.path(&r.Object.Path)
	for _, part := range []*string{&r.ID.Group, &r.ID.Kind, &r.ID.Namespace, &r.ID.Name, &r.APIVersion} {
		characters(c, part)
	}
	whole(c, &r.Status)
	list(c, &r.Findings, func(f *validate.Finding) {
		whole(c, &f.Severity)
		characters(c, &f.Rule)
		c.path(&f.Path)
		characters(c, &f.Problem)
		list(c, &f.Hints, func(hint *string) { characters(c, hint) })
		list(c, &f.Origins, c.position)
	})
	list(c, (*[]diag.Diagnostic)(&r.Unread), func(d *diag.Diagnostic) {
		hints := d.Hints
		if c.writing {
			hints = d.Advice(nil)
		}
		whole(c, &d.Severity)
		c.position(&d.At)
		characters(c, &d.Subject)
		characters(c, &d.Problem)
		list(c, &d.Origins, c.position)
		list(c, &hints, func(hint *string) { characters(c, hint) })
		if !c.writing {
			d.Hints = hints
		}
	})
}

func (c *coder) position(p *diag.Position) {
	characters(c, &p.File)
	whole(c, &p.Line)
	whole(c, &p.Column)
}

// path writes or reads a path of names and indexes.
func (c *coder) path(p *manifest.Path) {
	list(c, (*[]any)(p), func(element *any) {
		index, isIndex := (*element).(int)
		name, _ := (*element).(string)
		kind := 0
		if isIndex {
			kind = 1
		}
		if whole(c, &kind); kind == 1 {
			whole(c, &index)
			*element = index
			return
		}
		characters(c, &name)
		*element = name
	})
}

func whole[T ~int](c *coder, n *T) {
	if c.writing {
		c.data = binary.AppendVarint(c.data, int64(*n))
		return
	}
	value, read := binary.Varint(c.data)
	*n, c.data = T(value), c.data[read:]
}

func characters[T ~string](c *coder, s *T) {
	n := len(*s)
	if whole(c, &n); c.writing {
		c.data = append(c.data, *s...)
		return
	}
	*s, c.data = T(c.data[:n]), c.data[n:]
}

func list[T any](c *coder, l *[]T, each func(*T)) {
	n := len(*l)
	whole(c, &n)
	if !c.writing && n > 0 {
		*l = make([]T, n)
	}
	for i := range n {
		each(&(*l)[i])
	}
}
