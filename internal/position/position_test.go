package position_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mop-platform/mop/internal/position"
	"github.com/mop-platform/mop/pkg/diag"
)

func TestAt(t *testing.T) {
	text := []byte("ab\ncd\n")
	for _, tt := range []struct {
		name         string
		offset       int64
		line, column int
	}{
		{"the first byte", 0, 1, 1},
		{"the end of a line", 2, 1, 3},
		{"the next line", 3, 2, 1},
		{"the end", 6, 3, 1},
		{"behind the end", 100, 3, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, diag.Position{File: "f", Line: tt.line, Column: tt.column}, position.At("f", text, tt.offset))
		})
	}
}

func TestRenamed(t *testing.T) {
	at := func(file string) diag.Position { return diag.Position{File: file, Line: 1} }
	l := diag.List{{At: at("a"), Origins: []diag.Position{at("b"), at("<c>")}, Values: map[string]any{
		"one": at("d"), "several": []diag.Position{at("e")}, "text": "f",
	}}}
	assert.Equal(t, diag.List{{At: at("/a"), Origins: []diag.Position{at("/b"), at("<c>")}, Values: map[string]any{
		"one": at("/d"), "several": []diag.Position{at("/e")}, "text": "f",
	}}}, position.Renamed(l, func(file string) string { return "/" + file }))
	assert.Equal(t, at("a"), l[0].At, "the list itself is as before")
	assert.Equal(t, at("d"), l[0].Values["one"])
}
