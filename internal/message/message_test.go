package message_test

import (
	"bytes"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/pace"
)

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		limit      int
		want       string
	}{
		{"empty", "", 3, ""},
		{"fits", "abc", 3, "abc"},
		{"one more", "abcd", 3, "abc… (1 more byte)"},
		{"many more", strings.Repeat("x", 100_000_000), 4, "xxxx… (99,999,996 more bytes)"},
		{"characters stay whole", "aéé", 2, "a… (4 more bytes)"},
		{"four bytes", "😀😀", 7, "😀… (4 more bytes)"},
		{"no UTF-8", strings.Repeat("\x80", 9), 5, "\x80… (8 more bytes)"},
		{"nothing", "é", 0, "… (2 more bytes)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, message.Cut(tt.text, tt.limit))
		})
	}
}

func TestCutTakesWhatItReturns(t *testing.T) {
	huge := strings.Repeat("\x1b\n", 1<<24)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	message.Cut(huge, message.Short)
	message.CutLines(huge, message.Screen)
	message.Quote(huge)
	message.Line(huge, message.Short)
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func TestCutLines(t *testing.T) {
	assert.Equal(t, "a\nb\n", message.CutLines("a\nb\n", 80))
	assert.Equal(t, "a\nb\n… (2 more bytes)", message.CutLines("a\nb\nc\n", 80))
	assert.Equal(t, "a… (2 more bytes)", message.CutLines("a\nb", 1))
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 123456: "123,456", 99998976: "99,998,976"} {
		assert.Equal(t, want, message.Count(n))
	}
}

func TestCounted(t *testing.T) {
	assert.Equal(t, []string{"0 lines", "1 line", "2 lines"}, []string{message.Counted(0, "line"), message.Counted(1, "line"), message.Counted(int64(2), "line")})
}

func TestQuote(t *testing.T) {
	assert.Equal(t, `"a\nb\x1b\"\u202e"`, message.Quote("a\nb\x1b\"\u202e"))
	assert.Equal(t, `"`+strings.Repeat("x", 256)+`"… (44 more bytes)`, message.Quote(strings.Repeat("x", 300)))
}

func TestAlternatives(t *testing.T) {
	assert.Empty(t, message.Alternatives(nil))
	assert.Equal(t, `"a"`, message.Alternatives([]string{"a"}))
	assert.Equal(t, `"a", "b" or "c"`, message.Alternatives([]string{"a", "b", "c"}))
	assert.Equal(t, strings.Repeat(`"a", `, 49)+`"a" or 9,950 others`, message.Alternatives(slices.Repeat([]string{"a"}, 10_000)))
}

func TestLine(t *testing.T) {
	assert.Equal(t, "plain name", message.Line("plain name", 100))
	assert.Equal(t, `a\nb\tc\x1b[31m\u202e`, message.Line("a\nb\tc\x1b[31m\u202e", 100))
	assert.Equal(t, `a\xff`, message.Line("a\xff", 100))
	assert.Equal(t, `\n\n… (1 more byte)`, message.Line("\n\n\n", 2))
}

var shown = []struct{ name, text, want string }{
	{"plain", "lib/a.libsonnet:3:7: é 日本 😀 \\x1b\n\tnext\n", "lib/a.libsonnet:3:7: é 日本 😀 \\x1b\n\tnext\n"},
	{"colour", "\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
	{"title", "\x1b]0;title\a", `\x1b]0;title\x07`},
	{"overwritten line", "wrong\rright\b\x00", `wrong\rright\x08\x00`},
	{"form feed", "\v\f", `\x0b\x0c`},
	{"delete", "\x7f", `\u007f`},
	{"C1", "\u009b31m\u0085", `\u009b31m\u0085`},
	{"C1 in one byte", "\x9b31m", `\x9b31m`},
	{"bidirectional", "\u202e\u2066\u2069\u200f\u061c", `\u202e\u2066\u2069\u200f\u061c`},
	{"separators", "\u2028\u2029", `\u2028\u2029`},
	{"without width", "\ufeff\u200b\u2060\u00ad", `\ufeff\u200b\u2060\u00ad`},
	{"joiners", "\u0915\u094d\u200d\u0937 \u200c", "\u0915\u094d\u200d\u0937 \u200c"},
	{"tags", "\U000e0041", `\udb40\udc41`},
	{"no UTF-8", "a\xffb\xe2\x80", `a\xffb\xe2\x80`},
	{"surrogate", "\xed\xa0\x80", `\xed\xa0\x80`},
	{"replacement character", "\ufffd", "\ufffd"},
	{"spaces", "\u00a0\u3000", "\u00a0\u3000"},
}

// These matter in a log, but not on a terminal.
var shownInLog = []struct{ name, text, want string }{
	{"GitHub", "::add-mask::x", `\x3a:add-mask::x`},
	{"GitHub, indented", "a\n \u3000\t::set-output name=x::y", "a\n \u3000\t\\x3a:set-output name=x::y"},
	{"GitHub, three", ":::x", `\x3a::x`},
	{"colons elsewhere", "a::b: c", "a::b: c"},
	{"one colon", ": a", ": a"},
	{"GitHub, old", "a ##[set-env name=PATH]b", `a #\x23[set-env name=PATH]b`},
	{"Azure", "##vso[task.setvariable variable=a]b", `#\x23vso[task.setvariable variable=a]b`},
	{"TeamCity", "###teamcity[x]", `##\x23teamcity[x]`},
	{"headings", "## a\n# b\n###", "## a\n# b\n###"},
}

func write(t *testing.T, w *message.Writer, to *bytes.Buffer, parts ...string) string {
	t.Helper()
	for _, part := range parts {
		n, err := w.Write([]byte(part))
		require.NoError(t, err)
		assert.Equal(t, len(part), n)
	}
	require.NoError(t, w.Flush())
	return to.String()
}

func TestWriter(t *testing.T) {
	for _, tt := range append(shown, shownInLog...) {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			assert.Equal(t, tt.want, write(t, message.NewWriter(&b, message.LineLimit), &b, tt.text))
			assert.Equal(t, tt.want, message.Escape(tt.text))
			for i := range tt.text {
				var b bytes.Buffer
				assert.Equal(t, tt.want, write(t, message.NewWriter(&b, message.LineLimit), &b, tt.text[:i], tt.text[i:]), "in two writes, %d", i)
			}
			var bytewise bytes.Buffer
			assert.Equal(t, tt.want, write(t, message.NewWriter(&bytewise, message.LineLimit), &bytewise, strings.Split(tt.text, "")...))
		})
	}
}

func TestTerminal(t *testing.T) {
	for _, tt := range shown {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			assert.Equal(t, tt.want, write(t, message.NewTerminal(&b), &b, tt.text))
		})
	}
	for _, tt := range append(shownInLog, struct{ name, text, want string }{"long", strings.Repeat("x", 1<<20), ""}) {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			assert.Equal(t, tt.text, write(t, message.NewTerminal(&b), &b, tt.text))
		})
	}
}

func TestWriterCutsLines(t *testing.T) {
	const limit = message.LineLimit
	for _, tt := range []struct{ name, text, want string }{
		{"fits", strings.Repeat("x", limit) + "\n", strings.Repeat("x", limit) + "\n"},
		{"longer", "a\n" + strings.Repeat("x", limit+1000) + "\nb\n", "a\n" + strings.Repeat("x", limit) + "… (1,000 more bytes)\nb\n"},
		{"without end", strings.Repeat("x", limit+1), strings.Repeat("x", limit) + "… (1 more byte)"},
		{"escapes", strings.Repeat("\x1b", limit), strings.Repeat(`\x1b`, limit/4) + "… (12,288 more bytes)"},
		{"characters", "x" + strings.Repeat("é", limit), "x" + strings.Repeat("é", limit/2-1) + "… (16,386 more bytes)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b, parts bytes.Buffer
			assert.Equal(t, tt.want, write(t, message.NewWriter(&b, message.LineLimit), &b, tt.text))
			assert.Equal(t, tt.want, write(t, message.NewWriter(&parts, message.LineLimit), &parts, tt.text[:5], tt.text[5:limit-1], tt.text[limit-1:]))
		})
	}
}

func FuzzWriter(f *testing.F) {
	for _, tt := range append(shown, shownInLog...) {
		f.Add([]byte(tt.text), 1)
	}
	f.Fuzz(func(t *testing.T, text []byte, at int) {
		defer pace.Hold(t, len(text))()
		var whole, parts, terminal bytes.Buffer
		got := write(t, message.NewWriter(&whole, message.LineLimit), &whole, string(text))
		at = min(max(at, 0), len(text))
		assert.Equal(t, got, write(t, message.NewWriter(&parts, message.LineLimit), &parts, string(text[:at]), string(text[at:])))
		write(t, message.NewTerminal(&terminal), &terminal, string(text))
		for _, out := range []string{got, terminal.String()} {
			assert.True(t, utf8.ValidString(out))
			assert.NotContains(t, out, "\x1b")
			assert.NotContains(t, out, "\r")
			assert.NotContains(t, out, "\u202e")
		}
		for line := range strings.Lines(got) {
			assert.False(t, strings.HasPrefix(strings.TrimSpace(line), "::"), line)
			assert.NotContains(t, line, "##[")
		}
		// Written text is not escaped again.
		var again bytes.Buffer
		assert.Equal(t, terminal.String(), write(t, message.NewTerminal(&again), &again, terminal.String()))
	})
}

func BenchmarkWriter(b *testing.B) {
	text := []byte(strings.Repeat("environments/dev/main.jsonnet:12:3: want integer, got string \"3\"\n", 1000))
	b.SetBytes(int64(len(text)))
	w := message.NewWriter(io.Discard, message.LineLimit)
	for range b.N {
		_, _ = w.Write(text)
	}
}
