package manifest_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/manifest"
)

// Numbers from files have the values that kubectl sends and an API server reads.
func TestParseNumbers(t *testing.T) {
	tests := []struct {
		text string
		want any
		// inYAML is the value from YAML if that is another: kubectl writes the shortest
		// text of a float.
		inYAML any
		// yamlOnly says that the text is no JSON.
		yamlOnly bool
	}{
		{text: "0", want: int64(0)},
		{text: "-0", want: int64(0)},
		{text: "1.0", want: int64(1)},
		{text: "1e3", want: int64(1000)},
		{text: "1.5", want: 1.5},
		{text: "9007199254740992", want: int64(9007199254740992)},
		{text: "9007199254740993", want: int64(9007199254740993)},
		{text: "-9007199254740993", want: int64(-9007199254740993)},
		{text: "9223372036854775807", want: int64(math.MaxInt64)},
		{text: "9223372036854775806", want: int64(math.MaxInt64 - 1)},
		{text: "-9223372036854775808", want: int64(math.MinInt64)},
		{text: "9223372036854775808", want: float64(1 << 63)},
		{text: "-9223372036854775809", want: int64(math.MinInt64), inYAML: -float64(1 << 63)},
		{text: "18446744073709551615", want: float64(1 << 64)},
		{text: "18446744073709551616", want: float64(1 << 64)},
		{text: "1e300", want: 1e300},
		{text: "0x7fffffffffffffff", want: int64(math.MaxInt64), yamlOnly: true},
	}
	for _, tt := range tests {
		for _, file := range []string{"a.yaml", "a.json"} {
			if tt.yamlOnly && file == "a.json" {
				continue
			}
			want := tt.want
			if file == "a.yaml" && tt.inYAML != nil {
				want = tt.inYAML
			}
			t.Run(file+" "+tt.text, func(t *testing.T) {
				documents, found, err := manifest.Parse(t.Context(), file, []byte(`{"a": [`+tt.text+`]}`))
				require.NoError(t, err)
				require.Empty(t, found)
				require.Len(t, documents, 1)
				assert.Equal(t, map[string]any{"a": []any{want}}, documents[0].Value)
			})
		}
	}
}

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
		assert.Equal(t, tt.want, manifest.Whole(tt.in))
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
			assert.Equal(t, tt.want, manifest.Equal(tt.a, tt.b))
			assert.Equal(t, tt.want, manifest.Equal(tt.b, tt.a))
		})
	}
}
