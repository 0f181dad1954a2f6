package render

import (
	"bytes"
	"cmp"

	"github.com/mop-platform/mop/internal/convert"
	"github.com/mop-platform/mop/internal/eval"
	evaluator "github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/native"
	"github.com/mop-platform/mop/pkg/jsonnet"
)

// natives returns the functions of std.native: the project's own and those of Tanka. disk
// has the files for programs, nil if they are not on disk.
func natives(c Config, disk native.Files) []eval.Native {
	var all []eval.Native
	own := map[string]bool{}
	for _, n := range c.Natives {
		own[n.Name] = true
		all = append(all, eval.Native{Name: n.Name, Params: append([]string(nil), n.Params...), Func: function(n.Func)})
	}
	o := native.Options{
		Helm: c.Programs.Helm, Kustomize: c.Programs.Kustomize, Environ: append([]string(nil), c.Programs.Environ...),
		Files: disk, LikeTanka: c.Compat == Tanka, Cache: cmp.Or(c.Cache, evaluator.DefaultCache),
	}
	forbidden := o
	forbidden.Forbidden, forbidden.Setting = "Config.Programs", "Config.Programs"
	allowed := map[string]bool{"helmTemplate": c.Programs.Helm != "", "kustomizeBuild": c.Programs.Kustomize != ""}
	may := native.Functions(o)
	for i, n := range native.Functions(forbidden) {
		if allowed[n.Name] {
			n = may[i]
		}
		if !own[n.Name] {
			all = append(all, n)
		}
	}
	return all
}

// function returns the function of a caller's native. Its result can be of any type that
// JSON has a form for.
func function(f func(jsonnet.Call, []any) (any, error)) func(eval.Call, []any) (any, error) {
	return func(c eval.Call, args []any) (any, error) {
		v, err := f(call{c}, args)
		if err != nil {
			return nil, err
		}
		value, faults := convert.Value(v)
		if len(faults) > 0 {
			return nil, faults.Err()
		}
		return value, nil
	}
}

// call is what a caller's native may use.
type call struct{ eval.Call }

// ReadFile returns a copy, because the evaluation's own must not be changed.
func (c call) ReadFile(name string) ([]byte, error) {
	data, err := c.Call.ReadFile(name)
	return bytes.Clone(data), err
}
