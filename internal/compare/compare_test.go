package compare_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/compare"
	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/workspace"
)

// TestPair compares environments and directories. One has objects that the other lacks, and
// one field differs.
func TestPair(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"jsonnetfile.json":              "{}",
		"environments/one/main.jsonnet": "local m(name, a) = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: name, namespace: 'x'}, data: {a: a}}; [m('a', '1'), m('b', '1')]",
		"environments/two/main.jsonnet": "local m(name, a) = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: name, namespace: 'y'}, data: {a: a}}; [m('a', '2'), m('c', '1')]",
		"out/a.yaml":                    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: x}\ndata: {a: '1'}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: x}\ndata: {a: '1'}\n",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	w := workspace.New(workspace.Settings{Dir: dir})
	pair := compare.Pair{Workspace: w, Inputs: inputs.Inputs{Dir: dir}, Environment: func(ctx context.Context, arg string) (batch.Environment, error) {
		e, err := w.One(ctx, arg)
		if err != nil {
			return batch.Environment{}, err
		}
		env, _, err := batch.One(ctx, batch.Asked{Entry: e})
		return env, err
	}}
	for name, test := range map[string]struct {
		from, to   string
		namespaces map[string]string
		want       string
	}{
		"two environments": {
			"environments/one", "environments/two", map[string]string{"x": "y"},
			"~ ConfigMap y/a (+1 -1)\n- ConfigMap y/b\n+ ConfigMap y/c\n1 added, 1 changed, 1 removed, 0 equal\n",
		},
		"a directory and the environment it was made of": {"out", "environments/one", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			pair.Namespaces = test.namespaces
			found, err := pair.Compare(t.Context(), test.from, test.to)
			require.NoError(t, err)
			var b bytes.Buffer
			require.NoError(t, found.Write(t.Context(), &b, compare.WriteOptions{Format: compare.Summary}))
			assert.Equal(t, test.want, b.String())
		})
	}
	_, err := pair.Compare(t.Context(), "environments/one", "environments/none")
	assert.ErrorContains(t, err, "environments/none")
}
