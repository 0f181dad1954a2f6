// Package syntax reads the text of Jsonnet programs, by the specification at
// https://jsonnet.org/ref/spec.html, "Lexing".
//
// A [Lexer] finds the tokens of a text one after another. It copies no text: a token has
// two offsets. [Text] decodes the token of a string. [Imports] finds the imports of a text
// from its tokens alone.
package syntax

import (
	"fmt"
	"strings"
)

// Error is a fault of a text, in the bytes from Begin up to End.
type Error struct {
	Begin, End int
	Problem    string
}

func (e *Error) Error() string { return e.Problem }

// Lexer finds the tokens of a text. Comments and white space are no tokens. A Lexer is not
// safe for concurrent use.
type Lexer struct {
	text string
	at   int
}

// NewLexer returns a Lexer at the beginning of text.
func NewLexer(text string) *Lexer { return &Lexer{text: text} }

// Next returns the next token, at the end one of the kind [EOF]. The error is an *[Error].
// After an error, Next must not be called again.
func (l *Lexer) Next() (Token, error) {
	if err := l.skip(); err != nil {
		return Token{}, err
	}
	begin := l.at
	if begin == len(l.text) {
		return Token{EOF, begin, begin}, nil
	}
	var kind Kind
	var err error
	switch classOf[l.text[begin]] {
	case letter:
		for l.at < len(l.text) && (classOf[l.text[l.at]] == letter || classOf[l.text[l.at]] == digit) {
			l.at++
		}
		kind = kindOf(l.text[begin:l.at])
	case symbol:
		l.at++
		kind = Symbol
	case quote:
		kind, err = l.quoted()
	case digit:
		kind, err = Number, l.number()
	case sign:
		if strings.HasPrefix(l.text[begin:], "|||") {
			kind, err = Block, l.block()
		} else {
			kind = l.operator()
		}
	default:
		err = &Error{begin, begin + 1, fmt.Sprintf("no token begins with %q", []rune(l.text[begin:min(begin+4, len(l.text))])[0])}
	}
	return Token{kind, begin, l.at}, err
}

// skip skips white space and comments.
func (l *Lexer) skip() error {
	for l.at < len(l.text) {
		switch c := l.text[l.at]; {
		case classOf[c] == space:
			l.at++
		case c == '#', c == '/' && strings.HasPrefix(l.text[l.at:], "//"):
			l.at = lineEnd(l.text, l.at)
		case c == '/' && strings.HasPrefix(l.text[l.at:], "/*"):
			n := strings.Index(l.text[l.at+2:], "*/")
			if n < 0 {
				return &Error{l.at, len(l.text), "comment without its */"}
			}
			l.at += n + 4
		default:
			return nil
		}
	}
	return nil
}

// lineEnd returns the end of the line at an offset: its \n, or the end of text.
func lineEnd(text string, at int) int {
	if n := strings.IndexByte(text[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(text)
}

// operator reads the signs of one operator. An operator contains no beginning of a comment
// or of a text block. It does not end with a sign that can stand before an operand, unless
// it is only that sign.
func (l *Lexer) operator() Kind {
	begin := l.at
	for l.at++; l.at < len(l.text) && classOf[l.text[l.at]] == sign; l.at++ {
		rest := l.text[l.at:]
		if strings.HasPrefix(rest, "//") || strings.HasPrefix(rest, "/*") || strings.HasPrefix(rest, "|||") {
			break
		}
	}
	for l.at > begin+1 && strings.IndexByte("+-~!$", l.text[l.at-1]) >= 0 {
		l.at--
	}
	if l.text[begin:l.at] == "$" {
		return Symbol
	}
	return Operator
}

// number reads digits with a fraction and an exponent. An underscore may be between two
// digits.
func (l *Lexer) number() error {
	begin := l.at
	is := func(chars string) bool { return l.at < len(l.text) && strings.IndexByte(chars, l.text[l.at]) >= 0 }
	digits := func() error {
		for {
			if l.at == len(l.text) || classOf[l.text[l.at]] != digit {
				return &Error{begin, l.at, "want a digit in the number"}
			}
			for l.at < len(l.text) && classOf[l.text[l.at]] == digit {
				l.at++
			}
			if !is("_") {
				return nil
			}
			l.at++
		}
	}
	if is("0") {
		l.at++
	} else if err := digits(); err != nil {
		return err
	}
	if is(".") {
		l.at++
		if err := digits(); err != nil {
			return err
		}
	}
	if is("eE") {
		l.at++
		if is("+-") {
			l.at++
		}
		return digits()
	}
	return nil
}
