package unit_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/unit"
	"github.com/mop-platform/mop/pkg/diag"
)

func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		p := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(p), 0o777))
		require.NoError(t, os.WriteFile(p, []byte(text), 0o666))
	}
	return root
}

// suite returns the tests of the project around dir.
func suite(t *testing.T, dir string, o unit.Options) *unit.Suite {
	t.Helper()
	p, err := project.Find(dir, project.Options{})
	require.NoError(t, err)
	return unit.New(unit.On(p, eval.Input{ExtVars: map[string]eval.Variable{"x": eval.String("given")}}), o)
}

// verdicts runs every case of the project around dir and returns the failures, "" for a
// pass.
func verdicts(t *testing.T, dir string, o unit.Options) map[string]string {
	t.Helper()
	s := suite(t, dir, o)
	files, err := s.Files(t.Context(), ".")
	require.NoError(t, err)
	out := map[string]string{}
	for _, file := range files {
		cases, err := s.Cases(t.Context(), file)
		require.NoError(t, err)
		for _, c := range cases {
			failure, err := c.Check(t.Context())
			require.NoError(t, err)
			out[c.String()] = failure
		}
	}
	return out
}

func TestVerdicts(t *testing.T) {
	root := tree(t, map[string]string{
		"jsonnetfile.json": "{}",
		"lib/web.libsonnet": `{
  new(replicas):
    assert replicas > 0 : 'web: want at least 1 replica, got %d' % replicas;
    { spec: { replicas: replicas, image: 'web' } },
}`,
		"lib/web_test.jsonnet": `local web = import 'web.libsonnet';
{
  equal: { actual: web.new(2).spec.replicas, expected: 2 },
  different: { actual: web.new(2), expected: { spec: { replicas: 3, image: 'web' } } },
  'null': { actual: null, expected: null },
  broken: { actual: web.new(0), expected: 1 },
  group: {
    deeper: { "it's here": { actual: web.new(0), fails: 'at least 1' } },
    'other message': { actual: web.new(0), fails: 'at least 2' },
    'no failure': { actual: web.new(1), fails: 'at least 1' },
    'fails with anything': { actual: web.new(0), fails: '' },
  },
  golden: {
    same: { actual: web.new(1), golden: 'testdata/same.yaml' },
    json: { actual: [1], golden: 'testdata/list.json' },
    text: { actual: 'a\n', golden: 'testdata/text' },
    changed: { actual: web.new(2), golden: 'testdata/same.yaml' },
    absent: { actual: 1, golden: 'testdata/absent.yaml' },
    outside: { actual: 1, golden: '../outside.yaml' },
    'no text': { actual: 1, golden: 'testdata/text' },
  },
  variable: { actual: std.extVar('x'), expected: 'given' },
}`,
		"lib/testdata/same.yaml": "spec:\n  image: web\n  replicas: 1\n",
		"lib/testdata/list.json": "[\n  1\n]\n",
		"lib/testdata/text":      "a\n",
	})
	got := verdicts(t, filepath.Join(root, "lib"), unit.Options{})
	want := map[string]string{
		"equal":                     "",
		"null":                      "",
		"variable":                  "",
		"group/deeper/it's here":    "",
		"golden/same":               "",
		"golden/json":               "",
		"golden/text":               "",
		"different":                 "not as expected\ndiff expected actual\n--- expected\n+++ actual\n@@ -1,3 +1,3 @@\n spec:\n   image: web\n-  replicas: 3\n+  replicas: 2\n",
		"broken":                    "cannot be evaluated\nweb: want at least 1 replica, got 0\n    lib/web.libsonnet:3:5\n    lib/web_test.jsonnet:6:21",
		"group/other message":       "want an error with \"at least 2\", got\nweb: want at least 1 replica, got 0\n    lib/web.libsonnet:3:5\n    lib/web_test.jsonnet:9:32",
		"group/no failure":          "want an error with \"at least 1\", got a value\nspec:\n  image: web\n  replicas: 1\n",
		"group/fails with anything": "fails: want a part of the message, a non-empty string",
		"golden/changed":            "not as in the golden file\ndiff lib/testdata/same.yaml actual\n--- lib/testdata/same.yaml\n+++ actual\n@@ -1,3 +1,3 @@\n spec:\n   image: web\n-  replicas: 1\n+  replicas: 2\n",
		"golden/absent":             "golden file lib/testdata/absent.yaml does not exist; run the test with --update to write it",
		"golden/outside":            "golden: want a path below the test file's directory, got ../outside.yaml",
		"golden/no text":            "golden: testdata/text is plain text, so actual must be a string; end the name in .yaml or .json for values",
	}
	for name, failure := range want {
		assert.Equal(t, failure, got["lib/web_test.jsonnet: "+name], name)
	}
	assert.Len(t, got, len(want))
}

func TestUpdate(t *testing.T) {
	root := tree(t, map[string]string{
		"jsonnetfile.json":   "{}",
		"x_test.jsonnet":     `{ a: { actual: { b: 1 }, golden: 'new/a.yaml' } }`,
		"vendor/y_test.json": "not looked at",
	})
	assert.Contains(t, verdicts(t, root, unit.Options{})["x_test.jsonnet: a"], "does not exist")
	assert.Equal(t, map[string]string{"x_test.jsonnet: a": ""}, verdicts(t, root, unit.Options{Update: true}))
	data, err := os.ReadFile(filepath.Join(root, "new", "a.yaml"))
	require.NoError(t, err)
	assert.Equal(t, "b: 1\n", string(data))
	assert.Equal(t, map[string]string{"x_test.jsonnet: a": ""}, verdicts(t, root, unit.Options{}))
}

// A golden file is written only inside the project.
func TestUpdateStaysInside(t *testing.T) {
	dir := tree(t, map[string]string{
		"p/jsonnetfile.json": "{}",
		"p/x_test.jsonnet":   `{ a: { actual: 1, golden: 'link/a.yaml' } }`,
		"outside/keep":       "",
	})
	require.NoError(t, os.Symlink(filepath.Join("..", "outside"), filepath.Join(dir, "p", "link")))
	cases, err := suite(t, filepath.Join(dir, "p"), unit.Options{Update: true}).Cases(t.Context(), "x_test.jsonnet")
	require.NoError(t, err)
	failure, err := cases[0].Check(t.Context())
	assert.Empty(t, failure)
	assert.ErrorContains(t, err, "golden file link/a.yaml")
	assert.NoFileExists(t, filepath.Join(dir, "outside", "a.yaml"))
}

// A test file without tests, or with wrong ones, is an error.
func TestFaultyFiles(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", `{}`, "a_test.jsonnet: holds no case\n"},
		{"empty group", `{ a: { b: {} } }`, "a_test.jsonnet: a/b: holds no case\n"},
		{"no object", `[1]`, "a_test.jsonnet: want a case or a group of cases, got array\n"},
		{"value in a group", `{ a: { b: 1 } }`, "a_test.jsonnet: a/b: want a case or a group of cases, got number\n"},
		{"nothing expected", `{ a: { actual: 1 } }`, "a_test.jsonnet: a: says nothing to expect: want one of expected, fails, golden beside actual\n"},
		{"two expected", `{ a: { actual: 1, expected: 1, golden: 'x' } }`, "a_test.jsonnet: a: want one of expected, fails, golden, got both expected and golden\n"},
		{"misspelt", `{ a: { actual: 1, expect: 1 } }`, "a_test.jsonnet: a: says nothing to expect: want one of expected, fails, golden beside actual\na_test.jsonnet: a: unknown field \"expect\"; a case has actual and one of expected, fails, golden\n"},
		{"syntax", "{\n  a: ", "a_test.jsonnet:2:6: Unexpected end of file\n"},
		{"failing group", `{ a: error 'no group' }`, "no group\n    a_test.jsonnet:1:6\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := suite(t, tree(t, map[string]string{"jsonnetfile.json": "{}", "a_test.jsonnet": tt.text}), unit.Options{})
			_, err := s.Cases(t.Context(), "a_test.jsonnet")
			l, ok := diag.From(err)
			require.True(t, ok, "want diagnostics, got %v", err)
			var b strings.Builder
			require.NoError(t, diag.Write(&b, l, diag.Options{}))
			assert.Equal(t, tt.want, b.String())
		})
	}
}

func TestCancelled(t *testing.T) {
	s := suite(t, tree(t, map[string]string{"jsonnetfile.json": "{}", "a_test.jsonnet": `{ a: { actual: 1, expected: 1 } }`}), unit.Options{})
	cases, err := s.Cases(t.Context(), "a_test.jsonnet")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = cases[0].Check(ctx)
	assert.ErrorIs(t, err, context.Canceled)
}
