// Package lib_test runs the tests of the libraries, which are in the files *_test.jsonnet
// beside them: go test ./lib -run 'Test/network/alloy'.
package lib_test

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/unit"
	"github.com/mop-platform/mop/pkg/jsonnettest"
	"github.com/mop-platform/mop/pkg/render"
)

var (
	update = flag.Bool("update", false, "rewrite golden files")
	all    = flag.Bool("all", false, "evaluate the cases of all directories with go-jsonnet too")
)

func Test(t *testing.T) {
	p, err := render.Open(".", render.Config{})
	require.NoError(t, err)
	jsonnettest.Run(t, p, "lib", jsonnettest.Options{Update: *update})
}

// The cases in kubernetes pass with go-jsonnet, the reference, too. "make check" tests all
// cases with it.
func TestByGoJsonnet(t *testing.T) {
	dir := "lib/kubernetes"
	if *all {
		dir = "lib"
	}
	p, err := project.Find(".", project.Options{})
	require.NoError(t, err)
	s := unit.New(unit.On(p, eval.Input{Interpreter: eval.Interpreter{Engine: eval.GoJsonnet}}), unit.Options{})
	files, err := s.Files(t.Context(), dir)
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			cases, err := s.Cases(t.Context(), file)
			require.NoError(t, err)
			for _, c := range cases {
				failure, err := c.Check(t.Context())
				require.NoError(t, err)
				assert.Empty(t, failure, "%s", c)
			}
		})
	}
}
