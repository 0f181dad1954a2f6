// Package kubectl_test compares how mop reads and writes objects with the code of kubectl.
package kubectl_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	kjson "k8s.io/apimachinery/pkg/util/json"
	kyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/emitter"
	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/internal/specimen"
)

// byKubectl returns the documents that kubectl reads from a stream, as an API server
// decodes them.
func byKubectl(text string) (documents []any, err error) {
	decoder := kyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(text)))
	for {
		piece, err := decoder.Read()
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, err
		}
		encoded, err := yaml.YAMLToJSON(piece)
		if err != nil {
			return nil, err
		}
		var v any
		if err := kjson.Unmarshal(encoded, &v); err != nil {
			return nil, err
		}
		if v != nil {
			documents = append(documents, v)
		}
	}
}

// check checks that mop reads a text as kubectl does, or returns an error.
func check(t *testing.T, text string) {
	documents, err := document.YAML(t.Context(), []byte(text), document.Options{})
	want, wantErr := byKubectl(text)
	switch {
	case specimen.Odd(text, err, wantErr), specimen.HasEnd(text):
		return
	case wantErr != nil:
		assert.Error(t, err, "%q: want %v", text, wantErr)
		return
	}
	require.NoError(t, err, "%q", text)
	var got []any
	for _, d := range documents {
		if d.Value != nil {
			got = append(got, d.Value)
		}
	}
	assert.Equal(t, want, got, "%q", text)
}

func TestReads(t *testing.T) {
	for _, text := range specimen.All() {
		check(t, text)
	}
}

func FuzzReads(f *testing.F) {
	for _, text := range specimen.Texts() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer pace.Hold(t, len(text))()
		check(t, text)
	})
}

// kubectl reads what mop writes as one document with the same value.
func TestWrites(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 2000 {
		s, key := specimen.Generate(r), specimen.Generate(r)
		if i == 0 {
			key = "\u2003{" // kubectl guesses that this is JSON, if it stands first and bare
		}
		for _, v := range []any{
			map[string]any{key: s},
			map[string]any{key: []any{s, map[string]any{s: key}}},
			map[string]any{key: map[string]any{s: s, key: []any{}}},
			[]any{map[string]any{key: s}, s},
		} {
			text, err := emitter.Marshal(t.Context(), v, emitter.Style{Wide: i%2 == 0})
			require.NoError(t, err)
			decoder := kyaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
			var got any
			require.NoError(t, decoder.Decode(&got), "%s", text)
			require.Equal(t, plain(t, v), plain(t, got), "%s", text)
			require.ErrorIs(t, decoder.Decode(new(any)), io.EOF, "%s", text)
		}
	}
}

// plain returns a value as encoding/json reads it.
func plain(t *testing.T, v any) (out any) {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &out))
	return out
}
