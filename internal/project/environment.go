package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/pool"
	"github.com/mop-platform/mop/internal/spelling"
	"github.com/mop-platform/mop/pkg/diag"
)

// Entrypoint is the default name of the Jsonnet file of an environment.
const Entrypoint = "main.jsonnet"

// specFile is the name of the file beside it.
const specFile = "spec.json"

// Environment is one environment of a project.
type Environment struct {
	// Dir is its directory's name in the project, which is the environment's
	// name too: environments/dev, or "." for the root.
	Dir string
	// Entrypoint is the name of the Jsonnet file to evaluate.
	Entrypoint string
	// Resource is the contents of spec.json, nil if there is none.
	Resource *Resource
	// Warnings are about spec.json.
	Warnings diag.List

	// spec is the text of spec.json.
	spec []byte
}

// SpecFile returns the name of the environment's spec.json, which need not
// exist.
func (e Environment) SpecFile() string { return path.Join(e.Dir, specFile) }

// SpecPosition returns the position of a field of spec.json. If that is unknown, it is the
// nearest position around the field, or the file.
func (e Environment) SpecPosition(field ...any) diag.Position {
	at := diag.Position{File: e.SpecFile()}
	if line, ok := document.Nearest(context.Background(), e.spec, document.Kubernetes, append([]any{0}, field...)); ok {
		at.Line = line
	}
	return at
}

// Match is the result of [Project.Environment].
type Match struct {
	Environment
	// Guessed is true if the argument is only the beginning of the environment's name.
	Guessed bool
}

// Environment returns the environment that a user's argument means. dir is the
// name of the directory that a relative argument is relative to.
//
// The argument may be an environment's directory, a directory below it, or a
// Jsonnet file, which is then the entrypoint. If nothing of that name exists,
// it may be an environment's name from the root, else the last part of one, else
// the beginning of either, if only one environment has it.
//
// The error is a [*diag.List] that names the candidates for an ambiguous argument, or
// suggests another one.
func (p *Project) Environment(ctx context.Context, arg, dir string) (Match, error) {
	arg = path.Clean(arg)
	name := arg
	if !path.IsAbs(arg) {
		name = path.Join(dir, arg)
	}
	info, err := p.source.stat(ctx, name)
	switch {
	case err == nil && !info.IsDir():
		env, err := p.load(ctx, path.Dir(name), name)
		return Match{Environment: env}, err
	case err == nil:
		return p.around(ctx, name)
	case !errors.Is(err, fs.ErrNotExist):
		return Match{}, refused(ctx, diag.Diagnostic{Subject: arg}, err)
	}
	return p.named(ctx, arg, name)
}

// around returns the environment whose directory is the named one or its
// nearest parent below the root.
func (p *Project) around(ctx context.Context, name string) (Match, error) {
	for dir := name; ; dir = path.Dir(dir) {
		file := path.Join(dir, Entrypoint)
		info, err := p.source.stat(ctx, file)
		switch {
		case err == nil && info.Mode().IsRegular():
			env, err := p.load(ctx, dir, file)
			return Match{Environment: env}, err
		case isOutside(err):
			return Match{}, refused(ctx, diag.Diagnostic{Subject: file}, err)
		}
		if dir == path.Dir(dir) || dir == "." || strings.HasPrefix(dir, "../") {
			break
		}
	}
	d := diag.Diagnostic{Code: failure.NoEntrypoint, Subject: name, Problem: "not an environment: no " + Entrypoint + " here or in a parent directory", Err: ErrNoEnvironment}
	below, err := p.dirs(ctx, name)
	if err != nil {
		return Match{}, err
	}
	if len(below) > 0 {
		d.Values = map[string]any{"below": enumerate(below)}
	}
	return Match{}, diag.List{d}.Err()
}

// named returns the environment whose name is arg or begins with it. No file or directory
// arg exists. full is arg relative to the root.
func (p *Project) named(ctx context.Context, arg, full string) (Match, error) {
	dirs, err := p.dirs(ctx, ".")
	if err != nil {
		return Match{}, err
	}
	steps := []struct {
		matches func(dir string) bool
		exact   bool
	}{
		{func(dir string) bool { return dir == arg }, true},
		{func(dir string) bool { return strings.HasSuffix(dir, "/"+arg) }, true},
		{func(dir string) bool {
			return strings.HasPrefix(dir, full) || strings.HasPrefix(dir, arg) || strings.Contains(dir, "/"+arg)
		}, false},
	}
	for _, step := range steps {
		var found []string
		for _, dir := range dirs {
			if step.matches(dir) {
				found = append(found, dir)
			}
		}
		switch {
		case len(found) == 1:
			env, err := p.load(ctx, found[0], path.Join(found[0], Entrypoint))
			return Match{Environment: env, Guessed: !step.exact}, err
		case len(found) > 1:
			return Match{}, diag.List{{
				Code:    failure.ManyEnvironments,
				Subject: arg,
				Problem: "ambiguous: could be " + enumerate(found),
				Err:     ErrAmbiguous,
			}}.Err()
		}
	}
	d := diag.Diagnostic{Code: failure.NoEnvironment, Subject: arg, Problem: "no such environment, directory or file", Err: errors.Join(ErrNoEnvironment, fs.ErrNotExist)}
	switch s := suggest(arg, dirs); {
	case s != "":
		d.Values = map[string]any{"near": message.Quote(s)}
	case len(dirs) > 0:
		d.Values = map[string]any{"all": enumerate(dirs)}
	}
	return Match{}, diag.List{d}.Err()
}

// suggest returns the directory that arg is a misspelling of, compared whole
// and by its last element.
func suggest(arg string, dirs []string) string {
	if s := spelling.Suggest(arg, dirs); s != "" {
		return s
	}
	byBase := map[string]string{}
	for _, dir := range slices.Backward(dirs) {
		byBase[path.Base(dir)] = dir
	}
	bases := make([]string, 0, len(byBase))
	for base := range byBase {
		bases = append(bases, base)
	}
	return byBase[spelling.Suggest(path.Base(arg), bases)]
}

// enumerate joins names, at most ten of them.
func enumerate(names []string) string {
	const most = 10
	if extra := len(names) - most; extra > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), extra)
	}
	return strings.Join(names, ", ")
}

// Environments returns the environments below the named directory, sorted by name; see
// [Project.Files] for what it passes over. A broken spec.json does not hide the other
// environments: its diagnostics are in the error, a [*diag.List], and the rest is returned.
func (p *Project) Environments(ctx context.Context, dir string) ([]Environment, error) {
	dirs, err := p.dirs(ctx, dir)
	if err != nil {
		return nil, err
	}
	loaded := make([]Environment, len(dirs))
	faults := make([]error, len(dirs))
	group, _ := pool.NewGroup(ctx)
	workers := min(len(dirs), runtime.GOMAXPROCS(0))
	for w := range workers {
		group.Go(func() error {
			for i := w; i < len(dirs); i += workers {
				loaded[i], faults[i] = p.load(ctx, dirs[i], path.Join(dirs[i], Entrypoint))
			}
			return nil
		})
	}
	_ = group.Wait()
	var envs []Environment
	var broken diag.List
	for i, err := range faults {
		if l, ok := diag.From(err); ok {
			broken = append(broken, l...)
			continue
		}
		if err != nil {
			return nil, err
		}
		envs = append(envs, loaded[i])
	}
	return envs, broken.Err()
}

// dirs returns the names of the directories with an entrypoint at or below
// dir, sorted.
func (p *Project) dirs(ctx context.Context, dir string) ([]string, error) {
	files, err := p.Files(ctx, dir, Entrypoint)
	dirs := make([]string, len(files))
	for i, file := range files {
		dirs[i] = path.Dir(file)
	}
	slices.Sort(dirs)
	return dirs, err
}

// Files returns the names of the files at or below the named directory whose last element
// matches pattern (see [path.Match]), sorted. It passes over directories called vendor or
// vendor-jsonnet, those whose name begins with a dot, and what [Options.Unignored] leaves
// out.
func (p *Project) Files(ctx context.Context, dir, pattern string) ([]string, error) {
	var found []string
	err := fs.WalkDir(below{ctx, p.source, "."}, dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if name != dir && (strings.HasPrefix(base, ".") || base == "vendor" || base == "vendor-jsonnet") {
				return fs.SkipDir
			}
			return nil
		}
		ok, err := path.Match(pattern, base)
		if ok {
			found = append(found, name)
		}
		return err
	})
	slices.Sort(found)
	if o, ok := p.source.(overlay); ok {
		found = slices.DeleteFunc(found, o.isBelow)
	}
	if err != nil || p.unignored == nil || len(found) == 0 {
		return found, err
	}
	return p.withoutIgnored(ctx, dir, found)
}

func (p *Project) withoutIgnored(ctx context.Context, dir string, names []string) ([]string, error) {
	osDir, _ := p.Path(dir)
	paths, err := p.unignored(ctx, osDir)
	if err != nil || len(paths) == 0 {
		return names, err
	}
	kept := make(map[string]bool, len(paths))
	for _, osPath := range paths {
		if name, ok := p.Name(osPath); ok {
			kept[name] = true
		}
	}
	return slices.DeleteFunc(names, func(name string) bool {
		for ; name != "." && name != "/"; name = path.Dir(name) {
			if kept[name] {
				return false
			}
		}
		return true
	}), nil
}

// refused returns d with the reason why a file cannot be read, or why ctx has ended.
func refused(ctx context.Context, d diag.Diagnostic, err error) error {
	if ended := budget.Of(ctx).Err(); ended != nil {
		return err
	}
	d.Problem, d.Err = reason(err), err
	return diag.List{d}.Err()
}

// load reads the spec.json of dir, if there is one.
func (p *Project) load(ctx context.Context, dir, entrypoint string) (Environment, error) {
	return p.loadBy(ctx, dir, entrypoint, p.source.readFile)
}

// loadBy is load with another function to read it.
func (p *Project) loadBy(ctx context.Context, dir, entrypoint string, read func(ctx context.Context, name string) ([]byte, error)) (Environment, error) {
	env := Environment{Dir: dir, Entrypoint: entrypoint}
	file := path.Join(dir, specFile)
	data, err := read(ctx, file)
	if errors.Is(err, fs.ErrNotExist) {
		return env, nil
	}
	if err != nil {
		return env, refused(ctx, diag.Diagnostic{At: diag.Position{File: file}}, err)
	}
	r, found := ParseSpec(file, data)
	if err := found.Err(); err != nil {
		return env, err
	}
	env.Resource, env.Warnings, env.spec = &r, found, data
	return env, nil
}
