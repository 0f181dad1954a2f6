package bundler_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/bundler"
	"github.com/mop-platform/mop/pkg/diag"
)

// written returns an error as the command writes it.
func written(t *testing.T, err error) string {
	t.Helper()
	l, ok := diag.From(err)
	require.True(t, ok, "no diagnostic: %v", err)
	var b strings.Builder
	require.NoError(t, diag.Write(&b, l, diag.Options{}))
	return b.String()
}

// fails checks that an installation fails with the error and changes nothing.
func fails(t *testing.T, b *bundler.Bundler, root, want string) {
	t.Helper()
	before := tree(t, root)
	_, err := b.Install(t.Context())
	require.Error(t, err)
	assert.Equal(t, want, written(t, err))
	assert.Equal(t, before, tree(t, root), "something changed")
}

// The second installation needs no network, even in another project. A broken entry of the
// cache is fetched again.
func TestCache(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.repository("org/base", map[string]string{"base.libsonnet": "1", "run": "#!/bin/sh\n", "dir/link": "->../base.libsonnet"})
	s.repository("org/lib", map[string]string{"common/c.libsonnet": "1", "sub/a.libsonnet": "1", "sub/out": "->../common/c.libsonnet", "sub/jsonnetfile.json": declaring(on("org/base", "", "main"))})
	cache := t.TempDir()
	first := newProject(t, on("org/lib", "sub", "main"), nil)
	_, err := s.openCached(first, cache).Install(t.Context())
	require.NoError(t, err)
	lock, err := os.ReadFile(filepath.Join(first, bundler.LockFile))
	require.NoError(t, err)

	s.down.Store(true)
	second := newProject(t, on("org/lib", "sub", "main"), map[string]string{bundler.LockFile: string(lock)})
	_, err = s.openCached(second, cache).Install(t.Context())
	require.NoError(t, err)
	assert.Equal(t, tree(t, first), tree(t, second))

	entries, err := os.ReadDir(filepath.Join(cache, "packages"))
	require.NoError(t, err)
	require.Len(t, entries, 2)
	for i, entry := range entries {
		name := filepath.Join(cache, "packages", entry.Name())
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		switch i {
		case 0:
			data[len(data)/2] ^= 0x10
		case 1:
			data = data[:len(data)/2]
		}
		require.NoError(t, os.WriteFile(name, data, 0o666))
	}
	third := newProject(t, on("org/lib", "sub", "main"), map[string]string{bundler.LockFile: string(lock)})
	_, err = s.openCached(third, cache).Install(t.Context())
	require.Error(t, err)
	s.down.Store(false)
	_, err = s.openCached(third, cache).Install(t.Context())
	require.NoError(t, err)
	assert.Equal(t, tree(t, first), tree(t, third))
	s.down.Store(true)
	require.NoError(t, os.RemoveAll(filepath.Join(third, "vendor-jsonnet")))
	_, err = s.openCached(third, cache).Install(t.Context())
	require.NoError(t, err)
	assert.Equal(t, tree(t, first), tree(t, third))
}

// An entry of the cache with the contents of another version is not used.
func TestCacheOfOtherContents(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	r := s.repository("org/lib", map[string]string{"a.libsonnet": "1"})
	cache := t.TempDir()
	root := newProject(t, on("org/lib", "", "main"), nil)
	_, err := s.openCached(root, cache).Install(t.Context())
	require.NoError(t, err)
	old, err := filepath.Glob(filepath.Join(cache, "packages", "*"))
	require.NoError(t, err)
	r.commit(map[string]string{"a.libsonnet": "2"})
	_, err = s.openCached(root, cache).Update(t.Context(), nil)
	require.NoError(t, err)
	want := tree(t, root)
	all, err := filepath.Glob(filepath.Join(cache, "packages", "*"))
	require.NoError(t, err)
	require.Len(t, all, 2)
	data, err := os.ReadFile(old[0])
	require.NoError(t, err)
	for _, name := range all {
		require.NoError(t, os.WriteFile(name, data, 0o666))
	}
	require.NoError(t, os.RemoveAll(filepath.Join(root, "vendor-jsonnet")))
	_, err = s.openCached(root, cache).Install(t.Context())
	require.NoError(t, err)
	assert.Equal(t, want, tree(t, root))
}

// A repository at GitHub comes as an archive, with the same result as from git. If that
// fails, it comes from git.
func TestGitHub(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	r := s.repository("user/lib", map[string]string{"sub/a.libsonnet": "1", "sub/run": "#!/bin/sh\n", "sub/link": "->a.libsonnet", "subway/b": "1"})
	r.git("tag", "v1")
	r.onto("feature/main").commit(map[string]string{"sub/a.libsonnet": "'feature'"})
	install := func(version string) map[string]string {
		root := newProject(t, dependency("https://github.com/user/lib.git", "sub", version), nil)
		_, err := s.open(root).Install(t.Context())
		require.NoError(t, err)
		return tree(t, root)
	}
	for _, version := range []string{"main", "v1", r.git("rev-parse", "main")} {
		s.tamper = nil
		archived := install(version)
		assert.Equal(t, "1", archived["vendor-jsonnet/github.com/user/lib/sub/a.libsonnet"])
		assert.Equal(t, "->a.libsonnet", archived["vendor-jsonnet/github.com/user/lib/sub/link"])
		assert.NotContains(t, archived, "vendor-jsonnet/github.com/user/lib/subway")
		s.tamper = func(data []byte) []byte { return data[:len(data)-20] }
		assert.Equal(t, without(archived, bundler.File), without(install(version), bundler.File), "a corrupted download")
	}
}

// A package without the locked sum is refused.
func TestWrongSum(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	r := s.repository("user/lib", map[string]string{"a.libsonnet": "1"})
	commit := r.git("rev-parse", "HEAD")
	want := func(remote, name string) string {
		return name + ": want the sum AAAA of jsonnetfile.lock.json, got a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s= from " + remote + "\n" +
			"    hint: if the new contents of version " + commit + " are right, take them with: mop vendor update " + name + "\n" +
			"    hint: else find out who changed the repository or what is between it and here\n"
	}
	for name, remote := range map[string]string{"git.example.com/user/lib": "https://git.example.com/user/lib.git", "github.com/user/lib": "https://github.com/user/lib.git"} {
		lock := strings.Replace(declaring(dependency(remote, "", commit)), `"version": "`+commit+`"`, `"version": "`+commit+`", "sum": "AAAA"`, 1)
		root := newProject(t, dependency(remote, "", "main"), map[string]string{
			bundler.LockFile: lock, "vendor-jsonnet/" + name + "/old": "1",
		})
		fails(t, s.openCached(root, t.TempDir()), root, want(remote, name))
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.repository("org/lib", map[string]string{"sub/a.libsonnet": "1", "file": "1"})
	s.repository("org/needs", map[string]string{"jsonnetfile.json": declaring(on("org/none", "", "main"))})
	s.repository("org/greedy", map[string]string{"jsonnetfile.json": declaring(`{"source": {"local": {"directory": "../../../../../etc"}}, "version": ""}`)})
	s.repository("org/lost", map[string]string{"jsonnetfile.json": declaring(`{"source": {"local": {"directory": "nowhere"}}, "version": ""}`)})
	s.repository("org/broken", map[string]string{"jsonnetfile.json": "{\n  \"version\": 1,\n  \"dependencies\": {}\n}"})
	s.repository("org/abs", map[string]string{"l": "->/etc/passwd"})
	s.repository("org/up", map[string]string{"dir/sub/l": "->../../../x"})
	try := func(name string) string {
		return "    hint: try what mop runs: git ls-remote https://git.example.com/org/" + name + ".git\n"
	}
	see := "    hint: see what the repository has at that version; nothing was installed\n"
	for name, tt := range map[string]struct{ dependencies, want string }{
		"no such branch": {on("org/lib", "", "master"), `git.example.com/org/lib: no branch, tag or commit "master" in https://git.example.com/org/lib.git` + "\n    hint: its default branch is \"main\"\n"},
		"misspelt branch": {on("org/lib", "", "mian"), `git.example.com/org/lib: no branch, tag or commit "mian" in https://git.example.com/org/lib.git` +
			"\n    hint: did you mean \"main\"?\n    hint: its default branch is \"main\"\n"},
		"an option for git": {on("org/lib", "", "--upload-pack=touch x"), `git.example.com/org/lib: no branch, tag or commit "--upload-pack=touch x" in https://git.example.com/org/lib.git` + "\n    hint: its default branch is \"main\"\n"},
		"no such commit":    {on("org/lib", "", strings.Repeat("1", 40)), `git.example.com/org/lib: no branch, tag or commit "1111111111111111111111111111111111111111" in https://git.example.com/org/lib.git` + "\n    hint: its default branch is \"main\"\n"},
		"no such directory": {on("org/lib", "none", "main"), `git.example.com/org/lib/none: version main of https://git.example.com/org/lib.git has no directory "none"` + "\n" + see},
		"no directory":      {on("org/lib", "file", "main"), `git.example.com/org/lib/file: version main of https://git.example.com/org/lib.git has no directory "file"` + "\n" + see},
		"no such repository": {on("org/needs", "", "main"), "git.example.com/org/none: cannot get version main of https://git.example.com/org/none.git: git fetch: repository '" + s.url + "/org/none.git/' not found\n" +
			try("none") + "    hint: git.example.com/org/needs needs it\n"},
		"local outside":        {on("org/greedy", "", "main"), `etc: want a directory, got "../../../../../etc", which git.example.com/org/greedy does not have` + "\n"},
		"local nowhere":        {on("org/lost", "", "main"), `nowhere: want a directory, got "nowhere", which git.example.com/org/lost does not have` + "\n    hint: it is relative to the jsonnetfile.json that declares it\n"},
		"no local directory":   {`{"source": {"local": {"directory": "none"}}, "version": ""}`, "none: want a directory, got \"none\"\n    hint: it is relative to the jsonnetfile.json that declares it\n"},
		"broken file":          {on("org/broken", "", "main"), "vendor-jsonnet/git.example.com/org/broken/jsonnetfile.json:3:19: dependencies: want an array, got object\n"},
		"absolute link":        {on("org/abs", "", "main"), `git.example.com/org/abs: version main of https://git.example.com/org/abs.git holds the symbolic link "l" to "/etc/passwd", which is outside of its repository` + "\n" + see},
		"link out of the repo": {on("org/up", "dir", "main"), `git.example.com/org/up/dir: version main of https://git.example.com/org/up.git holds the symbolic link "sub/l" to "../../../x", which is outside of its repository` + "\n" + see},
		"two at once": {on("org/lib", "none", "main") + "," + on("org/lib", "", "mian2"), `git.example.com/org/lib: no branch, tag or commit "mian2" in https://git.example.com/org/lib.git` + "\n    hint: its default branch is \"main\"\n" +
			`git.example.com/org/lib/none: version main of https://git.example.com/org/lib.git has no directory "none"` + "\n" + see},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := newProject(t, tt.dependencies, map[string]string{"vendor-jsonnet/old/x": "1"})
			fails(t, s.open(root), root, tt.want)
		})
	}
}

// Packages that need each other are installed, although jb does not end on them.
func TestCycle(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.repository("org/a", map[string]string{"a": "1", "jsonnetfile.json": declaring(on("org/b", "", "main"))})
	s.repository("org/b", map[string]string{"b": "1", "jsonnetfile.json": declaring(on("org/a", "", "main"))})
	root := newProject(t, on("org/a", "", "main"), nil)
	b := s.open(root)
	for range 2 {
		res, err := b.Install(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 2, res.Packages)
	}
	report, err := b.Check(t.Context())
	require.NoError(t, err)
	require.Len(t, report.Packages, 2)
	assert.Equal(t, []string{"", "git.example.com/org/b"}, report.Packages[0].NeededBy)
}

// Two versions of one package cause a warning, unless the project decides. The address in
// the hint leads to the same repository.
func TestConflict(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]string{
		"org/base":       "git.example.com/org/base",
		"group/sub/base": "https://git.example.com/group/sub/base.git",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			base := s.repository(name, map[string]string{"b": "1"})
			base.git("tag", "v1")
			base.commit(map[string]string{"b": "2"})
			s.repository("org/left", map[string]string{"jsonnetfile.json": declaring(on(name, "", "v1"))})
			s.repository("org/right", map[string]string{"jsonnetfile.json": declaring(on(name, "", "main"))})
			both := on("org/left", "", "main") + "," + on("org/right", "", "main")
			root := newProject(t, both, nil)
			res, err := s.open(root).Install(t.Context())
			require.NoError(t, err)
			assert.Equal(t, "git.example.com/"+name+": warning: git.example.com/org/left wants version v1, git.example.com/org/right wants main; commit "+base.git("rev-parse", "v1")+" is taken\n"+
				"    hint: choose one: mop vendor add "+address+"@main\n", written(t, &res.Warnings))
			assert.Equal(t, "1", tree(t, root)["vendor-jsonnet/git.example.com/"+name+"/b"])

			root = newProject(t, both+","+on(name, "", "main"), nil)
			res, err = s.open(root).Install(t.Context())
			require.NoError(t, err)
			assert.Empty(t, res.Warnings)
			assert.Equal(t, "2", tree(t, root)["vendor-jsonnet/git.example.com/"+name+"/b"])
		})
	}
}

// Links in packages stay, although jb removes them.
func TestLinksStay(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.repository("org/lib", map[string]string{"a": "1", "dir/b": "2", "link": "->a", "to": "->dir", "dir/up": "->../a"})
	root := newProject(t, on("org/lib", "", "main"), nil)
	b := s.open(root)
	_, err := b.Install(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "->../a", tree(t, root)["vendor-jsonnet/git.example.com/org/lib/dir/up"])
	requests := s.requests.Load()
	_, err = b.Install(t.Context())
	require.NoError(t, err)
	assert.Equal(t, requests, s.requests.Load(), "fetched again")
}

// An interrupted installation changes nothing, and leaves nothing.
func TestCancel(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.repository("org/lib", map[string]string{"a": "1"})
	root := newProject(t, on("org/lib", "", "main"), map[string]string{"vendor-jsonnet/old/x": "1"})
	before := tree(t, root)
	ctx, cancel := context.WithCancel(t.Context())
	b := bundler.New(root, bundler.Options{Vendor: "vendor-jsonnet", Env: s.env, Progress: func(int, int) { cancel() }})
	_, err := b.Install(ctx)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, before, tree(t, root))
}

// A library that mop generated stays until a package takes its place.
func TestGeneratedStays(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.repository("org/lib", map[string]string{"a": "1"})
	banner := "// Generated by mop from the definitions of the Kubernetes API. Do not edit.\n"
	root := newProject(t, on("org/lib", "", "main"), map[string]string{
		"vendor-jsonnet/k8s/main.libsonnet":                   banner + "{}",
		"vendor-jsonnet/half/main.libsonnet":                  banner + "{}",
		"vendor-jsonnet/half/other.libsonnet":                 "{}",
		"vendor-jsonnet/deep/package/x.libsonnet":             "{}",
		"vendor-jsonnet/deep/library/1.29/x.libsonnet":        banner + "{}",
		"vendor-jsonnet/git.example.com/org/lib/main.jsonnet": banner,
	})
	res, err := s.open(root).Install(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"deep/package", "half"}, res.Removed)
	got := tree(t, root)
	assert.Contains(t, got, "vendor-jsonnet/k8s/main.libsonnet")
	assert.Contains(t, got, "vendor-jsonnet/deep/library/1.29/x.libsonnet")
	assert.NotContains(t, got, "vendor-jsonnet/deep/package")
	assert.NotContains(t, got, "vendor-jsonnet/half")
	assert.NotContains(t, got, "vendor-jsonnet/git.example.com/org/lib/main.jsonnet")
}

// Links to local packages are the same if the project is reached by a link. A package that
// is the project itself has the name of the root, which jb takes from the working
// directory; in another working directory it is refused.
func TestLocal(t *testing.T) {
	s := newServer(t)
	files := map[string]string{"own/x": "1"}
	root := newProject(t, `{"source": {"local": {"directory": "own"}}, "version": ""}`, files)
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(root, link))
	_, err := s.open(link).Install(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "->../own", tree(t, root)["vendor-jsonnet/own"])

	root = newProject(t, `{"source": {"local": {"directory": "."}}, "version": ""}`, nil)
	_, err = s.open(root).Install(t.Context())
	require.Error(t, err)
	assert.Equal(t, "bundler: the name of the local package \".\" depends on the working directory\n    hint: go to the project's root\n", written(t, err))
	t.Chdir(root)
	_, err = s.open(root).Install(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "->..", tree(t, root)["vendor-jsonnet/"+filepath.Base(root)])
}
