package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// After any kill of an update the vendor directory is the old one or the new
// one, never a mixture; the next installation has nothing of it left.
func TestVendorKill(t *testing.T) {
	root, home := t.TempDir(), t.TempDir()
	upstream := filepath.Join(home, "served", "org", "lib.git")
	env := append(os.Environ(), "HOME="+home, "GIT_CONFIG_NOSYSTEM=1", "MOP_CACHE="+filepath.Join(home, "cache"))
	run := func(dir, name string, args ...string) {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	config := "[user]\n\tname = a\n\temail = a@example.com\n[url \"file://" + home + "/served/\"]\n\tinsteadOf = https://git.example.com/\n"
	require.NoError(t, os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o666))
	run(home, "git", "init", "-q", "--bare", "-b", "main", upstream)
	work := filepath.Join(home, "work")
	run(home, "git", "clone", "-q", upstream, work)
	// Two states of the package: files that both have and files of its own.
	for _, state := range []string{"a", "b"} {
		run(work, "git", "checkout", "-q", "--orphan", state)
		for i := range 50 {
			text := strings.Repeat(state, 100*i)
			require.NoError(t, os.WriteFile(filepath.Join(work, fmt.Sprintf("both%d.libsonnet", i)), []byte(text), 0o666))
			require.NoError(t, os.WriteFile(filepath.Join(work, fmt.Sprintf("%s%d.libsonnet", state, i)), []byte(text), 0o666))
		}
		run(work, "git", "add", "-A")
		run(work, "git", "commit", "-q", "-m", state)
		run(work, "git", "push", "-q", "-f", "origin", state, state+":main")
		run(work, "git", "rm", "-q", "-r", "-f", ".")
		if state == "a" {
			require.NoError(t, os.WriteFile(filepath.Join(root, "jsonnetfile.json"), []byte("{}"), 0o666))
			run(root, "mop", "vendor", "add", "git.example.com/org/lib@main")
		}
	}
	vendor := filepath.Join(root, "vendor-jsonnet")
	a := contents(t, filepath.Join(vendor, "git.example.com"))
	run(root, "mop", "vendor", "update")
	b := contents(t, filepath.Join(vendor, "git.example.com"))
	require.NotEqual(t, a, b)

	start := time.Now()
	run(root, "mop", "vendor", "update")
	usual := time.Since(start)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	seen := map[string]int{}
	for i := range 40 {
		state := []string{"a", "b"}[i%2]
		run(work, "git", "push", "-q", "-f", "origin", state+":main")
		if i%4 > 1 {
			// Sometimes fetched, sometimes from the cache.
			require.NoError(t, os.RemoveAll(filepath.Join(home, "cache")))
		}
		cmd := exec.Command("mop", "vendor", "update")
		cmd.Dir, cmd.Env = root, env
		require.NoError(t, cmd.Start())
		<-time.After(time.Duration(random.Int64N(2 * int64(usual))))
		_ = cmd.Process.Kill()
		if cmd.Wait() == nil {
			seen["done"]++
		}
		switch got := contents(t, filepath.Join(vendor, "git.example.com")); {
		case assert.ObjectsAreEqual(a, got):
			seen["a"]++
		case assert.ObjectsAreEqual(b, got):
			seen["b"]++
		default:
			t.Fatalf("seed %d, run %d: a mixture of %d files", seed, i, len(got))
		}
		if _, err := os.Stat(filepath.Join(root, ".vendor-jsonnet.mop-vendor")); err == nil {
			seen["left over"]++
		}
	}
	t.Log(usual, seen)
	assert.NotZero(t, seen["left over"], "no run was killed at work")
	run(root, "mop", "vendor", "install")
	run(root, "mop", "vendor", "check")
	entries, err := filepath.Glob(filepath.Join(root, ".*"))
	require.NoError(t, err)
	assert.Empty(t, entries)
}
