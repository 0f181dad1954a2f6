package project_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/mop-platform/mop/internal/project"
)

func Example() {
	p := project.New(fstest.MapFS{
		"environments/production/main.jsonnet": {Data: []byte("{}")},
		"environments/production/spec.json":    {Data: []byte(`{"spec": {"namespace": "shop"}}`)},
	})
	env, err := p.Environment(context.Background(), "prod", ".")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(env.Dir, env.Resource.Spec.Namespace)
	// Output: environments/production shop
}
