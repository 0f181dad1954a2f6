package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// parse reads a table like scope.txt. A line describes a kind:
//
//	SCOPE GROUP KIND VERSION=MINORS...
//
// These are its scope, its group ("core" for the one without a name), its name, and for
// each of its versions the minor versions of Kubernetes that serve it. Lines that begin
// with "#" are comments.
func parse(table string) (*Kinds, error) {
	k := &Kinds{kinds: map[groupKind]kind{}}
	covered := map[Minor]bool{}
	n := 0
	for line := range strings.Lines(table) {
		n++
		if strings.HasPrefix(line, "#") {
			continue
		}
		id, known, err := parseKind(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if _, ok := k.kinds[id]; ok {
			return nil, fmt.Errorf("line %d: %s stands in the table already", n, id.kind)
		}
		k.kinds[id] = known
		for _, s := range known.served {
			for _, m := range s.Minors {
				if !covered[m] {
					covered[m] = true
					k.minors = append(k.minors, m)
				}
			}
		}
	}
	slices.Sort(k.minors)
	return k, nil
}

func parseKind(line string) (groupKind, kind, error) {
	fields := strings.Fields(line)
	if len(fields) < 3 {
		return groupKind{}, kind{}, fmt.Errorf("want a scope, a group and a kind, got %q", strings.TrimSpace(line))
	}
	var known kind
	switch fields[0] {
	case "namespaced":
		known.scope = Namespaced
	case "cluster":
		known.scope = Cluster
	default:
		return groupKind{}, kind{}, fmt.Errorf(`want "namespaced" or "cluster", got %q`, fields[0])
	}
	id := groupKind{fields[1], fields[2]}
	if id.group == "core" {
		id.group = ""
	}
	for _, field := range fields[3:] {
		version, list, ok := strings.Cut(field, "=")
		if !ok || version == "" {
			return groupKind{}, kind{}, fmt.Errorf("want version=minors, got %q", field)
		}
		if len(known.served) > 0 && known.served[len(known.served)-1].Version >= version {
			return groupKind{}, kind{}, fmt.Errorf("want the versions sorted, got %s late", version)
		}
		minors, err := parseMinors(list)
		if err != nil {
			return groupKind{}, kind{}, err
		}
		known.served = append(known.served, Served{version, minors})
	}
	return id, known, nil
}

// parseMinors reads an ascending list of minor versions and of their ranges, which have a
// dash.
func parseMinors(list string) ([]Minor, error) {
	var minors []Minor
	for part := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(part, "-")
		first, err := ParseMinor(from)
		if err != nil {
			return nil, err
		}
		last := first
		if isRange {
			if last, err = ParseMinor(to); err != nil {
				return nil, err
			}
		}
		if last < first || len(minors) > 0 && minors[len(minors)-1] >= first {
			return nil, fmt.Errorf("want minor versions ascending, got %q", list)
		}
		for m := first; m <= last; m++ {
			minors = append(minors, m)
		}
	}
	return minors, nil
}

// ParseMinor reads a minor version as [Minor.String] writes it.
func ParseMinor(s string) (Minor, error) {
	digits, ok := strings.CutPrefix(s, "1.")
	n, err := strconv.ParseUint(digits, 10, 8)
	if !ok || err != nil {
		return 0, fmt.Errorf("want a minor version 1.NUMBER, got %q", s)
	}
	return Minor(n), nil
}
