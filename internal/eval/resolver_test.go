package eval_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/pkg/diag"
)

func TestResolver(t *testing.T) {
	files := eval.NewFiles(&source{files: map[string]string{"env/a": "beside", "lib/a": "lib", "lib/b": "lib"}}, 0)
	in := eval.Input{File: "env/main", SearchPath: []string{"lib"}, Builtins: map[string]string{"tk": "{}"}}
	r := eval.NewResolver(t.Context(), files, in)
	for _, tt := range []struct{ path, name, text string }{
		{"a", "env/a", "beside"},
		{"b", "lib/b", "lib"},
		{"tk", "<tk>", "{}"},
	} {
		data, name, err := r.Import("env/main", tt.path)
		require.NoError(t, err, tt.path)
		assert.Equal(t, tt.name, name)
		assert.Equal(t, tt.text, string(data))
	}

	_, _, err := r.Import("env/main", "c")
	assert.Equal(t, diag.Diagnostic{Code: failure.NoImport, Values: map[string]any{"tried": []string{"env/c", "lib/c"}}, Problem: `import "c": no such file`, Err: errors.Join(fs.ErrNotExist)}, err)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = eval.NewResolver(ctx, files, in).Import("env/main", "a")
	assert.ErrorIs(t, err, context.Canceled)
}
