package pprof

import (
	"bytes"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func sample() *Profile {
	return &Profile{
		Values:  []Value{{"samples", "count"}, {"time", "nanoseconds"}},
		Default: "time", Period: 10_000_000, Duration: 1 << 40, Program: "jsonnet",
		Functions: []Function{
			{Name: "main.jsonnet:1 f", System: "f", File: "main.jsonnet", Line: 1},
			{Name: "std.map", System: "std.map", File: "<std>"},
			{Name: "never"},
		},
		Stacks: []Stack{
			{Places: []Place{{1, 0}, {0, 300}}, Values: []int64{3, 30_000_000}},
			{Places: []Place{{0, 300}}, Values: []int64{0, -1}},
			{Places: []Place{{0, 2}, {0, 300}}, Values: []int64{1, 1}},
		},
	}
}

// The parser of google/pprof reads the profile that was written.
func TestWrite(t *testing.T) {
	var out, again bytes.Buffer
	require.NoError(t, sample().Write(&out))
	require.NoError(t, sample().Write(&again))
	assert.Equal(t, out.Bytes(), again.Bytes())

	p, err := profile.Parse(&out)
	require.NoError(t, err)
	require.NoError(t, p.CheckValid())
	assert.Equal(t, "time", p.DefaultSampleType)
	assert.Equal(t, int64(10_000_000), p.Period)
	assert.Equal(t, int64(1<<40), p.DurationNanos)
	assert.Equal(t, "time nanoseconds", p.PeriodType.Type+" "+p.PeriodType.Unit)
	require.Len(t, p.SampleType, 2)
	assert.Equal(t, "samples", p.SampleType[0].Type)
	require.Len(t, p.Mapping, 1)
	assert.Equal(t, "jsonnet", p.Mapping[0].File)
	assert.True(t, p.Mapping[0].HasFunctions && p.Mapping[0].HasFilenames && p.Mapping[0].HasLineNumbers)

	require.Len(t, p.Function, 3)
	assert.Equal(t, "main.jsonnet:1 f", p.Function[0].Name)
	assert.Equal(t, "f", p.Function[0].SystemName)
	assert.Equal(t, "<std>", p.Function[1].Filename)
	assert.Equal(t, int64(1), p.Function[0].StartLine)

	var stacks []Stack
	for _, s := range p.Sample {
		stack := Stack{Values: s.Value}
		for _, l := range s.Location {
			assert.Same(t, p.Mapping[0], l.Mapping)
			require.Len(t, l.Line, 1)
			stack.Places = append(stack.Places, Place{int(l.Line[0].Function.ID) - 1, int(l.Line[0].Line)})
		}
		stacks = append(stacks, stack)
	}
	assert.Equal(t, sample().Stacks, stacks)
}

func TestWriteNothing(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, (&Profile{}).Write(&out))
	_, err := profile.Parse(&out)
	assert.NoError(t, err)
}

func TestWriteFails(t *testing.T) {
	assert.ErrorIs(t, sample().Write(broken{}), assert.AnError)
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, assert.AnError }
