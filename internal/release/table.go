package release

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/schema"
)

// table is the contents of gates.txt and changes.txt.
type table struct {
	// oldest and newest are the first and the last known release.
	oldest, newest schema.Minor
	// exact are the releases that apiserver/ has a program for, ascending.
	exact   []schema.Minor
	gates   []gate
	changes []change
}

// gate is a line of gates.txt.
type gate struct {
	name     string
	standing []standing // ascending
}

// standing is the state of a gate from a release on.
type standing struct {
	since      schema.Minor
	stage      string // alpha, beta, ga, deprecated or gone
	on, locked bool
}

// change is a line of changes.txt. first and last are 0 if there is no bound.
type change struct {
	name                       string
	first, last                schema.Minor
	kind, file, function, what string
}

// at returns the release with a number.
func (t *table) at(m schema.Minor) *Release {
	r := &Release{minor: m, gates: make([]bool, len(t.gates)), changes: make([]bool, len(t.changes))}
	for i, g := range t.gates {
		r.gates[i] = g.on(m)
	}
	for i, c := range t.changes {
		r.changes[i] = m >= c.first && (c.last == 0 || m <= c.last)
	}
	return r
}

// on reports whether a gate is on by default.
func (g gate) on(m schema.Minor) bool {
	on := false
	for _, s := range g.standing {
		if s.since <= m {
			on = s.on
		}
	}
	return on
}

// parseGates reads a file like gates.txt.
func (t *table) parseGates(file string) error {
	return lines(file, func(fields []string) (err error) {
		switch {
		case len(fields) == 2 && fields[0] == "releases":
			oldest, newest, _ := strings.Cut(fields[1], "-")
			if t.oldest, err = schema.ParseMinor(oldest); err == nil {
				t.newest, err = schema.ParseMinor(newest)
			}
		case len(fields) == 2 && fields[0] == "exact":
			for text := range strings.SplitSeq(fields[1], ",") {
				m, err := schema.ParseMinor(text)
				if err != nil {
					return err
				}
				t.exact = append(t.exact, m)
			}
		case len(fields) > 2 && fields[0] == "gate":
			g := gate{name: fields[1]}
			for _, text := range fields[2:] {
				s, err := parseStanding(text)
				if err != nil {
					return err
				}
				g.standing = append(g.standing, s)
			}
			if n := len(t.gates); n > 0 && t.gates[n-1].name >= g.name {
				return fmt.Errorf("want the gates sorted, got %s late", g.name)
			}
			t.gates = append(t.gates, g)
		default:
			return fmt.Errorf("want releases, exact or a gate, got %q", strings.Join(fields, " "))
		}
		return err
	})
}

// parseStanding reads VERSION=STAGE[,on][,locked].
func parseStanding(text string) (s standing, err error) {
	since, how, _ := strings.Cut(text, "=")
	if s.since, err = schema.ParseMinor(since); err != nil {
		return s, err
	}
	words := strings.Split(how, ",")
	s.stage, s.on, s.locked = words[0], slices.Contains(words, "on"), slices.Contains(words, "locked")
	if !slices.Contains([]string{"alpha", "beta", "ga", "deprecated", "gone"}, s.stage) {
		return s, fmt.Errorf("want a stage, got %q", s.stage)
	}
	return s, nil
}

// parseChanges reads a file like changes.txt.
func (t *table) parseChanges(file string) error {
	return lines(file, func(fields []string) (err error) {
		if len(fields) < 6 {
			return fmt.Errorf("want NAME RELEASES KIND FILE FUNCTION WHAT, got %q", strings.Join(fields, " "))
		}
		c := change{name: fields[0], kind: fields[2], file: fields[3], function: fields[4], what: strings.Join(fields[5:], " ")}
		first, last, isRange := strings.Cut(fields[1], "-")
		if !isRange || first == "" && last == "" {
			return fmt.Errorf("want releases from-, -to or from-to, got %q", fields[1])
		}
		if first != "" {
			c.first, err = schema.ParseMinor(first)
		}
		if err == nil && last != "" {
			c.last, err = schema.ParseMinor(last)
		}
		if err != nil {
			return err
		}
		if !slices.Contains([]string{"rule", "judged", "gone"}, c.kind) {
			return fmt.Errorf("want the kind rule, judged or gone, got %q", c.kind)
		}
		if n := len(t.changes); n > 0 && t.changes[n-1].name >= c.name {
			return fmt.Errorf("want the changes sorted, got %s late", c.name)
		}
		t.changes = append(t.changes, c)
		return nil
	})
}

// lines calls f with the fields of each line of a file, except comments.
func lines(file string, f func(fields []string) error) error {
	n := 0
	for line := range strings.Lines(file) {
		n++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if err := f(fields); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return nil
}
