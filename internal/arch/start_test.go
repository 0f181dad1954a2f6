package arch_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every run of the command pays for the work of packages before main.
// testdata/initialised.txt lists the packages outside the standard library that work then.
// A commit that adds one says why.
func TestWhatInitialises(t *testing.T) {
	data, err := os.ReadFile("testdata/initialised.txt")
	require.NoError(t, err)
	known := strings.Fields(string(data))
	assert.True(t, slices.IsSorted(known), "the list is not sorted")

	mop := filepath.Join(t.TempDir(), "mop")
	out, err := exec.Command("go", "build", "-ldflags", "-s -w", "-o", mop, root+"/cmd/mop").CombinedOutput()
	require.NoError(t, err, "%s", out)
	cmd := exec.Command(mop, "version")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err = cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)

	var found []string
	for _, m := range regexp.MustCompile(`(?m)^init (\S+) @`).FindAllStringSubmatch(string(out), -1) {
		if first, _, _ := strings.Cut(m[1], "/"); strings.Contains(first, ".") {
			found = append(found, strings.ReplaceAll(m[1], "%2e", "."))
		}
	}
	require.NotEmpty(t, found)
	for _, pkg := range found {
		assert.Contains(t, known, pkg, "initialises when the command starts, and did not before")
	}
	for _, pkg := range known {
		assert.Contains(t, found, pkg, "initialises nothing any more: take it from the list")
	}
}

// mostOfRender is the most packages that a program may link for package render. Seven of
// them hand panics of goroutines on (errgroup) and keep secrets out of logs (slog).
const mostOfRender = 166

func TestWhatRenderLinks(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", root+"/internal/render").Output()
	require.NoError(t, err)
	assert.LessOrEqual(t, len(strings.Fields(string(out))), mostOfRender)
}
