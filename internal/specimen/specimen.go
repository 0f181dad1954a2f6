// Package specimen has input for the tests of several packages: texts that readers of YAML
// may read differently, and code of other programs that does odd things.
package specimen

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v2"

	"github.com/mop-platform/mop/internal/document"
)

// Texts returns whole texts.
func Texts() []string {
	return []string{
		"", "# a\n", "a: 1", "a\n---\nb: [c]\n", "---\n---\na\n---\n", "a: 1\n...\n", "---\na: 1\n...\n---\nb: 2\n",
		"on: 1", "yes: 1", "y: 1", "off: 1", "true: 1", "a: {1: b, 1.5: c, 0x1f: d, 1e3: e, .inf: f}", "2024-01-01: x", "~: x", "? : x", "[a]: x", "{a: b}: x",
		"!!set {a, b}", "!!map {a: 1}", "!!seq [a]", "!x {a: 1}", "!!omap [a: 1]", "- !!int a", "- !!binary '*'", "- !!bool 1", "!!str", "!!merge <<: {a: 1}", "!!str <<: {a: 1}", "!<tag:yaml.org,2002:int> 1", "!e!x a", "%TAG !e! !f\n--- !e!x a", "%YAML 1.1\n---\na", "%YAML 1.2\n---\na", "%YAML 2.0\n---\na",
		"a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 3\nd: {<<: *a}\n'<<': 4\n",
		"a: &a {x: 1}\nb: {x: 3, <<: *a}\n", "a: &a {x: 1}\nb: {<<: *a, x: 3}\n", "a: &a {x: 1}\nb: {<<: *a, <<: {x: 4}}\n", "<<: x", "<<: [x]", "<<:", "a: &a [{x: 1}]\nb: {<<: *a}", "{<<: [{a: 1}, {b: 2}]}", "<<: {<<: {a: 1}, b: 1}", "a: &a {x: null}\nb: {<<: *a}",
		"a: &a [&k x]\nb: *a\n*k : 1\n", "a: &a 1\n*a : 2", "a: *b", "&a {b: *a}", "- &a [1, *a]", "a: &x 1\nb: &x 2\nc: *x", "&a a: &b b\n*b : *a",
		"a: 1\nb: 2\n\"a\": 3", "1: a\n'1': b", "yes: 1\non: 2", "a: {b: 1, b: 2}",
		"a: |\n  x\n   y\nb: >-\n  x\n  y\n", "a: |+\n  x\n\n\nb: |2\n   x\n", "a: >\n\n  x\n\n   y\n  z\n", "a: 'it''s'\nb: \"\\x41\\u263A\\n\\\n  c\"\n", "a:\n  b\n  c\n\n  d", "- - a\n  - b\n-\n  - c", "? a\n: b\n? c\n", "{a, b: , c}", "[a: 1, {b: 2}]", "a:\n- b\n- c\nd:\n  - e", "{\"a\":1}", "{\"a\":{\"b\":\"c\"}}", "[a,\n b]", "a: b #c\nd: e#f\n# g\n", "a: [1, # x\n  2]", "# h\n\n# i\na: 1\n# j\n\n# k\n", "- a\n# x\n- b\n  # y\n- c\n",
		"a:\tb", "a:\n\tb: 1", "\ta: 1", "- \ta", "a: \"\tb\"", "{\n\t\"a\": 1\n}", "a: |\n\tb", "-\ta", "a: b\t\n",
		"\ufeffa: 1", "a: 1\r\nb:\r\n- c\r\n", "a: |\r\n  x\r\n  y\r\n", "a: \"x\r\n  y\"", "a: 1\rb: 2", "a: b\u0085c: d", "a: b\u2028c", "a: \"\u2028\"", "\xff", "a: \xc3\x28", "a: \x01", "a: \x7f", "a: \u00e9\u4e16\U0001f600", "\xff\xfea\x00:\x00 \x001\x00",
		"a: b: c", "a: 1\nb: [\n", "a: 1\n b: 2", "@a", "`a", "a: %b", "%a", "a: 'b", "[a", "a]", "a: }", "- a\nb: c", "a: !", "*", "&", "a: &b", "|", ">", "-", "- -", "?", ":", "a:", "a :b", "a: -", "a: - b", "--- a\n--- b", "---a", "--- |\n a\n", "--- # c\na: 1", "a: |\n  b", "a: |+\n b\n ", "a: >\n b\r\n c", "...", "...\na", "a\n...\nb", "a: |\n  ---\n", "a: '\n---\n'", "a: |\n---\nb: 1",
		"kind: A\n---\n# nothing\n---\nkind: B\n", "# license\n---\nkind: A\n", "kind: A\n--- # c\nkind: B", "kind: A\n---  \nkind: B\n---", "{\"a\":1}\n---\n{\"b\":2}",
		"a: 0.1\nb: 1.0000000000000002\nc: 100000000000000000000000\nd: 1e21\ne: 1.7976931348623157e308", "0777", "-", "+", ".", "..", "+1_0", "0b2", "0x_1", "0_1", "0xg", "1e", "1e+", "e1", "Infinity", "NaN", ".NaN", "-.INF", "+.inf", "nan",
	}
}

// scalars returns scalars, as values and as keys. A | stands for a space.
func scalars() []string {
	return strings.Split("yes Yes YES no on Off y Y N n true True TRUE tRue False ~ null Null '' 'yes' \"on\" nope yesterday << '<<' = "+
		"1e3 0o17 017 0x1F 0x1f -0 -0.0 +1 1_000 .5 1. 5.0 0b101 -0b1 0B1 -0o7 0O17 08 1__0 _1 1_ 0x 1:20 190:20:30 1.5e-3 1e400 +.5 -.5 "+
		"9007199254740992 9007199254740993 -9007199254740993 9_007_199_254_740_993 0x20000000000001 9223372036854775807 -9223372036854775808 9223372036854775808 -9223372036854775809 -1e18 1234567890123456789.0 1.2345678901234567e18 18446744073709551615 18446744073709551616 1e18 9223372036854775807.0 1e19 123456789012345678901234567890 "+
		"2024-01-02 2024-01-02T03:04:05.6+01:00 2024-01-02T03:04:05Z '2024-01-02' 2024-1-2 2024-13-45 20240102 "+
		"!!str|1 !!int|'1' !!int|1 !!int|1.5 !!float|1 !!float|'1' !!float|yes !!bool|yes !!bool|'true' !!null|'' !!null|~ !!null|x !Ref|a !!binary|aGk= !!binary|//4= !|12 !|a !!timestamp|2024-01-02 !!timestamp|x !!str|yes !!str|'' !!str !!merge|<< !!str|<< !<tag:yaml.org,2002:int>|1 !<x>|1 !!int|0o17 !!int|1_000 !!float|.inf !!set|a !!x|1 "+
		".inf -.inf +.INF .nan .NaN -.INF Infinity NaN nan - + . .. -- +1_0 0b2 0x_1 0_1 0xg 1e 1e+ e1 0777 0.1 1.0000000000000002 1e21 1e20 1.7976931348623157e308 5e-324 1e-400 0x1p3 0x1.8 1e3.5 1.2.3 1,000", " ")
}

// All returns whole texts, and texts with scalars in each place.
func All() []string {
	all := Texts()
	for _, scalar := range scalars() {
		scalar = strings.ReplaceAll(scalar, "|", " ")
		all = append(all, "a: "+scalar, "- "+scalar, scalar+" : a", "? "+scalar, "["+scalar+"]", "{a: "+scalar+"}", "a: &a "+scalar+"\n*a : b", scalar)
	}
	return all
}

// Pieces returns parts of texts that may have a special meaning for readers.
func Pieces() []string { return slices.Clone(pieces) }

var pieces = []string{
	"a", "b", "key", "word", "word", "Text", "é", "😀", "0", "1", "17", "60", "2001", "-", "-", "+", ".", "_", ":", ":", " ", " ", " ", "  ",
	"\n", "\n", "\t", "\r", "\u0085", "\u2028", "\u2029", "\ufeff", "\u00a0", "\u2003", "\x00", "\x07", "\x7f", "\u0080", "\uffff",
	"'", "\"", "\\", "#", " #", "!", "!tag", "!!int ", "&", "*", "?", "? ", "- ", ": ", ",", "[", "]", "{", "}", "|", ">", "%", "@", "`", "=", "<", "<<",
	"~", "y", "n", "yes", "no", "on", "off", "true", "null", "0o", "0x", "0b", "1_000", "e3", ".inf", ".nan", "---", "...", "--- ",
	"1:20", "190:20:30", "2001-01-01", "T10:00:00Z", "T", "Z", "://", "{{ .x }}", "${x}", "/", "$", "(", ")", "^", "''", "\\n",
	"\n\n", "\n ", " \n", "\n  ", "\n\t", "\n- ", "\n# ", "\n---\n", "%YAML 1.2\n", strings.Repeat("x", 60),
	"long words that fill a line of text until it must be broken somewhere ",
}

// Generate returns a text of some pieces.
func Generate(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(5) + r.IntN(2)*r.IntN(12) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// oddities are mop's messages about texts that the libraries read in part and without an
// error.
var oddities = []string{"is set twice", "not marked on a line of its own", "aliases expand", "UTF-16", "want the end of the document"}

// Odd reports whether mop and the libraries differ on purpose about a text or its errors.
func Odd(text string, err, theirs error) bool {
	for _, o := range oddities {
		if err != nil && strings.Contains(err.Error(), o) {
			return true
		}
	}
	return theirs != nil && (strings.Contains(theirs.Error(), "excessive aliasing") ||
		// kubectl accepts no text beside a marker, and no directives.
		err == nil && strings.Contains(theirs.Error(), "invalid Yaml document separator") ||
		err == nil && strings.Contains(text, "%") ||
		// For yaml.v3, a key with a tag is no string even if it is one.
		err == nil && strings.Contains(theirs.Error(), "unsupported type: map[interface {}]") && strings.Contains(text, "!")) ||
		theirs == nil && err != nil && broken(text) ||
		// kubectl takes this for a marker only if something is before it.
		strings.Contains(text, "---#") || bang.MatchString(text)
}

// broken reports whether a text cannot be read to its end. The libraries stop at the end of
// a document and do not read on.
func broken(text string) bool {
	decoder := yaml.NewDecoder(strings.NewReader(text))
	for {
		var v any
		if err := decoder.Decode(&v); err != nil {
			return !errors.Is(err, io.EOF)
		}
	}
}

// bang is a tag without a name, which the parser does not report.
var bang = regexp.MustCompile(`!([\s,\]}]|$)`)

// HasEnd reports whether a text has a marker that ends a document. The libraries lose the
// text behind it.
func HasEnd(text string) bool {
	for p, err := range document.Pieces(context.Background(), strings.NewReader(text)) {
		if err != nil {
			return false
		}
		lines := bytes.Split(bytes.TrimRight(p.Text, "\r\n"), []byte("\n"))
		if bytes.HasPrefix(lines[len(lines)-1], []byte("...")) {
			return true
		}
	}
	return false
}
