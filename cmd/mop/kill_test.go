//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ordinaryKills is the number of kills in the ordinary tests.
const ordinaryKills = 3

// writer is a command that writes files, with the tree into which it writes.
type writer struct {
	args []string
	// in is the directory in which it runs, relative to the tree.
	in string
	// fill makes the old tree.
	fill func(t *testing.T, w *workshop, dir string)
	// each says that each file is independently old or new.
	each bool
	// pending are the paths of marks in the tree. A mark means that the next run completes
	// this one, and that the tree may be a mixture until then. Without pending it never is.
	pending []string
	// mask, if not nil, returns the text of a file for comparison.
	mask func(name string, text []byte) string
}

// writers are all commands that write files, one for each way of writing.
var writers = map[string]writer{
	"export": {args: []string{"export", "out", "environments/e"}, fill: fillExport("new")},
	"export fail-on-conflicts": {
		args: []string{"export", "out", "environments/other", "--merge-strategy", "fail-on-conflicts"}, fill: fillExport("old", "environments/e")},
	"export replace-envs": {
		args: []string{"export", "out", "environments/e", "--merge-strategy", "replace-envs"}, fill: fillExport("old", "environments/e", "environments/other")},
	"export merge-deleted-envs": {
		args: []string{"export", "out", "environments/e", "--merge-strategy", "replace-envs", "--merge-deleted-envs", "environments/other/main.jsonnet"},
		fill: fillExport("old", "environments/e", "environments/other")},
	"export in place": {
		in: "out", args: []string{"export", ".", "../environments/e", "--merge-strategy", "replace-envs"},
		fill: fillExport("old", "environments/e", "environments/other"), pending: []string{".out.mop-export/journal"}},
	"vendor install": {args: []string{"vendor", "install"}, fill: fillVendor("a", "vendor-jsonnet"), pending: vendorPending},
	"vendor update":  {args: []string{"vendor", "update"}, fill: fillVendor("a"), pending: vendorPending},
	"vendor add":     {args: []string{"vendor", "add", "git.example.com/org/lib@b", "--legacy-name", "short"}, fill: fillVendor(""), pending: vendorPending},
	"vendor remove":  {args: []string{"vendor", "remove", "git.example.com/org/lib"}, fill: fillVendor("a"), pending: vendorPending},
	"fmt":            {args: []string{"fmt", "."}, each: true, fill: fillSources},
	"env set":        {args: []string{"env", "set", "environments/e", "--namespace", "new", "--server", "https://example.com"}, fill: fillSpec},
	"env add":        {args: []string{"env", "add", "environments/deep/er", "--namespace", "new"}, fill: fillSpec, pending: []string{".mop-work/ready"}},
	"env remove":     {args: []string{"env", "remove", "environments/e", "--yes"}, fill: fillSpec},
	"init":           {args: []string{"init"}, fill: func(*testing.T, *workshop, string) {}, pending: []string{".mop-work/ready"}},
	"init in a directory that is absent": {
		args: []string{"init", "deep/new", "--k8s", "false"}, fill: func(*testing.T, *workshop, string) {}, pending: []string{"deep/new/.mop-work/ready"}},
	"k8s generate":  {args: []string{"k8s", "generate", "--out", "k8s", "--kubernetes-version", "1.33"}, fill: fillLibrary},
	"test --update": {args: []string{"test", "--update"}, each: true, fill: fillGolden},
	"profile":       {args: []string{"eval", "main.jsonnet", "--profile", "p"}, fill: fillProfile, mask: maskProfile},
}

var vendorPending = []string{".vendor-jsonnet.mop-vendor/journal"}

// workshop is the home directory of the writers of one test. It has a repository with
// packages.
type workshop struct{ home string }

// newWorkshop makes a workshop with a copy of the repository at upstream.
func newWorkshop(t *testing.T, upstream string) *workshop {
	w := &workshop{t.TempDir()}
	write(t, filepath.Join(w.home, ".gitconfig"), "[url \"file://"+w.home+"/served/\"]\n\tinsteadOf = https://git.example.com/\n")
	require.NoError(t, os.CopyFS(w.served(), os.DirFS(upstream)))
	return w
}

// served is the repository of packages.
func (w *workshop) served() string { return filepath.Join(w.home, "served", "org", "lib.git") }

// newUpstream makes a repository of packages. Its branches a and b share some files and
// differ in others.
func newUpstream(t *testing.T) string {
	t.Helper()
	served := t.TempDir()
	git := func(args ...string) {
		out, err := exec.Command("git", args...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	git("init", "-q", "--template=", "--bare", "-b", "main", served)
	for _, state := range []string{"a", "b"} {
		work := t.TempDir()
		for i := range 50 {
			text := strings.Repeat(state, 100*i)
			write(t, filepath.Join(work, fmt.Sprintf("both%d.libsonnet", i)), text)
			write(t, filepath.Join(work, fmt.Sprintf("%s%d.libsonnet", state, i)), text)
		}
		commit(t, work)
		git("-C", work, "push", "-q", served, "HEAD:refs/heads/"+state)
	}
	return served
}

func (w *workshop) command(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+w.home, "GIT_CONFIG_NOSYSTEM=1", "MOP_CACHE="+w.cache())
	return cmd
}

func (w *workshop) cache() string { return filepath.Join(w.home, "cache") }

func (w *workshop) run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	out, err := w.command(dir, name, args...).CombinedOutput()
	require.NoError(t, err, "%s %q: %s", name, args, out)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
}

// fillExport makes a project with two environments and exports some of them. Then it
// changes the first environment.
func fillExport(value string, exported ...string) func(*testing.T, *workshop, string) {
	return func(t *testing.T, w *workshop, dir string) {
		write(t, filepath.Join(dir, "jsonnetfile.json"), "{}")
		environment := func(name, value string) {
			write(t, filepath.Join(dir, "environments", name, "spec.json"), `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "spec": {"namespace": "default"}}`)
			write(t, filepath.Join(dir, "environments", name, "main.jsonnet"), fmt.Sprintf(
				`[{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: n + std.toString(i) }, data: { v: %q } } for i in std.range(1, 150) for n in [%q, %q]]`,
				value, name, name+"-"+value))
		}
		environment("e", "old")
		environment("other", "other")
		for _, path := range exported {
			w.run(t, dir, "mop", "export", "out", path, "--merge-strategy", "replace-envs")
		}
		if len(exported) > 0 {
			value = "new"
		}
		environment("e", value)
	}
}

// fillVendor makes a project that has installed the package at a branch, "" for none. Then
// main of the repository becomes branch b, and the directories in away are removed.
func fillVendor(branch string, away ...string) func(*testing.T, *workshop, string) {
	return func(t *testing.T, w *workshop, dir string) {
		write(t, filepath.Join(dir, "jsonnetfile.json"), "{}\n")
		write(t, filepath.Join(dir, "vendor-jsonnet", "kept.libsonnet"), "kept")
		if branch == "" {
			return
		}
		w.run(t, w.served(), "git", "update-ref", "refs/heads/main", "refs/heads/"+branch)
		w.run(t, dir, "mop", "vendor", "add", "git.example.com/org/lib@main")
		w.run(t, w.served(), "git", "update-ref", "refs/heads/main", "refs/heads/b")
		for _, name := range away {
			require.NoError(t, os.RemoveAll(filepath.Join(dir, name)))
		}
	}
}

func fillSources(t *testing.T, _ *workshop, dir string) {
	for i := range 150 {
		write(t, filepath.Join(dir, fmt.Sprintf("%d.jsonnet", i)), "["+strings.Repeat(`  {"a" :{b:[ 1,2 ]}},`+"\n", 1+i%7)+"]")
	}
}

func fillSpec(t *testing.T, _ *workshop, dir string) {
	write(t, filepath.Join(dir, "tkrc.yaml"), "")
	for _, name := range []string{"e", "f"} {
		write(t, filepath.Join(dir, "environments", name, "main.jsonnet"), "{}")
		write(t, filepath.Join(dir, "environments", name, "spec.json"), `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "spec": {"namespace": "old"}}`)
		for i := range 100 {
			write(t, filepath.Join(dir, "environments", name, "files", strconv.Itoa(i)), "kept")
		}
	}
}

func fillLibrary(t *testing.T, w *workshop, dir string) {
	w.run(t, dir, "mop", "k8s", "generate", "--out", "k8s", "--kubernetes-version", "1.29")
}

func fillGolden(t *testing.T, _ *workshop, dir string) {
	write(t, filepath.Join(dir, "jsonnetfile.json"), "{}")
	write(t, filepath.Join(dir, "x_test.jsonnet"), `{ [std.toString(i)]: { actual: std.repeat('new', i), golden: 'golden/%d.json' % i } for i in std.range(1, 100) }`)
	for i := range 50 {
		write(t, filepath.Join(dir, "golden", fmt.Sprintf("%d.json", i+1)), "old")
	}
}

func fillProfile(t *testing.T, _ *workshop, dir string) {
	write(t, filepath.Join(dir, "jsonnetfile.json"), "{}")
	write(t, filepath.Join(dir, "main.jsonnet"), "std.foldl(function(a, b) a + b, std.range(1, 20000), 0)")
	write(t, filepath.Join(dir, "p"), "old")
}

// maskProfile replaces every valid profile by the same text, because profiles contain
// times.
func maskProfile(name string, text []byte) string {
	if name == "p" {
		if _, err := profile.Parse(bytes.NewReader(text)); err == nil {
			return "a profile"
		}
	}
	return string(text)
}

// snapshot returns the texts of the files and the targets of the links in a tree, without
// temporary ones, and the names of these.
func (w writer) snapshot(t *testing.T, dir string) (files map[string]string, temporary []string) {
	t.Helper()
	files = map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path[len(dir):], "/")
		if isTemporary(d.Name()) {
			temporary = append(temporary, name)
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		switch {
		case d.IsDir():
			return nil
		case d.Type() == fs.ModeSymlink:
			files[name], err = os.Readlink(path)
			return err
		}
		text, err := os.ReadFile(path)
		files[name] = string(text)
		if w.mask != nil {
			files[name] = w.mask(name, text)
		}
		return err
	}))
	return files, temporary
}

// isTemporary reports whether writers use a name for temporary files.
func isTemporary(name string) bool {
	return strings.HasPrefix(name, ".") && name != ".mop-manifest" && strings.Contains(name, ".mop-")
}

// isOneOf reports whether files are those of one of two trees. For writers with each, every
// file may be from either tree, but no old file may be gone.
func (w writer) isOneOf(files, old, changed map[string]string) (which string, ok bool) {
	switch {
	case assert.ObjectsAreEqual(changed, files):
		return "new", true
	case assert.ObjectsAreEqual(old, files):
		return "old", true
	case !w.each:
		return "mixture", false
	}
	for name := range old {
		if _, ok := files[name]; !ok {
			return name + " is gone", false
		}
	}
	for name, text := range files {
		before, was := old[name]
		after, is := changed[name]
		if !(was && before == text || is && after == text) {
			return "mixture in " + name, false
		}
	}
	return "some new", true
}

// trial is a writer in a workshop.
type trial struct {
	writer
	shop         *workshop
	template     string // the old tree
	old, changed map[string]string
	// copies counts the trees that were made for the writer.
	copies int
	// first is the time until the writer begins to write, usual the time until it ends.
	first, usual time.Duration
}

func newTrial(t *testing.T, w writer, upstream string) *trial {
	try := &trial{writer: w, shop: newWorkshop(t, upstream), template: t.TempDir()}
	w.fill(t, try.shop, try.template)
	try.old, _ = w.snapshot(t, try.template)
	for range 2 {
		dir := try.copy(t)
		start := time.Now()
		cmd := try.start(t, dir)
		done := make(chan error)
		go func() { done <- cmd.Wait() }()
		first := time.Duration(0)
		for ended := false; !ended; {
			select {
			case err := <-done:
				require.NoError(t, err)
				ended = true
			case <-time.After(time.Millisecond):
				if names, _ := filepath.Glob(filepath.Join(dir, ".*mop-*")); first == 0 && len(names) > 0 {
					first = time.Since(start)
				}
			}
		}
		usual := time.Since(start)
		if try.usual == 0 || usual < try.usual {
			try.first, try.usual = first, usual
		}
		var left []string
		try.changed, left = w.snapshot(t, dir)
		require.Empty(t, left)
		require.NotEqual(t, try.old, try.changed)
	}
	t.Logf("writes from %v to %v", try.first, try.usual)
	return try
}

func (try *trial) copy(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "tree")
	require.NoError(t, os.CopyFS(dir, os.DirFS(try.template)))
	try.copies++
	if !slices.Contains(try.args, "--cache") && try.args[0] == "vendor" && try.copies%3 == 0 {
		// The package is sometimes fetched, and sometimes comes from the cache.
		require.NoError(t, os.RemoveAll(try.shop.cache()))
	}
	return dir
}

func (try *trial) start(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := try.shop.command(filepath.Join(dir, try.in), "mop", try.args...)
	require.NoError(t, cmd.Start())
	return cmd
}

// signalled runs the writer in a new tree and sends it a signal at the i-th of n moments,
// which are spread evenly. The moments with an odd i are spread over its whole time, those
// with an even i over the time in which it writes. On a busy machine it may take longer
// than usual, so the moments go beyond that time.
func (try *trial) signalled(t *testing.T, s syscall.Signal, i, n int) (dir string) {
	t.Helper()
	dir = try.copy(t)
	from := time.Duration(0)
	if i%2 == 0 {
		from = try.first * 9 / 10
	}
	delay := from + (try.usual*5/4-from)*time.Duration(2*i+1)/time.Duration(2*n)
	cmd := try.start(t, dir)
	<-time.After(delay)
	_ = cmd.Process.Signal(s) // the process may have ended
	_ = cmd.Wait()
	await(t, dir)
	return dir
}

// await waits until no process holds a lock below a directory. A program that mop was just
// about to start holds mop's lock until it begins, although mop is gone.
func await(t *testing.T, dir string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || !strings.HasSuffix(path, ".mop-lock") {
			return err
		}
		lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
		defer lock.Close()
		return lock.Lock()
	}))
}

// killed kills the writer at the i-th of n moments, checks the tree, runs the writer again
// and checks the tree again.
func (try *trial) killed(t *testing.T, i, n int, seen map[string]int) {
	dir := try.signalled(t, syscall.SIGKILL, i, n)
	files, temporary := try.snapshot(t, dir)
	if len(temporary) > 0 {
		seen["left over"]++
	}
	which, ok := try.isOneOf(files, try.old, try.changed)
	if !ok && slices.ContainsFunc(try.pending, func(mark string) bool { _, err := os.Stat(filepath.Join(dir, mark)); return err == nil }) {
		which, ok = "pending", true
	}
	require.True(t, ok, "%s: %q", which, temporary)
	seen[which]++

	out, err := try.shop.command(filepath.Join(dir, try.in), "mop", try.args...).CombinedOutput()
	// If it was done, a second run may fail: nothing is added or removed twice.
	require.True(t, err == nil || which == "new", "%s: %s", which, out)
	files, temporary = try.snapshot(t, dir)
	require.Equal(t, try.changed, files)
	require.Empty(t, temporary)
	if _, err := os.Stat(try.shop.cache()); err == nil {
		_, temporary = try.snapshot(t, try.shop.cache())
		require.Empty(t, temporary)
	}
	require.NoError(t, os.RemoveAll(filepath.Dir(dir)))
}

// terminated sends SIGTERM to the writer at the i-th of n moments. Then the tree is the old
// one or the new one, and no temporary file is left.
func (try *trial) terminated(t *testing.T, i, n int, seen map[string]int) {
	dir := try.signalled(t, syscall.SIGTERM, i, n)
	files, temporary := try.snapshot(t, dir)
	which, ok := try.isOneOf(files, try.old, try.changed)
	require.True(t, ok, which)
	require.Empty(t, temporary)
	seen["terminated, "+which]++
	require.NoError(t, os.RemoveAll(filepath.Dir(dir)))
}

// After any kill of a writer, a tree is the old one or the new one. The next run makes it
// the new one and leaves no temporary file. The same holds for three runs at once.
func TestKills(t *testing.T) {
	kills := ordinaryKills
	if text := os.Getenv(killsVariable); text != "" {
		var err error
		kills, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	upstream := newUpstream(t)
	for name, w := range writers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			try := newTrial(t, w, upstream)
			seen := map[string]int{}
			for i := range kills {
				try.killed(t, i, kills, seen)
			}
			terminations := (kills + 9) / 10
			for i := range terminations {
				try.terminated(t, i, terminations, seen)
			}
			t.Logf("%d kills: %v", kills, seen)
			t.Run("three at once", try.threeAtOnce)
		})
	}
}

// threeAtOnce tests three runs of the writer at once in one tree. Each succeeds or says why
// not. Then the tree is the new one, and no temporary file is left.
func (try *trial) threeAtOnce(t *testing.T) {
	dir := try.copy(t)
	type ending struct {
		out []byte
		err error
	}
	endings := make(chan ending)
	for range 3 {
		go func() {
			out, err := try.shop.command(filepath.Join(dir, try.in), "mop", try.args...).CombinedOutput()
			endings <- ending{out, err}
		}()
	}
	done := 0
	for range 3 {
		e := <-endings
		if e.err == nil {
			done++
			continue
		}
		assert.Regexp(t, `another (export|mop) |exists already|is not empty|not found|no such file|want an empty directory|there from |not in jsonnetfile.json`, string(e.out))
	}
	assert.NotZero(t, done)
	files, temporary := try.snapshot(t, dir)
	assert.Equal(t, try.changed, files)
	assert.Empty(t, temporary)
}
