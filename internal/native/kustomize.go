package native

import (
	"context"
	"errors"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
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
func kustomizeBuild(kustomize *renderer, files Files) eval.Native {
	return eval.Native{Name: "kustomizeBuild", Params: []string{"path", "opts"}, Func: func(c eval.Call, args []any) (any, error) {
		if err := kustomize.allowed(); err != nil {
			return nil, err
		}
		dir, err := stringArgument("path", args[0])
		if err != nil {
			return nil, err
		}
		o, err := parseKustomizeOptions(args[1])
		if err != nil {
			return nil, err
		}
		in, name, osPath, err := locate(c, files, "kustomization", dir, o.calledFrom)
		if err != nil {
			return nil, err
		}
		k := kustomization{in, o.loadRestrictor != "" && o.loadRestrictor != "LoadRestrictionsRootOnly", map[string]bool{}}
		if err := k.add(name); err != nil {
			return nil, err
		}
		docs, err := kustomize.documents(c, request{
			verb: "build", subject: name, in: in,
			args: append([]string{"build", osPath}, o.flags()...),
		})
		if err != nil {
			return nil, err
		}
		return byName(c.Context(), docs, o.nameFormat)
	}}
}

// kustomization adds the files that a kustomization uses.
type kustomization struct {
	*inputs
	// anywhere says whether kustomize reads files outside of a kustomization's directory.
	anywhere bool
	// done has the names of the directories and files of paths that were added.
	done map[string]bool
}

// add adds the named directory and, if it is a kustomization, everything to which it leads.
func (k kustomization) add(dir string) error {
	if k.done[dir] {
		return nil
	}
	k.done[dir] = true
	if err := k.inputs.add(dir); err != nil {
		return err
	}
	for _, file := range []string{"kustomization.yaml", "kustomization.yml", "Kustomization"} {
		if err := k.follow(dir, path.Join(dir, file)); err != nil {
			return err
		}
	}
	return nil
}

// follow adds everything to which the paths in a file lead. They are relative to the
// kustomization dir.
func (k kustomization) follow(dir, file string) error {
	data, err := k.call.ReadFile(file)
	if err != nil {
		// If it exists, inputs.add has read it.
		return nil
	}
	for _, target := range references(k.call.Context(), string(data)) {
		name := path.Join(dir, target)
		if path.IsAbs(target) {
			// Kustomize refuses absolute paths itself, unless it reads anywhere.
			if !k.anywhere {
				continue
			}
			if _, err := os.Stat(target); err != nil {
				// Most such strings are parts of URLs or names of fields.
				continue
			}
			name = target
		}
		info, err := k.files.Stat(k.call.Context(), name)
		switch {
		case errors.Is(err, project.ErrOutside):
			return err
		case err != nil:
			// This is no path, or the path of a missing file, which kustomize will report.
			continue
		case info.IsDir():
			err = k.add(name)
		default:
			err = k.inputs.add(name)
			if ext := path.Ext(name); err == nil && k.anywhere && (ext == ".yaml" || ext == ".yml") && !k.done[name] {
				// The file may be the configuration of a generator.
				k.done[name] = true
				err = k.follow(dir, name)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// references returns the strings in a kustomization that may be paths. These are all
// strings, because it has many fields with paths and gains more. A string that only looks
// like a path adds files to the inputs, which does no harm.
func references(ctx context.Context, text string) []string {
	// Kustomize will refuse a text that cannot be parsed.
	docs, _ := document.YAML(ctx, []byte(text), document.Options{})
	found := map[string]bool{}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			// The files of a generator may be given as key=path.
			_, file, _ := strings.Cut(v, "=")
			for _, s := range []string{v, file} {
				if s != "" && !strings.Contains(s, "\n") && !strings.Contains(s, "://") {
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
	for _, d := range docs {
		walk(d.Value)
	}
	return slices.Sorted(maps.Keys(found))
}
