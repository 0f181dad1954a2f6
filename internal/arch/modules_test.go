package arch_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// modFile is a go.mod or go.work, as the go command prints it.
type modFile struct {
	Module struct{ Path string }
	Use    []struct{ DiskPath string }
	// Require are the requirements of a go.mod.
	Require []struct{ Path, Version string }
	Replace []struct {
		Old, New struct{ Path, Version string }
	}
}

func edit(t *testing.T, command, file string) (f modFile) {
	t.Helper()
	out, err := exec.Command("go", command, "edit", "-json", file).Output()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(out, &f))
	return f
}

func modFiles(t *testing.T) map[string]modFile {
	t.Helper()
	files := map[string]modFile{}
	for _, dir := range append(slices.Clip(modules), programs) {
		f := edit(t, "mod", dir+"/go.mod")
		files[f.Module.Path] = f
	}
	return files
}

// The go command has "work" mean these modules, and replaces what they require of each other.
// A go.mod replaces nothing: for "go install" of a version, that is an error.
func TestModulesRequireOneVersion(t *testing.T) {
	work := edit(t, "work", root+"/go.work")
	var used []string
	for _, use := range work.Use {
		used = append(used, filepath.Clean(filepath.Join(root, use.DiskPath)))
	}
	assert.ElementsMatch(t, append(slices.Clip(modules), programs), used)
	replaced := map[string]string{}
	for _, r := range work.Replace {
		replaced[r.Old.Path] = r.Old.Version
	}
	files := modFiles(t)
	version := replaced[module]
	assert.NotEmpty(t, version)
	for name, f := range files {
		assert.Empty(t, f.Replace, name)
		for _, r := range f.Require {
			if _, ours := files[r.Path]; ours {
				assert.Equal(t, version, r.Version, "%s requires %s", name, r.Path)
				assert.Equal(t, version, replaced[r.Path], "go.work replaces another version of %s", r.Path)
			}
		}
	}
}

// A program that imports the library has its own version of k8s.io, since the library
// requires none. Nor does it require what only the command needs.
func TestLibraryRequiresNothingOfKubernetes(t *testing.T) {
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		for line := range bytes.Lines(text) {
			line := strings.TrimSpace(string(line))
			assert.False(t, strings.HasPrefix(line, "k8s.io/") || strings.HasPrefix(line, "github.com/spf13/cobra"), "%s: %s", name, line)
		}
	}
}
