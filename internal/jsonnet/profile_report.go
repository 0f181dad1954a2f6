package jsonnet

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/mop-platform/mop/internal/pprof"
)

// Report has the records of a [Profile] up to some moment.
type Report struct {
	// Time is the sum of the times of all evaluations, also of those that ran at the same
	// time.
	Time        time.Duration
	Evaluations int
	// Files and Functions have the times of files and functions, the largest first. The sum
	// of their Self is Time.
	Files     []FileTime
	Functions []FunctionTime

	stacks []reportedStack
}

// FileTime is the time of a file: "<std>" has the functions of std, "" the time that
// belongs to no file.
type FileTime struct {
	File string
	// Self is the time of the file's own code. Loading is the part of it before that code can
	// run. Total also includes the time of called code.
	Self, Total, Loading time.Duration
}

// FunctionTime is the time of a function. Code that is part of no function counts for the
// outermost field or local around it. A phase of the evaluator counts as a function with a
// name in parentheses.
type FunctionTime struct {
	// File and Line are the place of its definition. A function of std has "<std>" and 0; a
	// phase that concerns no file has "" and 0.
	File string
	Line int
	Name string
	// Self is the time of its own code. Total also includes the time of called code.
	Self, Total time.Duration
	// Calls is the exact number of calls.
	Calls int64
}

// String returns the function as file:line name, or only the name without a line.
func (f FunctionTime) String() string {
	if f.Line == 0 {
		return f.Name
	}
	return fmt.Sprintf("%s:%d %s", f.File, f.Line, f.Name)
}

// Loading reports whether this is a phase of loading a file: "(read)", "(parse)",
// "(compile)", or "(wait)" for another evaluation that loads it.
func (f FunctionTime) Loading() bool {
	switch f.Name {
	case reading, parsing, compiling, waiting:
		return true
	}
	return false
}

// reportedStack is a stack that ran, the innermost place first.
type reportedStack struct {
	places  []reportedPlace
	time    time.Duration
	samples int64
}

// reportedPlace is a line of Functions[function].
type reportedPlace struct{ function, line int }

// Report returns the records so far. The calls of an evaluation that is running do not
// count yet. path returns the name of a file in the report; nil keeps the names of the
// importer.
func (p *Profile) Report(path func(file string) string) *Report {
	p.mu.Lock()
	defer p.mu.Unlock()
	return (&reporter{path: path}).report(p)
}

// reporter sums up stacks.
type reporter struct {
	path   func(string) string
	times  map[*profiledFunction]*FunctionTime
	files  map[string]*FileTime
	stacks []profiledStack
}

// profiledStack is a stack that ran, the outermost place first.
type profiledStack struct {
	places  []profiledPlace
	time    time.Duration
	samples int64
}

func (r *reporter) report(p *Profile) *Report {
	r.times = map[*profiledFunction]*FunctionTime{}
	r.files = map[string]*FileTime{}
	for _, f := range p.functions {
		t := &FunctionTime{File: r.name(f.file), Line: f.line, Name: f.name}
		if f.id < len(p.calls) {
			t.Calls = p.calls[f.id]
		}
		r.times[f] = t
	}
	r.collect(p.root, nil)
	out := &Report{Evaluations: p.evaluations}
	for _, s := range r.stacks {
		out.Time += s.time
		r.add(s)
	}
	order := slices.SortedFunc(maps.Keys(r.times), func(a, b *profiledFunction) int {
		x, y := r.times[a], r.times[b]
		return cmp.Or(cmp.Compare(y.Self, x.Self), cmp.Compare(y.Total, x.Total), cmp.Compare(y.Calls, x.Calls),
			cmp.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Name, y.Name))
	})
	index := map[*profiledFunction]int{}
	for _, f := range order {
		if t := r.times[f]; t.Total > 0 || t.Calls > 0 {
			index[f] = len(out.Functions)
			out.Functions = append(out.Functions, *t)
		}
	}
	for _, f := range r.files {
		out.Files = append(out.Files, *f)
	}
	slices.SortFunc(out.Files, func(a, b FileTime) int {
		return cmp.Or(cmp.Compare(b.Self, a.Self), cmp.Compare(b.Total, a.Total), cmp.Compare(a.File, b.File))
	})
	for _, s := range r.stacks {
		reported := reportedStack{time: s.time, samples: s.samples}
		for _, at := range slices.Backward(s.places) {
			reported.places = append(reported.places, reportedPlace{index[at.function], at.line})
		}
		out.stacks = append(out.stacks, reported)
	}
	slices.SortFunc(out.stacks, func(a, b reportedStack) int {
		return slices.CompareFunc(a.places, b.places, func(a, b reportedPlace) int {
			return cmp.Or(cmp.Compare(a.function, b.function), cmp.Compare(a.line, b.line))
		})
	})
	return out
}

// name returns the name of a file in the report.
func (r *reporter) name(file string) string {
	if r.path == nil || file == "" || file == standardFile {
		return file
	}
	return r.path(file)
}

// collect appends the stacks that ran.
func (r *reporter) collect(s *stack, places []profiledPlace) {
	if s.time > 0 {
		r.stacks = append(r.stacks, profiledStack{slices.Clone(places), s.time, s.samples})
	}
	for at, inner := range s.inner {
		r.collect(inner, append(places, at))
	}
}

// add adds the time of a stack to its functions and files, once to each.
func (r *reporter) add(s profiledStack) {
	functions, files := map[*profiledFunction]bool{}, map[string]bool{}
	for i, at := range s.places {
		t := r.times[at.function]
		file := r.files[at.function.file]
		if file == nil {
			file = &FileTime{File: t.File}
			r.files[at.function.file] = file
		}
		if !functions[at.function] {
			functions[at.function] = true
			t.Total += s.time
		}
		if !files[at.function.file] {
			files[at.function.file] = true
			file.Total += s.time
		}
		if i < len(s.places)-1 {
			continue
		}
		t.Self += s.time
		file.Self += s.time
		if t.Loading() {
			file.Loading += s.time
		}
	}
}

// Write writes the stacks to w as a compressed profile for pprof, with the number of
// samples and the time in nanoseconds of each. The error is that of w.
func (r *Report) Write(w io.Writer) error {
	p := &pprof.Profile{
		Values:   []pprof.Value{{Type: "samples", Unit: "count"}, {Type: "time", Unit: "nanoseconds"}},
		Default:  "time",
		Period:   int64(profilePeriod),
		Duration: int64(r.Time),
		Program:  "jsonnet",
	}
	index := map[int]int{}
	for _, s := range r.stacks {
		stack := pprof.Stack{Values: []int64{s.samples, int64(s.time)}}
		for _, at := range s.places {
			i, ok := index[at.function]
			if !ok {
				i = len(p.Functions)
				index[at.function] = i
				f := r.Functions[at.function]
				p.Functions = append(p.Functions, pprof.Function{Name: f.String(), System: f.Name, File: f.File, Line: f.Line})
			}
			stack.Places = append(stack.Places, pprof.Place{Function: i, Line: at.line})
		}
		p.Stacks = append(p.Stacks, stack)
	}
	return p.Write(w)
}
