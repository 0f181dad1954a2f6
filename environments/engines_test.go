package environments_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
)

// go-jsonnet, the reference, makes the same objects.
func TestEnginesAgree(t *testing.T) {
	for _, env := range environments {
		for _, platform := range platforms {
			t.Run(env+"/"+platform, func(t *testing.T) {
				t.Parallel()
				want := renderBy(t, eval.Interpreter{Engine: eval.GoJsonnet}, env, platform)
				got := renderEnvironment(t, env, platform)
				require.Len(t, got, len(want))
				for i, o := range want {
					assert.Equal(t, o.Path(), got[i].Path())
					wantValue, _ := o.Lookup()
					gotValue, _ := got[i].Lookup()
					assert.Equal(t, wantValue, gotValue, o.ID())
				}
			})
		}
	}
}
