package project

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/pkg/diag"
)

// Glob returns the names of the files that match pattern, sorted. An element of
// the pattern is as in [path.Match] and may hold alternatives, {a,b}; ** is any
// number of elements, which leads through no symbolic link. A pattern may begin
// with ../, and so do the names then.
//
// The error is a [diag.Diagnostic] where [Alternatives] refuses the pattern.
func (p *Project) Glob(ctx context.Context, pattern string) ([]string, error) {
	patterns, err := Alternatives(pattern)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, one := range patterns {
		some, err := p.globOne(ctx, one)
		if err != nil {
			return nil, err
		}
		names = append(names, some...)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// globOne returns the names of the files that match a pattern without alternatives.
func (p *Project) globOne(ctx context.Context, pattern string) ([]string, error) {
	base, rest := ".", path.Clean(pattern)
	for {
		below, ok := strings.CutPrefix(rest, "../")
		if !ok {
			break
		}
		base, rest = path.Join(base, ".."), below
	}
	if !fs.ValidPath(rest) {
		return nil, outside("glob", pattern)
	}
	// A second ** after the first would only find the same files again.
	rest = strings.Join(slices.CompactFunc(strings.Split(rest, "/"), func(a, b string) bool { return a == "**" && b == "**" }), "/")
	var names []string
	var err error
	// doublestar does not ask the budget within a directory, which may be large.
	ended := budget.Away(ctx, func() {
		names, err = doublestar.Glob(below{ctx, p.source, base}, rest, doublestar.WithFilesOnly(), doublestar.WithNoFollow(), doublestar.WithFailOnIOErrors())
	})
	if ended != nil {
		return nil, ended
	}
	for i, name := range names {
		names[i] = path.Join(base, name)
	}
	return names, err
}

// below is the part of a source in a directory, within the budget of a context.
type below struct {
	ctx    context.Context
	source source
	dir    string
}

func (b below) Open(name string) (fs.File, error) { return b.source.Open(path.Join(b.dir, name)) }

func (b below) ReadDir(name string) ([]fs.DirEntry, error) {
	return b.source.readDir(b.ctx, path.Join(b.dir, name))
}

func (b below) Stat(name string) (fs.FileInfo, error) {
	return b.source.stat(b.ctx, path.Join(b.dir, name))
}

// maxPattern is the limit of a pattern in bytes. maxAlternatives is the limit of patterns
// without alternatives that it may expand to. Nobody writes more.
const (
	maxPattern      = 4 << 10
	maxAlternatives = 1 << 10
)

// Alternatives expands a pattern of [Project.Glob] to patterns without alternatives. The
// error is a [diag.Diagnostic] if it is no pattern, is longer than 4 KiB, or expands to
// more than 1,024 patterns.
func Alternatives(pattern string) ([]string, error) {
	if len(pattern) > maxPattern {
		return nil, diag.Diagnostic{Problem: fmt.Sprintf("want a pattern of at most %s, got %s", budget.Bytes(maxPattern), budget.Bytes(uint64(len(pattern))))}
	}
	if !doublestar.ValidatePattern(pattern) {
		return nil, diag.Diagnostic{Problem: doublestar.ErrBadPattern.Error()}
	}
	var out []string
	wait := []string{pattern}
	for steps := 0; len(wait) > 0; steps++ {
		// Take the last one, so that the number of waiting patterns stays small.
		next := wait[len(wait)-1]
		wait = wait[:len(wait)-1]
		before, parts, after, ok := firstBraces(next)
		if !ok {
			out = append(out, next)
		}
		for _, part := range slices.Backward(parts) {
			wait = append(wait, before+part+after)
		}
		if len(out)+len(wait) > maxAlternatives || steps > 4*maxAlternatives {
			return nil, diag.Diagnostic{Problem: fmt.Sprintf("want a pattern that stands for at most %d without braces", maxAlternatives)}
		}
	}
	return out, nil
}

// firstBraces returns the alternatives between the first braces of a pattern, and the text
// before and after them.
func firstBraces(pattern string) (before string, parts []string, after string, ok bool) {
	depth, begin, part := 0, 0, 0
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case '[':
			// Braces between brackets are characters.
			for i++; i < len(pattern) && pattern[i] != ']'; i++ {
				if pattern[i] == '\\' {
					i++
				}
			}
		case '{':
			if depth++; depth == 1 {
				begin, part = i, i+1
			}
		case ',':
			if depth == 1 {
				parts, part = append(parts, pattern[part:i]), i+1
			}
		case '}':
			if depth--; depth == 0 {
				return pattern[:begin], append(parts, pattern[part:i]), pattern[i+1:], true
			}
		}
	}
	return "", nil, "", false
}
