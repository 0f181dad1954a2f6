package native

import (
	"context"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/pace"
)

// inSteps returns an expression that is used in steps whatever its size.
func inSteps(t *testing.T, text string) *expression {
	e, err := compileExpression(t.Context(), text)
	require.NoError(t, err)
	e.small = false
	return e
}

// FuzzExpression checks that steps have the results of package regexp.
func FuzzExpression(f *testing.F) {
	for _, s := range [][3]string{
		{"a+", "baaac", "x"}, {"", "abc", "-"}, {"a*", "baac", "<$0>"}, {`\b`, "ab cd", "|"}, {`^`, "ab", "x"}, {`(?m)^`, "a\nb", "> "}, {`(?m)$`, "a\nb", "<"},
		{`\B`, "abc", "."}, {"(a)(?P<n>b)?", "abaab", "${n}$1$$$2x"}, {"x*?", "xxx", "$0$"}, {`\Qa`, "aa", "$1"}, {"a|ab", "ababab", "$$0"}, {"é", "aéb\xffé", "$0$0"},
		{`\A.`, "\xff\xfe", "$0"}, {"(?i)k", "K\u212a", "[$0]"}, {`a$|b`, "aab", "x"}, {"(a(b)?)+", "abaab", "$2-$1"}, {"(?U)a+", "aaa", "y"}, {".{0,2}", "abcde\n", "[$0]"},
	} {
		f.Add(s[0], s[1], s[2])
	}
	f.Fuzz(func(t *testing.T, pattern, text, replacement string) {
		defer pace.Hold(t, len(pattern)+len(text)+len(replacement))()
		if len(pattern)*len(text) > 1<<12 || len(replacement) > 100 {
			return
		}
		tree, err := syntax.Parse(pattern, syntax.Perl)
		if err != nil || instructions(tree) > 1000 {
			return
		}
		re := regexp.MustCompile(pattern)
		e := inSteps(t, pattern)
		matches, err := e.match(text)
		require.NoError(t, err)
		require.Equal(t, re.MatchString(text), matches)
		got, err := e.replace(text, replacement)
		require.NoError(t, err)
		require.Equal(t, re.ReplaceAllString(text, replacement), got)
	})
}

// Each of these would take minutes or gigabytes.
func TestExpressionsEndWithTheBudget(t *testing.T) {
	long := strings.Repeat("x", 4<<20)
	for name, use := range map[string]func(ctx context.Context) error{
		"nested repeats": func(ctx context.Context) error {
			e, err := compileExpression(ctx, "((x{1,30}){1,30})y")
			require.NoError(t, err)
			_, err = e.match(long)
			return err
		},
		"quadratic": func(ctx context.Context) error {
			e, err := compileExpression(ctx, "x.*y|x")
			require.NoError(t, err)
			_, err = e.replace(long, "")
			return err
		},
		"long replacement": func(ctx context.Context) error {
			e, err := compileExpression(ctx, "x+")
			require.NoError(t, err)
			_, err = e.replace(long, strings.Repeat("$0", 100_000))
			return err
		},
		"many replacements": func(ctx context.Context) error {
			e, err := compileExpression(ctx, "")
			require.NoError(t, err)
			_, err = e.replace(long, strings.Repeat("y", 100_000))
			return err
		},
		"large program": func(ctx context.Context) error {
			_, err := compileExpression(ctx, strings.Repeat("x{1000}", 3000))
			return err
		},
		"long expression": func(ctx context.Context) error {
			_, err := compileExpression(ctx, strings.Repeat("x*", 10<<20))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := budget.New(t.Context(), budget.Limits{Timeout: 100 * time.Millisecond, Memory: budget.Held() + 100<<20})
			defer stop()
			var exceeded *budget.Exceeded
			assert.ErrorAs(t, use(ctx), &exceeded)
		})
	}
}
