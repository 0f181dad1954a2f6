package export

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/pkg/diag"
)

// conflicts finds the conflicts in one directory: several objects that want one file, an
// object that wants an existing file, and a path that is a file and a folder. It warns of
// paths that only some file systems distinguish. kept are the entries of the directory dir
// that stay, and old is its index.
func conflicts(dir string, claims []claim, kept []entry, old Index) (found, warnings diag.List) {
	claims = slices.Clone(claims)
	slices.SortFunc(claims, func(a, b claim) int {
		if order := strings.Compare(a.file, b.file); order != 0 {
			return order
		}
		return a.compare(b.owner)
	})
	there := map[string]entry{}
	for _, e := range kept {
		there[e.name] = e
	}
	wanted := map[string]bool{}
	for rest := claims; len(rest) > 0; {
		file := rest[0].file
		n := slices.IndexFunc(rest, func(c claim) bool { return c.file != file })
		if n < 0 {
			n = len(rest)
		}
		group := rest[:n]
		rest = rest[n:]
		wanted[file] = true
		if len(group) > 1 {
			found = append(found, crowded(file, group))
		}
		if e, ok := there[file]; ok {
			found = append(found, inTheWay(dir, group[0], e, old))
		}
	}
	found = append(found, fileAndFolder(claims, wanted, there)...)
	return found, sameLetters(wanted, kept)
}

// most is the number of objects that a message names.
const most = 5

// crowded describes a file that several objects want.
func crowded(file string, group []claim) diag.Diagnostic {
	d := diag.Diagnostic{Code: failure.SameFile, Subject: file}
	var names []string
	for _, c := range group[:min(most, len(group))] {
		names = append(names, c.String())
		if at := (diag.Position{File: c.at}); !slices.Contains(d.Origins, at) {
			d.Origins = append(d.Origins, at)
		}
	}
	if more := len(group) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	d.Problem = fmt.Sprintf("want one object, got %d: %s", len(group), strings.Join(names, ", "))
	return d
}

// inTheWay describes an object whose file already exists.
func inTheWay(dir string, c claim, e entry, old Index) diag.Diagnostic {
	d := diag.Diagnostic{Subject: c.file, Origins: []diag.Position{{File: c.at}}}
	source, known := old[c.file]
	switch {
	case e.info.IsDir():
		d.Problem = fmt.Sprintf("wanted for %s, but is a folder", c)
	case known:
		d.Problem = fmt.Sprintf("wanted for %s, but there from %s", c, source.in(dir, c.source))
	default:
		d.Problem = fmt.Sprintf("wanted for %s, but there, and not known to be from an export", c)
	}
	switch {
	case !known:
	case source == c.source, !source.known() && source.Entrypoint == c.source.Entrypoint:
		d.Code = failure.ExportedFile
	case source.Project != c.source.Project && source.Entrypoint == c.source.Entrypoint:
		d.Code = failure.ForeignFile
	}
	return d
}

// fileAndFolder finds files that are wanted below a path that is a new or kept file. It
// reports each such path once. claims are sorted.
func fileAndFolder(claims []claim, wanted map[string]bool, there map[string]entry) diag.List {
	var found diag.List
	seen := map[string]bool{}
	for _, c := range claims {
		for dir := range parents(c.file) {
			e, kept := there[dir]
			if seen[dir] || !wanted[dir] && (!kept || e.info.IsDir()) {
				continue
			}
			seen[dir] = true
			found = append(found, diag.Diagnostic{
				Subject: dir,
				Problem: fmt.Sprintf("a file, but wanted as a folder for %s", c),
				Origins: []diag.Position{{File: c.at}},
			})
		}
	}
	return found
}

// sameLetters warns of wanted paths that differ from others only in case.
func sameLetters(wanted map[string]bool, kept []entry) diag.List {
	type spelling struct{ lower, file string }
	all := make([]spelling, 0, len(wanted)+len(kept))
	for file := range wanted {
		all = append(all, spelling{strings.ToLower(file), file})
	}
	for _, e := range kept {
		if !wanted[e.name] {
			all = append(all, spelling{strings.ToLower(e.name), e.name})
		}
	}
	slices.SortFunc(all, func(a, b spelling) int {
		if order := strings.Compare(a.lower, b.lower); order != 0 {
			return order
		}
		return strings.Compare(a.file, b.file)
	})
	var warnings diag.List
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].lower == all[0].lower {
			n++
		}
		group := all[:n]
		all = all[n:]
		if n == 1 || !slices.ContainsFunc(group, func(s spelling) bool { return wanted[s.file] }) {
			continue
		}
		var others []string
		for _, s := range group[1:] {
			others = append(others, s.file)
		}
		warnings = append(warnings, diag.Diagnostic{
			Severity: diag.Warning, Code: failure.SameLetters, Subject: group[0].file,
			Problem: "only its case tells it from " + strings.Join(others, ", "),
		})
	}
	return warnings
}
