package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/eval"
	"github.com/mop-platform/mop/pkg/git"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/native"
	"github.com/mop-platform/mop/pkg/program"
	"github.com/mop-platform/mop/pkg/project"
	"github.com/mop-platform/mop/pkg/render"
)

// jsonnetFlags are the flags of every command that evaluates Jsonnet.
type jsonnetFlags struct {
	importDirs  []string
	interpreter interpreterFlags
	ext, tla    variableFlags
	// implementation is Tanka's choice of an interpreter.
	implementation string
}

func (f *jsonnetFlags) add(flags *pflag.FlagSet) {
	addImportDirs(flags, &f.importDirs)
	f.interpreter.add(flags)
	f.ext.add(flags, "ext", "V", "external variable")
	f.tla.add(flags, "tla", "A", "top-level argument")
	flags.StringVar(&f.implementation, "jsonnet-implementation", "go", "")
	flags.Lookup("jsonnet-implementation").Hidden = true
}

func addImportDirs(flags *pflag.FlagSet, dirs *[]string) {
	listVar(flags, dirs, "jpath", "J", "search imports in `DIR` too, which may lie outside the project")
}

// variableFlags are the ways to give one kind of variable. Where two set the
// same name, a later field wins over an earlier one, as in Tanka.
type variableFlags struct {
	prefix                       string
	code, str, codeFile, strFile []string
}

func (f *variableFlags) add(flags *pflag.FlagSet, prefix, short, what string) {
	f.addValues(flags, prefix, short, what)
	listVar(flags, &f.strFile, prefix+"-str-file", "", "set "+what+" to the text of a file, `NAME=FILE`")
	listVar(flags, &f.codeFile, prefix+"-code-file", "", "set "+what+" to what the Jsonnet of a file gives, `NAME=FILE`")
}

// addValues adds the flags that give the value itself, not a file.
func (f *variableFlags) addValues(flags *pflag.FlagSet, prefix, short, what string) {
	f.prefix = prefix
	listVar(flags, &f.str, prefix+"-str", short, "set "+what+" `NAME=TEXT`; NAME alone takes the text from the process's environment")
	listVar(flags, &f.code, prefix+"-code", "", "set "+what+" `NAME=JSONNET`")
}

// variables returns the variables by name, and the files they come from.
func (f *variableFlags) variables(a *app) (map[string]eval.Variable, []string, error) {
	vars := map[string]eval.Variable{}
	var files []string
	for _, form := range []struct {
		flag   string
		values []string
		make   func(string) eval.Variable
		isFile bool
	}{
		{"-code", f.code, eval.Code, false},
		{"-str", f.str, eval.String, false},
		{"-code-file", f.codeFile, eval.CodeFile, true},
		{"-str-file", f.strFile, eval.StringFile, true},
	} {
		for _, arg := range form.values {
			name, text, ok := strings.Cut(arg, "=")
			if !ok && form.flag == "-str" {
				if text, ok = a.lookupEnv(name); !ok {
					return nil, nil, usageError{
						fmt.Sprintf("--%s-str %s: the environment has no variable %s", f.prefix, name, name),
						fmt.Sprintf("give the text as --%s-str %s=TEXT", f.prefix, name),
					}
				}
			}
			if !ok || name == "" {
				return nil, nil, usageError{fmt.Sprintf("--%s%s: want NAME=VALUE, got %q", f.prefix, form.flag, arg), ""}
			}
			if form.isFile {
				files = append(files, text)
				text = filepath.ToSlash(text)
			}
			vars[name] = form.make(text).GivenBy("--" + f.prefix + form.flag + " " + name)
		}
	}
	return vars, files, nil
}

// objectFlags are the flags of the commands that look for objects.
type objectFlags struct {
	name    string
	targets []string
	compat  compat
}

func (f *objectFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.name, "name", "", "of several inline environments, take the one called `NAME` or whose name holds it")
	listVar(flags, &f.targets, "target", "t", "keep only objects whose Kind/name matches the regular expression `EXPR`; !EXPR leaves out those that match")
	flags.Var(&f.compat, "compat", "give the bytes of another `PROGRAM`: tanka")
}

// options returns the options of a renderer for these flags.
func (f *objectFlags) options() (render.Options, error) {
	targets, err := render.ParseTargets(f.targets)
	return render.Options{Targets: targets, LikeTanka: f.compat.tanka()}, err
}

// named returns the name of the environment that is asked for: what the argument
// says behind a colon, or --name.
func (f *objectFlags) named(name string) (string, error) {
	switch {
	case name == "":
		return f.name, nil
	case f.name != "":
		return "", usageError{fmt.Sprintf("--name %s: the argument names environment %s already", f.name, name), ""}
	}
	return name, nil
}

// compat is the program whose bytes the output is to have, "" for our own.
type compat string

func (c *compat) String() string { return string(*c) }
func (c *compat) Type() string   { return "PROGRAM" }

func (c *compat) Set(s string) error {
	if s != "" && s != "tanka" {
		return fmt.Errorf("want tanka")
	}
	*c = compat(s)
	return nil
}

func (c compat) tanka() bool { return c == "tanka" }

// objectWriter writes objects in some format, within the budget of ctx.
type objectWriter func(ctx context.Context, w io.Writer, objects []manifest.Object) error

// writeYAML writes objects as a YAML stream in the bytes that c asks for.
func (c compat) writeYAML(ctx context.Context, w io.Writer, objects []manifest.Object) error {
	if c.tanka() {
		return manifest.WriteTankaYAML(ctx, w, objects)
	}
	return manifest.WriteYAML(ctx, w, objects)
}

// renderer opens the project that the argument arg means and returns a renderer
// for it and the entrypoint of arg. name is what arg says behind a colon.
func (a *app) renderer(ctx context.Context, arg string, j *jsonnetFlags, o render.Options) (r *render.Renderer, entry project.Environment, name string, err error) {
	if arg == "" {
		return nil, entry, "", usageError{`want an environment, got ""`, "is a variable empty?"}
	}
	if dir, rest, ok := a.cutName(arg); ok {
		arg, name = dir, rest
	}
	if r, err = a.projectRenderer(arg, j, o); err != nil {
		return nil, entry, "", err
	}
	match, err := a.match(ctx, a.project, arg)
	return r, match.Environment, name, err
}

// match returns the environment of p that arg means. p is the command's project
// or another state of it.
func (a *app) match(ctx context.Context, p *project.Project, arg string) (project.Match, error) {
	from, _ := a.project.Name(a.dir)
	// Seen from the working directory a path may leave the root and come back.
	if _, err := os.Stat(a.abs(arg)); err == nil || filepath.IsAbs(arg) {
		arg, _ = a.project.Name(a.abs(arg))
		from = "."
	}
	match, err := p.Environment(ctx, filepath.ToSlash(arg), from)
	if match.Guessed {
		a.note("%s means %s", arg, match.Dir)
	}
	return match, err
}

// projectRenderer opens the project that arg means and returns a renderer for
// it: the same one as before if it is the same project again. A command calls
// it with one set of flags and options.
func (a *app) projectRenderer(arg string, j *jsonnetFlags, o render.Options) (*render.Renderer, error) {
	ext, extFiles, err := j.ext.variables(a)
	if err != nil {
		return nil, err
	}
	tla, tlaFiles, err := j.tla.variables(a)
	if err != nil {
		return nil, err
	}
	if o.Interpreter, err = j.interpreter.interpreter(a); err != nil {
		return nil, err
	}
	if j.implementation != "go" && j.implementation != "" {
		return nil, usageError{fmt.Sprintf("--jsonnet-implementation: want go, got %q", j.implementation), "the interpreter is built in"}
	}
	if err := a.findProject(arg, j.importDirs, append(extFiles, tlaFiles...)); err != nil {
		return nil, err
	}
	root, _ := a.project.Path(".")
	if r, ok := a.renderers[root]; ok {
		a.project = r.Project()
		return r, nil
	}
	dir, _ := a.project.Name(a.dir)
	o.ExtVars, o.TLAs = ext, tla
	o.Dir, o.Trace, o.Natives = dir, a.traces(), a.natives(a.project, o.LikeTanka)
	o.Warn = a.warner(a.project)
	if a.renderers == nil {
		a.renderers = map[string]*render.Renderer{}
	}
	a.renderers[root] = render.New(a.project, o)
	return a.renderers[root], nil
}

// findProject opens the project of an argument: the one around it where it
// exists, else the one around the working directory, in which it is a name.
func (a *app) findProject(arg string, importDirs, files []string) error {
	o := a.projectOptions(importDirs)
	for _, file := range files {
		o.Files = append(o.Files, a.abs(file))
	}
	start := a.dir
	if info, err := os.Stat(a.abs(arg)); err == nil {
		start = a.abs(arg)
		if !info.IsDir() {
			start = filepath.Dir(start)
		}
	}
	p, err := project.Find(start, o)
	if err != nil {
		return err
	}
	a.project = p
	return nil
}

// projectOptions returns what every project is opened with.
func (a *app) projectOptions(importDirs []string) project.Options {
	o := project.Options{Unignored: a.unignored, Home: a.home}
	for _, dir := range importDirs {
		o.ImportDirs = append(o.ImportDirs, a.abs(dir))
	}
	return o
}

// unignored returns the files below dir that git does not ignore, none where
// there is no git or no repository.
func (a *app) unignored(ctx context.Context, dir string) ([]string, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	repository, err := git.Open(ctx, dir, git.Options{Env: a.environ})
	if _, none := diag.From(err); none || errors.Is(err, program.ErrNotFound) {
		return nil, nil
	}
	if err != nil && budget.Of(ctx).Err() != nil {
		return nil, err
	}
	if err != nil {
		a.note("what git ignores is searched too: %v", err)
		return nil, nil
	}
	name, ok := repository.Name(dir)
	if !ok {
		return nil, nil
	}
	names, err := repository.List(ctx, name)
	if err != nil {
		return nil, err
	}
	paths := make([]string, len(names))
	for i, n := range names {
		// The directory may have been reached through a link.
		rel, err := filepath.Rel(name, n)
		if err != nil {
			return nil, err
		}
		paths[i] = filepath.Join(dir, rel)
	}
	return paths, nil
}

// cutName splits PATH:NAME, which names an inline environment of a file. A path
// that exists is taken whole, whatever is in its name.
func (a *app) cutName(arg string) (path, name string, ok bool) {
	if _, err := os.Stat(a.abs(arg)); err == nil {
		return "", "", false
	}
	i := strings.LastIndexByte(arg, ':')
	if i < 0 || i == 1 && runtime.GOOS == "windows" {
		return "", "", false
	}
	return arg[:i], arg[i+1:], true
}

// environment evaluates the entrypoint that arg means and returns the one
// environment that is asked for, with the renderer for its objects.
func (a *app) environment(ctx context.Context, arg string, j *jsonnetFlags, f *objectFlags) (*render.Renderer, render.Environment, error) {
	o, err := f.options()
	if err != nil {
		return nil, render.Environment{}, err
	}
	r, entry, name, err := a.renderer(ctx, arg, j, o)
	if err != nil {
		return nil, render.Environment{}, err
	}
	if name, err = f.named(name); err != nil {
		return nil, render.Environment{}, err
	}
	file, err := a.load(ctx, r, entry, choice{name: name}.loader())
	if err != nil {
		return nil, render.Environment{}, err
	}
	a.warn(file.Warnings)
	env, err := render.One(file.Environments, entry.Entrypoint, name)
	if l, ok := diag.From(err); ok && len(file.Environments) > 1 {
		one := slices.Concat(render.Select(file.Environments, name), file.Environments)[0]
		l[0].Hints = append(l[0].Hints, "write it behind a colon, as in "+a.displayPath(entry.Dir)+":"+one.Name())
	}
	return r, env, err
}

// natives returns the functions of std.native for a project. likeTanka asks for
// Tanka's bytes.
func (a *app) natives(files native.Files, likeTanka bool) []eval.Native {
	program := func(variable string) string {
		name, _ := a.lookupEnv(variable)
		return name
	}
	return native.Functions(native.Options{
		Helm:      program("TANKA_HELM_PATH"),
		Kustomize: program("TANKA_KUSTOMIZE_PATH"),
		Files:     files,
		Environ:   a.environ,
		Guard:     a.guard,
		Forbidden: a.forbidden,
		LikeTanka: likeTanka,
	})
}
