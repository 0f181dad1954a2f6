// Package mutation tests the origins that package jsonnet finds for values. It changes
// expressions in the source of a program, and compares which values change.
package mutation

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/mop-platform/mop/internal/jsonnet"
)

// Program is a program that is changed.
type Program struct {
	// Main is the name of the file that is evaluated.
	Main string
	// Files are the texts of the files that are changed, by name. Others are the texts of
	// further files, which are only imported.
	Files, Others map[string]string
	// SearchPath lists the directories in which to look for an import that is not beside
	// the importing file.
	SearchPath []string
	// Input has the other inputs of the evaluation.
	Input jsonnet.Input
	// Every says that only each n-th claim and literal is tried; 0 means all. First, from 0
	// to Every-1, chooses which of them.
	Every, First int
}

// Report counts the claims and literals that were tried.
type Report struct {
	// Claims is the number of pairs of a value and an origin that could be changed. False
	// is the number of those whose value did not change with the origin.
	Claims, False int
	// Set is the number of pairs of a value and a literal that sets it. Missed is the
	// number of those whose value has no origin on a line of the literal.
	Set, Missed int
	// Details describe the false and the missed pairs.
	Details []string
}

// Add adds the counts and details of another report.
func (r *Report) Add(o Report) {
	r.Claims += o.Claims
	r.False += o.False
	r.Set += o.Set
	r.Missed += o.Missed
	r.Details = append(r.Details, o.Details...)
}

func (r Report) String() string {
	return fmt.Sprintf("%d claims, %d of them false; %d values set by literals, %d of which do not lead there", r.Claims, r.False, r.Set, r.Missed)
}

// spot is the place where an expression begins in a file.
type spot struct {
	file         string
	line, column int
}

func (s spot) String() string { return fmt.Sprintf("%s:%d:%d", s.file, s.line, s.column) }

// leaf is a value that is no array, object or null, with its origins.
type leaf struct {
	path    []any
	value   any
	origins []spot
}

// checker changes a program and counts the results.
type checker struct {
	Program
	ctx      context.Context
	cache    *jsonnet.Cache
	contents map[string]jsonnet.Contents
	sources  map[string]*source
	// tried has the outcomes of the changes made so far.
	tried map[change]outcome
	// read are the files that were imported.
	read   map[string]bool
	leaves []leaf
	report Report
}

// Check evaluates a program, asks for the origins of all its values, and then changes one
// expression at a time. The error is about a program that cannot be parsed or evaluated; a
// changed one may fail.
func Check(ctx context.Context, p Program) (Report, error) {
	c, err := newChecker(ctx, p)
	if err != nil {
		return Report{}, err
	}
	if err := c.checkClaims(); err != nil {
		return Report{}, err
	}
	err = c.checkLiterals()
	return c.report, err
}

// newChecker evaluates a program and asks for the origins of all its values.
func newChecker(ctx context.Context, p Program) (*checker, error) {
	c := &checker{
		Program: p, ctx: ctx, cache: jsonnet.NewCache(0),
		contents: map[string]jsonnet.Contents{}, sources: map[string]*source{}, read: map[string]bool{}, tried: map[change]outcome{},
	}
	for _, files := range []map[string]string{p.Files, p.Others} {
		for name, text := range files {
			c.contents[name] = jsonnet.MakeContents(text)
		}
	}
	result, err := c.eval("", "")
	if err != nil {
		return nil, err
	}
	value, err := result.Value()
	if err != nil {
		return nil, err
	}
	return c, c.collect(result.Tracer(), nil, value)
}

// eval evaluates the program with another text for a file; "" is no file.
func (c *checker) eval(file, text string) (*jsonnet.Result, error) {
	in := c.Input
	in.File = c.Main
	changed := jsonnet.MakeContents(text)
	in.Importer = importer(func(from, path string) (jsonnet.Contents, string, error) {
		for _, dir := range append([]string{from[:strings.LastIndex(from, "/")+1]}, c.SearchPath...) {
			name := clean(dir, path)
			if name == file {
				return changed, name, nil
			}
			if contents, ok := c.contents[name]; ok {
				c.read[name] = true
				return contents, name, nil
			}
		}
		return jsonnet.Contents{}, "", errors.New("no such file: " + path)
	})
	return c.cache.Eval(c.ctx, in)
}

// collect finds the leaves of a value and their origins.
func (c *checker) collect(tracer *jsonnet.Tracer, path []any, value any) error {
	switch value := value.(type) {
	case nil:
		return nil
	case map[string]any:
		for _, name := range sortedKeys(value) {
			if err := c.collect(tracer, append(slices.Clip(path), name), value[name]); err != nil {
				return err
			}
		}
		return nil
	case []any:
		for i, element := range value {
			if err := c.collect(tracer, append(slices.Clip(path), i), element); err != nil {
				return err
			}
		}
		return nil
	}
	origins, err := tracer.Origins(nil, path...)
	if err != nil {
		return fmt.Errorf("origins of %v: %w", path, err)
	}
	l := leaf{path: path, value: value}
	for _, o := range origins {
		if loc := o.Location; loc.IsSet() {
			l.origins = append(l.origins, spot{loc.FileName, loc.Begin.Line, loc.Begin.Column})
		}
	}
	c.leaves = append(c.leaves, l)
	return nil
}

// source returns the expressions of a file.
func (c *checker) source(file string) (*source, error) {
	if s, ok := c.sources[file]; ok {
		return s, nil
	}
	s, err := newSource(file, c.Files[file])
	c.sources[file] = s
	return s, err
}

// change is an expression and its replacement. outcome is the value of the changed program;
// ok is false if the program fails.
type (
	change struct {
		expression *expression
		by         string
	}
	outcome struct {
		value any
		ok    bool
	}
)

// changed returns the value of the program with an expression replaced; ok is false if the
// changed program fails.
func (c *checker) changed(file string, e *expression, by string) (value any, ok bool) {
	if o, known := c.tried[change{e, by}]; known {
		return o.value, o.ok
	}
	text := c.Files[file]
	result, err := c.eval(file, text[:e.from]+by+text[e.to:])
	if err == nil {
		value, err = result.Value()
	}
	c.tried[change{e, by}] = outcome{value, err == nil}
	return value, err == nil
}

// checkClaims changes the expressions at each place that is an origin of values. Each of
// these values must change with at least one of the changes.
func (c *checker) checkClaims() error {
	claims := map[spot][]int{}
	var order []spot
	for i, l := range c.leaves {
		for _, at := range l.origins {
			if _, ok := c.Files[at.file]; !ok {
				continue
			}
			if claims[at] == nil {
				order = append(order, at)
			}
			claims[at] = append(claims[at], i)
		}
	}
	for n, at := range order {
		if c.Every > 0 && (n+c.First)%c.Every != 0 {
			continue
		}
		s, err := c.source(at.file)
		if err != nil {
			return err
		}
		follow, tried := make([]bool, len(claims[at])), make([]bool, len(claims[at]))
		expressions := s.at(at)
		literal := slices.ContainsFunc(expressions, func(e *expression) bool { return e.literal != nil })
		for _, e := range expressions {
			for _, by := range e.changes() {
				if !slices.Contains(follow, false) {
					break
				}
				value, ok := c.changed(at.file, e, by)
				if !ok {
					continue
				}
				for k, i := range claims[at] {
					l := c.leaves[i]
					if _, flag := l.value.(bool); literal && e.literal == nil && !flag {
						// An expression that begins with a literal changes with the literal.
						continue
					}
					now, ok := lookup(value, l.path)
					tried[k] = true
					follow[k] = follow[k] || !ok || !reflect.DeepEqual(now, l.value)
				}
			}
		}
		for k, i := range claims[at] {
			if !tried[k] {
				continue
			}
			c.report.Claims++
			if !follow[k] {
				c.report.False++
				c.report.Details = append(c.report.Details, fmt.Sprintf("false: %s is no origin of %v, %#v", at, c.leaves[i].path, c.leaves[i].value))
			}
		}
	}
	return nil
}

// checkLiterals marks each literal. The values that get the mark must have an origin on a
// line of the literal.
func (c *checker) checkLiterals() error {
	n := 0
	for _, file := range sortedKeys(c.Files) {
		if !c.read[file] {
			continue
		}
		s, err := c.source(file)
		if err != nil {
			return err
		}
		for _, e := range s.literals {
			n++
			if c.Every > 0 && (n+c.First)%c.Every != 0 {
				continue
			}
			var value any
			for _, by := range e.changes() {
				var ok bool
				if value, ok = c.changed(file, e, by); ok {
					break
				}
			}
			for i, l := range c.leaves {
				if now, ok := lookup(value, l.path); !ok || !e.marks(now, l.value) {
					continue
				}
				c.report.Set++
				if !slices.ContainsFunc(c.leaves[i].origins, func(at spot) bool { return at.file == file && at.line >= e.line && at.line <= e.lastLine }) {
					c.report.Missed++
					c.report.Details = append(c.report.Details, fmt.Sprintf("missed: %s:%d sets %v, %#v, which is told to be from %v", file, e.line, c.leaves[i].path, c.leaves[i].value, c.leaves[i].origins))
				}
			}
		}
	}
	return nil
}

// lookup returns the value at a path.
func lookup(value any, path []any) (any, bool) {
	for _, step := range path {
		switch v := value.(type) {
		case map[string]any:
			name, _ := step.(string)
			var ok bool
			if value, ok = v[name]; !ok {
				return nil, false
			}
		case []any:
			i, ok := step.(int)
			if !ok || i >= len(v) {
				return nil, false
			}
			value = v[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// mark is a text, and markNumber a number, that no program contains.
const (
	mark       = "Qz7"
	markNumber = 73403218
)

// marks reports whether a value has changed and has the mark of the literal.
func (e *expression) marks(now, before any) bool {
	if reflect.DeepEqual(now, before) {
		return false
	}
	text := fmt.Sprint(now)
	if n, ok := now.(float64); ok {
		text = strconv.FormatFloat(math.Abs(n), 'f', -1, 64)
	}
	switch e.literal.(type) {
	case string:
		return strings.Contains(text, mark)
	case float64:
		return strings.Contains(text, strconv.Itoa(markNumber))
	}
	// A boolean may come from the literal or from a condition; the values do not show
	// which.
	return false
}

// importer is a function that finds imports.
type importer func(from, path string) (jsonnet.Contents, string, error)

// Import implements [jsonnet.Importer].
func (f importer) Import(from, path string) (jsonnet.Contents, string, error) {
	return f(from, path)
}
