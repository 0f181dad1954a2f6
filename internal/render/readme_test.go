package render_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
)

func readme(ctx context.Context) error {
	// README.md begins.
	p, err := project.Find(".", project.Options{})
	if err != nil {
		return err
	}
	env, err := p.Environment(ctx, "environments/production", ".")
	if err != nil {
		return err
	}
	r := render.New(p, render.Options{TLAs: map[string]eval.Variable{"platform": eval.String("gke")}})
	res, err := r.Render(ctx, env.Environment)
	if err != nil {
		return err
	}
	for _, o := range res.Objects {
		fmt.Println(o, "from", o.Path())
	}
	// README.md ends.
	return nil
}

// The example of README.md compiles and runs.
func TestReadme(t *testing.T) {
	require.NoError(t, readme(t.Context()))
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
