package hostile

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

// The tests that docs/security.md names exist.
func TestSecurityDocumentNamesTests(t *testing.T) {
	text, err := os.ReadFile(root + "/docs/security.md")
	require.NoError(t, err)
	names := regexp.MustCompile("`((?:Test|Fuzz)\\w+)(?:/([\\w-]+))?`").FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, names)
	there := testFunctions(t)
	programs := append(Table().Programs, Honest()...)
	for _, name := range names {
		assert.True(t, there[name[1]], "%s: no such test", name[1])
		switch sub := name[2]; {
		case sub == "":
		case name[1] == "TestScripts":
			assert.FileExists(t, "../../testdata/script/"+sub+".txtar")
		default:
			assert.True(t, slices.ContainsFunc(programs, func(p Program) bool { return p.Name == sub }), "%s: no such program", name[0])
		}
	}
}

func testFunctions(t *testing.T) map[string]bool {
	t.Helper()
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	there := map[string]bool{}
	for _, pattern := range []string{"pkg/*/*_test.go", "cmd/mop/*_test.go", "cmd/mop/internal/*/*_test.go", "internal/*/*_test.go"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, m := range function.FindAllStringSubmatch(string(text), -1) {
				there[m[1]] = true
			}
		}
	}
	return there
}

// The calls of mop in the workflow of docs/security.md work in this repository.
func TestSecurityDocumentWorkflow(t *testing.T) {
	text, err := os.ReadFile(root + "/docs/security.md")
	require.NoError(t, err)
	calls := regexp.MustCompile(`(?m)^ +- run: (mop .*)$`).FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, calls)
	mop, err := filepath.Abs(build(t))
	require.NoError(t, err)
	bin := t.TempDir()
	require.NoError(t, os.Symlink(mop, filepath.Join(bin, "mop")))
	for _, call := range calls {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", call[1])
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "RUNNER_TEMP="+t.TempDir(), "MOP_NO_EXEC=1")
		out, err := cmd.CombinedOutput()
		assert.NoError(t, err, "%s\n%s", call[1], strings.TrimSpace(string(out)))
	}
}
