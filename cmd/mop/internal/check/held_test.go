package check_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/cmd/mop/internal/check"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

func TestClusters(t *testing.T) {
	v, err := validate.New(validate.Config{External: []string{"*/*"}})
	require.NoError(t, err)
	results := func(file, text string) []validate.Result {
		documents, found, err := manifest.Parse(t.Context(), file, []byte(text))
		require.NoError(t, err)
		require.NoError(t, found.Err())
		checked, err := v.Check(t.Context(), documents)
		require.NoError(t, err)
		return checked.Results
	}
	const (
		one   = `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: one}, data: {a: one}}`
		two   = `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: one}, data: {a: two}}`
		other = `{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: other}}`
		made  = `{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a-, namespace: one}}`
	)
	const differs = "a error: environments dev and ops put it into the same cluster, and it differs\n"
	tests := []struct {
		name          string
		first, second check.Environment
		texts         [2]string
		want          string
	}{
		{"one API server", check.Environment{APIServer: "https://a"}, check.Environment{APIServer: "https://a"}, [2]string{one, two}, differs},
		{"one context", check.Environment{ContextNames: []string{"a", "b"}}, check.Environment{ContextNames: []string{"b", "c"}}, [2]string{one, two}, differs},
		{"equal", check.Environment{APIServer: "https://a"}, check.Environment{APIServer: "https://a"}, [2]string{one, one},
			"a warning: environments dev and ops put it into the same cluster\n"},
		{"another API server", check.Environment{APIServer: "https://a"}, check.Environment{APIServer: "https://b"}, [2]string{one, two}, ""},
		{"another context", check.Environment{ContextNames: []string{"a"}}, check.Environment{ContextNames: []string{"b"}}, [2]string{one, two}, ""},
		{"no cluster", check.Environment{}, check.Environment{}, [2]string{one, two}, ""},
		{"another namespace", check.Environment{APIServer: "https://a"}, check.Environment{APIServer: "https://a"}, [2]string{one, other}, ""},
		{"not named yet", check.Environment{APIServer: "https://a"}, check.Environment{APIServer: "https://a"}, [2]string{made, made}, ""},
	}
	problems := func(results []validate.Result) string {
		var b strings.Builder
		for _, r := range results {
			for _, f := range r.Findings {
				fmt.Fprintf(&b, "%s %s: %s\n", r.ID.Name, f.Severity, f.Problem)
			}
		}
		return b.String()
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.first.Name, tt.first.Results = "dev", results("dev.yaml", tt.texts[0])
			tt.second.Name, tt.second.Results = "ops", results("ops.yaml", tt.texts[1])
			all, err := check.Clusters(t.Context(), []check.Environment{tt.first, tt.second})
			require.NoError(t, err)
			require.Len(t, all, 2)
			assert.Empty(t, problems(all[0]), "the earlier one is not told")
			assert.Equal(t, tt.want, problems(all[1]))
			assert.Empty(t, tt.second.Results[0].Findings, "what is given stays")
			assert.Equal(t, strings.Contains(tt.want, "error"), all[1][0].Status == validate.Invalid)
		})
	}
}

// The end of the budget ends it, for it is as long as there are pairs of environments.
func TestClustersCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := check.Clusters(ctx, make([]check.Environment, 100))
	assert.ErrorIs(t, err, context.Canceled)
}
