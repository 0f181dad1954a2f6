package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/page"
	"github.com/mop-platform/mop/internal/swap"
)

const failuresDir = "testdata/failures"

// TestFailures makes each kind of failure happen, by the script with its name. The script
// has the message and the hints.
func TestFailures(t *testing.T) {
	runScripts(t, failuresDir, nil, map[string]scriptCommand{
		// serve DIRECTORY: commits all files of the directory into a repository that git
		// finds at https://git.example.com/org/DIRECTORY.git.
		"serve": serve,
		// hold FILE: holds a lock, as another mop would, until the script ends.
		"hold": hold,
	})
}

func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serve directory")
	}
	home := ts.MkAbs("home")
	ts.Check(os.MkdirAll(home, 0o777))
	for name, value := range map[string]string{
		"HOME": home, "MOP_CACHE": ts.MkAbs("cache"),
		"GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2020-01-01T00:00:00Z",
	} {
		ts.Setenv(name, value)
	}
	config := fmt.Sprintf("[url \"file://%s/\"]\n\tinsteadOf = https://git.example.com/\n[user]\n\tname = a\n\temail = a@example.com\n", ts.MkAbs("served"))
	ts.Check(os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o666))
	for _, command := range [][]string{
		{"-C", args[0], "init", "-q", "-b", "main"},
		{"-C", args[0], "add", "."},
		{"-C", args[0], "commit", "-q", "-m", "one"},
		{"clone", "-q", "--bare", args[0], "served/org/" + args[0] + ".git"},
	} {
		ts.Check(ts.Exec("git", command...))
	}
}

func hold(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hold file")
	}
	lock, ok, err := swap.Lock(ts.MkAbs(args[0]))
	ts.Check(err)
	if !ok {
		ts.Fatalf("%s is held", args[0])
	}
	ts.Defer(func() { ts.Check(swap.Unlock(lock)) })
}

// unmade are the codes that no script makes happen, and why.
var unmade = map[string]string{
	failure.FixedVendor:     "only a mount, or a container's image, makes a directory that cannot be renamed",
	failure.FixedLibrary:    "only who may mount can make one",
	failure.InnerMount:      "only who may mount can make one",
	failure.OtherFileSystem: "only who may mount can make one",
	failure.NoStrategy:      "the command refuses its flag before; a program in Go is told",
}

// TestFailuresDocument tests that each code has a script or a reason in unmade, that each
// script has a code, and that the hints in a script are hints of its code. It compares the
// document that shows the scripts with them; with -update it writes the document.
func TestFailuresDocument(t *testing.T) {
	codes := failure.Codes()
	scripts, err := filepath.Glob(failuresDir + "/*.txtar")
	require.NoError(t, err)
	for _, file := range scripts {
		code := strings.TrimSuffix(filepath.Base(file), ".txtar")
		assert.True(t, slices.Contains(codes, code), "%s: no failure is of that code", file)
	}
	var listed strings.Builder
	for _, code := range codes {
		if why, ok := unmade[code]; ok {
			assert.NoFileExists(t, filepath.Join(failuresDir, code+".txtar"))
			fmt.Fprintf(&listed, "\n## %s\n\n%s No script makes it happen: %s.\n", code, failure.Meaning(code), why)
			for _, hint := range failure.Hints(code) {
				fmt.Fprintf(&listed, "\n* hint: `%s`", hint)
			}
			listed.WriteString("\n")
			continue
		}
		script, err := txtar.ParseFile(filepath.Join(failuresDir, code+".txtar"))
		require.NoError(t, err, "make a script that has a failure of the code happen")
		command := regexp.MustCompile(`(?m)^status [012] (?:exec )?(mop .*)$`).FindStringSubmatch(string(script.Comment))
		require.NotNil(t, command, "%s: no command", code)
		fmt.Fprintf(&listed, "\n## %s\n\n%s\n\n```text\n", code, failure.Meaning(code))
		for _, made := range regexp.MustCompile(`(?m)^(?:exec (.*)|(mop .*))$`).FindAllStringSubmatch(string(script.Comment), -1) {
			fmt.Fprintf(&listed, "$ %s\n", made[1]+made[2])
		}
		fmt.Fprintf(&listed, "$ %s\n", command[1])
		var input strings.Builder
		for _, f := range script.Files {
			switch {
			case f.Name == "want":
				listed.WriteString(strings.ReplaceAll(string(f.Data), "$WORK", "/project"))
				assertHints(t, code, string(f.Data))
			case strings.HasSuffix(f.Name, ".jsonnet") || strings.HasSuffix(f.Name, ".libsonnet"):
				fmt.Fprintf(&input, "\n`%s`:\n\n```jsonnet\n%s```\n", f.Name, f.Data)
			}
		}
		listed.WriteString("```\n" + input.String())
	}
	page.Hold(t, *update, "../../docs/failures.md", "failures", listed.String()+"\n")
}

// assertHints tests that the hints of a message are hints of the code, and that it has some
// if the code has.
func assertHints(t *testing.T, code string, message string) {
	t.Helper()
	given := regexp.MustCompile(`(?m)^ +hint: (.*)$`).FindAllStringSubmatch(message, -1)
	assert.Equal(t, len(failure.Hints(code)) > 0, len(given) > 0, "%s: %s", code, message)
	for _, hint := range given {
		assert.True(t, slices.ContainsFunc(failure.Hints(code), func(of string) bool {
			of = regexp.MustCompile(`<[a-z.\\]+>`).ReplaceAllString(regexp.QuoteMeta(of), ".+")
			return regexp.MustCompile("^" + of + "$").MatchString(hint[1])
		}), "%s: not a hint of that code: %s", code, hint[1])
	}
}
