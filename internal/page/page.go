// Package page holds the generated parts of documents to what generates them, for
// tests.
package page

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Hold holds the part of a document that is marked as generated under a name to a
// text; with update it writes it.
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
