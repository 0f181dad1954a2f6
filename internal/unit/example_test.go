package unit_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/unit"
)

func Example() {
	p := project.New(fstest.MapFS{"lib/sum_test.jsonnet": {Data: []byte(`{
		adds: { actual: 1 + 1, expected: 2 },
		'refuses text': { actual: 1 - 'x', fails: 'Unexpected type string' },
	}`)}})
	s := unit.New(unit.On(p, eval.Input{}), unit.Options{})
	cases, err := s.Cases(context.Background(), "lib/sum_test.jsonnet")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range cases {
		failure, err := c.Check(context.Background())
		fmt.Println(c, failure == "", err)
	}
	// Output:
	// lib/sum_test.jsonnet: adds true <nil>
	// lib/sum_test.jsonnet: refuses text true <nil>
}
