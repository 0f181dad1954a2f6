package lib_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// function matches a public function of a library: a field at the first level of the
// object in the file.
var function = regexp.MustCompile(`^  (\w+)\((.*)\):{1,2}( |$)`)

// parameter matches the name of a parameter.
var parameter = regexp.MustCompile(`(?:^|, )(\w+)`)

// Each public function has a comment directly above it, which begins with the function's
// name and mentions every parameter.
func TestFunctionsAreDocumented(t *testing.T) {
	files, err := filepath.Glob("*.libsonnet")
	require.NoError(t, err)
	nested, err := filepath.Glob("*/*.libsonnet")
	require.NoError(t, err)
	functions := 0
	for _, file := range append(files, nested...) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		lines := strings.Split(string(text), "\n")
		for i, line := range lines {
			m := function.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			functions++
			var comment []string
			for j := i - 1; j >= 0 && strings.HasPrefix(strings.TrimSpace(lines[j]), "//"); j-- {
				comment = append([]string{strings.TrimPrefix(strings.TrimSpace(lines[j]), "//")}, comment...)
			}
			doc := strings.TrimSpace(strings.Join(comment, ""))
			assert.True(t, strings.HasPrefix(doc, m[1]+" "), "%s:%d: %s has no comment that begins with its name", file, i+1, m[1])
			for _, p := range parameter.FindAllStringSubmatch(m[2], -1) {
				assert.Regexp(t, `\b`+p[1]+`\b`, doc, "%s:%d: the comment of %s says nothing of %s", file, i+1, m[1], p[1])
			}
		}
	}
	assert.NotZero(t, functions)
}
