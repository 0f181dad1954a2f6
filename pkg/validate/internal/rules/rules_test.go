package rules

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
	"github.com/mop-platform/mop/pkg/validate/internal/refer"
)

// odd returns values of all types, most of them wrong in any place.
func odd() []any {
	return []any{
		nil, true, -1.0, 0.5, 1e300, "", "text", "TZ=x", "1%", "None",
		[]any{}, []any{nil}, []any{"text", "text"}, []any{[]any{}, map[string]any{}},
		map[string]any{}, map[string]any{"name": nil}, map[string]any{"text": []any{}},
	}
}

// engineOf returns an engine of a release, with all constraints.
func engineOf(t testing.TB, minor schema.Minor) *engine.Engine {
	r, err := release.Open(minor)
	require.NoError(t, err)
	document, err := schema.Open(minor)
	require.NoError(t, err)
	catalogue := Builtin(r)
	refer.AddReferences(catalogue.Table)
	return &engine.Engine{Release: r, Document: document, Kinds: schema.Builtin(), Catalogue: catalogue}
}

// TestRulesBearAnyValue applies all constraints to odd values and to objects with odd
// values in each of their fields and the fields of these.
func TestRulesBearAnyValue(t *testing.T) {
	for _, minor := range []schema.Minor{release.Oldest, release.Newest} {
		e := engineOf(t, minor)
		definitions := map[string]*schema.Schema{}
		for _, name := range e.Document.Names() {
			definitions[engine.ShortName(name)], _ = e.Document.Definition(name)
		}
		for _, name := range slices.Sorted(maps.Keys(e.Catalogue.Table)) {
			check := func(value any) {
				n := e.Begin(t.Context(), manifest.ID{}, nil, nil)
				n.Kind, n.Value = name, value
				assert.NotPanics(t, func() { n.Run(e.Catalogue.Table[name]...) }, "%s in %v", name, value)
			}
			for _, value := range odd() {
				check(value)
				for _, p := range properties(e.Document, definitions[name]) {
					check(map[string]any{p.Name: value})
					for _, inner := range properties(e.Document, p.Schema) {
						check(map[string]any{p.Name: map[string]any{inner.Name: value}})
						check(map[string]any{p.Name: []any{map[string]any{inner.Name: value}}})
					}
				}
			}
		}
	}
}

// properties returns the properties of an object, or of the items of an array.
func properties(doc *schema.Document, s *schema.Schema) []schema.Property {
	for s != nil && (s.Ref != "" || s.Items != nil) {
		if s.Items != nil {
			s = s.Items
		} else {
			s, _ = doc.Definition(s.Ref)
		}
	}
	if s == nil {
		return nil
	}
	return s.Properties
}

func FuzzSchedule(f *testing.F) {
	for _, seed := range []string{"*/5 0-4 1,15 * MON-FRI", "@every 1h", "TZ=UTC", "CRON_TZ=x * * * * *", "61 * * * *", ""} {
		f.Add(seed)
	}
	e := engineOf(f, release.Oldest)
	f.Fuzz(func(t *testing.T, text string) {
		defer pace.Hold(t, len(text))()
		n := e.Begin(t.Context(), manifest.ID{}, nil, nil)
		n.Value = text
		schedule(n)
		timeZone(n)
		if strings.Contains(text, "TZ") {
			assert.NotEmpty(t, n.Findings())
		}
	})
}

func FuzzCountIndexes(f *testing.F) {
	for _, seed := range []string{"", "0", "0,2-4,9", "3-3", "1,0", "-1", "1-2-3", "99999999999"} {
		f.Add(seed, int64(10))
	}
	f.Fuzz(func(t *testing.T, text string, completions int64) {
		defer pace.Hold(t, len(text))()
		if total, err := countIndexes(text, completions); err == nil && text != "" {
			assert.Positive(t, total)
			assert.LessOrEqual(t, total, completions)
		}
	})
}
