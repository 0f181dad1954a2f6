// Package library runs the tests of a Jsonnet library that is embedded in the test.
package library

import (
	"embed"
	"testing"

	"github.com/mop-platform/mop/pkg/jsonnettest"
	"github.com/mop-platform/mop/pkg/render"
)

//go:embed lib
var libs embed.FS

func TestLibraries(t *testing.T) {
	p, err := render.OpenFS(libs, render.Config{})
	if err != nil {
		t.Fatal(err)
	}
	jsonnettest.Run(t, p, "lib")
}
