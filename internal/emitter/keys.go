package emitter

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// A relation says which of two different keys comes first, as the sorter of a library does.
// Letters come behind everything else, and numbers within keys are compared by value. The
// relation holds between any two keys, but may have a circle of three: to yaml.v2, 11 < 1z
// < 2z < 11.
type relation struct {
	// lettersFirst is the rule of yaml.v3: behind a digit that two keys share, a letter
	// comes first.
	lettersFirst bool
}

// sort sorts the keys of one object. The order depends only on the set of keys. It is the
// order by the relation, or the order of the bytes if the relation has a cycle in this set
// or a key is not UTF-8.
func (r relation) sort(keys []string) {
	numbered := 0
	for _, key := range keys {
		if !utf8.ValidString(key) {
			slices.Sort(keys)
			return
		}
		if mayHaveDigit(key) {
			numbered++
		}
	}
	slices.SortFunc(keys, r.compare)
	// A circle needs two keys with numbers, and a third key.
	if numbered >= 2 && len(keys) >= 3 && !r.holds(keys) {
		slices.Sort(keys)
	}
}

// mayHaveDigit reports whether a key has a digit, or a character beyond ASCII, which
// may be one.
func mayHaveDigit(key string) bool {
	for i := range len(key) {
		if c := key[i]; '0' <= c && c <= '9' || c >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// compare returns a negative number if a comes before b, a positive one if b comes before
// a, and 0 if they are equal.
func (r relation) compare(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	if i == len(a) || i == len(b) {
		return len(a) - len(b)
	}
	for i > 0 && !utf8.RuneStart(a[i]) {
		i--
	}
	return r.compareAt(a, b, i)
}

// compareAt compares keys that have the same characters up to the byte i, and differ there.
func (r relation) compareAt(a, b string, i int) int {
	ac, _ := utf8.DecodeRuneInString(a[i:])
	bc, _ := utf8.DecodeRuneInString(b[i:])
	switch al, bl := unicode.IsLetter(ac), unicode.IsLetter(bc); {
	case al && bl:
		return int(ac - bc)
	case al != bl:
		if al == (r.lettersFirst && endsInDigit(a[:i])) {
			return -1
		}
		return 1
	}
	within := (ac == '0' || bc == '0') && withinNumber(a[:i])
	return numberAt(a[i:], within).compare(numberAt(b[i:], within))
}

func endsInDigit(s string) bool {
	c, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsDigit(c)
}

// withinNumber reports whether s ends in digits that are not all 0.
func withinNumber(s string) bool {
	for s != "" {
		c, size := utf8.DecodeLastRuneInString(s)
		if !unicode.IsDigit(c) {
			return false
		}
		if c != '0' {
			return true
		}
		s = s[:len(s)-size]
	}
	return false
}

// number is the part that counts of the rest of a key that begins with no letter.
type number struct {
	// value is the value of the digits at its beginning. It may overflow, as in the
	// libraries.
	value  int64
	digits int
	first  rune
}

// numberAt returns the number at the beginning of s. Within a number, leading zeros count:
// 100 is more than 20.
func numberAt(s string, within bool) number {
	var n number
	if within {
		n.value = 1
	}
	n.first, _ = utf8.DecodeRuneInString(s)
	for _, c := range s {
		if !unicode.IsDigit(c) {
			break
		}
		n.value = n.value*10 + int64(c-'0')
		n.digits++
	}
	return n
}

func (n number) compare(m number) int {
	switch {
	case n.value < m.value || n.value == m.value && n.digits < m.digits:
		return -1
	case n.value != m.value || n.digits != m.digits:
		return 1
	}
	return int(n.first - m.first)
}

// holds reports whether the relation holds between each key and every later one. This is so
// if the keys are sorted by the relation and it has no circle among them. Comparing all
// pairs would take seconds for ten thousand keys, so holds compares all keys together that
// part at the same place.
func (r relation) holds(keys []string) bool { return r.holdsFrom(slices.Clone(keys), 0) }

// holdsFrom is holds for keys whose first n bytes are equal. It may move them.
func (r relation) holdsFrom(keys []string, n int) bool {
	for len(keys) > 1 {
		// A key that ends here comes first.
		for _, key := range keys[1:] {
			if len(key) == n {
				return false
			}
		}
		if len(keys[0]) == n {
			keys = keys[1:]
			continue
		}
		first, size := charAt(keys[0], n)
		if slices.ContainsFunc(keys, func(key string) bool { c, _ := charAt(key, n); return c != first }) {
			return r.parted(keys, n)
		}
		n += size
	}
	return true
}

func charAt(key string, n int) (rune, int) { return utf8.DecodeRuneInString(key[n:]) }

// parted is holdsFrom for keys that do not all have the same character at the byte n.
func (r relation) parted(keys []string, n int) bool {
	lettersFirst := r.lettersFirst && endsInDigit(keys[0][:n])
	isFront := func(key string) bool {
		c, _ := charAt(key, n)
		return unicode.IsLetter(c) == lettersFirst
	}
	front := slices.IndexFunc(keys, func(key string) bool { return !isFront(key) })
	if front < 0 {
		front = len(keys)
	}
	if slices.ContainsFunc(keys[front:], isFront) {
		return false
	}
	letters, others := keys[front:], keys[:front]
	if lettersFirst {
		letters, others = others, letters
	}
	byChar := func(a, b string) int {
		ac, _ := charAt(a, n)
		bc, _ := charAt(b, n)
		return int(ac - bc)
	}
	if !slices.IsSortedFunc(letters, byChar) || !numbersAscend(others, n) {
		return false
	}
	slices.SortStableFunc(others, byChar)
	for _, part := range [][]string{letters, others} {
		for len(part) > 0 {
			end := 1
			for end < len(part) && byChar(part[0], part[end]) == 0 {
				end++
			}
			if !r.holdsFrom(part[:end], n) {
				return false
			}
			part = part[end:]
		}
	}
	return true
}

// numbersAscend reports whether each key comes before every later one that has another
// character at the byte n. The keys are equal up to n, and none has a letter there.
func numbersAscend(keys []string, n int) bool {
	if len(keys) == 0 {
		return true
	}
	within := withinNumber(keys[0][:n])
	var plain, zeros ascent
	for _, key := range keys {
		c, _ := charAt(key, n)
		// Within a number, zeros count, but only if one of the two characters is a zero.
		if !within || c != '0' {
			if !plain.add(c, numberAt(key[n:], false)) {
				return false
			}
		}
		if within {
			group := rune(0)
			if c == '0' {
				group = c
			}
			if !zeros.add(group, numberAt(key[n:], true)) {
				return false
			}
		}
	}
	return true
}

// ascent follows numbers in groups. top is the largest number so far, and other the largest
// one of the other groups.
type ascent struct {
	top, other struct {
		group rune
		number
		set bool
	}
}

// add adds n, and reports whether no number of another group was larger.
func (a *ascent) add(group rune, n number) bool {
	below := &a.top
	if below.set && below.group == group {
		below = &a.other
	}
	if below.set && below.compare(n) > 0 {
		return false
	}
	if a.top.set && a.top.group != group {
		a.other = a.top
	}
	if !a.top.set || a.top.group != group || a.top.compare(n) < 0 {
		a.top.group, a.top.number, a.top.set = group, n, true
	}
	return true
}
