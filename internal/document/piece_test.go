package document_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/pace"
)

// pieces returns the pieces of a stream.
func pieces(t *testing.T, r io.Reader) (all []document.Piece) {
	t.Helper()
	for p, err := range document.Pieces(t.Context(), r) {
		require.NoError(t, err)
		all = append(all, p)
	}
	return all
}

func TestPieces(t *testing.T) {
	text := "# c\n--- # one\na: 1\n...\n%YAML 1.1\n# c\n---\nb: 2\n---#\nc: 3\n---\n---\n\n# d\n---"
	var got []document.Piece
	for _, p := range pieces(t, strings.NewReader(text)) {
		got = append(got, document.Piece{Text: p.Text, Line: p.Line, Content: p.Content})
	}
	assert.Equal(t, []document.Piece{
		{Text: []byte("# c\n"), Line: 1},
		{Text: []byte("--- # one\na: 1\n...\n"), Line: 2, Content: 3},
		{Text: []byte("%YAML 1.1\n# c\n---\nb: 2\n"), Line: 5, Content: 5},
		{Text: []byte("c: 3\n"), Line: 10, Content: 10},
		{Text: []byte("---\n"), Line: 11},
		{Text: []byte("---\n\n# d\n"), Line: 12},
		{Text: []byte("---"), Line: 15},
	}, got)
}

// Pieces yields a document before it reads the next one.
func TestPiecesComeAtOnce(t *testing.T) {
	r := io.MultiReader(strings.NewReader("a: 1\n---\nb: 2\n---\n"), iotest.ErrReader(io.ErrClosedPipe))
	var got []string
	for p, err := range document.Pieces(t.Context(), r) {
		if err != nil {
			assert.ErrorIs(t, err, io.ErrClosedPipe)
			got = append(got, "end")
			continue
		}
		got = append(got, string(p.Text))
	}
	assert.Equal(t, []string{"a: 1\n", "---\nb: 2\n", "end"}, got)
}

// FuzzPieces checks that a stream is separated like a text, in whatever parts it comes, and
// that JSON is separated as encoding/json does it.
func FuzzPieces(f *testing.F) {
	f.Add([]byte("a: 1\n---\nb: 2\n...\n---#\n%YAML 1.1\n---\n"))
	f.Add([]byte("%YAML 1.1\n# c\n--- a\n--- b\n...\n...\n---"))
	f.Add([]byte(`{"a": "}"} [1, "\"]"] 1 true"x" nul`))
	f.Add([]byte(`{"a": "\n"} {"\\": "\u005d\\"} []`))
	f.Add([]byte(" {\n\"a\": [1}\n]\n{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		defer pace.Hold(t, len(data))()
		require.Equal(t, alike(document.Split(data)), alike(pieces(t, iotest.OneByteReader(bytes.NewReader(data)))))
		var got []string
		var fault error
		for p, err := range document.JSONPieces(t.Context(), iotest.HalfReader(bytes.NewReader(data))) {
			if fault = err; err == nil {
				got = append(got, string(bytes.TrimSpace(p.Text)))
			}
		}
		want, wrong := byEncodingJSON(data)
		require.Equal(t, want, got)
		require.Equal(t, wrong, fault != nil)
		is, rest, err := document.IsJSON(t.Context(), iotest.OneByteReader(bytes.NewReader(data)))
		require.NoError(t, err)
		again, err := io.ReadAll(rest)
		require.NoError(t, err)
		require.Equal(t, len(data), len(again))
		require.True(t, bytes.Equal(data, again))
		require.Equal(t, isJSON(data), is)
	})
}

// alike returns pieces with equal values for empty texts.
func alike(pieces []document.Piece) []document.Piece {
	for i := range pieces {
		pieces[i].Text = append([]byte{}, pieces[i].Text...)
	}
	return pieces
}

// byEncodingJSON returns the values of a stream, and whether something else follows.
func byEncodingJSON(data []byte) (values []string, wrong bool) {
	d := json.NewDecoder(bytes.NewReader(data))
	for {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return values, !errors.Is(err, io.EOF)
		}
		values = append(values, string(raw))
	}
}

func isJSON(data []byte) bool {
	var first json.RawMessage
	d := json.NewDecoder(bytes.NewReader(data))
	if d.Decode(&first) != nil || first[0] != '{' && first[0] != '[' {
		return false
	}
	rest := bytes.TrimLeft(data[d.InputOffset():], " \t\r\n")
	return len(rest) == 0 || rest[0] == '{' || rest[0] == '['
}

// endless returns a text without an end.
func endless(text string) io.Reader { return &repeated{text, 0} }

type repeated struct {
	text string
	at   int
}

func (r *repeated) Read(p []byte) (n int, err error) {
	for n < len(p) {
		copied := copy(p[n:], r.text[r.at:])
		n, r.at = n+copied, (r.at+copied)%len(r.text)
	}
	return n, nil
}

// A document that is larger than the memory that is left is refused, with the line where it
// begins. The documents behind it are read.
func TestTooLarge(t *testing.T) {
	for _, c := range []struct {
		name   string
		before string
		// large is repeated.
		large, after string
		read         func(context.Context, io.Reader) iter.Seq2[document.Piece, error]
		want         []string
	}{
		{"lines", "a: 1\n---\n# c\nb:\n", "- " + strings.Repeat("x", 1<<16) + "\n", "---\nc: 3\n", document.Pieces,
			[]string{"1: a: 1\n", "line 4: too large", "2053: ---\nc: 3\n"}},
		{"a line", "a: 1\n---\n", strings.Repeat("x", 1<<16), "\n...\nc: 3\n", document.Pieces,
			[]string{"1: a: 1\n", "line 3: too large", "5: c: 3\n"}},
		{"the line of a marker", "a: 1\n--- ", strings.Repeat("x", 1<<16), "\n---\nc: 3\n", document.Pieces,
			[]string{"1: a: 1\n", "line 2: too large", "3: ---\nc: 3\n"}},
		{"the last", "a: 1\n---\nb:\n", "- " + strings.Repeat("x", 1<<16) + "\n", "", document.Pieces,
			[]string{"1: a: 1\n", "line 3: too large"}},
		{"JSON", "{}\n[", strings.Repeat("0,\n", 1<<14), "0]\n{\"a\": 1}", document.JSONPieces,
			[]string{"1: {}", "line 2: too large", `33554435: {"a": 1}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			runtime.GC()
			ctx, stop := budget.New(t.Context(), budget.Limits{Memory: budget.Held() + 64<<20})
			defer stop()
			var got []string
			large := io.LimitReader(endless(c.large), int64(len(c.large))*2048)
			for p, err := range c.read(ctx, io.MultiReader(strings.NewReader(c.before), large, strings.NewReader(c.after))) {
				var faults document.Faults
				if errors.As(err, &faults) {
					got = append(got, fmt.Sprintf("line %d: %.9s", faults[0].Line, faults[0].Problem))
					continue
				}
				require.NoError(t, err)
				got = append(got, fmt.Sprintf("%d: %s", p.Line, p.Text))
			}
			assert.Equal(t, c.want, got)
		})
	}
}

// A document without an end is not skipped for ever.
func TestMemoryIsBounded(t *testing.T) {
	runtime.GC() // garbage counts as held
	ctx, stop := budget.New(t.Context(), budget.Limits{Memory: budget.Held() + 64<<20})
	defer stop()
	interrupted := func(err error, line int) {
		t.Helper()
		var at *document.Interrupted
		require.ErrorAs(t, err, &at)
		assert.Equal(t, line, at.Line)
		assert.ErrorAs(t, err, new(*budget.Exceeded))
	}
	var err error
	for _, err = range document.Pieces(ctx, io.MultiReader(strings.NewReader("a: 1\n---\n"), endless("- abc "+strings.Repeat("x", 1<<20)+"\n"))) {
	}
	interrupted(err, 2)
	for _, err = range document.JSONPieces(ctx, io.MultiReader(strings.NewReader("{}\n["), endless("0,"+strings.Repeat(" ", 1<<16)))) {
	}
	interrupted(err, 2)
	_, _, err = document.IsJSON(ctx, io.MultiReader(strings.NewReader("\n["), endless("0, ")))
	interrupted(err, 2)
	_, err = document.JSON(ctx, []byte("["+strings.Repeat("[],", 2<<20)+"0]"), document.Options{})
	interrupted(err, 1)
}

// The parser ends when the memory is full, or the time is over.
func TestParserEnds(t *testing.T) {
	for name, text := range map[string]string{
		"block": strings.Repeat("- a: b\n", 2<<20), "flow": "[" + strings.Repeat("a,\n", 2<<20) + "]",
	} {
		t.Run(name, func(t *testing.T) {
			runtime.GC()
			ctx, stop := budget.New(t.Context(), budget.Limits{Memory: budget.Held() + 128<<20})
			defer stop()
			_, err := document.YAML(ctx, []byte(text), document.Options{})
			var at *document.Interrupted
			require.ErrorAs(t, err, &at)
			assert.Greater(t, at.Line, 1000)
			assert.ErrorAs(t, err, new(*budget.Exceeded))
		})
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(io.ErrClosedPipe)
	_, err := document.YAML(ctx, []byte("a: 1"), document.Options{})
	assert.ErrorIs(t, err, io.ErrClosedPipe)
	_, found := document.Find(ctx, []byte("a: 1"), document.Tanka, []any{0, "a"})
	assert.False(t, found)
	assert.Zero(t, document.PlacesOf(ctx, []byte("a: 1")).Line("a"))
}
