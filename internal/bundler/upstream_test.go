package bundler_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/jsonnet-bundler/jsonnet-bundler/pkg"
	"github.com/jsonnet-bundler/jsonnet-bundler/pkg/jsonnetfile"
	v1 "github.com/jsonnet-bundler/jsonnet-bundler/spec/v1"
	"github.com/jsonnet-bundler/jsonnet-bundler/spec/v1/deps"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/bundler"
)

// jb does the work of "jb install URI..." in the project dir, or of "jb update".
func jb(t *testing.T, dir string, update bool, uris ...string) {
	t.Helper()
	t.Chdir(dir)
	pkg.GitQuiet = true
	data, err := os.ReadFile(jsonnetfile.File)
	require.NoError(t, err)
	file, err := jsonnetfile.Unmarshal(data)
	require.NoError(t, err)
	lockData, err := os.ReadFile(jsonnetfile.LockFile)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	lock, err := jsonnetfile.Unmarshal(lockData)
	require.NoError(t, err)
	for _, uri := range uris {
		d := deps.Parse(dir, uri)
		require.NotNil(t, d)
		lock.Dependencies.Delete(d.Name())
		if !update {
			file.Dependencies.Set(d.Name(), *d)
		}
	}
	if update && len(uris) == 0 {
		lock.Dependencies = deps.NewOrdered()
	}
	vendor := filepath.Join(dir, "vendor-jsonnet")
	require.NoError(t, os.MkdirAll(filepath.Join(vendor, ".tmp"), 0o777))
	locked, err := pkg.Ensure(file, vendor, lock.Dependencies)
	require.NoError(t, err)
	write := func(name string, before []byte, after v1.JsonnetFile, always bool) {
		read, err := jsonnetfile.Unmarshal(before)
		require.NoError(t, err)
		if !always && reflect.DeepEqual(read, after) {
			return
		}
		out, err := json.MarshalIndent(after, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(name, append(out, '\n'), 0o666))
	}
	if !update {
		pkg.CleanLegacyName(file.Dependencies)
		write(jsonnetfile.File, data, file, false)
	}
	write(jsonnetfile.LockFile, lockData, v1.JsonnetFile{Dependencies: locked}, update)
}

// all makes the test compare as many projects as "make check" does.
var all = flag.Bool("all", false, "compare all projects with jsonnet-bundler, and not each third")

// jsonnet-bundler's own functions and this package install the same jsonnetfile.json with
// the same trees and lock files, byte for byte.
func TestLikeUpstream(t *testing.T) {
	s := newServer(t)
	for _, entry := range s.env {
		name, value, _ := strings.Cut(entry, "=")
		t.Setenv(name, value)
	}
	lib := s.repository("org/lib", map[string]string{
		"main.libsonnet": "{}", "run.sh": "#!/bin/sh\n", "sub/a.libsonnet": "'a'", "sub/deep/b.libsonnet": "'b'", "subway/c.libsonnet": "'c'",
	})
	lib.git("tag", "v1")
	lib.git("tag", "-a", "-m", "annotated", "v1-annotated")
	first := lib.onto("feature/main").commit(map[string]string{"sub/a.libsonnet": "'feature'"})
	second := lib.commit(map[string]string{"sub/a.libsonnet": "'second'"})
	base := s.repository("org/base", map[string]string{"main.libsonnet": "'base 1'"})
	base.git("tag", "v1")
	base.commit(map[string]string{"main.libsonnet": "'base 2'"})
	s.repository("org/left", map[string]string{"l.libsonnet": "1", "jsonnetfile.json": declaring(on("org/base", "", "v1"))})
	s.repository("org/right", map[string]string{"r.libsonnet": "1", "jsonnetfile.json": declaring(on("org/base", "", "main") + "," + on("org/lib", "subway", "main"))})
	s.repository("org/top", map[string]string{"jsonnetfile.json": declaring(on("org/left", "", "main") + "," + on("org/right", "", "main"))})
	s.repository("org/old", map[string]string{
		"o.libsonnet":      "1",
		"jsonnetfile.json": `{"dependencies": [{"name": "ground", "source": {"git": {"remote": "https://git.example.com/org/base", "subdir": ""}}, "version": "main"}]}`,
	})

	local := map[string]string{
		"local/x.libsonnet": "1", "local/jsonnetfile.json": declaring(`{"source": {"local": {"directory": "../nested"}}, "version": ""}`),
		"nested/y.libsonnet": "1", "nested/jsonnetfile.json": declaring(on("org/base", "", "main")),
	}
	tests := map[string]struct {
		dependencies string
		files        map[string]string
	}{
		"none":                 {},
		"branch":               {on("org/lib", "", "main"), nil},
		"branch with slash":    {on("org/lib", "", "feature/main"), nil},
		"tag":                  {on("org/lib", "", "v1"), nil},
		"annotated tag":        {on("org/lib", "", "v1-annotated"), nil},
		"commit":               {on("org/lib", "", first), nil},
		"abbreviated commit":   {on("org/lib", "", second[:10]), nil},
		"ssh":                  {dependency("ssh://git@git.example.com/org/lib.git", "sub", "main"), nil},
		"subdirectory":         {on("org/lib", "sub", "main"), nil},
		"deep subdirectory":    {on("org/lib", "sub/deep", "main"), nil},
		"two of one":           {on("org/lib", "sub", "main") + "," + on("org/lib", "subway", "v1"), nil},
		"transitive":           {on("org/left", "", "main"), nil},
		"diamond":              {on("org/left", "", "main") + "," + on("org/right", "", "main"), nil},
		"diamond, other order": {on("org/right", "", "main") + "," + on("org/left", "", "main"), nil},
		"diamond, decided":     {on("org/left", "", "main") + "," + on("org/right", "", "main") + "," + on("org/base", "", "main"), nil},
		"below":                {on("org/top", "", "main") + "," + on("org/right", "", "main"), nil},
		"single":               {`{"source": {"git": {"remote": "https://git.example.com/org/left.git"}}, "version": "main", "single": true}`, nil},
		"named":                {`{"source": {"git": {"remote": "https://git.example.com/org/left.git"}}, "version": "main", "name": "links"}`, nil},
		"named as usual":       {`{"source": {"git": {"remote": "https://git.example.com/org/left.git"}}, "version": "main", "name": "left"}`, nil},
		"old file":             {on("org/old", "", "main"), nil},
		"local":                {`{"source": {"local": {"directory": "local"}}, "version": ""},` + on("org/lib", "sub", "main"), local},
		"locked": {on("org/lib", "sub", "main"), map[string]string{
			"jsonnetfile.lock.json": `{"version": 1, "dependencies": [` + on("org/lib", "sub", first) + `], "legacyImports": false}`,
		}},
		"lock of what is not needed": {on("org/lib", "sub", "main"), map[string]string{
			"jsonnetfile.lock.json": `{"version": 1, "dependencies": [` + on("org/left", "", "main") + `], "legacyImports": false}`,
		}},
		"unknown things in the way": {on("org/lib", "sub", "main"), map[string]string{
			"vendor-jsonnet/README":                                 "kept",
			"vendor-jsonnet/git.example.com/org/lib/note":           "kept",
			"vendor-jsonnet/git.example.com/org/lib/sub/old":        "gone",
			"vendor-jsonnet/other/x.libsonnet":                      "gone",
			"vendor-jsonnet/git.example.com/other/lib/x/y":          "gone",
			"vendor-jsonnet/git.example.com/org/another/lib/x.json": "gone",
			"vendor-jsonnet/link":                                   "->other",
		}},
	}
	for i, name := range slices.Sorted(maps.Keys(tests)) {
		tt := tests[name]
		t.Run(name, func(t *testing.T) {
			ours := newProject(t, tt.dependencies, tt.files)
			_, err := s.open(ours).Install(t.Context())
			require.NoError(t, err)
			compared := *all || i%3 == 0
			want := tree(t, ours)
			if compared {
				theirs := newProject(t, tt.dependencies, tt.files)
				jb(t, theirs, false)
				want = tree(t, theirs)
				if len(tt.dependencies) == 0 {
					want = without(want, "vendor-jsonnet") // an empty directory
				}
				assert.Equal(t, want, tree(t, ours))
			}

			// A second installation, and one with the other tool, change nothing.
			before := s.requests.Load()
			_, err = s.open(ours).Install(t.Context())
			require.NoError(t, err)
			assert.Equal(t, before, s.requests.Load(), "fetched again")
			assert.Equal(t, want, tree(t, ours))
			if !compared {
				return
			}
			jb(t, ours, false)
			if len(tt.dependencies) > 0 {
				assert.Equal(t, want, tree(t, ours))
			}
		})
	}
}

// The same holds after a package is added, after upstream changes, and after an update of
// one package or of all.
func TestLikeUpstreamOverTime(t *testing.T) {
	s := newServer(t)
	for _, entry := range s.env {
		name, value, _ := strings.Cut(entry, "=")
		t.Setenv(name, value)
	}
	lib := s.repository("org/lib", map[string]string{"sub/a.libsonnet": "'a'"})
	other := s.repository("org/other", map[string]string{"main.libsonnet": "1", "jsonnetfile.json": declaring(on("org/lib", "sub", "main"))})
	theirs, ours := newProject(t, "", nil), newProject(t, "", nil)
	b := s.open(ours)
	add := func(uris ...string) {
		var packages []deps.Dependency
		for _, uri := range uris {
			d, err := bundler.ParseURI(ours, uri)
			require.NoError(t, err)
			packages = append(packages, d)
		}
		_, err := b.Add(t.Context(), packages)
		require.NoError(t, err)
	}
	same := func() { t.Helper(); assert.Equal(t, tree(t, theirs), tree(t, ours)) }
	jb(t, theirs, false, "git.example.com/org/other@main")
	add("git.example.com/org/other@main")
	same()
	lib.commit(map[string]string{"sub/a.libsonnet": "'b'"})
	other.commit(map[string]string{"more.libsonnet": "2"})
	jb(t, theirs, false)
	_, err := b.Install(t.Context())
	require.NoError(t, err)
	same()
	jb(t, theirs, true, "git.example.com/org/lib/sub")
	_, err = b.Update(t.Context(), []string{"git.example.com/org/lib/sub"})
	require.NoError(t, err)
	same()
	lib.commit(map[string]string{"sub/a.libsonnet": "'c'"})
	jb(t, theirs, true)
	_, err = b.Update(t.Context(), nil)
	require.NoError(t, err)
	same()
	assert.Equal(t, "'c'", tree(t, ours)["vendor-jsonnet/git.example.com/org/lib/sub/a.libsonnet"])
}
