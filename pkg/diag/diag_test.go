package diag_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/failure"
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

			// The order of the input does not matter.
			reversed := slices.Clone(l)
			slices.Reverse(reversed)
			var r strings.Builder
			require.NoError(t, diag.Write(&r, reversed, tt.opts))
			assert.Equal(t, tt.want, r.String())
		})
	}
}

func TestWriteIsBounded(t *testing.T) {
	huge := strings.Repeat("x", 100_000_000)
	many := make([]string, 1000)
	places := make([]diag.Position, 100_000)
	for i := range places {
		places[i] = diag.Position{File: "a", Line: i + 1}
	}
	for i := range many {
		many[i] = fmt.Sprint("hint ", i)
	}
	longName := strings.Repeat("x", 1024)
	for _, tt := range []struct {
		name string
		d    diag.Diagnostic
		opts diag.Options
		want string
	}{
		{"problem", diag.Diagnostic{Subject: "a", Problem: huge}, diag.Options{},
			"a: " + strings.Repeat("x", 4096) + "… (99,995,904 more bytes)\n"},
		{"problem, a limit", diag.Diagnostic{Subject: "a", Problem: "xxx"}, diag.Options{Limit: 2}, "a: xx… (1 more byte)\n"},
		{"lines", diag.Diagnostic{Subject: "a", Problem: strings.Repeat("\n", 10_000) + "x"}, diag.Options{},
			"a: " + strings.Repeat("\n    ", 102) + "… (9,899 more bytes)\n"},
		{"subject", diag.Diagnostic{Subject: huge, Problem: "p"}, diag.Options{}, longName + "… (99,998,976 more bytes): p\n"},
		{"subject of lines", diag.Diagnostic{Subject: "a\nmop: b\t\x1b", Problem: "p"}, diag.Options{}, `a\nmop: b\t\x1b: p` + "\n"},
		{"file", diag.Diagnostic{At: diag.Position{File: huge, Line: 3}, Problem: "p"}, diag.Options{}, longName + "… (99,998,976 more bytes):3: p\n"},
		{"file of lines", diag.Diagnostic{Subject: "s", Problem: "p", Origins: []diag.Position{{File: "a\nb", Line: 3}}}, diag.Options{}, "s: p\n    a\\nb:3\n"},
		{"hints", diag.Diagnostic{Subject: "a", Problem: "p", Hints: many}, diag.Options{},
			"a: p\n    hint: hint 0\n    hint: hint 1\n    hint: hint 2\n    hint: hint 3\n    hint: hint 4\n    hint: hint 5\n" +
				"    hint: hint 6\n    hint: hint 7\n    hint: hint 8\n    hint: hint 9\n    … and 990 more hints\n"},
		{"hint", diag.Diagnostic{Subject: "a", Problem: "p", Hints: []string{huge}}, diag.Options{},
			"a: p\n    hint: " + strings.Repeat("x", 4096) + "… (99,995,904 more bytes)\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			require.NoError(t, diag.Write(&b, diag.List{tt.d}, tt.opts))
			assert.Equal(t, tt.want, b.String())
		})
	}
	t.Run("origins", func(t *testing.T) {
		var b strings.Builder
		require.NoError(t, diag.Write(&b, diag.List{{Subject: "a", Problem: "p", Origins: places}}, diag.Options{}))
		assert.Equal(t, 22, strings.Count(b.String(), "\n"))
		assert.True(t, strings.HasSuffix(b.String(), "    a:20\n    … and 99,980 more places\n"), b.String())
	})
	t.Run("list", func(t *testing.T) {
		var l diag.List
		for i := range 5000 {
			l = append(l, diag.Diagnostic{Subject: fmt.Sprintf("%04d", i), Problem: "p"})
		}
		var b strings.Builder
		require.NoError(t, diag.Write(&b, l, diag.Options{Most: 2}))
		assert.Equal(t, "0000: p\n0001: p\n… and 4,998 more\n", b.String())
		b.Reset()
		require.NoError(t, diag.Write(&b, l, diag.Options{MostBytes: 30}))
		assert.Equal(t, "0000: p\n0001: p\n0002: p\n… and 4,997 more\n", b.String())
		b.Reset()
		require.NoError(t, diag.Write(&b, l, diag.Options{MostBytes: 1}))
		assert.Equal(t, "0000: p\n… and 4,999 more\n", b.String())
	})
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
		"list":    fmt.Errorf("environment x: %w", diag.List{d}.Err()),
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

// A value without text gives no hint.
func TestEmptyValues(t *testing.T) {
	for name, value := range map[string]any{
		"no value": nil, "no text": "", "no texts": []string{}, "no positions": []diag.Position{},
	} {
		t.Run(name, func(t *testing.T) {
			d := diag.Diagnostic{Code: failure.NoImport, Values: map[string]any{"near": value, "tried": []string{"a", "b"}}}
			assert.Equal(t, []string{"looked for a, b"}, d.Advice(nil))
		})
	}
}

// A program compares codes, prints what people read, and hands on JSON.
func ExampleFrom() {
	err := fmt.Errorf("render prod: %w", diag.List{{
		Code: "no-variable", Values: map[string]any{"name": "cluster"},
		At: diag.Position{File: "lib/web.libsonnet", Line: 4, Column: 9}, Problem: "undefined external variable: cluster",
	}}.Err())
	found, ok := diag.From(err)
	if !ok {
		fmt.Println("no fault of the input:", err)
		return
	}
	for _, d := range found {
		fmt.Println(d.Code, d.At.Line)
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		fmt.Println(err)
	}
	// Output:
	// no-variable 4
	// [{"severity":"error","code":"no-variable","at":{"file":"lib/web.libsonnet","line":4,"column":9},"problem":"undefined external variable: cluster","hints":["give it with --ext-str cluster=TEXT or --ext-code cluster=VALUE"]}]
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

// Errors with lists can be compared, and what is behind each diagnostic is found.
func TestListAsError(t *testing.T) {
	cause := errors.New("the disk is on fire")
	l := diag.List{{Subject: "a", Problem: "bad"}, {Subject: "b", Problem: "worse", Err: cause}}
	err := l.Err()
	assert.NotPanics(t, func() { _ = err == l.Err() })
	assert.ErrorIs(t, err, err)
	assert.ErrorIs(t, err, cause)
	assert.NotErrorIs(t, err, errors.New("another"))
	assert.EqualError(t, err, "a: bad (and 1 more)")
	var d diag.Diagnostic
	assert.ErrorAs(t, err, &d)
	assert.NoError(t, diag.List{{Severity: diag.Warning}}.Err())
}

func TestJSON(t *testing.T) {
	for want, d := range map[string]diag.Diagnostic{
		`{"severity":"error","problem":"bad"}`: {Problem: "bad"},
		`{"severity":"warning","at":{"file":"a","line":1},"subject":"b","problem":"bad","origins":[{"file":"c","line":2,"column":3}],"hints":["mend it"]}`: {
			Severity: diag.Warning, At: diag.Position{File: "a", Line: 1}, Subject: "b", Problem: "bad",
			Origins: []diag.Position{{File: "c", Line: 2, Column: 3}}, Hints: []string{"mend it"}, Err: errors.New("not shown"),
		},
		`{"severity":"error","code":"no-import","problem":"no such file","hints":["looked for a, b"]}`: {
			Code: failure.NoImport, Values: map[string]any{"tried": []string{"a", "b"}}, Problem: "no such file",
		},
	} {
		got, err := json.Marshal(d)
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
}
