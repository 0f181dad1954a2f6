package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDocuments runs the examples of the documents: in each block marked
// console, a line that begins with "$ " is a command, run in the repository's
// root, and the lines after it are what it prints. A line "..." stands for any
// number of lines.
func TestDocuments(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	docs, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	require.NoError(t, err)
	nested, err := filepath.Glob(filepath.Join(root, "docs", "*", "*.md"))
	require.NoError(t, err)
	examples := 0
	for _, doc := range append(append(docs, nested...), filepath.Join(root, "README.md")) {
		text, err := os.ReadFile(doc)
		require.NoError(t, err)
		for _, block := range consoleBlock.FindAllStringSubmatch(string(text), -1) {
			for _, example := range strings.Split("\n"+block[1], "\n$ ")[1:] {
				command, want, _ := strings.Cut(example, "\n")
				examples++
				t.Run(filepath.Base(doc)+"/"+command, func(t *testing.T) {
					args := strings.Fields(command)
					require.Regexp(t, `^(mop|go run \./cmd/mop) `, command)
					cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
					cmd.Dir = root
					// A failing command's output is part of the example too.
					got, err := cmd.CombinedOutput()
					var exit *exec.ExitError
					if err != nil {
						require.ErrorAs(t, err, &exit)
					}
					if !matchesElided(string(got), want) {
						t.Errorf("%s", diff.Diff(filepath.Base(doc), []byte(want), "printed", got))
					}
				})
			}
		}
	}
	assert.NotZero(t, examples, "no document has an example")
}

var consoleBlock = regexp.MustCompile("(?s)```console\n(.*?)```")

// matchesElided reports whether got is want, in which a line "..." stands for
// any number of lines.
func matchesElided(got, want string) bool {
	want = strings.TrimSuffix(want, "\n") + "\n"
	var pattern strings.Builder
	for line := range strings.Lines(want) {
		if line == "...\n" {
			pattern.WriteString("(?:.*\n)*")
			continue
		}
		pattern.WriteString(regexp.QuoteMeta(line))
	}
	ok, err := regexp.MatchString(`\A(?:`+pattern.String()+`)\z`, got)
	return err == nil && ok
}
