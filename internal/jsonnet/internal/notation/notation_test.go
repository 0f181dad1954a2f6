package notation_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/jsonnet/internal/notation"
	"github.com/mop-platform/mop/internal/pace"
)

func TestDirectives(t *testing.T) {
	tests := []struct {
		directive string
		n         float64
		want      string
	}{
		{"d", 3.9, "3"},
		{"i", -3.9, "-3"},
		{"+d", 3, "+3"},
		{" u", 3, " 3"},
		{"05d", -42, "-0042"},
		{"-05d|", 42, "42"},
		{".4d", 42, "0042"},
		{"d", 1e20, "100000000000000000000"},
		{"o", 8, "10"},
		{"#o", 8, "010"},
		{"#o", 0, "0"},
		{"x", 255, "ff"},
		{"#X", -255, "-0XFF"},
		{"x", -0.5, "-1"},
		{"f", 2.5, "2.500000"},
		{".2hf", 0.005, "0.01"},
		{".0f", 2.5, "3"},
		{"#.0f", 2.5, "3."},
		{"08.3f", -1.5, "-001.500"},
		{"e", 12345, "1.234500e+04"},
		{".1E", 0.00012, "1.2E-04"},
		{"g", 0.0001, "0.0001"},
		{"g", 1e-5, "1e-05"},
		{"g", 1234567, "1.23457e+06"},
		{"#g", 1, "1.00000"},
	}
	for _, tt := range tests {
		t.Run(tt.directive, func(t *testing.T) {
			d, _, ok := notation.ParseDirective(tt.directive)
			require.True(t, ok)
			got, ok := d.Number(tt.n, func(float64) {})
			assert.True(t, ok)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestParseDirective(t *testing.T) {
	tests := []struct {
		name, text string
		want       notation.Directive
		rest       string
		ok         bool
	}{
		{"conversion", "s and more", notation.Directive{Conversion: 's'}, " and more", true},
		{"key", "(a b)s", notation.Directive{Key: "a b", HasKey: true, Conversion: 's'}, "", true},
		{"empty key", "()s", notation.Directive{HasKey: true, Conversion: 's'}, "", true},
		{"width", "12s", notation.Directive{Width: 12, Conversion: 's'}, "", true},
		{"arguments", "*.*s", notation.Directive{StarWidth: true, StarPrecision: true, Conversion: 's'}, "", true},
		{"percent", "%", notation.Directive{Conversion: '%'}, "", true},
		{"nothing", "", notation.Directive{}, "", false},
		{"no end of the key", "(a", notation.Directive{}, "", false},
		{"no conversion", "5", notation.Directive{}, "", false},
		{"another conversion", "q", notation.Directive{}, "", false},
		{"endless width", strings.Repeat("9", 400) + "d", notation.Directive{}, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, rest, ok := notation.ParseDirective(tt.text)
			require.Equal(t, tt.ok, ok)
			if !ok {
				return
			}
			assert.Equal(t, tt.rest, rest)
			assert.Equal(t, tt.want.Key, d.Key)
			assert.Equal(t, tt.want.HasKey, d.HasKey)
			assert.Equal(t, tt.want.Width, d.Width)
			assert.Equal(t, tt.want.StarWidth, d.StarWidth)
			assert.Equal(t, tt.want.StarPrecision, d.StarPrecision)
			assert.Equal(t, string(tt.want.Conversion), string(d.Conversion))
		})
	}
}

// A directive reserves memory for its zeros and spaces, and refuses numbers of unusual
// size.
func TestReserve(t *testing.T) {
	asked := 0.0
	reserve := func(bytes float64) { asked = max(asked, bytes) }
	d, _, ok := notation.ParseDirective("-100000s")
	require.True(t, ok)
	before, after := d.Spaces("é", reserve)
	assert.Empty(t, before)
	assert.Len(t, after, 99_999)
	assert.Equal(t, 2*99_999.0, asked)

	d, _, ok = notation.ParseDirective(".400f")
	require.True(t, ok)
	_, ok = d.Number(1, reserve)
	assert.False(t, ok)
}

func TestNumbers(t *testing.T) {
	tests := []struct {
		n               float64
		number, shorter string
	}{
		{0, "0", "0"},
		{math.Copysign(0, -1), "-0", "-0"},
		{-17, "-17", "-17"},
		{0.1, "0.10000000000000001", "0.1"},
		{1e15, "1000000000000000", "1000000000000000"},
		{1e21, "1000000000000000000000", "1000000000000000000000"},
		{1.5e-7, "1.4999999999999999e-07", "0.00000015"},
	}
	for _, tt := range tests {
		t.Run(tt.shorter, func(t *testing.T) {
			assert.Equal(t, tt.number, string(notation.AppendNumber(nil, tt.n)))
			assert.Equal(t, tt.shorter, string(notation.AppendShortest(nil, tt.n)))
		})
	}
}

func TestDigit(t *testing.T) {
	for i, r := range "0123456789abcdef" {
		assert.Equal(t, i, notation.Digit(r))
		assert.Equal(t, i, notation.Digit([]rune(strings.ToUpper(string(r)))[0]))
	}
	assert.Negative(t, notation.Digit(' '))
	assert.GreaterOrEqual(t, notation.Digit('ü'), 16)
}

func TestTexts(t *testing.T) {
	tests := []struct{ name, text, quoted, encoded, bash, dollars, xml string }{
		{"plain", "a b", `"a b"`, `"a b"`, `'a b'`, `a b`, `a b`},
		{"empty", "", `""`, `""`, `''`, ``, ``},
		{"quotes", `"'\`, `"\"'\\"`, `"\"'\\"`, `'"'"'"'\'`, `"'\`, `&quot;&apos;\`},
		{"controls", "\x01\t\x7f\u0085", `"\u0001\t\u007f\u0085"`, "\"\\u0001\\t\x7f\u0085\"", "'\x01\t\x7f\u0085'", "\x01\t\x7f\u0085", "\x01\t\x7f\u0085"},
		{"signs", "<é>&$\u2028", "\"<é>&$\u2028\"", `"<é>&$\u2028"`, "'<é>&$\u2028'", "<é>&$$\u2028", "&lt;é&gt;&amp;$\u2028"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.quoted, notation.Quote(tt.text))
			assert.Equal(t, tt.encoded, string(notation.AppendEncoded(nil, tt.text)))
			assert.Equal(t, tt.bash, notation.EscapeBash(tt.text))
			assert.Equal(t, tt.dollars, notation.EscapeDollars(tt.text))
			assert.Equal(t, tt.xml, notation.XMLEscaper()(tt.text))
		})
	}
}

func TestYAML(t *testing.T) {
	assert.Equal(t, `"a\nb"`, string(notation.AppendYAML(nil, "a\nb", "  ")))
	assert.Equal(t, "|\n    a\n    b", string(notation.AppendYAML(nil, "a\nb\n", "  ")))
}

func TestBareKeys(t *testing.T) {
	tests := []struct {
		key        string
		yaml, toml bool
	}{
		{"a", true, true},
		{"a_b-C9", true, true},
		{"a/b.c", true, false},
		{"", false, false},
		{"a b", false, false},
		{"é", false, false},
		{"Yes", false, true},
		{"17", false, true},
		{"1e3", false, true},
		{"-.inf", false, false},
		{"2024-01-02", false, true},
		{"-0b10", false, true},
		{"a0xf", false, true},
		{"0x", true, true},
	}
	for _, tt := range tests {
		t.Run(tt.key, func(t *testing.T) {
			assert.Equal(t, tt.yaml, notation.IsBareYAML(tt.key))
			assert.Equal(t, tt.toml, notation.IsBareTOML(tt.key))
		})
	}
}

// FuzzTexts checks that a written text can be read again, and has the computed size.
func FuzzTexts(f *testing.F) {
	for _, s := range []string{"", "a b", "\"'\\\x00\x7f\u0085\u2028é", "<a & $b>\n", "- a\n\n  b\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		defer pace.Hold(t, len(s))()
		s = string([]rune(s))
		for _, quoted := range []string{notation.Quote(s), string(notation.AppendEncoded(nil, s))} {
			var read string
			require.NoError(t, json.Unmarshal([]byte(quoted), &read))
			assert.Equal(t, s, read)
			assert.LessOrEqual(t, len(quoted), notation.QuotedSize(s))
		}
		assert.GreaterOrEqual(t, notation.EncodedSize(s), notation.QuotedSize(s))
		assert.Len(t, notation.EscapeBash(s), notation.BashSize(s))
		assert.Len(t, notation.EscapeDollars(s), notation.DollarsSize(s))
		assert.LessOrEqual(t, len(notation.XMLEscaper()(s)), notation.XMLSize(s))
		if notation.IsBlock(s) {
			assert.LessOrEqual(t, len(notation.AppendYAML(nil, s, "  ")), notation.BlockSize(s, "  ")+len("|"))
		}
	})
}

// FuzzDirective checks that a directive makes no more bytes than it reserves.
func FuzzDirective(f *testing.F) {
	for _, s := range []string{"d", "(a)-+ #05.3f", "%", "*.*G", ".99999999e"} {
		f.Add(s, 12.5)
	}
	f.Fuzz(func(t *testing.T, s string, n float64) {
		defer pace.Hold(t, len(s))()
		d, rest, ok := notation.ParseDirective(s)
		if !ok || math.IsNaN(n) || math.IsInf(n, 0) {
			return
		}
		assert.True(t, strings.HasSuffix(s, rest))
		defer func() {
			if r := recover(); r != nil {
				assert.Equal(t, "too much", r)
			}
		}()
		reserved := 0.0
		reserve := func(bytes float64) {
			if reserved += bytes; reserved > 1<<20 {
				panic("too much")
			}
		}
		text, _ := d.Number(n, reserve)
		before, after := d.Spaces(text, reserve)
		assert.LessOrEqual(t, float64(len(before)+len(text)+len(after)), reserved+400)
	})
}
