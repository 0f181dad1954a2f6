package jsonnet_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/jsonnet"
)

// TestParseYAMLDiffers lists the intended differences between std.parseYaml and
// go-jsonnet's.
func TestParseYAMLDiffers(t *testing.T) {
	tests := []struct{ name, yaml, theirs, ours string }{
		{"booleans as keys", `on: 3\nyes: 5\ny: 6\noff: 1\nno: 4`, `{"false":4,"true":6}`, `{"no":4,"off":1,"on":3,"y":6,"yes":5}`},
		{"booleans as values", `[on, yes, y, off, no, n]`, `[true,true,true,false,false,false]`, ""},
		{"numbers as keys", `1.10: a\n0x1f: b\n1_000: c\n017: d`, `{"1.1":"a","1000":"c","15":"d","31":"b"}`, `{"017":"d","0x1f":"b","1.10":"a","1_000":"c"}`},
		{"integers as keys", `1: a\n-5: b`, `{"-5":"b","1":"a"}`, ""},
		{"dates as keys", `2024-01-02: a`, `{"2024-01-02":"a"}`, ""},
		{"null as a key", `~: a`, "failed to parse YAML: error converting YAML to JSON: unsupported map key of type: %!s(<nil>), key: <nil>, value: \"a\"", "failed to parse YAML: line 1: key ~: want a string, got null; quote it"},
		{"a key set twice", `a: 1\nb: 2\na: 3`, `{"a":3,"b":2}`, `failed to parse YAML: line 3: key "a" is set twice, first in line 1`},
		{"a key set twice as text and number", `1: a\n"1": b`, "", `failed to parse YAML: line 2: key "1" is set twice, first in line 1`},
		{"a key that a merge brings", `a: &a {x: 1}\nb: {<<: *a, x: 2}\nc: {x: 2, <<: *a}`, `{"a":{"x":1},"b":{"x":2},"c":{"x":1}}`, ""},
		{"a document after the end of one", `a: 1\n...\nb: 2`, `{"a":1}`, `failed to parse YAML: line 3: want the end of the document, or a line --- before the next one`},
		{"text after the end of a document", `{a: 1}\nb: 2`, `{"a":1}`, `failed to parse YAML: line 2: want the end of the document, or a line --- before the next one`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := jsonnet.Input{SnippetName: "a.jsonnet", Snippet: `std.manifestJsonMinified(std.parseYaml("` + strings.ReplaceAll(tt.yaml, `"`, `\"`) + `"))`}
			shown := func(o outcome) string {
				if o.message != "" {
					return o.message
				}
				var s string
				require.NoError(t, json.Unmarshal([]byte(o.text), &s))
				return s
			}
			if tt.ours == "" {
				tt.ours = tt.theirs
			}
			if tt.theirs != "" {
				assert.Equal(t, tt.theirs, shown(theirs(in, nil, nil)))
			}
			assert.Equal(t, tt.ours, shown(ours(t, jsonnet.NewCache(0), in)))
		})
	}
}
