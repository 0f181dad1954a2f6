package render_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/render"
)

func readme(ctx context.Context) error {
	// README.md begins.
	p, err := render.Open(".", render.Config{})
	if err != nil {
		return err
	}
	args := jsonnet.Args{TLAs: map[string]jsonnet.Var{"platform": jsonnet.String("gke")}}
	res, err := p.Render(ctx, "environments/production", render.Args{Args: args})
	if err != nil {
		return err
	}
	return manifest.WriteYAML(ctx, os.Stdout, res.Objects)
	// README.md ends.
}

// The example of README.md compiles and runs.
func TestReadme(t *testing.T) {
	stdout := os.Stdout
	defer func() { os.Stdout = stdout }()
	printed, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	require.NoError(t, err)
	defer printed.Close()
	os.Stdout = printed
	require.NoError(t, readme(t.Context()))
	output, err := os.ReadFile(printed.Name())
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(output), "apiVersion: v1\nkind: Namespace\n"))
	source, err := os.ReadFile("readme_test.go")
	require.NoError(t, err)
	_, after, _ := strings.Cut(string(source), "// README.md begins.\n")
	code, _, _ := strings.Cut(after, "\t// README.md ends.\n")
	var lines []string
	for line := range strings.Lines(code) {
		lines = append(lines, strings.TrimPrefix(line, "\t"))
	}
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	assert.Contains(t, string(text), "```go\n"+strings.Join(lines, "")+"```\n")
}
