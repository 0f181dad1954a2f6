package native_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/pace"
)

// FuzzRegex checks that expressions match or are refused, and that an escaped text matches
// itself.
func FuzzRegex(f *testing.F) {
	f.Add("(a+)|b", "aab", "$1-$0")
	f.Add("((x{1,30}){1,30})y", "xxxxxxxxxxxx", "")
	f.Add("(", "", "")
	match, subst, escape := function(f, "regexMatch"), function(f, "regexSubst"), function(f, "escapeStringRegex")
	f.Fuzz(func(t *testing.T, regex, text, replacement string) {
		defer pace.Hold(t, len(regex)+len(text)+len(replacement))()
		_, _ = match.Func(eval.Call{}, []any{regex, text})
		_, _ = subst.Func(eval.Call{}, []any{regex, text, replacement})
		escaped, err := escape.Func(eval.Call{}, []any{text})
		require.NoError(t, err)
		if same, err := match.Func(eval.Call{}, []any{"^" + escaped.(string) + "$", text}); err == nil {
			assert.Equal(t, true, same, "%q", text)
		}
	})
}

// FuzzParseJSON checks that parseJson accepts what encoding/json accepts, and that its
// result can be written.
func FuzzParseJSON(f *testing.F) {
	for _, text := range []string{"", "1", `{"a": [1, null, "x"]}`, "[[[]]]", "1e999", "9007199254740993"} {
		f.Add(text)
	}
	parse, toJSON, toYAML := function(f, "parseJson"), function(f, "manifestJsonFromJson"), function(f, "manifestYamlFromJson")
	f.Fuzz(func(t *testing.T, text string) {
		defer pace.Hold(t, len(text))()
		v, err := parse.Func(eval.Call{}, []any{text})
		if err == nil {
			assert.True(t, json.Valid([]byte(text)), "%q", text)
			marshal(t, v)
		}
		_, _ = toJSON.Func(eval.Call{}, []any{text, 2.0})
		_, _ = toYAML.Func(eval.Call{}, []any{text})
	})
}
