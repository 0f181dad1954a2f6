package bundler

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Where directories cannot be exchanged they are renamed; a run that was killed
// between the two renames is mended by the next one.
func TestRename(t *testing.T) {
	root := t.TempDir()
	read := func() string {
		text, err := os.ReadFile(filepath.Join(root, "v", "x"))
		require.NoError(t, err)
		return string(text)
	}
	fill := func(dir, text string) {
		require.NoError(t, os.MkdirAll(dir, 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "x"), []byte(text), 0o666))
	}
	fill(filepath.Join(root, "v"), "old")
	v, err := openVendor(root, "v")
	require.NoError(t, err)
	fill(v.staged(), "new")
	require.NoError(t, v.rename())
	assert.Equal(t, "new", read())
	require.NoError(t, v.close())

	// Killed in between.
	work := filepath.Join(root, ".v.mop-vendor")
	require.NoError(t, os.Mkdir(work, 0o777))
	require.NoError(t, os.Rename(filepath.Join(root, "v"), filepath.Join(work, "old")))
	v, err = openVendor(root, "v")
	require.NoError(t, err)
	assert.Equal(t, "new", read())

	// Where the second fails, the first is undone.
	require.Error(t, func() error { require.NoError(t, os.MkdirAll(work, 0o777)); return v.rename() }())
	assert.Equal(t, "new", read())
	require.NoError(t, v.close())
	assert.NoDirExists(t, work)
}

// Files that were written are what they were before, if the exchange fails.
func TestRestore(t *testing.T) {
	root := t.TempDir()
	v, err := openVendor(root, "v")
	require.NoError(t, err)
	defer v.close()
	old, absent := filepath.Join(root, "old"), filepath.Join(root, "absent")
	require.NoError(t, os.WriteFile(old, []byte("before"), 0o666))
	files := []newFile{{old, "before", "after"}, {absent, "", "after"}}
	for _, f := range files {
		require.NoError(t, v.write(f.path, f.after))
		text, err := os.ReadFile(f.path)
		require.NoError(t, err)
		assert.Equal(t, "after", string(text))
	}
	require.NoError(t, v.restore(files))
	text, err := os.ReadFile(old)
	require.NoError(t, err)
	assert.Equal(t, "before", string(text))
	assert.NoFileExists(t, absent)
}

// What a run was killed at writing goes; what others have made stays.
func TestDraftsAreRemoved(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{".jsonnetfile.lock.json.123", ".jsonnetfile.json.4", ".jsonnetfile.json.old", ".jsonnetfile.json.", "jsonnetfile.json.5", ".x.6"} {
		require.NoError(t, os.WriteFile(filepath.Join(root, name), nil, 0o600))
	}
	v, err := openVendor(root, "v")
	require.NoError(t, err)
	require.NoError(t, v.close())
	left, err := filepath.Glob(filepath.Join(root, "*"))
	require.NoError(t, err)
	for i := range left {
		left[i] = filepath.Base(left[i])
	}
	assert.Equal(t, []string{".jsonnetfile.json.", ".jsonnetfile.json.old", ".x.6", "jsonnetfile.json.5"}, left)
}
