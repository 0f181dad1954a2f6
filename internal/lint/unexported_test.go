package lint

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
)

// panicking is a source on which an import of boom panics, as go-jsonnet's linter does for
// some programs.
type panicking struct{ *project.Project }

func (p panicking) ReadFile(ctx context.Context, name string) ([]byte, error) {
	if name == "boom" {
		panic("Bug - boom")
	}
	return p.Project.ReadFile(ctx, name)
}

func TestNoOpinion(t *testing.T) {
	p := project.New(fstest.MapFS{"a.jsonnet": {Data: []byte("local unused = 1; import 'boom'")}})
	l := New(p, Options{})
	l.files = eval.NewFiles(panicking{p}, 0)
	found, err := l.File(t.Context(), "a.jsonnet")
	assert.Empty(t, found)
	var no *NoOpinionError
	require.ErrorAs(t, err, &no)
	assert.EqualError(t, no, "a.jsonnet: no opinion: the linter failed: Bug - boom")
}
