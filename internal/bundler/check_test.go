package bundler_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/bundler"
	"github.com/mop-platform/mop/internal/k8s"
	"github.com/mop-platform/mop/internal/schema"
)

// states returns the states of a project's packages by their names.
func states(t *testing.T, b *bundler.Bundler) (map[string]bundler.State, bundler.Report) {
	t.Helper()
	report, err := b.Check(t.Context())
	require.NoError(t, err)
	out := map[string]bundler.State{}
	for _, p := range report.Packages {
		out[p.Name] = p.State
	}
	return out, report
}

func TestCheckStates(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.repository("org/base", map[string]string{"b": "1"})
	s.repository("org/lib", map[string]string{"a": "1", "jsonnetfile.json": declaring(on("org/base", "", "main"))})
	root := newProject(t, on("org/lib", "", "main")+`, {"source": {"local": {"directory": "own"}}, "version": ""}`, map[string]string{"own/x": "1", "elsewhere/x": "1"})
	b := s.open(root)
	lib, base := "git.example.com/org/lib", "git.example.com/org/base"
	at := func(name string) string { return filepath.Join(root, "vendor-jsonnet", name) }

	got, _ := states(t, b)
	assert.Equal(t, map[string]bundler.State{lib: bundler.Missing, "own": bundler.Missing}, got)
	_, err := b.Install(t.Context())
	require.NoError(t, err)
	s.down.Store(true)
	got, report := states(t, b)
	assert.Equal(t, map[string]bundler.State{lib: bundler.Installed, base: bundler.Installed, "own": bundler.Linked}, got)
	assert.Equal(t, []string{lib}, report.Packages[0].NeededBy)
	assert.Contains(t, report.Packages[1].NeededBy, "")
	assert.Empty(t, report.Others)

	require.NoError(t, os.WriteFile(filepath.Join(at(base), "b"), []byte("2"), 0o666))
	require.NoError(t, os.Remove(at("own")))
	require.NoError(t, os.Symlink("../elsewhere", at("own")))
	write(t, root, map[string]string{"vendor-jsonnet/other/x": "1"})
	got, report = states(t, b)
	assert.Equal(t, map[string]bundler.State{lib: bundler.Installed, base: bundler.Changed, "own": bundler.Changed}, got)
	assert.Equal(t, []string{"other"}, report.Others)

	require.NoError(t, os.RemoveAll(at(base)))
	write(t, root, map[string]string{"vendor-jsonnet/" + base: "a file"})
	got, _ = states(t, b)
	assert.Equal(t, bundler.Changed, got[base])
	require.NoError(t, os.Remove(at(base)))
	require.NoError(t, os.RemoveAll(filepath.Join(root, "elsewhere")))
	got, _ = states(t, b)
	assert.Equal(t, map[string]bundler.State{lib: bundler.Installed, base: bundler.Missing, "own": bundler.Missing}, got)

	require.NoError(t, os.Remove(filepath.Join(root, bundler.LockFile)))
	got, _ = states(t, b)
	assert.Equal(t, bundler.Unlocked, got[lib])

	// A package that only the lock file has.
	write(t, root, map[string]string{bundler.LockFile: declaring(on("org/old", "", "main"))})
	_, report = states(t, b)
	require.Equal(t, "git.example.com/org/old", report.Packages[2].Name)
	assert.Empty(t, report.Packages[2].NeededBy)
}

// The generated library is recognised by all of its bytes.
func TestCheckGenerated(t *testing.T) {
	t.Parallel()
	minor := schema.Minors()[0]
	document, err := schema.Open(minor)
	require.NoError(t, err)
	name := bundler.Library(minor).Name()
	dependencies := dependency("https://github.com/jsonnet-libs/k8s-libsonnet.git", minor.String(), "main")
	for _, docs := range []bool{false, true} {
		files, err := k8s.Generate(t.Context(), k8s.Definitions(document), k8s.Options{Docs: docs})
		require.NoError(t, err)
		library := map[string]string{}
		for _, f := range files {
			library["vendor-jsonnet/"+name+"/"+f.Name] = f.Text
		}
		root := newProject(t, dependencies, library)
		b := bundler.New(root, bundler.Options{Vendor: "vendor-jsonnet"})

		last := filepath.Join(root, "vendor-jsonnet", name, files[len(files)-1].Name)
		for what, change := range map[string]func() error{
			"a byte": func() error { return os.WriteFile(last, []byte(files[len(files)-1].Text+" "), 0o666) },
			"gone":   func() error { return os.Remove(last) },
			"more":   func() error { return os.WriteFile(last+".more", []byte(k8s.Banner), 0o666) },
		} {
			require.NoError(t, change())
			got, _ := states(t, b)
			assert.Equal(t, bundler.Unlocked, got[name], what)
			require.NoError(t, os.WriteFile(last, []byte(files[len(files)-1].Text), 0o666))
			_ = os.Remove(last + ".more")
		}
		// Each look generates the library again, so there is one without a change, the last.
		got, _ := states(t, b)
		assert.Equal(t, bundler.Generated, got[name])
	}
}

// A package replaces the generated library, and the project's files are written as jb
// writes them.
func TestInstallOverGenerated(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.repository("jsonnet-libs/k8s-libsonnet", map[string]string{"1.29/main.libsonnet": "'upstream'", "1.30/main.libsonnet": "1"})
	root := newProject(t, dependency("https://github.com/jsonnet-libs/k8s-libsonnet.git", "1.29", "main"), map[string]string{
		"vendor-jsonnet/github.com/jsonnet-libs/k8s-libsonnet/1.29/main.libsonnet": k8s.Banner + "'generated'",
		"vendor-jsonnet/github.com/jsonnet-libs/k8s-libsonnet/1.29/gen.libsonnet":  k8s.Banner,
	})
	_, err := s.open(root).Install(t.Context())
	require.NoError(t, err)
	assert.Equal(t, map[string]string{".": "/", "main.libsonnet": "'upstream'"}, tree(t, filepath.Join(root, "vendor-jsonnet/github.com/jsonnet-libs/k8s-libsonnet/1.29")))
}
