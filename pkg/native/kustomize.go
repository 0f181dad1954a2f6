package native

import (
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/mop-platform/mop/pkg/document"
	"github.com/mop-platform/mop/pkg/eval"
)

// kustomizeOptions are the fields of kustomizeBuild's parameter opts.
type kustomizeOptions struct {
	calledFrom, nameFormat                                 string
	enableAlphaPlugins, enableExec, enableHelm, enableStar bool
	loadRestrictor                                         string
}

func parseKustomizeOptions(opts any) (kustomizeOptions, error) {
	var o kustomizeOptions
	err := decodeOptions(opts, map[string]any{
		"calledFrom":         &o.calledFrom,
		"nameFormat":         &o.nameFormat,
		"enableAlphaPlugins": &o.enableAlphaPlugins,
		"enableExec":         &o.enableExec,
		"enableHelm":         &o.enableHelm,
		"enableStar":         &o.enableStar,
		"loadRestrictor":     &o.loadRestrictor,
	})
	if err == nil {
		err = checkCalledFrom(o.calledFrom)
	}
	return o, err
}

// flags returns the options as flags of kustomize build, in Tanka's order.
func (o kustomizeOptions) flags() []string {
	var flags []string
	if o.enableAlphaPlugins {
		flags = append(flags, "--enable-alpha-plugins")
	}
	if o.enableExec {
		flags = append(flags, "--enable-exec")
	}
	if o.enableHelm {
		flags = append(flags, "--enable-helm")
	}
	if o.enableStar {
		flags = append(flags, "--enable-star")
	}
	if o.loadRestrictor != "" {
		flags = append(flags, "--load-restrictor="+o.loadRestrictor)
	}
	return flags
}

// kustomizeBuild returns the function that builds a kustomization, a directory
// of the project, to an object of Kubernetes objects.
func kustomizeBuild(kustomize *program, paths func(string) (string, bool)) eval.Native {
	return eval.Native{Name: "kustomizeBuild", Params: []string{"path", "opts"}, Func: func(c eval.Call, args []any) (any, error) {
		dir, err := stringArgument("path", args[0])
		if err != nil {
			return nil, err
		}
		o, err := parseKustomizeOptions(args[1])
		if err != nil {
			return nil, err
		}
		in, name, osPath, err := locate(c, paths, "kustomization", dir, o.calledFrom)
		if err != nil {
			return nil, err
		}
		if err := in.addKustomization(name, map[string]bool{}); err != nil {
			return nil, err
		}
		docs, err := kustomize.documents(c.Context(), append([]string{"build", osPath}, o.flags()...), nil, in)
		if err != nil {
			return nil, err
		}
		return byName(docs, o.nameFormat)
	}}
}

// addKustomization adds the named directory and, if it is a kustomization, all
// that it leads to. done are the directories that were added so before.
func (in *inputs) addKustomization(dir string, done map[string]bool) error {
	if done[dir] {
		return nil
	}
	done[dir] = true
	if err := in.add(dir); err != nil {
		return err
	}
	for _, file := range []string{"kustomization.yaml", "kustomization.yml", "Kustomization"} {
		data, err := in.call.ReadFile(path.Join(dir, file))
		if err != nil {
			// in.add has read it if it exists.
			continue
		}
		for _, target := range references(string(data)) {
			name := path.Join(dir, target)
			osPath, ok := in.path(name)
			if !ok {
				return errNotOnDisk
			}
			info, err := os.Stat(osPath)
			switch {
			case err != nil:
				// No path after all, or one that kustomize will miss.
				continue
			case info.IsDir():
				err = in.addKustomization(name, done)
			default:
				err = in.add(name)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// references returns what may be a relative path in a kustomization: every
// string, because it has many fields with paths and gains more. A string that
// only looks like a path adds files to the inputs, which does no harm.
func references(text string) []string {
	// What cannot be parsed, kustomize will refuse.
	docs, _ := yamlDocuments(text, document.Kubernetes)
	found := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			// The files of a generator may be given as key=path.
			_, file, _ := strings.Cut(v, "=")
			for _, s := range []string{v, file} {
				if s != "" && !path.IsAbs(s) && !strings.Contains(s, "\n") && !strings.Contains(s, "://") {
					found[s] = true
				}
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	for _, doc := range docs {
		walk(doc)
	}
	return slices.Sorted(maps.Keys(found))
}
