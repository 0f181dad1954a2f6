package manifest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

func TestDecodeYAML(t *testing.T) {
	tests := []struct{ name, in, want, fails string }{
		{name: "numbers", in: "[0x10, 1_000, 1.5, 017]", want: "[16,1000,1.5,15]"},
		{name: "large numbers", in: "[18446744073709551615, 9007199254740993, 1e300]", want: "[18446744073709552000,9007199254740993,1e+300]"},
		{name: "a time", in: "!!timestamp 2001-01-01", want: `"2001-01-01"`},
		{name: "bytes", in: "!!binary /w==", want: `"�"`},
		{name: "keys", in: "{1: a, 1.5: b, true: c, .inf: d}", want: `{".inf":"d","1":"a","1.5":"b","true":"c"}`},
		{name: "merge", in: "a: &a {b: 1, c: 2}\nd: {<<: *a, e: 3}", want: `{"a":{"b":1,"c":2},"d":{"b":1,"c":2,"e":3}}`},
		{name: "equal keys", in: `{1: a, "1": b}`, fails: `key "1" already set in map`},
		{name: "null as a key", in: "{null: a}", fails: "want a string as a key, got <nil>"},
		{name: "several faults", in: "{a: .nan, b: .inf, c: -.inf}", fails: "json: unsupported value: +Inf"},
		{name: "depth", in: strings.Repeat("[", 9999) + strings.Repeat("]", 9999), want: strings.Repeat("[", 9999) + strings.Repeat("]", 9999)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			value, err := decodeYAML([]byte(tt.in))
			if tt.fails != "" {
				require.EqualError(t, err, tt.fails)
				return
			}
			require.NoError(t, err)
			got, err := json.Marshal(value)
			require.NoError(t, err)
			assert.Equal(t, tt.want, string(got))
		})
	}
}

// FuzzDecodeYAML holds the decoder against sigs.k8s.io/yaml and what an API server
// reads of its JSON.
func FuzzDecodeYAML(f *testing.F) {
	for _, seed := range []string{
		"a: 1\nb: [2, {c: d}]\n", "- &a b\n- *a\n", "a: 1\na: 2\n", "{1: a, 1.5: b, true: c, .inf: d, null: e}",
		"[.nan, 0x1f, 0o17, 1_000, 1e3, -0.0, ~, yes, 2001-01-01]", "!!binary aGVsbG8=", "!!timestamp 2001-01-01",
		"a: &a {b: 1}\nc: {<<: *a, d: 2}", "\"\\xff\": !!binary /w==",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := decodeYAML(text)
		encoded, wantErr := yaml.YAMLToJSONStrict(text)
		var want any
		if wantErr == nil {
			wantErr = kjson.UnmarshalCaseSensitivePreserveInts(encoded, &want)
		}
		switch {
		case err != nil && strings.HasSuffix(err.Error(), "already set in map"):
			// Where keys become equal as strings sigs.k8s.io/yaml takes either.
		case wantErr != nil:
			require.Error(t, err)
		default:
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	})
}
