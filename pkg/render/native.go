package render

import (
	"cmp"

	"github.com/mop-platform/mop/internal/eval"
	evaluator "github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/native"
)

// natives returns the functions of std.native: the project's own and those of Tanka. disk
// has the files for programs, nil if they are not on disk.
func natives(c Config, disk native.Files) []eval.Native {
	var all []eval.Native
	own := map[string]bool{}
	for _, n := range c.Natives {
		own[n.Name] = true
		all = append(all, eval.Foreign(n.Name, n.Params, func(c eval.Caller, args []any) (any, error) { return n.Func(c, args) }))
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
