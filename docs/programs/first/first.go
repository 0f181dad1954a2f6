// Package first evaluates a line of Jsonnet.
package first

import (
	"context"

	"github.com/mop-platform/mop/pkg/jsonnet"
)

// Sum returns 3.
func Sum(ctx context.Context) (n int, err error) {
	vm, err := jsonnet.New(jsonnet.Config{})
	if err != nil {
		return 0, err
	}
	res, err := vm.Eval(ctx, "sum.jsonnet", "1 + 2", jsonnet.Args{})
	if err != nil {
		return 0, err
	}
	return n, res.Decode(&n)
}
