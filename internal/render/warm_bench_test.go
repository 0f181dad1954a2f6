package render_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
)

// BenchmarkProduction renders the platform with a new Renderer each time, with one that sees
// changes, and with a frozen one.
func BenchmarkProduction(b *testing.B) {
	p, err := project.Find("../..", project.Options{})
	require.NoError(b, err)
	env, err := p.Environment(context.Background(), "environments/production", ".")
	require.NoError(b, err)
	o := render.Options{TLAs: map[string]eval.Variable{"platform": eval.String("gke")}}
	run := func(name string, r func() *render.Renderer) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := r().Render(context.Background(), env.Environment)
				require.NoError(b, err)
			}
		})
	}
	run("new", func() *render.Renderer { return render.New(p, o) })
	warm := render.New(p, o)
	run("warm", func() *render.Renderer { return warm })
	frozen := render.New(p, o).Freeze()
	run("frozen", func() *render.Renderer { return frozen })
}
