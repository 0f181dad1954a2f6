package document

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// JSONPlaces returns the places in a valid JSON text, which must not be nested deeper than
// encoding/json reads. It reads the text when a line is first asked for.
func JSONPlaces(text []byte) Places {
	if bytes.IndexByte(bytes.TrimRight(text, " \t\r\n"), '\n') < 0 {
		// All of it is on one line.
		return Places{}
	}
	return Places{json: sync.OnceValue(func() *jsonPlace {
		r := jsonReader{text: text, at: 1}
		r.space()
		p := r.place()
		return &p
	})}
}

// jsonPlace is the place of a value, with its parts.
type jsonPlace struct {
	// keys are the keys of an object as written, nil for an array.
	keys  []jsonKey
	parts []jsonPlace
	at    int
}

type jsonKey struct {
	text []byte
	at   int
}

// is reports whether a key is the name of a field.
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
	// keys and parts belong to all values that are being read.
	keys  []jsonKey
	parts []jsonPlace
}

// space skips white space, colons and commas.
func (r *jsonReader) space() {
	for i, c := range r.text[r.next:] {
		switch c {
		case '\n':
			r.at++
		case ' ', '\t', '\r', ':', ',':
		default:
			r.next += i
			return
		}
	}
	r.next = len(r.text)
}

// place reads the value that begins with the next byte.
func (r *jsonReader) place() jsonPlace {
	p := jsonPlace{at: r.at}
	switch {
	case r.next >= len(r.text):
	case r.text[r.next] == '{':
		keys, parts := len(r.keys), len(r.parts)
		for r.next++; r.more('}'); {
			end := endOfString(r.text, r.next)
			r.keys = append(r.keys, jsonKey{r.text[r.next:end], r.at})
			r.next = end
			r.space()
			r.parts = append(r.parts, r.place())
		}
		p.keys = append(make([]jsonKey, 0, len(r.keys)-keys), r.keys[keys:]...)
		r.keys = r.keys[:keys]
		p.parts = r.take(parts)
	case r.text[r.next] == '[':
		parts := len(r.parts)
		for r.next++; r.more(']'); {
			r.parts = append(r.parts, r.place())
		}
		p.parts = r.take(parts)
	case r.text[r.next] == '"':
		r.next = endOfString(r.text, r.next)
	default:
		for r.next < len(r.text) && strings.IndexByte(" \t\r\n,:]}", r.text[r.next]) < 0 {
			r.next++
		}
	}
	return p
}

// take removes the parts from an index on, and returns a copy of them.
func (r *jsonReader) take(from int) []jsonPlace {
	taken := slices.Clone(r.parts[from:])
	r.parts = r.parts[:from]
	return taken
}

// more reports whether there is another part. If not, it skips the end.
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
