package dependency_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/dependency"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// write writes files below a new directory and returns a workspace in it.
func write(t *testing.T, files map[string]string) (*workspace.Workspace, string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	return workspace.New(workspace.Settings{Dir: dir, Environ: os.Environ()}), dir
}

var project = map[string]string{
	"jsonnetfile.json":                  "{}",
	"lib/a.libsonnet":                   "import 'b.libsonnet'",
	"lib/b.libsonnet":                   "{}",
	"lib/lost.libsonnet":                "import 'nowhere.libsonnet'",
	"environments/one/main.jsonnet":     "import 'a.libsonnet'",
	"environments/two/main.jsonnet":     "import 'b.libsonnet'",
	"environments/none/main.jsonnet":    "{}",
	"other/broken/main.jsonnet":         "import 'lost.libsonnet'",
	"other/broken/below/data/notes.txt": "",
}

func TestOf(t *testing.T) {
	w, _ := write(t, project)
	e, err := w.One(t.Context(), "environments/one")
	require.NoError(t, err)
	found, err := dependency.Of(t.Context(), e)
	require.NoError(t, err)
	assert.Contains(t, found.Files, "lib/b.libsonnet")

	e, err = w.One(t.Context(), "other/broken")
	require.NoError(t, err)
	_, err = dependency.Of(t.Context(), e)
	l, ok := diag.From(err)
	require.True(t, ok, "%v", err)
	assert.Contains(t, l[0].Problem, "nowhere.libsonnet")
}

func TestImporters(t *testing.T) {
	w, _ := write(t, project)
	graph, err := dependency.Scan(t.Context(), w, "environments")
	require.NoError(t, err)
	assert.Empty(t, graph.Broken)
	for file, want := range map[string][]string{
		"lib/a.libsonnet":               {"environments/one/main.jsonnet"},
		"lib/b.libsonnet":               {"environments/one/main.jsonnet", "environments/two/main.jsonnet"},
		"environments/two/main.jsonnet": {"environments/two/main.jsonnet"},
		"lib/none.libsonnet":            nil,
	} {
		t.Run(file, func(t *testing.T) {
			importers, err := graph.Importers(t.Context(), graph.Names(file))
			require.NoError(t, err)
			var got []string
			for _, e := range importers {
				got = append(got, e.Entrypoint)
			}
			assert.Equal(t, want, got)
			n, broken, err := graph.Count(t.Context(), file)
			require.NoError(t, err)
			assert.Empty(t, broken)
			assert.Len(t, want, n)
		})
	}
}

func TestFiles(t *testing.T) {
	w, _ := write(t, project)
	files, err := dependency.Files(t.Context(), w, "lib", false, regexp.MustCompile(`/[ab]\.`))
	require.NoError(t, err)
	assert.Equal(t, []string{"lib/a.libsonnet", "lib/b.libsonnet"}, files)
	files, err = dependency.Files(t.Context(), w, "other", true, regexp.MustCompile(""))
	require.NoError(t, err)
	assert.Equal(t, []string{"other/broken/below/data/notes.txt"}, files, "an entrypoint is none of them")
	_, err = dependency.Files(t.Context(), w, "nowhere", false, regexp.MustCompile(""))
	assert.ErrorContains(t, err, "nowhere")
}

// TestChanged has a change in a commit, one in the work tree, and a deleted entrypoint.
func TestChanged(t *testing.T) {
	w, dir := write(t, project)
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-qm", "first")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "lib/a.libsonnet"), []byte("{}"), 0o666))
	git("commit", "-qam", "second")
	require.NoError(t, os.Remove(filepath.Join(dir, "environments/two/main.jsonnet")))
	s, err := w.State(".")
	require.NoError(t, err)
	for revisions, want := range map[string][]string{
		"HEAD~1..HEAD":  {"lib/a.libsonnet"},
		"HEAD~1..":      {"lib/a.libsonnet"},
		"HEAD~1...HEAD": {"lib/a.libsonnet"},
		"HEAD":          {"environments/two/main.jsonnet"},
		"HEAD~1":        {"environments/two/main.jsonnet", "lib/a.libsonnet"},
	} {
		t.Run(revisions, func(t *testing.T) {
			got, err := dependency.Changed(t.Context(), s, revisions)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		})
	}
	_, err = dependency.Changed(t.Context(), s, "nowhere..HEAD")
	assert.ErrorContains(t, err, "nowhere")
	assert.Equal(t, []string{"environments/two/main.jsonnet"},
		dependency.Deleted(s, []string{"environments/two/main.jsonnet", "environments/one/main.jsonnet", "lib/a.libsonnet"}))
}
