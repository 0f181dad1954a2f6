package patch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
)

// around is how many unchanged lines a hunk shows on each side of a change.
const around = 3

// line is a line of a diff, without its newline.
type line struct {
	// op is '-' for a line of the earlier text, '+' for one of the later,
	// ' ' for one of both.
	op   byte
	text string
}

// compareLines returns a diff from one text to another, the shortest one unless they are
// large. Each text is empty or ends in a newline. The error is that of the budget of m.
func compareLines(m *budget.Meter, from, to string) ([]line, error) {
	x, y := split(from), split(to)
	if err := m.Work(len(from) + len(to)); err != nil {
		return nil, err
	}
	pairs, err := match(m, x, y)
	if err != nil {
		return nil, err
	}
	out := make([]line, 0, len(x)+len(y)-len(pairs))
	var i, j int // how far x and y are written
	writeUntil := func(p same) {
		for ; i < p.x; i++ {
			out = append(out, line{'-', x[i]})
		}
		for ; j < p.y; j++ {
			out = append(out, line{'+', y[j]})
		}
	}
	for _, p := range pairs {
		writeUntil(p)
		out = append(out, line{' ', x[p.x]})
		i, j = p.x+1, p.y+1
	}
	writeUntil(same{len(x), len(y)})
	slide(out)
	return out, nil
}

func split(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// slide moves blocks of lines that were only added or only removed. If a block has several
// possible places, slide moves it to the place where it begins with the least indented
// line. Elements of a list often begin with equal lines, so that the end of one and the
// beginning of the next would look like a block.
func slide(lines []line) {
	for end := 0; end < len(lines); {
		start := end
		for end++; end < len(lines) && lines[end].op == lines[start].op; end++ {
		}
		op := lines[start].op
		if op == ' ' || start > 0 && lines[start-1].op != ' ' || end < len(lines) && lines[end].op != ' ' {
			continue
		}
		// Moving by a line does not change the texts, only which of two equal lines belongs
		// to the block.
		s, e := start, end
		for e < len(lines) && lines[e] == (line{' ', lines[s].text}) {
			lines[s].op, lines[e].op = ' ', op
			s, e = s+1, e+1
		}
		end = e
		best := s
		for up := s; up > 0 && lines[up-1] == (line{' ', lines[up+e-s-1].text}); {
			up--
			if indent(lines[up].text) < indent(lines[best].text) {
				best = up
			}
		}
		for i := best; i < e; i++ {
			lines[i].op = ' '
			if i < best+e-s {
				lines[i].op = op
			}
		}
	}
}

func indent(s string) int { return len(s) - len(strings.TrimLeft(s, " ")) }

// hunk is a part of a diff: changed lines and the lines around them.
type hunk struct {
	// from and to are the numbers of lines before the hunk in the two texts.
	from, to int
	lines    []line
}

// hunks returns the parts of a diff that show all changes.
func hunks(lines []line) []hunk {
	var out []hunk
	var from, to, end int // where the last hunk ends: in the texts, in lines
	for i, l := range lines {
		if l.op == ' ' || i < end {
			continue
		}
		start := max(i-around, end)
		skipped := start - end
		h := hunk{from: from + skipped, to: to + skipped}
		end = hunkEnd(lines, i)
		h.lines = lines[start:end]
		from, to = h.from+count(h.lines, '-', ' '), h.to+count(h.lines, '+', ' ')
		out = append(out, h)
	}
	return out
}

// hunkEnd returns the index behind the last line of the hunk whose first change is at i.
// Two changes are in one hunk if their contexts meet.
func hunkEnd(lines []line, i int) int {
	last := i
	for ; i < len(lines) && i <= last+2*around+1; i++ {
		if lines[i].op != ' ' {
			last = i
		}
	}
	return min(last+1+around, len(lines))
}

// header returns the line that begins a hunk. If a text has no line in the hunk, its
// position is the line before the hunk.
func (h hunk) header() string {
	from, to := count(h.lines, '-', ' '), count(h.lines, '+', ' ')
	return fmt.Sprintf("@@ -%d,%d +%d,%d @@", h.from+min(from, 1), from, h.to+min(to, 1), to)
}

// count returns the number of lines with one of the given ops.
func count(lines []line, ops ...byte) int {
	n := 0
	for _, l := range lines {
		if slices.Contains(ops, l.op) {
			n++
		}
	}
	return n
}
