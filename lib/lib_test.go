// Package lib_test runs the libraries' own tests, the *_test.jsonnet files
// beside them: go test ./lib -run 'Test/network/alloy'.
package lib_test

import (
	"flag"
	"testing"

	"github.com/mop-platform/mop/pkg/eval"
	"github.com/mop-platform/mop/pkg/jsonnettest"
)

var (
	update = flag.Bool("update", false, "rewrite golden files")
	all    = flag.Bool("all", false, "evaluate the cases of all directories with go-jsonnet too")
)

func Test(t *testing.T) {
	jsonnettest.Run(t, ".", jsonnettest.Options{Update: *update})
}

// The cases pass with the reference too: those of kubernetes, and all of them where
// "make check" says so.
func TestByGoJsonnet(t *testing.T) {
	dir := "kubernetes"
	if *all {
		dir = "."
	}
	jsonnettest.Run(t, dir, jsonnettest.Options{Interpreter: eval.Interpreter{Engine: eval.GoJsonnet}})
}
