package project_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/internal/project"
)

func TestAlternatives(t *testing.T) {
	for pattern, want := range map[string][]string{
		"a/*.jsonnet":          {"a/*.jsonnet"},
		"":                     {""},
		"{a,b}/{c,d}":          {"a/c", "a/d", "b/c", "b/d"},
		"x{,y{1,2}}z":          {"xz", "xy1z", "xy2z"},
		"{a}":                  {"a"},
		`\{a,b\}`:              {`\{a,b\}`},
		`{a\,b,c\}}`:           {`a\,b`, `c\}`},
		"[{,}]{a,b}[}]":        {"[{,}]a[}]", "[{,}]b[}]"},
		`{[\]},]x,b}`:          {`[\]},]x`, "b"},
		"{a/b,**/c}/x.jsonnet": {"a/b/x.jsonnet", "**/c/x.jsonnet"},
	} {
		got, err := project.Alternatives(pattern)
		require.NoError(t, err, pattern)
		assert.Equal(t, want, got, pattern)
	}
}

func TestPatternsThatAreRefused(t *testing.T) {
	const many = "want a pattern that stands for at most 1024 without braces"
	for name, tt := range map[string]struct{ pattern, want string }{
		"product":  {strings.Repeat("{a,b}", 24), many},
		"nested":   {strings.Repeat("{a,b", 400) + strings.Repeat("{c,d}", 11) + strings.Repeat("}", 400), many},
		"single":   {strings.Repeat("{a,b}", 10) + strings.Repeat("{a}", 1300), many},
		"commas":   {"{" + strings.Repeat(",", 2000) + "}", many},
		"long":     {strings.Repeat("*", 1<<20), "want a pattern of at most 4 KiB, got 1 MiB"},
		"brackets": {"[a", "syntax error in pattern"},
		"braces":   {"a}", "syntax error in pattern"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := project.New(fstest.MapFS{"a": {}}).Glob(t.Context(), tt.pattern)
			assert.EqualError(t, err, tt.want)
		})
	}
}

// The most work that a pattern and a tree can make ends with the budget.
func TestGlobEndsWithTheBudget(t *testing.T) {
	deep := fstest.MapFS{}
	for i := range 200 {
		deep[strings.Repeat("a/", i)+"f"] = &fstest.MapFile{}
	}
	p := project.New(deep)
	ctx, stop := budget.New(t.Context(), budget.Limits{Timeout: 50_000_000})
	defer stop()
	_, err := p.Glob(ctx, strings.Repeat("**/a/", 100)+"nothing")
	var exceeded *budget.Exceeded
	require.ErrorAs(t, err, &exceeded)
	assert.Equal(t, "time", exceeded.What)

	_, err = p.Files(ctx, ".", "*.jsonnet")
	assert.ErrorAs(t, err, &exceeded)
	_, err = p.ReadFile(ctx, "f")
	assert.ErrorAs(t, err, &exceeded)
}

// FuzzAlternatives checks that one of the alternatives matches a name exactly if the
// library matches the whole pattern.
func FuzzAlternatives(f *testing.F) {
	for _, pattern := range []string{
		"*", "**", "a{a/,}b", "**/**/a", "a**/**/a", "{a,b}{a,b}", "{**/,}a", "c/{*,**/b}/a", `c/\{a`, "[[]", "[!a-b]", "*{a,b}*/?", "c//a", "./a", "{../,}a",
		strings.Repeat("{a,b}", 24), strings.Repeat("{", 2000) + strings.Repeat("}", 2000), strings.Repeat("*a", 2000), strings.Repeat("**/", 1000),
	} {
		f.Add(pattern)
	}
	fsys := fstest.MapFS{}
	for _, name := range []string{"a", "b", "ab", "aa/a", "aa/b", "aa/ab/a", "b.a", "c/aa/b/a", "c/{a", "[", "c/d/é"} {
		fsys[name] = &fstest.MapFile{}
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		defer pace.Hold(t, len(pattern))()
		_, _ = project.New(fsys).Glob(t.Context(), pattern)
		all, err := project.Alternatives(pattern)
		if err != nil || len(all) > 64 {
			return
		}
		for name := range fsys {
			matches := slices.ContainsFunc(all, func(one string) bool { return doublestar.MatchUnvalidated(one, name) })
			require.Equal(t, doublestar.MatchUnvalidated(pattern, name), matches, "%q %q", pattern, name)
		}
	})
}

func TestLargeSpecIsRefused(t *testing.T) {
	_, found := project.ParseSpec("a/spec.json", []byte(`{"a":"`+strings.Repeat("x", 3<<19)+`"}`))
	assert.EqualError(t, found.Err(), "a/spec.json:1: want at most 1 MiB, got 1.5 MiB")
}
