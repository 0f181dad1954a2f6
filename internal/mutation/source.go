package mutation

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-jsonnet/ast"
	"github.com/google/go-jsonnet/toolutils"

	"github.com/mop-platform/mop/internal/jsonnet"
)

// source has the expressions of a file.
type source struct {
	expressions []*expression
	// literals are the expressions that are a string or number, except names of fields.
	literals []*expression
}

// expression is a part of a source.
type expression struct {
	// from and to are its offsets in the text, in bytes.
	from, to               int
	line, column, lastLine int
	text                   string
	// literal is the value of a literal, nil for other expressions.
	literal any
}

func newSource(file, text string) (*source, error) {
	s := &source{}
	tree, err := jsonnet.Parse(context.Background(), file, text)
	if err != nil {
		return s, err
	}
	w := walker{source: s, text: text, seen: map[[2]int]bool{}}
	w.lines = append(w.lines, 0)
	for i, c := range text {
		if c == '\n' {
			w.lines = append(w.lines, i+1)
		}
	}
	w.walk(tree, false)
	slices.SortStableFunc(s.literals, func(a, b *expression) int { return cmp.Compare(a.from, b.from) })
	return s, nil
}

type walker struct {
	*source
	text  string
	lines []int
	seen  map[[2]int]bool
}

// walk adds the expressions in a tree. name says that the tree is the name of a field.
func (w *walker) walk(n ast.Node, name bool) {
	if o, ok := n.(*ast.DesugaredObject); ok {
		w.add(n, false)
		for _, f := range o.Fields {
			w.walk(f.Name, true)
			w.walk(f.Body, false)
		}
		for _, l := range o.Locals {
			w.walk(l.Body, false)
		}
		for _, a := range o.Asserts {
			w.walk(a, false)
		}
		return
	}
	w.add(n, name)
	for _, child := range toolutils.Children(n) {
		// A part of a computed name may be a value elsewhere too.
		w.walk(child, false)
	}
}

func (w *walker) add(n ast.Node, name bool) {
	loc := n.Loc()
	if !loc.IsSet() {
		return
	}
	e := &expression{
		from: w.lines[loc.Begin.Line-1] + loc.Begin.Column - 1, to: w.lines[loc.End.Line-1] + loc.End.Column - 1,
		line: loc.Begin.Line, column: loc.Begin.Column, lastLine: loc.End.Line,
	}
	if e.to > len(w.text) || e.from >= e.to || w.seen[[2]int{e.from, e.to}] {
		return
	}
	e.text = w.text[e.from:e.to]
	switch t := n.(type) {
	case *ast.LiteralString:
		if !strings.ContainsAny(e.text[:1], `'"@|`) {
			return
		}
		e.literal = t.Value
	case *ast.LiteralNumber:
		e.literal, _ = strconv.ParseFloat(t.OriginalString, 64)
	case *ast.LiteralBoolean:
		e.literal = t.Value
	case *ast.Function:
		return
	}
	w.seen[[2]int{e.from, e.to}] = true
	w.expressions = append(w.expressions, e)
	if _, flag := e.literal.(bool); e.literal != nil && !flag && !name {
		w.literals = append(w.literals, e)
	}
}

// at returns the expressions that begin at a place, the longest first.
func (s *source) at(at spot) []*expression {
	var found []*expression
	for _, e := range s.expressions {
		if e.line == at.line && e.column == at.column {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, func(a, b *expression) int { return cmp.Compare(b.to, a.to) })
	return found
}

// different is the Jsonnet of a function that changes all parts of a value, and fails for
// null and functions.
const different = `local differ(x) = ` +
	`if std.isString(x) then x + '` + mark + `' else if std.isNumber(x) then x + 1 else if std.isBoolean(x) then !x ` +
	`else if std.isArray(x) then std.map(differ, x) else if std.isObject(x) then std.mapWithKey(function(k, v) differ(v), x) else error 'nothing else'; `

// changes returns replacements for the expression.
func (e *expression) changes() []string {
	switch v := e.literal.(type) {
	case string:
		return []string{quoted(v + mark), quoted(mark + v), quoted(mark)}
	case float64:
		return []string{strconv.Itoa(markNumber), fmt.Sprintf("(%v)", v+1)}
	case bool:
		return []string{strconv.FormatBool(!v)}
	}
	return []string{"(" + different + "differ(" + e.text + "\n))"}
}

func quoted(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// clean returns the name of the file at a path relative to a directory.
func clean(dir, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
