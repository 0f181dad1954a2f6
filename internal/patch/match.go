package patch

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sergi/go-diff/diffmatchpatch"

	"github.com/mop-platform/mop/internal/budget"
)

// same is a pair of equal lines of two texts, by their indexes.
type same struct{ x, y int }

// mostCompared is the largest product of the numbers of lines for which match looks for the
// shortest diff. This takes up to some tenths of a second. Larger texts are first divided
// at lines that occur once in each text, and a part that is still larger counts as changed.
// So the result depends only on the texts.
const mostCompared = 10_000_000

// match returns equal lines of x and y, in the order of both texts: as many as possible,
// unless the texts are large. The error is that of the budget of m.
func match(m *budget.Meter, x, y []string) ([]same, error) {
	// Lines that the other text lacks need no search.
	xs, ys := common(x, y), common(y, x)
	if err := m.Work(len(x) + len(y)); err != nil {
		return nil, err
	}
	var pairs []same
	for len(xs) > 0 && len(ys) > 0 && x[xs[0]] == y[ys[0]] {
		pairs = append(pairs, same{xs[0], ys[0]})
		xs, ys = xs[1:], ys[1:]
	}
	var last []same
	for len(xs) > 0 && len(ys) > 0 && x[xs[len(xs)-1]] == y[ys[len(ys)-1]] {
		last = append(last, same{xs[len(xs)-1], ys[len(ys)-1]})
		xs, ys = xs[:len(xs)-1], ys[:len(ys)-1]
	}
	slices.Reverse(last)
	if len(xs)*len(ys) <= mostCompared {
		pairs = append(pairs, shortest(x, y, xs, ys)...)
		return append(pairs, last...), m.Work(len(xs) * len(ys))
	}
	for _, anchor := range append(unique(x, y, xs, ys), same{len(x), len(y)}) {
		i, _ := slices.BinarySearch(xs, anchor.x)
		j, _ := slices.BinarySearch(ys, anchor.y)
		if i*j <= mostCompared {
			if err := m.Work(i*j + 1); err != nil {
				return nil, err
			}
			pairs = append(pairs, shortest(x, y, xs[:i], ys[:j])...)
		}
		if i < len(xs) && j < len(ys) {
			pairs = append(pairs, anchor)
			xs, ys = xs[i+1:], ys[j+1:]
		}
	}
	return append(pairs, last...), nil
}

// common returns the indices of the lines of x that y has too.
func common(x, y []string) []int {
	in := make(map[string]bool, len(y))
	for _, s := range y {
		in[s] = true
	}
	var indices []int
	for i, s := range x {
		if in[s] {
			indices = append(indices, i)
		}
	}
	return indices
}

// shortest returns the most pairs of equal lines among those with the indices xs
// and ys.
func shortest(x, y []string, xs, ys []int) []same {
	if len(xs) == 0 || len(ys) == 0 {
		return nil
	}
	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0 // the result must not depend on the machine
	a, b, _ := dmp.DiffLinesToRunes(text(x, xs), text(y, ys))
	var pairs []same
	for _, d := range dmp.DiffMainRunes(a, b, false) {
		n := utf8.RuneCountInString(d.Text) // a rune stands for a line
		switch d.Type {
		case diffmatchpatch.DiffDelete:
			xs = xs[n:]
		case diffmatchpatch.DiffInsert:
			ys = ys[n:]
		case diffmatchpatch.DiffEqual:
			for i := range n {
				pairs = append(pairs, same{xs[i], ys[i]})
			}
			xs, ys = xs[n:], ys[n:]
		}
	}
	return pairs
}

// text returns the lines of the given indices as one text.
func text(lines []string, indices []int) string {
	var b strings.Builder
	for _, i := range indices {
		b.WriteString(lines[i])
		b.WriteByte('\n')
	}
	return b.String()
}

// unique returns the longest ascending sequence of pairs of lines that occur once among
// those with the indices xs, and once among those with ys.
func unique(x, y []string, xs, ys []int) []same {
	at := once(y, ys)
	var all []same
	for line, i := range once(x, xs) {
		if j, ok := at[line]; ok && i >= 0 && j >= 0 {
			all = append(all, same{i, j})
		}
	}
	slices.SortFunc(all, func(a, b same) int { return cmp.Compare(a.x, b.x) })
	// ends[n] is the pair with the smallest y that ends a sequence of n+1. before has for
	// each pair the one before it in the sequence.
	var ends []int
	before := make([]int, len(all))
	for i, p := range all {
		n, _ := slices.BinarySearchFunc(ends, p.y, func(end, y int) int { return cmp.Compare(all[end].y, y) })
		if before[i] = -1; n > 0 {
			before[i] = ends[n-1]
		}
		if n == len(ends) {
			ends = append(ends, i)
		} else {
			ends[n] = i
		}
	}
	sequence := make([]same, len(ends))
	for n, i := len(ends)-1, lastOf(ends); n >= 0; n, i = n-1, before[i] {
		sequence[n] = all[i]
	}
	return sequence
}

// lastOf returns the last of some numbers, -1 for none.
func lastOf(numbers []int) int {
	if len(numbers) == 0 {
		return -1
	}
	return numbers[len(numbers)-1]
}

// once returns the index of each line, -1 for a line that occurs several times.
func once(lines []string, indices []int) map[string]int {
	at := make(map[string]int, len(indices))
	for _, i := range indices {
		if _, ok := at[lines[i]]; ok {
			at[lines[i]] = -1
		} else {
			at[lines[i]] = i
		}
	}
	return at
}
