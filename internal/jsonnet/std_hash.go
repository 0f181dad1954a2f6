package jsonnet

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"io"
	"unicode/utf8"
)

// hashNatives are the functions for hashes and encodings of bytes.
func hashNatives() []*native {
	return []*native{
		digest("md5", md5.New),
		digest("sha1", sha1.New),
		digest("sha256", sha256.New),
		digest("sha512", sha512.New),
		digest("sha3", func() hash.Hash { return sha3.New512() }),
		newNative("base64(*input)", encodeBase64),
		newNative("base64Decode(*str)", func(ev *evaluator, a []value, at *site) value {
			data := ev.decodeBase64(a[0], at)
			if len(data) >= largeString && !utf8.Valid(data) {
				ev.reserve(8*float64(len(data)), at)
			}
			return text(validUTF8(string(data)))
		}),
		newNative("base64DecodeBytes(str) [number]", func(ev *evaluator, a []value, at *site) value {
			return ev.bytesArray(ev.decodeBase64(a[0], at), at)
		}).from((*tracer).piece),
		newNative("encodeUTF8(str)", func(ev *evaluator, a []value, at *site) value {
			return ev.bytesArray([]byte(ev.str(a[0], at).String()), at)
		}).from((*tracer).piece),
		newNative("decodeUTF8(*arr)", decodeUTF8),
	}
}

func digest(name string, newHash func() hash.Hash) *native {
	return newNative(name+"(*s)", func(ev *evaluator, a []value, at *site) value {
		h := newHash()
		for rest := ev.str(a[0], at).String(); rest != ""; {
			n := min(len(rest), 64<<10)
			// Writing to a hash never fails.
			_, _ = io.WriteString(h, rest[:n])
			rest = rest[n:]
			ev.work(n>>9, at)
		}
		return text(hex.EncodeToString(h.Sum(nil)))
	})
}

func encodeBase64(ev *evaluator, a []value, at *site) value {
	var data []byte
	check := func(n int) {
		if n < 0 || n > 255 {
			ev.failf(at, "base64 encountered invalid codepoint value in the array (must be 0 <= X <= 255), got %d", n)
		}
	}
	switch input := a[0].ref.(type) {
	case *str:
		for i, r := range input.String() {
			check(int(r))
			if i%largeString == 0 {
				ev.within(ev.bounds.Err(), at)
			}
		}
		ev.reserve(float64(input.bytes), at)
		data = []byte(input.String())
	case *array:
		for _, t := range input.elements {
			v := ev.force(t, at)
			n, ok := wholeNumber(v)
			if !ok {
				ev.failf(at, "base64 encountered a non-integer value in the array, got %v", v.kind())
			}
			check(n)
			data = append(data, byte(n))
			ev.work(1, at)
		}
	default:
		ev.failf(at, "base64 can only base64 encode strings / arrays of single bytes, got %v", a[0].kind())
	}
	ev.reserve(3*float64(len(data)), at) // The encoded text is a third longer, and in memory twice.
	var out string
	ev.away(len(data), at, func() { out = base64.StdEncoding.EncodeToString(data) })
	return text(out)
}

func (ev *evaluator) decodeBase64(v value, at *site) []byte {
	s, ok := v.ref.(*str)
	if !ok {
		ev.failf(at, "base64DecodeBytes requires a string, got %v", v.kind())
	}
	if s.bytes%4 != 0 {
		ev.failf(at, "input string appears not to be a base64 encoded string. Wrong length found (%d)", s.bytes)
	}
	var data []byte
	var err error
	flat := ev.flat(s, at)
	ev.reserve(3*float64(len(flat)), at)
	ev.away(len(flat), at, func() { data, err = base64.StdEncoding.DecodeString(flat) })
	if err != nil {
		ev.failf(at, "failed to decode: %s", err)
	}
	return data
}

func (ev *evaluator) bytesArray(data []byte, at *site) value {
	ev.reserve(thunkBytes*float64(len(data)), at)
	return newArray(ev.elements(len(data), at, func(i int, t *thunk) { t.value = number(float64(data[i])) }))
}

func decodeUTF8(ev *evaluator, a []value, at *site) value {
	elements := ev.array(a[0], at).elements
	ev.reserve(2*float64(len(elements)), at)
	data := make([]byte, len(elements))
	for i, t := range elements {
		n := ev.integer(ev.force(t, at), at)
		if n < 0 || n > 255 {
			ev.failf(at, "Bytes must be integers in range [0, 255], got %d", n)
		}
		data[i] = byte(n)
		ev.work(1, at)
	}
	if !utf8.Valid(data) {
		ev.reserve(8*float64(len(data)), at)
	}
	return text(validUTF8(string(data)))
}
