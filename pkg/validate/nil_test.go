package validate_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/render"
	"github.com/mop-platform/mop/pkg/validate"
)

// A Validator that is nil, and an object that was not added, are no panics.
func TestNil(t *testing.T) {
	var v *validate.Validator
	_, err := v.Check(t.Context(), map[string]any{})
	require.EqualError(t, err, "check of objects: want a Validator of New, got nil")
	_, err = v.CheckRender(t.Context(), &render.Result{})
	require.EqualError(t, err, "check of objects: want a Validator of New, got nil")
	_, err = v.NewSet().Alone(t.Context(), map[string]any{})
	require.ErrorContains(t, err, "want a Set of Validator.NewSet")

	for _, s := range []*validate.Set{{}, new(validate.Validator).NewSet()} {
		for _, i := range []int{-1, 0} {
			_, err = s.Together(t.Context(), i)
			require.ErrorContains(t, err, "check among others: no object ")
			r, defined := s.Member(i)
			assert.Empty(t, r)
			assert.False(t, defined)
		}
	}
}
