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

	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

var allForms = flag.Bool("all", false, "let TestForms take all manifests, not one of 17")

// large matches an integer of which a float64 has another.
var large = regexp.MustCompile(`[^"\d]\d{16,}[,}\]]`)

// An object has the same findings in every form in which a Go program may hold it. A type
// of k8s.io/api has no place for some faults, and tells no empty value from none, so that
// only the verdict is the same: that of the release of these types.
func TestForms(t *testing.T) {
	oldest, err := validate.New(validate.Config{})
	require.NoError(t, err)
	newest, err := validate.New(validate.Config{Release: release.Newest.String()})
	require.NoError(t, err)
	forms := map[string]func(t *testing.T, text []byte) any{
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
		"object": func(t *testing.T, text []byte) any {
			o, err := manifest.From(json.RawMessage(text))
			if err != nil {
				// It has no identity.
				return json.RawMessage(text)
			}
			return o
		},
		"document": func(t *testing.T, text []byte) any {
			documents, found, err := manifest.Parse(t.Context(), "a.json", text)
			require.NoError(t, err)
			require.NoError(t, found.Err())
			return validate.Object{Value: documents[0], Origins: func(manifest.Path) []diag.Position { return nil }}
		},
	}
	scheme, held := types(t), 0
	check := func(v *validate.Validator, form any) validate.Result {
		report, err := v.Check(t.Context(), form)
		require.NoError(t, err)
		return report.Results[0]
	}
	all := 0
	for _, m := range manifests(t) {
		if !*allForms && m.ID%17 != 0 {
			continue
		}
		all++
		want := check(oldest, json.RawMessage(m.Object))
		for name, form := range forms {
			if name == "floats" && large.Match(m.Object) {
				continue
			}
			assert.Equal(t, want.Findings, check(oldest, form(t, m.Object)).Findings, "%s, as %s", m.How, name)
		}
		if o, ok := typed(scheme, m.How, m.Object); ok {
			held++
			want, got := check(newest, json.RawMessage(m.Object)), check(newest, o)
			assert.Equal(t, want.Status, got.Status, "%s, as %T: %v, not %v", m.How, o, got.Findings, want.Findings)
		}
	}
	t.Logf("%d of %d manifests as types of k8s.io/api", held, all)
	assert.Greater(t, held, all/2)
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
