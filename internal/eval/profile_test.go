package eval_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/jsonnet"
)

func TestProfile(t *testing.T) {
	files := eval.NewFiles(&source{files: map[string]string{"main.jsonnet": "local f(x) = x + 1;\n[f(1), f(2), std.native('double')(3)]"}}, 0)
	double := eval.Native{Name: "double", Params: []string{"x"}, Func: func(_ eval.Call, a []any) (any, error) { return 2 * a[0].(float64), nil }}
	for name, test := range map[string]struct {
		engine eval.Engine
		want   map[string]int64
	}{
		"compiled":   {eval.Compiled, map[string]int64{"main.jsonnet:1 f": 2, "std.native.double": 1}},
		"go-jsonnet": {eval.GoJsonnet, map[string]int64{}},
	} {
		t.Run(name, func(t *testing.T) {
			profile := jsonnet.NewProfile()
			result, err := eval.Eval(t.Context(), files, eval.Input{
				File: "main.jsonnet", Natives: []eval.Native{double},
				Interpreter: eval.Interpreter{Engine: test.engine, Profile: profile},
			})
			require.NoError(t, err)
			assert.Equal(t, []any{2.0, 3.0, 6.0}, result.Value)
			calls := map[string]int64{}
			for _, f := range profile.Report(nil).Functions {
				if f.Calls > 0 && f.Name != "std.native" {
					calls[f.String()] = f.Calls
				}
			}
			assert.Equal(t, test.want, calls)
		})
	}
}
