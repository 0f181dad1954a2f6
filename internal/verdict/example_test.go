package verdict_test

import (
	"fmt"

	"github.com/mop-platform/mop/internal/verdict"
	"github.com/mop-platform/mop/pkg/diag"
)

func ExampleFind() {
	_, err := verdict.Find(29, nil)
	if l, ok := diag.From(err); ok {
		fmt.Println(l[0].Advice(nil)[0])
	}
	// Output:
	// build it in mop's sources, by "make apiserver VERSION=1.29", and put it there
}
