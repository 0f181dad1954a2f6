package report

import (
	"bytes"
	"encoding/gob"
	"io"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/schema"
	"github.com/mop-platform/mop/pkg/validate"
)

// spool keeps records until all objects are known, as bytes: there can be many, and
// what is in one of them has many small parts.
type spool struct {
	chunks chunks
	enc    *gob.Encoder
	dec    *gob.Decoder
}

// spooled is what is kept of a record.
type spooled struct {
	Minor      schema.Minor
	Source     diag.Position
	Path       manifest.Path
	ID         manifest.ID
	APIVersion string
	Status     validate.Status
	Findings   []validate.Finding
	Unread     diag.List
}

func newSpool() *spool {
	s := &spool{}
	s.enc, s.dec = gob.NewEncoder(&s.chunks), gob.NewDecoder(&s.chunks)
	return s
}

// add keeps records of a file.
func (s *spool) add(records ...Record) error {
	for _, r := range records {
		err := s.enc.Encode(spooled{r.Minor, r.Object.Source, r.Object.Path, r.ID, r.APIVersion, r.Status, r.Findings, r.Unread})
		if err != nil {
			return err
		}
	}
	return nil
}

// next returns the next record, in order; the error is [io.EOF] after the last one.
func (s *spool) next() (r Record, err error) {
	var kept spooled
	if err := s.dec.Decode(&kept); err != nil {
		return r, err
	}
	r.Object.Source, r.Object.Path = kept.Source, kept.Path
	r.Minor, r.ID, r.APIVersion, r.Status, r.Findings, r.Unread = kept.Minor, kept.ID, kept.APIVersion, kept.Status, kept.Findings, kept.Unread
	return r, nil
}

// chunks are bytes that are read once, in the order in which they were written, and
// let go of then.
type chunks struct{ all []*bytes.Buffer }

const chunkSize = 256 << 10

func (c *chunks) Write(p []byte) (int, error) {
	last := len(c.all) - 1
	if last < 0 || c.all[last].Available() < len(p) {
		c.all = append(c.all, bytes.NewBuffer(make([]byte, 0, max(chunkSize, len(p)))))
		last++
	}
	return c.all[last].Write(p)
}

func (c *chunks) Read(p []byte) (int, error) {
	for len(c.all) > 0 {
		if n, _ := c.all[0].Read(p); n > 0 {
			return n, nil
		}
		c.all = c.all[1:]
	}
	return 0, io.EOF
}
