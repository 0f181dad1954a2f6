package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/cmd/mop/internal/report"
	"github.com/mop-platform/mop/internal/page"
)

// TestDocuments runs the examples of the documents. In each block marked console, a line
// that begins with "$ " is a command for the repository's root, and the lines after it are
// its output. A line "..." stands for any number of lines. A time such as 1.5ms stands for
// any time, and a share such as 12.5% for any share.
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
					require.Regexp(t, `^(mop|go run \./cmd/mop) `, command)
					cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
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

// measured matches a time or share in a quoted pattern, with the spaces that pad it.
var measured = regexp.MustCompile(` *\d+\\\.\d(ms|%)`)

// matchesElided reports whether got is want. In want, a line "..." stands for any number of
// lines, and a time or share for any.
func matchesElided(got, want string) bool {
	want = strings.TrimSuffix(want, "\n") + "\n"
	var pattern strings.Builder
	for line := range strings.Lines(want) {
		if line == "...\n" {
			pattern.WriteString("(?:.*\n)*")
			continue
		}
		pattern.WriteString(measured.ReplaceAllString(regexp.QuoteMeta(line), ` *\d+\.\d$1`))
	}
	ok, err := regexp.MatchString(`\A(?:`+pattern.String()+`)\z`, got)
	return err == nil && ok
}

// TestCommandTable compares the README's table of commands with the commands. With -update
// it writes the table.
func TestCommandTable(t *testing.T) {
	table := "| command | what it does |\n| --- | --- |\n"
	var add func(cmd *cobra.Command)
	add = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			if sub.HasSubCommands() {
				add(sub)
			} else if sub.IsAvailableCommand() {
				table += "| `" + sub.CommandPath() + strings.ReplaceAll(strings.TrimPrefix(sub.Use, sub.Name()), "|", `\|`) + "` | " + sub.Short + " |\n"
			}
		}
	}
	add(newRootCommand(&app{output: newOutput(io.Discard, io.Discard)}))
	page.Hold(t, *update, "../../README.md", "commands", table)
}

// TestRuleTable does the same for the rules of mop validate.
func TestRuleTable(t *testing.T) {
	table := "| rule | severity | what its findings are about | source in Kubernetes |\n| --- | --- | --- | --- |\n"
	for _, d := range report.Declarations() {
		var severities, sources []string
		for _, s := range d.Severities {
			severities = append(severities, s.String())
		}
		for _, s := range d.Sources {
			sources = append(sources, "`"+s.File+"`: `"+strings.Join(s.Functions, "`, `")+"`")
		}
		table += "| `" + string(d.Rule) + "` | " + strings.Join(severities, ", ") + " | " + d.Holds + " | " + strings.Join(sources, "; ") + " |\n"
	}
	page.Hold(t, *update, "../../docs/validation.md", "rules", table)
}
