// Package vm evaluates Jsonnet without a project and without Kubernetes.
package vm

import (
	"context"
	"io"
	"io/fs"
	"runtime"

	"github.com/mop-platform/mop/pkg/jsonnet"
)

// Service is a part of what the program makes.
type Service struct {
	Name  string `json:"name"`
	Ports []int  `json:"ports"`
}

// New returns a VM that imports from fsys and its directory lib. Any number of goroutines
// may use it.
func New(fsys fs.FS) (*jsonnet.VM, error) {
	return jsonnet.New(jsonnet.Config{
		Importer: jsonnet.FS(fsys, "lib"),
		Natives: []jsonnet.Native{{
			Name: "system",
			Func: func(jsonnet.Call, []any) (any, error) { return runtime.GOOS, nil },
		}},
	})
}

// Services evaluates a program for a team. It is compiled once, whatever the team.
func Services(ctx context.Context, vm *jsonnet.VM, team string, trace io.Writer) ([]Service, error) {
	const code = `local services = import 'services.libsonnet'; function(team) services.of(team)`
	res, err := vm.Eval(ctx, "main.jsonnet", code, jsonnet.Args{
		TLAs:  map[string]jsonnet.Var{"team": jsonnet.String(team)},
		Trace: trace,
	})
	if err != nil {
		return nil, err
	}
	var out []Service
	err = res.Decode(&out)
	return out, err
}
