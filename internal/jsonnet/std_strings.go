package jsonnet

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/mop-platform/mop/internal/jsonnet/internal/notation"
)

// stringNatives are the functions on strings.
func stringNatives() []*native {
	return []*native{
		newNative("char(*n)", char),
		newNative("codepoint(*str)", codepoint),
		newNative("substr(str, from, len)", substr).from((*tracer).piece),
		newNative("startsWith(a, &b)", startsWith),
		newNative("endsWith(a, &b)", endsWith),
		newNative("stringChars(str) [string]", func(ev *evaluator, a []value, at *site) value {
			s, ok := a[0].ref.(*str)
			if !ok {
				return ev.written("stringChars", a, at)
			}
			return newArray(ev.characters(s, at))
		}).from((*tracer).piece),
		newNative("findSubstr(pat, &str)", findSubstr),
		newNative("split(str, &c)", split).from((*tracer).piece),
		newNative("splitLimit(str, c, maxsplits)", splitLimit).from((*tracer).piece),
		newNative("splitLimitR(str, c, maxsplits)", splitLimitR).from((*tracer).piece),
		newNative("strReplace(str, from, to)", strReplace).from((*tracer).replaced),
		newNative("lstripChars(*str, chars)", func(ev *evaluator, a []value, at *site) value {
			return text(ev.stripLeft(ev.str(a[0], at).String(), a[1], at))
		}),
		newNative("rstripChars(*str, chars)", func(ev *evaluator, a []value, at *site) value {
			return text(ev.stripRight(ev.str(a[0], at).String(), a[1], at))
		}),
		newNative("stripChars(*str, chars)", func(ev *evaluator, a []value, at *site) value {
			return text(ev.stripRight(ev.stripLeft(ev.str(a[0], at).String(), a[1], at), a[1], at))
		}),
		newNative("trim(*str)", func(ev *evaluator, a []value, at *site) value {
			return ev.rewrite(ev.str(a[0], at), at, unchanged, strings.TrimSpace)
		}),
		newNative("isEmpty(str)", func(ev *evaluator, a []value, at *site) value { return boolean(ev.str(a[0], at).bytes == 0) }),
		newNative("equalsIgnoreCase(str1, str2)", func(ev *evaluator, a []value, at *site) value {
			x, y := ev.str(a[0], at).String(), ev.str(a[1], at).String()
			same := false
			ev.away(len(x), at, func() { same = strings.EqualFold(x, y) })
			return boolean(same)
		}),
		changeCase("asciiUpper", 'a', 'z'),
		changeCase("asciiLower", 'A', 'Z'),
		escape("escapeStringJson(*str_)", quotedTwice, notation.Quote),
		escape("escapeStringPython(*str)", quotedTwice, notation.Quote),
		escape("escapeStringBash(*str_)", notation.BashSize, notation.EscapeBash),
		escape("escapeStringDollars(*str_)", notation.DollarsSize, notation.EscapeDollars),
		escape("escapeStringXML(*str_) string", notation.XMLSize, notation.XMLEscaper()),
	}
}

func char(ev *evaluator, a []value, at *site) value {
	n := ev.number(a[0], at)
	switch {
	case n > utf8.MaxRune:
		ev.failf(at, "Invalid unicode codepoint, got %v", n)
	case n < 0:
		ev.failf(at, "Codepoints must be >= 0, got %v", n)
	}
	return text(string(rune(n)))
}

func codepoint(ev *evaluator, a []value, at *site) value {
	s := ev.str(a[0], at)
	if s.length() != 1 {
		ev.failf(at, "codepoint takes a string of length 1, got length %v", s.length())
	}
	r, _ := utf8.DecodeRuneInString(s.String())
	return number(float64(r))
}

func substr(ev *evaluator, a []value, at *site) value {
	s, ok := a[0].ref.(*str)
	if !ok {
		ev.failf(at, "substr first parameter should be a string, got %v", a[0].kind())
	}
	if !a[1].isNumber() {
		ev.failf(at, "substr second parameter should be a number, got %v", a[1].kind())
	}
	from := a[1].num
	if math.Mod(from, 1) != 0 {
		ev.failf(at, "substr second parameter should be an integer, got %f", from)
	}
	if from < 0 {
		ev.failf(at, "substr second parameter should be greater than zero, got %f", from)
	}
	if !a[2].isNumber() {
		ev.failf(at, "substr third parameter should be a number, got %v", a[2].kind())
	}
	ev.survey(s, at)
	n, ok := wholeNumber(a[2])
	if !ok {
		ev.failf(at, "substr third parameter should be an integer, got %f", a[2].num)
	}
	if n < 0 {
		ev.failf(at, "substr third parameter should be greater than zero, got %d", n)
	}
	if from > float64(s.length()) {
		return text("")
	}
	return value{ref: s.slice(int(from), min(int(from)+n, s.length()))}
}

// startsWith and endsWith use std.jsonnet for values that are no strings.
func startsWith(ev *evaluator, a []value, at *site) value {
	s, ok := a[0].ref.(*str)
	if !ok {
		return ev.written("startsWith", a, at)
	}
	prefix, ok := ev.argument(a[1], at).ref.(*str)
	if !ok {
		return ev.written("startsWith", a, at)
	}
	return boolean(strings.HasPrefix(s.String(), prefix.String()))
}

func endsWith(ev *evaluator, a []value, at *site) value {
	s, ok := a[0].ref.(*str)
	if !ok {
		return ev.written("endsWith", a, at)
	}
	suffix, ok := ev.argument(a[1], at).ref.(*str)
	if !ok {
		return ev.written("endsWith", a, at)
	}
	return boolean(strings.HasSuffix(s.String(), suffix.String()))
}

// findSubstr returns the indices where a pattern begins; occurrences may overlap.
func findSubstr(ev *evaluator, a []value, at *site) value {
	pattern, ok := a[0].ref.(*str)
	if !ok {
		return ev.written("findSubstr", a, at)
	}
	s, ok := ev.argument(a[1], at).ref.(*str)
	if !ok {
		return ev.written("findSubstr", a, at)
	}
	p, rest := pattern.String(), s.String()
	var found []value
	if p == "" {
		return readyArray(found)
	}
	for index := 0; ; index++ {
		i := strings.Index(rest, p)
		if i < 0 {
			return readyArray(found)
		}
		index += utf8.RuneCountInString(rest[:i])
		found = append(found, number(float64(index)))
		_, size := utf8.DecodeRuneInString(rest[i:])
		rest = rest[i+size:]
		ev.work(1+i>>12, at)
	}
}

func textArray(list []string) value {
	values := make([]value, len(list))
	for i, s := range list {
		values[i] = text(s)
	}
	return readyArray(values)
}

func split(ev *evaluator, a []value, at *site) value {
	s, ok := a[0].ref.(*str)
	if !ok {
		return ev.written("split", a, at)
	}
	c, ok := ev.argument(a[1], at).ref.(*str)
	if !ok || c.bytes == 0 {
		return ev.written("split", a, at)
	}
	return ev.split(s, c, -1, at)
}

// split splits at the first limit occurrences of c, at all for -1.
func (ev *evaluator) split(s, c *str, limit int, at *site) value {
	if limit >= 0 {
		limit++
	}
	ev.reserve(2*thunkBytes*float64(s.bytes/c.bytes), at)
	flat, sep := s.String(), c.String()
	var parts value
	ev.away(s.bytes, at, func() { parts = textArray(strings.SplitN(flat, sep, limit)) })
	return parts
}

// splitArguments returns the arguments of splitLimit and splitLimitR.
func (ev *evaluator) splitArguments(name string, a []value, at *site) (s, c *str, limit int) {
	s, c = ev.str(a[0], at), ev.str(a[1], at)
	limit = ev.integer(a[2], at)
	if limit < -1 {
		ev.failf(at, "std.%s third parameter should be -1 or non-negative, got %v", name, limit)
	}
	if c.bytes < 1 {
		ev.failf(at, "std.%s second parameter should have length 1 or greater, got %v", name, c.bytes)
	}
	return s, c, limit
}

func splitLimit(ev *evaluator, a []value, at *site) value {
	s, c, limit := ev.splitArguments("splitLimit", a, at)
	return ev.split(s, c, limit, at)
}

func splitLimitR(ev *evaluator, a []value, at *site) value {
	s, c, limit := ev.splitArguments("splitLimitR", a, at)
	rest, sep := s.String(), c.String()
	n := strings.Count(rest, sep)
	if limit >= 0 {
		n = min(n, limit)
	}
	ev.reserve(2*thunkBytes*float64(n), at)
	parts := make([]string, n+1)
	for ; n > 0; n-- {
		i := strings.LastIndex(rest, sep)
		parts[n] = rest[i+len(sep):]
		rest = rest[:i]
		ev.work(1, at)
	}
	parts[0] = rest
	return textArray(parts)
}

func strReplace(ev *evaluator, a []value, at *site) value {
	s, from, to := ev.str(a[0], at), ev.str(a[1], at), ev.str(a[2], at)
	if from.bytes == 0 {
		ev.fail(at, "'from' string must not be zero length.")
	}
	flat, old, replacement := s.String(), from.String(), to.String()
	n := 0
	ev.away(s.bytes, at, func() { n = strings.Count(flat, old) })
	if n == 0 {
		return a[0]
	}
	size := func(s string) int { return len(s) + n*(to.bytes-from.bytes) }
	return ev.rewrite(s, at, size, func(s string) string { return strings.ReplaceAll(s, old, replacement) })
}

// stripLeft removes the characters at the start that are in an array or string.
func (ev *evaluator) stripLeft(s string, from value, at *site) string {
	for s != "" {
		_, size := utf8.DecodeRuneInString(s)
		if !ev.member(from, text(s[:size]), at) {
			break
		}
		s = s[size:]
		ev.work(1, at)
	}
	return s
}

func (ev *evaluator) stripRight(s string, from value, at *site) string {
	for s != "" {
		_, size := utf8.DecodeLastRuneInString(s)
		if !ev.member(from, text(s[len(s)-size:]), at) {
			break
		}
		s = s[:len(s)-size]
		ev.work(1, at)
	}
	return s
}

// changeCase returns the native that changes the case of letters from from to to. It uses
// std.jsonnet for values that are no strings.
func changeCase(name string, from, to byte) *native {
	return newNative(name+"(*str)", func(ev *evaluator, a []value, at *site) value {
		s, ok := a[0].ref.(*str)
		if !ok {
			return ev.written(name, a, at)
		}
		twice := func(s string) int { return 2 * len(s) }
		return ev.rewrite(s, at, twice, func(s string) string {
			b := []byte(s)
			for i, c := range b {
				if from <= c && c <= to {
					b[i] ^= 0x20
				}
			}
			return string(b)
		})
	})
}

// escape returns the native that writes a value as text in a notation.
func escape(signature string, size func(string) int, notate func(string) string) *native {
	return newNative(signature, func(ev *evaluator, a []value, at *site) value {
		return ev.rewrite(ev.toString(a[0], at), at, size, notate)
	})
}

// quotedTwice is the memory that [notation.Quote] takes: it copies its bytes once.
func quotedTwice(s string) int { return 2 * notation.QuotedSize(s) }
