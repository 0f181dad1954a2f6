package diag_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
)

func TestWrite(t *testing.T) {
	l := diag.List{
		{Subject: "b", Problem: "second", Severity: diag.Warning},
		{Subject: "a", Problem: "first", Origins: []diag.Position{{File: "x", Line: 3, Column: 7}, {File: "y", Line: 2}, {File: "z"}}, Hints: []string{"mend it", "or not"}},
		{Subject: "b", Problem: "second", Severity: diag.Warning},
		{At: diag.Position{File: "spec.json", Line: 1, Column: 2}, Problem: "placed"},
	}
	tests := []struct {
		name string
		opts diag.Options
		want string
	}{
		{"plain", diag.Options{}, `a: first
    x:3:7
    y:2
    z
    hint: mend it
    hint: or not
b: warning: second
spec.json:1:2: placed
`},
		{"paths", diag.Options{Path: func(s string) string { return "../" + s }}, `a: first
    ../x:3:7
    ../y:2
    ../z
    hint: mend it
    hint: or not
b: warning: second
../spec.json:1:2: placed
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			require.NoError(t, diag.Write(&b, l, tt.opts))
			assert.Equal(t, tt.want, b.String())

			// The order of the input does not show.
			reversed := slices.Clone(l)
			slices.Reverse(reversed)
			var r strings.Builder
			require.NoError(t, diag.Write(&r, reversed, tt.opts))
			assert.Equal(t, tt.want, r.String())
		})
	}
}

func TestErr(t *testing.T) {
	assert.NoError(t, diag.List{}.Err())
	assert.NoError(t, diag.List{{Severity: diag.Warning, Subject: "a", Problem: "odd"}}.Err())

	two := diag.List{{Subject: "a", Problem: "bad"}, {Subject: "b", Problem: "bad"}}
	assert.EqualError(t, two.Err(), "a: bad (and 1 more)")
}

func TestFrom(t *testing.T) {
	d := diag.Diagnostic{Subject: "a", Problem: "bad"}
	for name, err := range map[string]error{
		"list":    fmt.Errorf("environment x: %w", diag.List{d}),
		"element": fmt.Errorf("environment x: %w", d),
	} {
		t.Run(name, func(t *testing.T) {
			l, ok := diag.From(err)
			require.True(t, ok)
			assert.Equal(t, diag.List{d}, l)
		})
	}
	_, ok := diag.From(errors.New("no disk"))
	assert.False(t, ok)
}

func TestSuggest(t *testing.T) {
	fields := []string{"namespace", "injectLabels", "apiServer", "contextNames", "eta", "etb"}
	tests := []struct{ name, want string }{
		{"injectLables", "injectLabels"},
		{"namspace", "namespace"},
		{"apiserver", "apiServer"},
		{"etc", "eta"},
		{"replicas", ""},
		{"", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, diag.Suggest(tt.name, fields))
		})
	}
}

func TestAlternatives(t *testing.T) {
	assert.Empty(t, diag.Alternatives(nil))
	assert.Equal(t, `"a"`, diag.Alternatives([]string{"a"}))
	assert.Equal(t, `"a", "b" or "c"`, diag.Alternatives([]string{"a", "b", "c"}))
}

func ExampleWrite() {
	l := diag.List{{
		Subject: "web.deployment.spec.replicas",
		Problem: `want integer, got string "3"`,
		Origins: []diag.Position{{File: "lib/web.libsonnet", Line: 4, Column: 9}},
		Hints:   []string{"remove the quotes"},
	}}
	if err := diag.Write(os.Stdout, l, diag.Options{}); err != nil {
		panic(err)
	}
	// Output:
	// web.deployment.spec.replicas: want integer, got string "3"
	//     lib/web.libsonnet:4:9
	//     hint: remove the quotes
}
