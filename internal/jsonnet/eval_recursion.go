package jsonnet

import (
	"slices"

	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/internal/failure"
)

// tooDeep fails because the stack is too deep, with the calls that repeat.
func (ev *evaluator) tooDeep(at *site) {
	const message = "max stack frames exceeded."
	calls := append(slices.Clone(ev.calls[:ev.depth]), at)
	slices.Reverse(calls)
	first, period, _ := repetition(len(calls), func(i, j int) bool { return sameSite(calls[i], calls[j]) })
	known := Error{Code: failure.DeepCalls}
	for _, s := range calls[first : first+period] {
		if s != nil && s.file != nil {
			known.Loop = append(known.Loop, s.frame())
		}
	}
	switch {
	case ev.unchanged():
		known.Code = failure.EndlessRecursion
	case ev.depth < ev.maxStack, ev.maxStack >= MostStack:
		known.Code = failure.StackFull
	case known.Loop != nil:
		known.Code = failure.Recursion
	default:
		known.written = ev.writtenTo()
	}
	ev.failWith(at, message, known)
}

// writtenTo returns the path in the result of the value that is being written, or was when
// the running code began.
func (ev *evaluator) writtenTo() []any {
	calls := ev.calls[:ev.depth]
	if code := slices.IndexFunc(calls, func(s *site) bool { return s != nil && s.file != nil }); code >= 0 {
		calls = calls[:code]
	}
	path, _ := pathOf(calls)
	return path
}

// sameSite reports whether two sites are the same place, or steps with the same name.
func sameSite(a, b *site) bool {
	if a == b || a == nil || b == nil {
		return a == b
	}
	if a.file != nil || b.file != nil || a.begin != b.begin {
		return false
	}
	return a.context == b.context || a.context != nil && b.context != nil && *a.context == *b.context
}

// mostAside is how many things may precede the repeated ones, for example what a function
// does before it calls itself.
const mostAside = 16

// repetition finds things that repeat, at least three times, among n things. The repetition
// starts at the beginning or soon after it: its first period starts at index first, and it
// ends before index end. period is 0 if nothing repeats. same must be an equality.
func repetition(n int, same func(i, j int) bool) (first, period, end int) {
	for ; first < min(n, mostAside); first++ {
		if period, span := beginning(n-first, func(i, j int) bool { return same(first+i, first+j) }); period > 0 {
			return first, period, first + span
		}
	}
	return 0, 0, 0
}

// beginning is repetition from the first thing on. span is the length of the repetition.
func beginning(n int, same func(i, j int) bool) (period, span int) {
	// border[i] is the length of the longest proper beginning of things[:i+1] that is also
	// its end.
	border := make([]int, n)
	for i := 1; i < n; i++ {
		k := border[i-1]
		for k > 0 && !same(i, k) {
			k = border[k-1]
		}
		if same(i, k) {
			k++
		}
		border[i] = k
		if p := i + 1 - k; 3*p <= i+1 {
			period, span = p, i+1
		}
	}
	return period, span
}

// unchanged reports whether the code that is being evaluated began before with the same
// variables. Then it repeats forever: nothing else decides what code does.
func (ev *evaluator) unchanged() bool {
	var frames []*frame
	for f := ev.frame; f != nil && f.code != nil; f = f.below {
		frames = append(frames, f)
	}
	first, period, end := repetition(len(frames), func(i, j int) bool { return frames[i].code == frames[j].code })
	if period == 0 {
		return false
	}
	begun := map[pendingCode]bool{}
	for _, f := range frames {
		begun[pendingCode{f.code, f.env}] = true
	}
	// The innermost period may be less advanced than the one before.
	for i := first + period; i < min(first+2*period, end-period); i++ {
		if changed(frames[i], frames[i+period], begun) {
			return false
		}
	}
	return true
}

// pendingCode is code that is being evaluated with its variables.
type pendingCode struct {
	code *unit
	env  *env
}

// changed reports whether two frames of the same code differ in values that the code may
// have read.
func changed(a, b *frame, begun map[pendingCode]bool) bool {
	if a.self != b.self || a.layer != b.layer || variablesChanged(a.slots, b.slots, begun) {
		return true
	}
	if a.env == b.env {
		return false
	}
	return a.env == nil || b.env == nil || a.env.self != b.env.self || a.env.layer != b.env.layer ||
		variablesChanged(a.env.vars, b.env.vars, begun)
}

func variablesChanged(a, b []*thunk, begun map[pendingCode]bool) bool {
	if len(a) != len(b) {
		return true
	}
	for i := range a {
		if thunkChanged(a[i], b[i], begun) {
			return true
		}
	}
	return false
}

// thunkChanged reports whether two variables have different known values. A variable whose
// evaluation has not begun does not count, because it has decided nothing.
func thunkChanged(a, b *thunk, begun map[pendingCode]bool) bool {
	switch {
	case a == b:
		return false
	case a == nil || b == nil || a.value.given() != b.value.given():
		return true
	case !a.value.given():
		return begun[pendingCode{a.code, a.env}] || begun[pendingCode{b.code, b.env}]
	case a.value == b.value:
		return false
	}
	x, isText := a.value.ref.(*str)
	y, areTexts := b.value.ref.(*str)
	return !isText || !areTexts || x.left != nil || y.left != nil || x.String() != y.String()
}

// endless completes the error about a value that is too deep to be written: with the part
// that contains itself, or with the code that repeats.
func (r *Result) endless(failed *Error) {
	begun := map[referent]int{}
	var codes []*unit
	v := r.value
	for i, step := range failed.written {
		if first, ok := begun[v.ref]; ok {
			failed.Code, failed.Inner, failed.Outer = failure.EndlessValue, failed.written[:i], failed.written[:first]
			return
		}
		begun[v.ref] = i
		var code *unit
		if v, code = r.ev.known(v, step); code != nil {
			codes = append(codes, code)
		}
		if !v.given() {
			break
		}
	}
	slices.Reverse(codes)
	first, period, _ := repetition(len(codes), func(i, j int) bool { return codes[i] == codes[j] })
	for _, code := range codes[first : first+period] {
		failed.Code = failure.Recursion
		failed.Loop = append(failed.Loop, code.site.frame())
	}
}

// Loop classifies a stack trace that is too deep, of any engine, and returns the places in
// it that repeat, the nearest first. Without such places it returns [failure.DeepCalls] and
// nil.
func Loop(trace []TraceFrame) (string, []TraceFrame) {
	calls := slices.Clone(trace)
	slices.Reverse(calls)
	place := func(i int) ast.LocationRange {
		loc := calls[i].Loc
		loc.File = nil
		return loc
	}
	first, period, _ := repetition(len(calls), func(i, j int) bool { return place(i) == place(j) })
	loop := slices.DeleteFunc(calls[first:first+period], func(f TraceFrame) bool { return !f.Loc.IsSet() })
	if len(loop) == 0 {
		return failure.DeepCalls, nil
	}
	return failure.Recursion, loop
}
