package corpus_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/mop-platform/mop/internal/convert"
	"github.com/mop-platform/mop/pkg/validate"
)

var allForms = flag.Bool("all", false, "let TestForms take all manifests, not one of 17")

// large matches an integer of which a float64 has another.
var large = regexp.MustCompile(`[^"\d]\d{16,}[,}\]]`)

// An object has the same findings in every form in which a Go program may hold it.
func TestForms(t *testing.T) {
	v, err := validate.New(validate.Options{})
	require.NoError(t, err)
	forms := map[string]func(t *testing.T, text []byte) any{
		"raw message": func(_ *testing.T, text []byte) any { return json.RawMessage(text) },
		"floats": func(t *testing.T, text []byte) any {
			var value map[string]any
			require.NoError(t, json.Unmarshal(text, &value))
			return value
		},
		"numbers": func(t *testing.T, text []byte) any { return numbers(t, text) },
		"ints":    func(t *testing.T, text []byte) any { return loose(numbers(t, text)) },
		"unstructured": func(t *testing.T, text []byte) any {
			var u unstructured.Unstructured
			if err := u.UnmarshalJSON(text); err != nil {
				// It has no kind.
				return numbers(t, text)
			}
			return &u
		},
	}
	for _, m := range manifests(t) {
		if !*allForms && m.ID%17 != 0 {
			continue
		}
		check := func(form any) []validate.Finding {
			value, faults := convert.Value(form)
			require.Empty(t, faults, m.How)
			object, ok := value.(map[string]any)
			require.True(t, ok, m.How)
			results, err := v.Check(t.Context(), []validate.Object{{Value: object}})
			require.NoError(t, err)
			return results[0].Findings
		}
		want := check(json.RawMessage(m.Object))
		for name, form := range forms {
			if name == "floats" && large.Match(m.Object) {
				continue
			}
			assert.Equal(t, want, check(form(t, m.Object)), "%s, as %s", m.How, name)
		}
	}
}

func numbers(t *testing.T, text []byte) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value map[string]any
	require.NoError(t, decoder.Decode(&value))
	return value
}

// loose returns a value as a program writes it: with int, map[string]string and []string.
func loose(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil && int64(int(i)) == i {
			return int(i)
		}
	case []any:
		texts := make([]string, 0, len(v))
		for i, e := range v {
			v[i] = loose(e)
			if s, ok := e.(string); ok {
				texts = append(texts, s)
			}
		}
		if len(texts) == len(v) {
			return texts
		}
	case map[string]any:
		texts := make(map[string]string, len(v))
		for k, e := range v {
			v[k] = loose(e)
			if s, ok := e.(string); ok {
				texts[k] = s
			}
		}
		if len(texts) == len(v) {
			return texts
		}
	}
	return v
}
