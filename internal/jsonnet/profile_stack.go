package jsonnet

import "time"

// profiler follows one evaluation for a [Profile]. A nil one follows nothing.
type profiler struct {
	profile *Profile
	// running has the code that runs, the outermost first.
	running []activation
	// calls is the number of calls of each function, by its id.
	calls []int64
	// last is the time of the last record, seen the number of ticks then.
	last time.Duration
	seen uint64
	// places is reused for stacks.
	places []profiledPlace
}

// activation is a piece of code that runs.
type activation struct {
	code *profiled
	// at is the site of the call; nil is none.
	at *site
}

// profiled is a piece of code as the profiler sees it.
type profiled struct {
	function *profiledFunction
	line     int
	// call is set for the body of a function. Other code is part of the code that calls it if
	// both belong to the same function.
	call bool
}

// mostPlaces is the number of places of a stack that are recorded, half of them from each
// end.
const mostPlaces = 512

// Phases of the evaluator, which count as functions of the file that they concern.
const (
	reading       = "(read)"
	parsing       = "(parse)"
	compiling     = "(compile)"
	waiting       = "(wait)"
	evaluating    = "(evaluation)"
	manifestation = "(manifestation)"
	finding       = "(origins)"
)

func (p *Profile) newProfiler() *profiler {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	p.evaluations++
	p.mu.Unlock()
	return &profiler{profile: p, running: []activation{{code: p.phase("", evaluating)}}, last: p.now(), seen: p.ticks.Load()}
}

// enter notes that code begins to run, and leave that it ends. A failure skips leave.
func (p *profiler) enter(code *profiled, at *site) {
	if p.profile.ticks.Load() != p.seen {
		p.record(at)
	}
	p.running = append(p.running, activation{code, at})
	if !code.call {
		return
	}
	id := code.function.id
	if id >= len(p.calls) {
		p.calls = append(p.calls, make([]int64, id+1-len(p.calls))...)
	}
	p.calls[id]++
}

func (p *profiler) leave() {
	if p.profile.ticks.Load() != p.seen {
		p.record(nil)
	}
	p.running = p.running[:len(p.running)-1]
}

// record records the time since the last record for the running code, which is at a site.
func (p *profiler) record(at *site) {
	elapsed := p.profile.now() - p.last
	p.profile.add(p.stack(at), elapsed)
	p.seen = p.profile.ticks.Load()
	// The time of recording does not count.
	p.last = p.profile.now()
}

// stack returns the running code; the innermost place is at a site.
func (p *profiler) stack(at *site) []profiledPlace {
	p.places = p.places[:0]
	half := mostPlaces / 2
	for i, a := range p.running {
		if i >= half && i < len(p.running)-half {
			continue
		}
		if n := len(p.places); n == 0 || a.code.call || p.places[n-1].function != a.code.function {
			p.reached(a.at)
			p.places = append(p.places, profiledPlace{function: a.code.function})
		}
		p.places[len(p.places)-1].line = a.code.line
	}
	p.reached(at)
	return p.places
}

// reached sets the line of the innermost place so far to that of a site, if the site is in
// its file: natives have no lines.
func (p *profiler) reached(at *site) {
	if n := len(p.places); n > 0 && at != nil && at.file != nil && at.file.name == p.places[n-1].function.file {
		p.places[n-1].line = int(at.begin.line)
	}
}

// during returns a function that calls f and records its time. Time that belongs to no code
// belongs to the phase.
func (p *profiler) during(phase string, f func()) func() {
	if p == nil {
		return f
	}
	return func() {
		p.profile.begin()
		p.last = p.profile.now()
		p.running = append(p.running[:0], activation{code: p.profile.phase("", phase)})
		defer func() {
			// A failure has left the code in running; it ran until now.
			p.record(nil)
			p.profile.end(p.calls)
			p.running, p.calls = p.running[:0], nil
		}()
		f()
	}
}

// begin records the time of the running code, so that the time after it can belong to a
// phase.
func (p *profiler) begin() {
	if p != nil {
		p.record(nil)
	}
}

// end records the time since the last record for a phase of a file.
func (p *profiler) end(phase, file string) {
	if p == nil {
		return
	}
	p.running = append(p.running, activation{code: p.profile.phase(file, phase)})
	p.record(nil)
	p.running = p.running[:len(p.running)-1]
}

// waited records the time since the last record as a wait for another evaluation, if it is
// longer than a period.
func (p *profiler) waited(file string) {
	if p != nil && p.profile.now()-p.last > profilePeriod {
		p.end(waiting, file)
	}
}

func (p *Profile) phase(file, name string) *profiled {
	line := 1
	if file == "" {
		line = 0
	}
	return &profiled{function: p.function(file, line, name), line: line, call: true}
}
