package jsonnet

import "unicode/utf8"

// str is a string. It is flat, or the concatenation of two others, which becomes flat when
// its bytes are first needed. Its bytes are valid UTF-8.
type str struct {
	flat        string
	left, right *str // nil once flat
	bytes       int
	encoding    encoding
	// runes caches the characters of a string with other characters than ASCII.
	runes []rune
}

// encoding says whether each byte of a string is a character.
type encoding uint8

const (
	unknownEncoding encoding = iota
	ascii
	multibyte
)

// newStr returns s, which must be valid UTF-8, as a string.
func newStr(s string) *str { return &str{flat: s, bytes: len(s)} }

// validUTF8 replaces invalid UTF-8 in s as a conversion to runes does.
func validUTF8(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// shortString is the length in bytes below which concatenation copies.
const shortString = 128

// concat returns a followed by b.
func concat(a, b *str) *str {
	switch {
	case a.bytes == 0:
		return b
	case b.bytes == 0:
		return a
	case a.bytes+b.bytes < shortString:
		return newStr(a.String() + b.String())
	}
	return &str{left: a, right: b, bytes: a.bytes + b.bytes}
}

// String returns the bytes. It does not recurse: a string that is built piece by piece is a
// long chain.
func (s *str) String() string {
	if s.left != nil {
		s.flatten(s.join())
	}
	return s.flat
}

// flatten makes s flat, with the given bytes.
func (s *str) flatten(bytes string) { s.flat, s.left, s.right = bytes, nil, nil }

// join returns the bytes of a string that is not flat.
func (s *str) join() string {
	buffer := make([]byte, s.bytes)
	end := len(buffer)
	pending := []*str{s}
	for len(pending) > 0 {
		t := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		if t.left != nil {
			pending = append(pending, t.left, t.right)
			continue
		}
		end -= len(t.flat)
		copy(buffer[end:], t.flat)
	}
	return string(buffer)
}

func (s *str) isASCII() bool {
	if s.encoding == unknownEncoding {
		s.encoding = ascii
		flat := s.String()
		for i := range len(flat) {
			if flat[i] >= utf8.RuneSelf {
				s.encoding = multibyte
				break
			}
		}
	}
	return s.encoding == ascii
}

// length returns the number of characters.
func (s *str) length() int {
	if s.isASCII() {
		return s.bytes
	}
	return len(s.characters())
}

// characters returns the characters of a string with other characters than ASCII.
func (s *str) characters() []rune {
	if s.runes == nil {
		s.runes = []rune(s.String())
	}
	return s.runes
}

// at returns the character at an index within bounds.
func (s *str) at(i int) *str {
	if s.isASCII() {
		return &str{flat: s.flat[i : i+1], bytes: 1, encoding: ascii}
	}
	return newStr(string(s.characters()[i]))
}

// slice returns the characters from one index to before another, within bounds.
func (s *str) slice(from, to int) *str {
	if s.isASCII() {
		return &str{flat: s.flat[from:to], bytes: to - from, encoding: ascii}
	}
	return newStr(string(s.characters()[from:to]))
}
