package suite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/suite"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// project writes files into a new project and returns a workspace in its root.
func project(t *testing.T, files map[string]string) *workspace.Workspace {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"jsonnetfile.json": "{}"} {
		files[name] = text
	}
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	return workspace.New(workspace.Settings{Dir: dir})
}

// oneByOne calls f for the files in reverse order.
func oneByOne(_ string, _, n int, f func(i int)) {
	for i := n - 1; i >= 0; i-- {
		f(i)
	}
}

const (
	passes = "{ actual: 1, expected: 1 }"
	fails  = "{ actual: 1, expected: 2 }"
	broken = "{ actual: error 'gone', expected: 2 }"
)

func TestReport(t *testing.T) {
	tests := []struct {
		name           string
		files          map[string]string
		args           []string
		run            string
		verbose        bool
		passed, failed int
		text           string // a pattern
		broken         []string
	}{
		{"passed", map[string]string{"a_test.jsonnet": "{ a: " + passes + " }"}, nil, "", false, 1, 0, `^$`, nil},
		{
			"passed and told of, in order", map[string]string{"b_test.jsonnet": "{ b: " + passes + ", a: " + passes + " }", "a_test.jsonnet": "{ z: " + passes + " }"}, nil, "", true, 3, 0,
			`^a_test\.jsonnet: z: passed\nb_test\.jsonnet: a: passed\nb_test\.jsonnet: b: passed\n$`, nil,
		},
		{"failed", map[string]string{"a_test.jsonnet": "{ g: { a: " + fails + ", b: " + passes + " } }"}, nil, "", false, 1, 1, `^a_test\.jsonnet: g/a: not as expected\n`, nil},
		{"failed alike", map[string]string{"a_test.jsonnet": "{ a: " + fails + ", b: " + fails + ", c: " + broken + ", d: " + fails + " }"}, nil, "", false, 0, 4, `(?s)^a_test\.jsonnet: a: not as expected\n.*\n    and so for 2 more\na_test\.jsonnet: c: cannot be evaluated\n    gone\n[^:]*:1:\d+\n$`, nil},
		{"failed alike in two files", map[string]string{"a_test.jsonnet": "{ a: " + fails + " }", "b_test.jsonnet": "{ a: " + fails + " }"}, nil, "", false, 0, 2, `(?s)^a_test\.jsonnet: a: .*and so for 1 more\n$`, nil},
		{"a broken file in the middle", map[string]string{"a_test.jsonnet": "{ a: " + passes + " }", "b_test.jsonnet": "{ a 1 }", "c_test.jsonnet": "{ a: " + fails + " }", "d_test.jsonnet": "{ a: { actual: 1 } }"}, nil, "", false, 1, 1, `^c_test\.jsonnet: a: `, []string{"b_test.jsonnet", "d_test.jsonnet"}},
		{"some cases", map[string]string{"a_test.jsonnet": "{ g: { a: " + fails + ", b: " + passes + " }, h: " + fails + " }"}, nil, "^a_test.jsonnet/g/b$", false, 1, 0, `^$`, nil},
		{"no cases", map[string]string{"a_test.jsonnet": "{ a: " + fails + " }"}, nil, "b", false, 0, 0, `^$`, nil},
		{"an empty file", map[string]string{"a_test.jsonnet": "{}"}, nil, "", true, 0, 0, `^$`, []string{"a_test.jsonnet"}},
		{"a file that is named twice", map[string]string{"d/a_test.jsonnet": "{ a: " + passes + " }"}, []string{"d/a_test.jsonnet", "d", "."}, "", true, 1, 0, `^d/a_test\.jsonnet: a: passed\n$`, nil},
		{"a file with another name", map[string]string{"a.jsonnet": "{ a: " + passes + " }"}, []string{"a.jsonnet"}, "", false, 1, 0, `^$`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := project(t, tt.files)
			if tt.args == nil {
				tt.args = []string{"."}
			}
			results, err := suite.Run(t.Context(), w, tt.args, suite.Options{Run: regexp.MustCompile(tt.run), Parallel: oneByOne})
			require.NoError(t, err)
			for range 2 { // A report changes no results.
				report, err := results.Report(tt.verbose)
				require.NoError(t, err)
				assert.Equal(t, tt.passed, report.Passed)
				assert.Equal(t, tt.failed, report.Failed)
				assert.Regexp(t, tt.text, report.Text)
				var at []string
				for _, d := range report.Broken {
					if at = append(at, d.At.File); d.At.File == "" {
						at[len(at)-1] = d.Subject
					}
				}
				require.Len(t, at, len(tt.broken), "%v", report.Broken)
				for i, file := range tt.broken {
					assert.Contains(t, at[i], file)
				}
			}
		})
	}
}

func TestArguments(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"nothing of that name", []string{".", "gone"}, "gone: no such file or directory"},
		{"a directory without tests", []string{".", "empty"}, "empty: no file called *_test.jsonnet here or below"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := project(t, map[string]string{"a_test.jsonnet": "{}", "empty/a.jsonnet": "{}"})
			_, err := suite.Run(t.Context(), w, tt.args, suite.Options{Run: regexp.MustCompile(""), Parallel: func(string, int, int, func(int)) {
				assert.Fail(t, "tests run although an argument is wrong")
			}})
			_, ok := diag.From(err)
			assert.True(t, ok)
			assert.EqualError(t, err, tt.want)
		})
	}
}

// Without results the report is empty.
func TestNoArguments(t *testing.T) {
	results, err := suite.Run(t.Context(), project(t, map[string]string{}), nil, suite.Options{Parallel: oneByOne})
	require.NoError(t, err)
	report, err := results.Report(true)
	require.NoError(t, err)
	assert.Equal(t, suite.Report{}, report)
}

// If the work is interrupted, no case has passed or failed, and no file is broken.
func TestEnds(t *testing.T) {
	for _, within := range []string{"files", "cases"} {
		t.Run(within, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w := project(t, map[string]string{"a_test.jsonnet": "{ a: " + passes + ", b: " + fails + " }", "b_test.jsonnet": "{ a: " + passes + " }"})
			results, err := suite.Run(ctx, w, []string{"."}, suite.Options{Run: regexp.MustCompile(""), Parallel: func(what string, limit, n int, f func(i int)) {
				if what == within {
					cancel()
				}
				oneByOne(what, limit, n, f)
			}})
			require.NoError(t, err)
			report, err := results.Report(true)
			require.ErrorIs(t, err, context.Canceled)
			_, ok := diag.From(err)
			assert.False(t, ok)
			assert.Equal(t, suite.Report{}, report)
		})
	}
}

// Files come before cases. Cases that write golden files run one by one.
func TestParallel(t *testing.T) {
	for _, update := range []bool{false, true} {
		t.Run(fmt.Sprintf("update %t", update), func(t *testing.T) {
			var calls []string
			w := project(t, map[string]string{"a_test.jsonnet": "{ a: { actual: 'x', golden: 'a.txt' }, b: { actual: 'x', golden: 'a.txt' } }", "a.txt": "y"})
			results, err := suite.Run(t.Context(), w, []string{"."}, suite.Options{Run: regexp.MustCompile(""), Update: update, Parallel: func(what string, limit, n int, f func(i int)) {
				calls = append(calls, fmt.Sprintf("%s %d", what, n))
				if update {
					assert.Equal(t, 1, limit)
				}
				oneByOne(what, limit, n, f)
			}})
			require.NoError(t, err)
			assert.Equal(t, []string{"files 1", "cases 2"}, calls)
			report, err := results.Report(false)
			require.NoError(t, err)
			if update {
				assert.Equal(t, 2, report.Passed)
			} else {
				assert.Equal(t, 2, report.Failed)
			}
		})
	}
}
