package validate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// allResults checks objects at once and one after the other, and compares the results.
func allResults(t testing.TB, v *validate.Validator, objects []validate.Object) []validate.Result {
	t.Helper()
	report, err := v.Check(t.Context(), objects)
	require.NoError(t, err)
	if slices.ContainsFunc(objects, isList) {
		// Check takes the items of lists; a Set refuses lists.
		return passing(t, v, objects)
	}
	results := report.Results
	for i, r := range passing(t, v, objects) {
		assert.Equal(t, results[i].Status, r.Status, "object %d, one after the other", i)
		assert.Equal(t, results[i].Findings, r.Findings, "object %d, one after the other", i)
	}
	return results
}

// isList reports whether Check may take the items of an object instead of it.
func isList(o validate.Object) bool {
	value, ok := o.Value.(map[string]any)
	if d, isDocument := o.Value.(manifest.Document); !ok && isDocument {
		value, _ = d.Value.(map[string]any)
	}
	kind, _ := value["kind"].(string)
	return strings.HasSuffix(kind, "List")
}

// passing checks objects one after the other.
func passing(t testing.TB, v *validate.Validator, objects []validate.Object) []validate.Result {
	t.Helper()
	s := v.NewSet()
	var results []validate.Result
	late := map[int]bool{}
	for i, o := range objects {
		gone := false
		if origins := o.Origins; origins != nil {
			o.Origins = func(path manifest.Path) []diag.Position {
				assert.False(t, gone, "the object has passed by")
				return origins(path)
			}
		}
		c, err := s.Alone(t.Context(), o)
		require.NoError(t, err)
		c, err = s.Add(t.Context(), c)
		require.NoError(t, err)
		gone = true
		late[i] = !c.Known
		results = append(results, c.Result)
	}
	for i, o := range objects {
		if late[i] {
			c, err := s.Alone(t.Context(), o)
			require.NoError(t, err)
			results[i] = c.Result
		}
		more, err := s.Together(t.Context(), i)
		require.NoError(t, err)
		results[i] = results[i].With(more)
	}
	return results
}
