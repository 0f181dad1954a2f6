package jsonnettest_test

import (
	"testing"

	"github.com/mop-platform/mop/pkg/jsonnettest"
	"github.com/mop-platform/mop/pkg/render"
)

// This is a function of a file *_test.go in the root of the project. In a test, libs is an
// embed.FS with the directory lib, for which a comment asks.
func ExampleRun() {
	_ = func(t *testing.T) { // func TestLibraries(t *testing.T)
		p, err := render.OpenFS(libs, render.Config{})
		if err != nil {
			t.Fatal(err)
		}
		jsonnettest.Run(t, p, "lib")
	}
}
