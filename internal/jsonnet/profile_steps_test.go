package jsonnet

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newStepped returns a profile whose evaluations record at each beginning and end of code,
// with a millisecond between two records.
func newStepped() *Profile {
	var p *Profile
	var now time.Duration
	p = newProfile(func() time.Duration {
		now += time.Millisecond
		p.ticks.Add(1)
		return now
	})
	return p
}

// evaluateSteps evaluates main.jsonnet of files for a stepped profile.
func evaluateSteps(t *testing.T, p *Profile, in Input, files map[string]string) error {
	in.File = "main.jsonnet"
	if in.Importer == nil {
		in.Importer = importerOf(files)
	}
	r, err := p.Cache().Eval(t.Context(), in)
	if err != nil {
		return err
	}
	_, err = r.Value()
	return err
}

func importerOf(files map[string]string) Importer {
	importer := &gojsonnet.MemoryImporter{Data: map[string]gojsonnet.Contents{}}
	for name, text := range files {
		importer.Data[name] = gojsonnet.MakeContents(text)
	}
	return Theirs(importer)
}

// byName returns the functions of a report by their names.
func byName(r *Report) map[string]FunctionTime {
	all := map[string]FunctionTime{}
	for _, f := range r.Functions {
		all[f.String()] = f
	}
	return all
}

// stackTexts returns the stacks of a report, the outermost place first.
func stackTexts(r *Report) []string {
	var all []string
	for _, s := range r.stacks {
		var places []string
		for _, at := range slices.Backward(s.places) {
			places = append(places, fmt.Sprintf("%s@%d", r.Functions[at.function].Name, at.line))
		}
		all = append(all, strings.Join(places, " "))
	}
	return all
}

var profiledFiles = map[string]string{
	"main.jsonnet": `local lib = import 'lib.libsonnet';
{
  a: lib.twice(3),
  b: std.map(function(x) x + 1, [1, 2]),
  c: {
    d: { e: lib.factorial(3) },
  },
}
`,
	"lib.libsonnet": `{
  twice(x):: 2 * x,
  factorial(n)::
    if n == 0
    then 1
    else n * self.factorial(n - 1),
}
`,
}

func TestProfileTimes(t *testing.T) {
	p := newStepped()
	require.NoError(t, evaluateSteps(t, p, Input{}, profiledFiles))
	r := p.Report(nil)
	assert.Equal(t, 1, r.Evaluations)

	functions := byName(r)
	ms := time.Millisecond
	assert.Equal(t, FunctionTime{"lib.libsonnet", 2, "twice", ms, ms, 1}, functions["lib.libsonnet:2 twice"])
	factorial := functions["lib.libsonnet:3 factorial"]
	assert.EqualValues(t, 4, factorial.Calls)
	assert.Equal(t, factorial.Self, factorial.Total, "recursion counts once")
	// A field has the time of the fields in it, but not that of the code that they call.
	field := functions["main.jsonnet:5 c"]
	assert.Equal(t, field.Total, field.Self+factorial.Total)
	assert.EqualValues(t, 2, functions["main.jsonnet:4 function"].Calls)
	assert.EqualValues(t, 1, functions["std.map"].Calls)
	for _, phase := range []string{"(read)", "(parse)", "(compile)"} {
		assert.Equal(t, ms, functions["lib.libsonnet:1 "+phase].Self, phase)
	}

	stacks := stackTexts(r)
	recursion := "(manifestation)@0 c@6 factorial@6 factorial@6 factorial@6 factorial@4"
	assert.Contains(t, stacks, recursion)
	assert.Contains(t, stacks, "(manifestation)@0 a@3 lib@1 (parse)@1", "a file is parsed where it is needed first")

	var files, all time.Duration
	for _, f := range r.Files {
		files += f.Self
		if f.File == "lib.libsonnet" {
			assert.Equal(t, 3*ms, f.Loading)
		}
	}
	for _, f := range r.Functions {
		all += f.Self
	}
	assert.Equal(t, r.Time, files)
	assert.Equal(t, r.Time, all)
}

// A second evaluation adds its time, and does not load files again.
func TestProfileTwice(t *testing.T) {
	p := newStepped()
	in := Input{Importer: importerOf(profiledFiles)}
	require.NoError(t, evaluateSteps(t, p, in, nil))
	require.NoError(t, evaluateSteps(t, p, in, nil))
	r := p.Report(nil)
	assert.Equal(t, 2, r.Evaluations)
	functions := byName(r)
	assert.EqualValues(t, 8, functions["lib.libsonnet:3 factorial"].Calls)
	assert.Equal(t, 2*time.Millisecond, functions["lib.libsonnet:2 twice"].Self)
	assert.Equal(t, time.Millisecond, functions["lib.libsonnet:1 (parse)"].Self)
}

func TestProfileNames(t *testing.T) {
	p := newStepped()
	native := Native{Name: "answer", Params: []string{"x"}, Func: func([]any) (any, error) { return 42.0, nil }}
	require.NoError(t, evaluateSteps(t, p, Input{
		Natives: []Native{native},
		ExtVars: map[string]Variable{"code": Code("local f(x) = x + 1; f(1)")},
	}, map[string]string{"main.jsonnet": `
local outer(x) =
  local inner(y=x + 1) = y * 2;
  inner();
local later = function(x) x + 1;
local value = outer(1);
{
  local member(x) = x + self.value,
  assert outer(2) == 6,
  value: value,
  method(x):: x + 1,
  ['computed' + 1]: [self.method(i) for i in [1, 2]],
  object: { ['k' + k]: outer(k) for k in [1, 2] },
  member: member(1),
  later: later(1),
  native: std.native('answer')(1 + 1),
  written: std.resolvePath('a/b', 'c'),
  lines: std.lines(['a' + std.extVar('code')]),
  strict: outer(1) tailstrict,
}
`}))
	calls := map[string]int64{}
	for name, f := range byName(p.Report(nil)) {
		// The engine may choose what functions of std call.
		if !strings.Contains(name, "(") && !slices.Contains([]string{"std.length", "std.makeArray", "std.split", "std.join"}, name) {
			calls[name] = f.Calls
		}
	}
	assert.Equal(t, map[string]int64{
		"main.jsonnet:2 outer": 5, "main.jsonnet:3 inner": 5, "main.jsonnet:5 later": 1, "main.jsonnet:6 value": 0,
		"main.jsonnet:8 member": 1, "main.jsonnet:10 value": 0, "main.jsonnet:11 method": 2,
		"main.jsonnet:12 [computed]": 0, "main.jsonnet:13 object": 0, "main.jsonnet:14 member": 0, "main.jsonnet:15 later": 0,
		"main.jsonnet:16 native": 0, "main.jsonnet:17 written": 0, "main.jsonnet:18 lines": 0, "main.jsonnet:19 strict": 0,
		"<extvar:code>:1 f": 1, "std.native.answer": 1, "std.resolvePath": 1, "std.lines": 1,
		"std.extVar": 1, "std.native": 1,
	}, calls)
}

// A failure ends the evaluation, but not the profile.
func TestProfileOfFailure(t *testing.T) {
	p := newStepped()
	files := map[string]string{"main.jsonnet": "local f(x) = if x == 0 then error 'no' else f(x - 1) + 1;\n{ a: f(2) }\n"}
	require.ErrorContains(t, evaluateSteps(t, p, Input{}, files), "no")
	files["main.jsonnet"] = "local f("
	require.Error(t, evaluateSteps(t, p, Input{}, files))
	require.Error(t, evaluateSteps(t, p, Input{}, nil))
	r := p.Report(nil)
	assert.Equal(t, 3, r.Evaluations)
	assert.EqualValues(t, 3, byName(r)["main.jsonnet:1 f"].Calls)
	assert.Contains(t, stackTexts(r), "(manifestation)@0 a@2 f@1 f@1 f@1", "the time until the failure")
	assert.Zero(t, p.running)
}

// Both ends of deep stacks are recorded.
func TestProfileDepth(t *testing.T) {
	p := newStepped()
	files := map[string]string{"main.jsonnet": "local f(x) = if x == 0 then 0 else 1 + f(x - 1);\n{ a: f(2000), b: 1 + 1 }\n"}
	require.NoError(t, evaluateSteps(t, p, Input{MaxStack: 10_000}, files))
	r := p.Report(nil)
	assert.EqualValues(t, 2001, byName(r)["main.jsonnet:1 f"].Calls)
	most := 0
	for _, s := range r.stacks {
		most = max(most, len(s.places))
		assert.Equal(t, 0, r.Functions[s.places[len(s.places)-1].function].Line, "the outermost is a phase")
	}
	assert.Equal(t, mostPlaces, most)
}

func TestProfilePprof(t *testing.T) {
	p := newStepped()
	require.NoError(t, evaluateSteps(t, p, Input{}, profiledFiles))
	r := p.Report(func(file string) string { return "../" + file })
	var b bytes.Buffer
	require.NoError(t, r.Write(&b))
	parsed, err := profile.Parse(&b)
	require.NoError(t, err)
	require.NoError(t, parsed.CheckValid())
	assert.Equal(t, "time", parsed.DefaultSampleType)
	assert.Equal(t, []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "time", Unit: "nanoseconds"}}, parsed.SampleType)
	var all int64
	deepest := &profile.Sample{}
	for _, s := range parsed.Sample {
		all += s.Value[1]
		if len(s.Location) > len(deepest.Location) {
			deepest = s
		}
	}
	assert.EqualValues(t, r.Time, all)
	var lines []string
	for _, at := range deepest.Location {
		f := at.Line[0].Function
		lines = append(lines, fmt.Sprintf("%s %s %d %d", f.Name, f.Filename, f.StartLine, at.Line[0].Line))
	}
	inner := "../lib.libsonnet:3 factorial ../lib.libsonnet 3 "
	require.Len(t, lines, 6)
	assert.Equal(t, []string{inner + "6", inner + "6", inner + "6", "../main.jsonnet:5 c ../main.jsonnet 5 6", "(manifestation)  0 0"}, lines[1:])
	assert.Contains(t, lines[0], inner)
}

// Without a profile, code has no profiling.
func TestNoProfile(t *testing.T) {
	cache := NewCache(0)
	ev := cache.newEvaluator(t.Context(), Input{})
	assert.Nil(t, ev.profiler)
	program, err := cache.compileSnippet(t.Context(), "main.jsonnet", "local f(x) = x + 1; f(1) + 1", nil)
	require.NoError(t, err)
	assert.IsType(t, &local{}, program.body)
	assert.IsType(t, &plus{}, program.body.(*local).body)
}
