// Package page lets tests compare the generated parts of documents with their generators.
package page

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Hold compares a text with the part of a file that is marked as generated under a name. If
// update is set, it writes the text into the file instead.
func Hold(t *testing.T, update bool, file, name, text string) {
	t.Helper()
	begin, end := "<!-- generated: "+name+" -->\n", "<!-- end -->\n"
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(data), begin)
	require.True(t, ok, "%s has no %q", file, begin)
	_, after, ok := strings.Cut(rest, end)
	require.True(t, ok, "%s: nothing ends %q", file, begin)
	want := before + begin + text + end + after
	if update {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o666))
		return
	}
	assert.Equal(t, want, string(data), "-update rewrites it")
}
