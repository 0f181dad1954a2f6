package jsonnettest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/unit"
	"github.com/mop-platform/mop/pkg/jsonnettest"
)

func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		p := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(p), 0o777))
		require.NoError(t, os.WriteFile(p, []byte(text), 0o666))
	}
	return root
}

// TestRun shows the subtests: files with short names, then groups and cases.
func TestRun(t *testing.T) {
	root := tree(t, map[string]string{
		"jsonnetfile.json":          "{}",
		"lib/a_test.jsonnet":        `{ g: { c: { actual: 1, expected: 1 } }, d: { actual: 1, expected: 1 } }`,
		"lib/sub/a_test.jsonnet":    `{ c: { actual: 1, expected: 1 } }`,
		"lib/sub/b_test.jsonnet":    `{ c: { actual: error 'x', fails: 'x' } }`,
		"lib/vendor/c_test.jsonnet": `error 'vendored tests are not ours'`,
	})
	jsonnettest.Run(t, filepath.Join(root, "lib"), unit.Options{})
}
