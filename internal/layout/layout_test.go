package layout_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/emitter"
	"github.com/mop-platform/mop/internal/layout"
	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/pkg/manifest"
)

func TestLayout(t *testing.T) {
	documents, err := layout.Of(t.Context(), []byte(`# a comment
a: 1
b:
- c: x
  d: |
    1
    2
- - y

---
# nothing
---
e: {f: 1}
...
`))
	require.NoError(t, err)
	var got []string
	for i, document := range documents {
		for _, p := range document {
			got = append(got, fmt.Sprintf("%d %s %d-%d", i, p.Path(), p.First, p.Last))
		}
	}
	assert.Equal(t, []string{
		"0 . 2-9", "0 a 2-2", "0 b 3-9", "0 b[0] 4-7", "0 b[0].c 4-4", "0 b[0].d 5-7", "0 b[1] 8-9", "0 b[1][0] 8-9",
		"1 . 13-13", "1 e 13-13", "1 e.f 13-13",
	}, got)

	for line, want := range map[int]string{2: "a", 3: "b", 4: "b[0].c", 7: "b[0].d"} {
		p, ok := layout.At(documents[0], line)
		require.True(t, ok)
		assert.Equal(t, want, p.Path().String(), line)
	}
	for _, line := range []int{1, 10, 99} {
		_, ok := layout.At(documents[0], line)
		assert.False(t, ok, line)
	}

	_, err = layout.Of(t.Context(), []byte("a: [\n"))
	assert.EqualError(t, err, "line 1: did not find expected node content")
}

// FuzzAnnotate checks that comments at all parts change nothing for a parser, that lines
// begin with their text, and that only parts with a key of several lines have no comment.
func FuzzAnnotate(f *testing.F) {
	long := strings.Repeat("word and word: # ", 20)
	f.Add("name", "a # b", long)
	f.Add(long, long+"\n", "x\ny")
	f.Add("a\nb", "|", "'\"")
	f.Add("? ", "- ", " lead\ntrail ")
	f.Add(strings.Repeat("k", 200), "", strings.Repeat("é ", 99))
	f.Add("0", "\n\n", "\t#\n")
	f.Fuzz(func(t *testing.T, key, one, two string) {
		defer pace.Hold(t, len(key)+len(one)+len(two))()
		if !utf8.ValidString(key + one + two) {
			t.Skip("no evaluation makes such text")
		}
		value := map[string]any{
			key: one, key + "2": two, "map": map[string]any{key: map[string]any{"a": two, key: one}, "": []any{}},
			"list": []any{one, map[string]any{key: two, "z": nil}, []any{[]any{two}, map[string]any{}}, true, 1.5},
		}
		plain, err := emitter.Marshal(t.Context(), value, emitter.Style{})
		require.NoError(t, err)
		before, found, err := manifest.Parse(t.Context(), "a.yaml", plain)
		require.NoError(t, err)
		if found.Err() != nil || strings.ContainsAny(key+one+two, "\r\u0085\u2028\u2029") {
			t.Skip("what the parser or the encoder does not take")
		}
		text, err := layout.Annotate(t.Context(), plain, func(p manifest.Path) string { return "remark" })
		require.NoError(t, err)
		after, found, err := manifest.Parse(t.Context(), "a.yaml", text)
		require.NoError(t, err)
		require.NoError(t, found.Err(), "%s", text)
		require.Equal(t, before[0].Value, after[0].Value, "%s", text)
		lines := strings.Split(string(text), "\n")
		for i, line := range strings.Split(string(plain), "\n") {
			rest, ok := strings.CutPrefix(lines[i], line)
			require.True(t, ok, "%q is not the beginning of %q", line, lines[i])
			require.True(t, rest == "" || strings.HasPrefix(rest, " # "), rest)
		}
		if !strings.Contains(key, "\n") {
			documents, err := layout.Of(t.Context(), plain)
			require.NoError(t, err)
			require.Equal(t, len(documents[0]), bytes.Count(text, []byte("remark"))-bytes.Count(plain, []byte("remark")))
		}
	})
}

func ExampleAnnotate() {
	o, _ := manifest.New(nil, map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "web"},
	})
	text, err := o.YAML(context.Background())
	if err != nil {
		panic(err)
	}
	text, err = layout.Annotate(context.Background(), text, func(p manifest.Path) string { return "at " + p.String() })
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(text)
	// Output:
	// apiVersion: v1 # at . > at apiVersion
	// kind: ConfigMap # at kind
	// metadata: # at metadata
	//   name: web # at metadata.name
}
