package report

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// Records come out of a spool as they went in, in their order.
func TestSpool(t *testing.T) {
	object := Record{Minor: 29}
	object.Object.Source = diag.Position{File: "a.yaml", Line: 3, Column: 2}
	object.Object.Path = manifest.Path{"items", 12, "größe"}
	object.ID = manifest.ID{Group: "apps", Kind: "Deployment", Namespace: "n", Name: "web"}
	object.APIVersion, object.Status = "apps/v1", validate.Invalid
	object.Findings = []validate.Finding{
		{Severity: diag.Warning, Rule: "type", Path: manifest.Path{"spec", 0}, Problem: "bad", Hints: []string{"x", "y"}, Origins: []diag.Position{{File: "b", Line: 1}}},
		{Problem: "worse"},
	}
	unread := Record{Unread: diag.List{{At: diag.Position{File: "c.yaml", Line: 1}, Subject: "s", Problem: "p", Origins: []diag.Position{{File: "d"}}, Hints: []string{"h"}}}}
	unread.Status = validate.Broken
	want := []Record{object, unread, {}}

	s := &spool{}
	s.add(want...)
	for range 3000 {
		s.add(object)
	}
	for _, w := range want {
		got, err := s.next()
		require.NoError(t, err)
		assert.Equal(t, w, got)
	}
	assert.Greater(t, len(s.chunks), 1)
	for range 3000 {
		got, err := s.next()
		require.NoError(t, err)
		require.Equal(t, object, got)
	}
	_, err := s.next()
	assert.ErrorIs(t, err, io.EOF)
}

// The spool turns the kinds of diagnostics into hints before it drops their values.
func TestSpoolAdvice(t *testing.T) {
	d := diag.Diagnostic{Code: failure.Codes()[0], Problem: "p", Values: map[string]any{}}
	s := &spool{}
	s.add(Record{Unread: diag.List{d}})
	got, err := s.next()
	require.NoError(t, err)
	assert.Equal(t, d.Advice(nil), got.Unread[0].Advice(nil))
}
