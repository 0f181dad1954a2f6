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
