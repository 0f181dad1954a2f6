// Package lib_test runs the tests of the libraries, which are in the files *_test.jsonnet
// beside them: go test ./lib -run 'Test/network/alloy'.
package lib_test

import (
	"flag"
	"testing"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/unit"
	"github.com/mop-platform/mop/pkg/jsonnettest"
)

var (
	update = flag.Bool("update", false, "rewrite golden files")
	all    = flag.Bool("all", false, "evaluate the cases of all directories with go-jsonnet too")
)

func Test(t *testing.T) {
	jsonnettest.Run(t, ".", unit.Options{Update: *update})
}

// The cases in kubernetes pass with go-jsonnet, the reference, too. "make check" tests all
// cases with it.
func TestByGoJsonnet(t *testing.T) {
	dir := "kubernetes"
	if *all {
		dir = "."
	}
	jsonnettest.Run(t, dir, unit.Options{Interpreter: eval.Interpreter{Engine: eval.GoJsonnet}})
}
