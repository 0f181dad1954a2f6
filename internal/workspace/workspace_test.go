package workspace_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// projects writes two projects, with one in the second, and returns the directory
// around them.
func projects(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"one/jsonnetfile.json":                     "{}",
		"one/environments/dev/main.jsonnet":        "{}",
		"one/environments/production/main.jsonnet": "{}",
		"one/clusters.jsonnet":                     "{}",
		"two/jsonnetfile.json":                     "{}",
		"two/environments/dev/main.jsonnet":        "error 'x'",
		"two/in/jsonnetfile.json":                  "{}",
		"two/in/a.jsonnet":                         "{}",
		"none/a.jsonnet":                           "{}",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	return dir
}

func TestOne(t *testing.T) {
	dir := projects(t)
	tests := map[string]struct {
		dir, arg               string
		entrypoint, name, note string
		err                    string
	}{
		"a directory":           {"one", "environments/dev", "environments/dev/main.jsonnet", "", "", ""},
		"a file":                {"one", "clusters.jsonnet", "clusters.jsonnet", "", "", ""},
		"a name in a file":      {"one", "clusters.jsonnet:eu", "clusters.jsonnet", "eu", "", ""},
		"from another project":  {"two", "../one/environments/dev", "environments/dev/main.jsonnet", "", "", ""},
		"from inside":           {"one/environments", "dev", "environments/dev/main.jsonnet", "", "", ""},
		"the beginning of one":  {"one", "prod", "environments/production/main.jsonnet", "", "prod means environments/production", ""},
		"no such environment":   {"one", "nothing", "", "", "", "nothing: no such environment, directory or file"},
		"no project around it":  {"none", "a.jsonnet", "", "", "", "no project here"},
		"the innermost project": {"two", "in/a.jsonnet", "a.jsonnet", "", "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			note := ""
			w := workspace.New(workspace.Settings{Dir: filepath.Join(dir, test.dir), Note: func(text string) { note = text }})
			e, err := w.One(t.Context(), test.arg)
			if test.err != "" {
				require.ErrorContains(t, err, test.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.entrypoint, e.Entrypoint)
			assert.Equal(t, test.name, e.Name)
			assert.Equal(t, test.note, note)
		})
	}
}

// A project has one State, whose messages name files as the user does.
func TestState(t *testing.T) {
	dir := projects(t)
	w := workspace.New(workspace.Settings{Dir: filepath.Join(dir, "one")})
	one, err := w.State("environments/dev")
	require.NoError(t, err)
	again, err := w.State(".")
	require.NoError(t, err)
	assert.Same(t, one, again)
	two, err := w.State("../two")
	require.NoError(t, err)
	assert.NotSame(t, one, two)

	e, err := w.One(t.Context(), "../two/environments/dev")
	require.NoError(t, err)
	_, err = e.State.Eval(t.Context(), e.Environment, "")
	l, ok := diag.From(err)
	require.True(t, ok)
	assert.Equal(t, []diag.Position{{File: "../two/environments/dev/main.jsonnet", Line: 1, Column: 1}}, l[0].Origins)
	assert.Equal(t, "environments/dev/main.jsonnet", one.Shown("environments/dev/main.jsonnet"))
	assert.Equal(t, "environments/dev/main.jsonnet", two.Name("../two/environments/dev/main.jsonnet"))
}

func TestPaths(t *testing.T) {
	dir := projects(t)
	w := workspace.New(workspace.Settings{Dir: dir})
	groups, err := w.Paths([]string{"two", "one", "two/in/a.jsonnet", "two/environments"})
	require.NoError(t, err)
	var names [][]string
	for _, g := range groups {
		names = append(names, g.Names)
	}
	assert.Equal(t, [][]string{{"a.jsonnet"}, {".", "environments"}, {"."}}, names, "the inner project comes first")
	_, err = w.Paths([]string{"nowhere"})
	assert.EqualError(t, err, "nowhere: no such file or directory")
}

// A revision is a State like any other, which names files as git does.
func TestAt(t *testing.T) {
	dir := filepath.Join(projects(t), "two")
	git := func(args ...string) {
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-qm", "a")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "environments/dev/main.jsonnet"), []byte("{}"), 0o666))

	w := workspace.New(workspace.Settings{Dir: dir, Environ: os.Environ()})
	now, err := w.State(".")
	require.NoError(t, err)
	repository, err := now.Repository(t.Context())
	require.NoError(t, err)
	then, err := now.At(t.Context(), repository, "HEAD")
	require.NoError(t, err)
	for _, s := range []*workspace.State{now, then} {
		entry, err := s.Environment(t.Context(), "environments/dev")
		require.NoError(t, err)
		_, err = s.Eval(t.Context(), entry, "")
		if s == now {
			require.NoError(t, err)
			continue
		}
		l, _ := diag.From(err)
		require.Len(t, l, 1)
		assert.Equal(t, []diag.Position{{File: "<HEAD:environments/dev/main.jsonnet>", Line: 1, Column: 1}}, l[0].Origins)
	}
	require.NoError(t, then.Close())
	require.NoError(t, now.Close())
}
