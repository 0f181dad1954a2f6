// Package pprof writes profiles for the program pprof. The package of google/pprof can do
// so too, but it also reads profiles and older formats, and compiles twenty regular
// expressions for them at the start of each process.
//
// A profile is a message of Protocol Buffers
// (https://protobuf.dev/programming-guides/encoding/), compressed by gzip. Its format is
// that of proto/profile.proto in github.com/google/pprof.
package pprof

import (
	"compress/gzip"
	"encoding/binary"
	"io"
)

// Profile says how often and for how long functions ran.
type Profile struct {
	// Values are the kinds of the values of each stack. Default is the Type of the one that
	// pprof shows by default.
	Values  []Value
	Default string
	// Period is the interval between two samples, in the unit of the last of Values.
	// Duration is the time of the whole profile in nanoseconds.
	Period, Duration int64
	// Program is the name of the program that ran.
	Program   string
	Functions []Function
	Stacks    []Stack
}

// Value is a kind of value, such as time in nanoseconds.
type Value struct{ Type, Unit string }

// Function is a function of a program. If Name and System differ, pprof shows Name as it
// is, and does not demangle it as a name of C++.
type Function struct {
	Name, System, File string
	// Line is the line where it begins, 0 if that is unknown.
	Line int
}

// Stack is a stack of calls, the innermost place first, with one number for each of
// [Profile.Values].
type Stack struct {
	Places []Place
	Values []int64
}

// Place is a line in Profile.Functions[Function].
type Place struct{ Function, Line int }

// Write writes the profile. Equal profiles give equal bytes.
func (p *Profile) Write(w io.Writer) error {
	compressed := gzip.NewWriter(w)
	if _, err := compressed.Write(p.encode()); err != nil {
		return err
	}
	return compressed.Close()
}

// encode returns the profile as a message. The message has each text once, in a table whose
// first text is empty. Its other parts refer to a text by its index.
func (p *Profile) encode() []byte {
	texts := []string{""}
	index := map[string]uint64{"": 0}
	text := func(s string) uint64 {
		i, ok := index[s]
		if !ok {
			i = uint64(len(texts))
			index[s], texts = i, append(texts, s)
		}
		return i
	}
	value := func(v Value) message {
		return message{}.number(1, text(v.Type)).number(2, text(v.Unit))
	}

	var out message
	for _, v := range p.Values {
		out = out.message(1, value(v))
	}
	var places []Place
	ids := map[Place]uint64{}
	for _, s := range p.Stacks {
		var at, values message
		for _, place := range s.Places {
			if ids[place] == 0 {
				places = append(places, place)
				ids[place] = uint64(len(places))
			}
			at = at.varint(ids[place])
		}
		for _, v := range s.Values {
			values = values.varint(uint64(v))
		}
		out = out.message(2, message{}.message(1, at).message(2, values))
	}
	// Without a mapping, pprof reports a missing binary. Unless the mapping says that
	// functions (7), files (8) and lines (9) are known, pprof looks for names in the binary.
	const program = 1
	out = out.message(3, message{}.number(1, program).number(5, text(p.Program)).number(7, 1).number(8, 1).number(9, 1))
	for i, place := range places {
		line := message{}.number(1, uint64(place.Function+1)).number(2, uint64(place.Line))
		out = out.message(4, message{}.number(1, uint64(i+1)).number(2, program).message(4, line))
	}
	for i, f := range p.Functions {
		out = out.message(5, message{}.number(1, uint64(i+1)).
			number(2, text(f.Name)).number(3, text(f.System)).number(4, text(f.File)).number(5, uint64(f.Line)))
	}
	var usual, period message
	if len(p.Values) > 0 {
		period = value(p.Values[len(p.Values)-1])
		usual = usual.number(14, text(p.Default))
	}
	for _, s := range texts {
		out = out.message(6, message(s))
	}
	out = out.number(10, uint64(p.Duration)).message(11, period).number(12, uint64(p.Period))
	return append(out, usual...)
}

// message is an encoded message of Protocol Buffers. Its methods append fields.
type message []byte

// The kinds of fields.
const (
	kindVarint = 0
	kindBytes  = 2
)

func (m message) varint(n uint64) message { return binary.AppendUvarint(m, n) }

// number appends a field. It leaves out 0, which is the default of every field.
func (m message) number(field, n uint64) message {
	if n == 0 {
		return m
	}
	return m.varint(field<<3 | kindVarint).varint(n)
}

func (m message) message(field uint64, of message) message {
	return append(m.varint(field<<3|kindBytes).varint(uint64(len(of))), of...)
}
