package plain_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mop-platform/mop/internal/plain"
)

func TestWhole(t *testing.T) {
	for _, tt := range []struct{ in, want any }{
		{1.0, int64(1)},
		{1.5, 1.5},
		{float64(math.MinInt64), int64(math.MinInt64)},
		{float64(1 << 62), int64(1 << 62)},
		{float64(1 << 63), float64(1 << 63)},
		{math.Inf(1), math.Inf(1)},
		{int64(3), int64(3)},
		{"1", "1"},
		{nil, nil},
	} {
		assert.Equal(t, tt.want, plain.Whole(tt.in))
	}
}

func TestEqual(t *testing.T) {
	tests := []struct {
		name string
		a, b any
		want bool
	}{
		{"integers", int64(9007199254740992), int64(9007199254740993), false},
		{"integer and float", int64(3), 3.0, true},
		{"integer and the float beside it", int64(9007199254740993), 9007199254740992.0, false},
		{"floats", 0.5, 0.5, true},
		{"null", nil, nil, true},
		{"null and absent", map[string]any{"a": nil}, map[string]any{"b": nil}, false},
		{"null and zero", nil, int64(0), false},
		{"number and text", int64(1), "1", false},
		{"nested", map[string]any{"a": []any{1.0, map[string]any{}}}, map[string]any{"a": []any{int64(1), map[string]any{}}}, true},
		{"other length", []any{1.0}, []any{1.0, 1.0}, false},
		{"array and text", []any{}, "", false},
		{"text and array", "", []any{}, false},
		{"object and array", map[string]any{}, []any{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, plain.Equal(tt.a, tt.b))
			assert.Equal(t, tt.want, plain.Equal(tt.b, tt.a))
		})
	}
}
