package document

import (
	"bytes"
	"encoding/json"
	"slices"
	"sync"
)

// JSONPlaces returns the places in a valid text of JSON, which is nested at most as
// deep as encoding/json reads. It reads the text when it is first asked.
func JSONPlaces(text []byte) Places {
	if bytes.IndexByte(bytes.TrimRight(text, " \t\r\n"), '\n') < 0 {
		// All stands on one line.
		return Places{}
	}
	return Places{json: sync.OnceValue(func() *jsonPlace {
		r := jsonReader{text: text, at: 1}
		r.space()
		p := r.place()
		return &p
	})}
}

// jsonPlace is where a value stands, and its parts.
type jsonPlace struct {
	// keys are those of an object as they are written, nil for an array.
	keys  []jsonKey
	parts []jsonPlace
	at    int
}

type jsonKey struct {
	text []byte
	at   int
}

// is reports whether a key is that of a field.
func (k jsonKey) is(name string) bool {
	if bytes.IndexByte(k.text, '\\') < 0 {
		return string(k.text[1:len(k.text)-1]) == name
	}
	var text string
	return json.Unmarshal(k.text, &text) == nil && text == name
}

func (p *jsonPlace) line(path []any) int {
	line := 0
	for _, step := range path {
		i := -1
		switch step := step.(type) {
		case int:
			if p.keys == nil && step < len(p.parts) {
				i = step
				line = p.parts[i].at
			}
		case string:
			if i = slices.IndexFunc(p.keys, func(k jsonKey) bool { return k.is(step) }); i >= 0 {
				line = p.keys[i].at
			}
		}
		if i < 0 {
			break
		}
		p = &p.parts[i]
	}
	return line
}

// jsonReader reads valid JSON.
type jsonReader struct {
	text []byte
	// next is the offset of the next byte, at its line.
	next, at int
}

// space passes over white space, colons and commas.
func (r *jsonReader) space() {
	for ; r.next < len(r.text); r.next++ {
		switch r.text[r.next] {
		case '\n':
			r.at++
		case ' ', '\t', '\r', ':', ',':
		default:
			return
		}
	}
}

// place reads the value that begins with the next byte.
func (r *jsonReader) place() jsonPlace {
	p := jsonPlace{at: r.at}
	switch {
	case r.next >= len(r.text):
	case r.text[r.next] == '{':
		p.keys = []jsonKey{}
		for r.next++; r.more('}'); {
			end := endOfString(r.text, r.next)
			p.keys = append(p.keys, jsonKey{r.text[r.next:end], r.at})
			r.next = end
			r.space()
			p.parts = append(p.parts, r.place())
		}
	case r.text[r.next] == '[':
		for r.next++; r.more(']'); {
			p.parts = append(p.parts, r.place())
		}
	case r.text[r.next] == '"':
		r.next = endOfString(r.text, r.next)
	default:
		for r.next < len(r.text) && bytes.IndexByte([]byte(" \t\r\n,:]}"), r.text[r.next]) < 0 {
			r.next++
		}
	}
	return p
}

// more reports whether there is another part, and passes over the end if not.
func (r *jsonReader) more(end byte) bool {
	r.space()
	if r.next >= len(r.text) {
		return false
	}
	if r.text[r.next] == end {
		r.next++
		return false
	}
	return true
}
