// Package position finds the places of diagnostics, and renames their files.
package position

import (
	"bytes"
	"maps"
	"slices"

	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/pkg/diag"
)

// At returns the position of the byte at an offset of a file's text, or that of the text's
// end for a larger offset.
func At(file string, text []byte, offset int64) diag.Position {
	before := text[:min(offset, int64(len(text)))]
	return diag.Position{
		File:   file,
		Line:   1 + bytes.Count(before, []byte("\n")),
		Column: len(before) - bytes.LastIndexByte(before, '\n'),
	}
}

// OfFaults returns the faults of a file as diagnostics at their lines.
func OfFaults(file string, faults document.Faults) diag.List {
	var l diag.List
	for _, f := range faults {
		d := diag.Diagnostic{At: diag.Position{File: file, Line: f.Line}, Problem: f.Problem}
		if f.First > 0 {
			d.Origins = []diag.Position{{File: file, Line: f.First}}
		}
		l = append(l, d)
	}
	return l
}

// Renamed returns a copy of l in which rename has translated the names of files.
func Renamed(l diag.List, rename func(file string) string) diag.List {
	name := func(at diag.Position) diag.Position {
		if at.IsFile() {
			at.File = rename(at.File)
		}
		return at
	}
	names := func(all []diag.Position) []diag.Position {
		all = slices.Clone(all)
		for i, at := range all {
			all[i] = name(at)
		}
		return all
	}
	out := slices.Clone(l)
	for i, d := range out {
		out[i].At, out[i].Origins, out[i].Values = name(d.At), names(d.Origins), maps.Clone(d.Values)
		for key, value := range d.Values {
			switch value := value.(type) {
			case diag.Position:
				out[i].Values[key] = name(value)
			case []diag.Position:
				out[i].Values[key] = names(value)
			}
		}
	}
	return out
}
