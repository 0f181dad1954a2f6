package jsonnet

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/jsonnet/survey"
	"github.com/mop-platform/mop/internal/syntax"
)

// compilePlain returns the code of a file that is JSON (RFC 8259). It also accepts
// comments, commas at the end, strings in single quotes and names without quotes. It
// returns the same code as the parser and compile, in a tenth of the time and a sixteenth
// of the memory. ok is false if the file is no such JSON, or has parts that JSON and
// Jsonnet may read differently.
//
// The error is a [*SourceError], or the cause of the end of ctx.
func compilePlain(ctx context.Context, file, code string) (u *unit, ok bool, err error) {
	p := plain{code: code, line: 1, meter: budget.Of(ctx).Meter()}
	if p.space(); p.next() != '{' && p.next() != '[' || !utf8.ValidString(code) {
		return nil, false, nil
	}
	// Nothing needs the lines.
	p.file = &sourceFile{&ast.Source{DiagnosticFileName: ast.DiagnosticFileName(file)}, file}
	p.shapes = map[string]*fieldTable{}
	u, ok = p.value(rootContext, 0)
	if p.space(); p.at < len(code) {
		ok = false
	}
	return u, ok && p.err == nil, SpentAt(file, p.line, p.err)
}

// plain reads JSON into code.
type plain struct {
	code string
	at   int
	// line is the number of the current line, which begins at start.
	line, start int
	file        *sourceFile
	// shapes has a table for each list of names, because lists often recur.
	shapes map[string]*fieldTable
	names  []byte
	meter  budget.Meter
	// err ends the work.
	err error
}

// mostShapeLists limits the lists of names that are kept. mostSharedFields is the largest
// number of fields of an object that shares its shape.
const (
	mostShapeLists   = 4096
	mostSharedFields = 64
)

var (
	// noneCaptured is the captures of the code of JSON.
	noneCaptured = &captures{}
	// withDollar has the local $ of an outermost object. An object inside another has no
	// locals.
	withDollar, inside = []*unit{nil}, []*unit{}
)

// plainContext is the context of a value in stack traces, as go-jsonnet names it.
type plainContext struct {
	text *string
	// object is set within an object.
	object bool
}

var (
	rootText, fieldText = "$", "object <anonymous>"
	rootContext         = plainContext{text: &rootText}
	fieldContext        = plainContext{text: &fieldText, object: true}
)

// element returns the context of the elements of an array.
func (c plainContext) element() plainContext {
	text := "thunk from <" + *c.text + ">"
	return plainContext{&text, c.object}
}

// The pieces of one value are allocated together.
type (
	plainScalar struct {
		unit     unit
		constant constant
		site     site
	}
	plainText struct {
		plainScalar
		str str
	}
	plainObject struct {
		unit    unit
		literal objectLiteral
		layer   layer
		table   fieldTable
		site    site
	}
	plainArray struct {
		unit    unit
		literal arrayLiteral
		site    site
	}
)

func (p *plain) spot() spot { return spot{int32(p.line), int32(p.at - p.start + 1)} }

// next returns the next byte, 0 at the end.
func (p *plain) next() byte {
	if p.at < len(p.code) {
		return p.code[p.at]
	}
	return 0
}

// space skips spaces and comments.
func (p *plain) space() {
	for p.at < len(p.code) {
		switch p.code[p.at] {
		case '\n':
			p.at++
			p.line, p.start = p.line+1, p.at
		case ' ', '\t', '\r':
			p.at++
		case '#', '/':
			n := survey.Literal(p.code[p.at:])
			comment := p.code[p.at : p.at+n]
			if n == 0 || strings.HasPrefix(comment, "/*") && (n < len("/**/") || !strings.HasSuffix(comment, "*/")) {
				return
			}
			if lines := strings.Count(comment, "\n"); lines > 0 {
				p.line, p.start = p.line+lines, p.at+strings.LastIndexByte(comment, '\n')+1
			}
			p.at += n
		default:
			return
		}
	}
}

// skip skips a byte and the space around it, if the byte is next.
func (p *plain) skip(c byte) bool {
	p.space()
	if p.next() != c {
		return false
	}
	p.at++
	p.space()
	return true
}

// comma skips a comma after an element or field. Without a comma, the closing byte must be
// next.
func (p *plain) comma(closing byte) bool { return p.skip(',') || p.next() == closing }

// name reads the name of a field.
func (p *plain) name() (string, bool) {
	c := p.next()
	if c == '"' || c == '\'' {
		return p.text()
	}
	if !survey.IsWord(c) || c <= '9' {
		return "", false
	}
	from := p.at
	for survey.IsWord(p.next()) {
		p.at++
	}
	word := p.code[from:p.at]
	return word, syntax.IsName(word)
}

func (p *plain) value(in plainContext, depth int) (*unit, bool) {
	if p.err = p.meter.Work(64); p.err != nil || depth > survey.MostBrackets {
		return nil, false
	}
	begin := p.spot()
	switch c := p.next(); {
	case c == '{':
		return p.object(in, depth, begin)
	case c == '[':
		return p.array(in, depth, begin)
	case c == '"', c == '\'':
		s := &plainText{}
		text, ok := p.text()
		s.str = str{flat: text, bytes: len(text)}
		if !s.str.isASCII() {
			s.str.characters()
		}
		return s.complete(p, value{ref: &s.str}, in, begin), ok
	case c == '-':
		return p.negative(in, begin)
	case '0' <= c && c <= '9':
		n, ok := p.number()
		return (&plainScalar{}).complete(p, n, in, begin), ok
	}
	for _, word := range []struct {
		text  string
		value value
	}{{"null", null}, {"true", trueValue}, {"false", falseValue}} {
		if rest, ok := strings.CutPrefix(p.code[p.at:], word.text); ok && (rest == "" || !survey.IsWord(rest[0])) {
			p.at += len(word.text)
			return (&plainScalar{}).complete(p, word.value, in, begin), true
		}
	}
	return nil, false
}

// complete makes the code of a value that ends at the current place.
func (s *plainScalar) complete(p *plain, v value, in plainContext, begin spot) *unit {
	s.site = site{p.file, in.text, begin, p.spot()}
	s.constant = constant{v, &s.site}
	s.unit = unit{body: &s.constant, height: 1, site: &s.site}
	return &s.unit
}

// negative reads a number with a sign. In Jsonnet the sign is an operator.
func (p *plain) negative(in plainContext, begin spot) (*unit, bool) {
	p.at++
	from := p.spot()
	n, ok := p.number()
	at := &site{p.file, in.text, begin, p.spot()}
	operand := &constant{n, &site{p.file, in.text, from, p.spot()}}
	return &unit{body: &unary{operand, ast.UopMinus, at}, height: 2, site: at}, ok
}

// number reads a number without a sign.
func (p *plain) number() (value, bool) {
	from := p.at
	digits := func() bool {
		begin := p.at
		for c := p.next(); '0' <= c && c <= '9'; c = p.next() {
			p.at++
		}
		return p.at > begin
	}
	ok := digits() && (p.at == from+1 || p.code[from] != '0')
	if p.next() == '.' {
		p.at++
		ok = digits() && ok
	}
	if c := p.next(); c == 'e' || c == 'E' {
		p.at++
		if c := p.next(); c == '+' || c == '-' {
			p.at++
		}
		ok = digits() && ok
	}
	if !ok || survey.IsWord(p.next()) {
		return value{}, false
	}
	n, err := strconv.ParseFloat(p.code[from:p.at], 64)
	return number(n), err == nil
}

// text reads a string.
func (p *plain) text() (string, bool) {
	quote := p.code[p.at]
	p.at++
	from := p.at
	var b []byte // the text before from, if it has escapes
	for p.at < len(p.code) {
		switch c := p.code[p.at]; {
		case c == quote:
			s := p.code[from:p.at]
			p.at++
			if b != nil {
				s = string(append(b, s...))
			}
			return s, true
		case c < ' ':
			return "", false
		case c == '\\':
			b = append(b, p.code[from:p.at]...)
			var ok bool
			if b, ok = p.escape(b); !ok {
				return "", false
			}
			from = p.at
		default:
			p.at++
		}
	}
	return "", false
}

// escape reads an escape and appends its character. It refuses halves of surrogate pairs.
func (p *plain) escape(b []byte) ([]byte, bool) {
	if p.at+1 >= len(p.code) {
		return nil, false
	}
	c := p.code[p.at+1]
	p.at += 2
	if i := strings.IndexByte(`"'\/bfnrt`, c); i >= 0 {
		return append(b, "\"'\\/\b\f\n\r\t"[i]), true
	}
	if c != 'u' || p.at+4 > len(p.code) {
		return nil, false
	}
	r, err := strconv.ParseUint(p.code[p.at:p.at+4], 16, 16)
	p.at += 4
	return utf8.AppendRune(b, rune(r)), err == nil && utf8.ValidRune(rune(r))
}

func (p *plain) array(in plainContext, depth int, begin spot) (*unit, bool) {
	p.at++
	p.space()
	a := &plainArray{}
	a.literal = arrayLiteral{elements: []argument{}, captures: noneCaptured}
	element := in.element()
	for p.next() != ']' {
		u, ok := p.value(element, depth+1)
		if !ok {
			return nil, false
		}
		e := argument{code: u}
		if k, ok := u.body.(*constant); ok {
			e = argument{constant: &thunk{value: k.value, code: u}}
		}
		a.literal.elements = append(a.literal.elements, e)
		if !p.comma(']') {
			return nil, false
		}
	}
	p.at++
	a.site = site{p.file, in.text, begin, p.spot()}
	a.unit = unit{body: &a.literal, height: 1, site: &a.site}
	return &a.unit, true
}

func (p *plain) object(in plainContext, depth int, begin spot) (*unit, bool) {
	p.at++
	p.space()
	o := &plainObject{}
	o.table.fields = []field{}
	for p.next() != '}' {
		name, ok := p.name()
		if !ok || !p.skip(':') {
			return nil, false
		}
		u, ok := p.value(fieldContext, depth+1)
		if !ok {
			return nil, false
		}
		f := field{name: name, hide: ast.ObjectFieldInherit, code: u}
		if k, ok := u.body.(*constant); ok {
			f.constant = k.value
		}
		o.table.fields = append(o.table.fields, f)
		if !p.comma('}') {
			return nil, false
		}
	}
	p.at++
	o.table.locals, o.table.shared = withDollar, true
	if in.object {
		o.table.locals = inside
	}
	if !p.shape(&o.table) {
		return nil, false
	}
	o.site = site{p.file, in.text, begin, p.spot()}
	o.layer = layer{fields: &o.table}
	o.literal = objectLiteral{table: &o.table, captures: noneCaptured, layer: &o.layer, site: &o.site}
	o.unit = unit{body: &o.literal, height: 1, site: &o.site}
	return &o.unit, true
}

// shape completes a table, and shares the shape of an earlier table with the same names. It
// reports whether the names differ from each other.
func (p *plain) shape(t *fieldTable) bool {
	if len(t.fields) > mostSharedFields {
		t.complete()
		return len(t.index) == len(t.fields)
	}
	p.names = p.names[:0]
	for _, f := range t.fields {
		p.names = append(strconv.AppendInt(p.names, int64(len(f.name)), 10), ':')
		p.names = append(p.names, f.name...)
	}
	like := p.shapes[string(p.names)]
	if like == nil {
		t.complete()
		for i, f := range t.fields {
			if t.find(f.name) != i {
				return false
			}
		}
		if len(p.shapes) < mostShapeLists {
			p.shapes[string(p.names)] = t
		}
		return true
	}
	t.index, t.shape = like.index, like.shape
	return true
}
