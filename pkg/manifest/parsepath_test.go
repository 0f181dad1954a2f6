package manifest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/pkg/manifest"
)

func TestParsePath(t *testing.T) {
	tests := []struct {
		text  string
		want  manifest.Path
		fails string
	}{
		{text: ".", want: nil},
		{text: "spec", want: manifest.Path{"spec"}},
		{text: ".spec.ports[0].name", want: manifest.Path{"spec", "ports", 0, "name"}},
		{text: "[3][4]", want: manifest.Path{3, 4}},
		{text: `labels["a.b"].c`, want: manifest.Path{"labels", "a.b", "c"}},
		{text: `labels['a/b']`, want: manifest.Path{"labels", "a/b"}},
		{text: `["\"é\""]`, want: manifest.Path{`"é"`}},
		{text: "data.my-key", want: manifest.Path{"data", "my-key"}},
		{text: "", fails: `want a path such as spec.ports[0], got ""`},
		{text: "a..b", fails: `path a..b: want a field's name, got "..b"`},
		{text: "a.", fails: `path a.: want a field's name, got "."`},
		{text: "a]", fails: `path a]: want a dot or [, got "]"`},
		{text: "a[0]b", fails: `path a[0]b: want a dot or [, got "b"`},
		{text: "a[-1]", fails: `path a[-1]: want an index or a quoted name in brackets, got "[-1]"`},
		{text: "a[0", fails: `path a[0: nothing ends the bracket of "[0"`},
		{text: "a['b]", fails: `path a['b]: nothing ends the name in "['b]"`},
		{text: `a["b]`, fails: `path a["b]: want a quoted name in brackets, got "[\"b]"`},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := manifest.ParsePath(tt.text)
			if tt.fails != "" {
				require.EqualError(t, err, tt.fails)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

// FuzzParsePath checks that parsing does not panic, that an accepted path is equal after it
// is written and parsed again, and that the same is true of every field and index.
func FuzzParsePath(f *testing.F) {
	for _, seed := range []string{"a.b[0]", `["a.b"]`, ".", "a['b']", "error.x", "\xff", "\u2028"} {
		f.Add(seed, seed, uint16(3))
	}
	f.Fuzz(func(t *testing.T, text, name string, index uint16) {
		defer pace.Hold(t, len(text)+len(name))()
		// No evaluation makes other text.
		text, name = strings.ToValidUTF8(text, "x"), strings.ToValidUTF8(name, "x")
		for _, path := range []manifest.Path{{name, int(index)}, {int(index), name, name}} {
			again, err := manifest.ParsePath(path.String())
			require.NoError(t, err)
			require.Equal(t, path.String(), again.String())
		}
		if path, err := manifest.ParsePath(text); err == nil {
			again, err := manifest.ParsePath(path.String())
			require.NoError(t, err)
			require.Equal(t, path.String(), again.String())
		}
	})
}
