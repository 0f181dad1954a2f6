package environments_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/mutation"
)

// All origins of the values of the environments are true. At most one in twenty values that
// a literal sets does not have the literal as an origin. Each environment tries other
// origins and literals.
func TestOrigins(t *testing.T) {
	files := map[string]string{}
	for _, dir := range []string{"environments", "lib", "vendor-jsonnet"} {
		require.NoError(t, filepath.WalkDir(filepath.Join("..", dir), func(name string, d fs.DirEntry, err error) error {
			if ext := filepath.Ext(name); err != nil || ext != ".jsonnet" && ext != ".libsonnet" {
				return err
			}
			text, err := os.ReadFile(name)
			files[strings.TrimPrefix(filepath.ToSlash(name), "../")] = string(text)
			return err
		}))
	}
	var all mutation.Report
	for i, env := range environments {
		report, err := mutation.Check(t.Context(), mutation.Program{
			Main: "environments/" + env + "/main.jsonnet", Files: files, SearchPath: []string{"lib", "vendor-jsonnet"},
			Input: jsonnet.Input{}, Every: everyOrigin, First: i,
		})
		require.NoError(t, err)
		all.Add(report)
	}
	t.Log(all)
	assert.Zero(t, all.False, strings.Join(all.Details, "\n"))
	assert.Greater(t, all.Set, 100)
	assert.LessOrEqual(t, 20*all.Missed, all.Set, strings.Join(all.Details, "\n"))
}

// everyOrigin says that an environment tries each n-th origin and literal.
const everyOrigin = 8
