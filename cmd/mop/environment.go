package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/mop-platform/mop/cmd/mop/internal/option"
	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// jsonnetFlags are the flags of every command that evaluates Jsonnet.
type jsonnetFlags struct {
	importDirs  []string
	interpreter interpreterFlags
	ext, tla    option.Variables
	// implementation is Tanka's flag that chooses an interpreter.
	implementation string
}

func (f *jsonnetFlags) add(flags *pflag.FlagSet) {
	addImportDirs(flags, &f.importDirs)
	f.interpreter.add(flags)
	addVariables(flags, &f.ext, "ext", "V", "external variable")
	addVariables(flags, &f.tla, "tla", "A", "top-level argument")
	flags.StringVar(&f.implementation, "jsonnet-implementation", "go", "")
	flags.Lookup("jsonnet-implementation").Hidden = true
}

func addImportDirs(flags *pflag.FlagSet, dirs *[]string) {
	listVar(flags, dirs, "jpath", "J", "search imports in `DIR` too, which may lie outside the project")
}

// addVariables adds the flags that set one kind of variable.
func addVariables(flags *pflag.FlagSet, f *option.Variables, prefix, short, what string) {
	addValues(flags, f, prefix, short, what)
	listVar(flags, &f.StrFile, prefix+"-str-file", "", "set "+what+" to the text of a file, `NAME=FILE`")
	listVar(flags, &f.CodeFile, prefix+"-code-file", "", "set "+what+" to what the Jsonnet of a file gives, `NAME=FILE`")
}

// addValues adds the flags that set a variable to the value itself, not to a file's.
func addValues(flags *pflag.FlagSet, f *option.Variables, prefix, short, what string) {
	f.Prefix = prefix
	listVar(flags, &f.Str, prefix+"-str", short, "set "+what+" `NAME=TEXT`; NAME alone takes the text from the process's environment")
	listVar(flags, &f.Code, prefix+"-code", "", "set "+what+" `NAME=JSONNET`")
}

// objectFlags are the flags of the commands that render objects.
type objectFlags struct {
	name    string
	targets []string
	// render has the options that flags set directly.
	render render.Options
}

func (f *objectFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.name, "name", "", "of several inline environments, take the one called `NAME` or whose name holds it")
	listVar(flags, &f.targets, "target", "t", "keep only objects whose Kind/name matches the regular expression `EXPR`; !EXPR leaves out those that match")
	flags.Var((*option.Compat)(&f.render.LikeTanka), "compat", "give the bytes of another `PROGRAM`: tanka")
}

// settings returns the settings of commands without flags about Jsonnet.
func (a *app) settings() workspace.Settings {
	program := func(variable string) string {
		name, _ := a.lookupEnv(variable)
		return name
	}
	return workspace.Settings{
		Dir: a.dir, Home: a.home, Environ: a.environ,
		Helm: program("TANKA_HELM_PATH"), Kustomize: program("TANKA_KUSTOMIZE_PATH"),
		Guard: a.guard, Forbidden: a.forbidden,
		Render: render.Options{
			Interpreter: eval.Interpreter{MaxStack: eval.DefaultMaxStack}, Trace: a.traces(),
			Warn: func(d diag.Diagnostic) { a.warnings.add(diag.List{d}) },
		},
		Note: func(text string) { a.note("%s", text) }, Loaded: a.loaded,
		MakeTemp: a.ending.temporary.Make, RemoveTemp: a.ending.temporary.Remove,
	}
}

// workspace returns the workspace of a command with these flags. f is nil for a command
// that renders no objects.
func (a *app) workspace(j *jsonnetFlags, f *objectFlags) (w *workspace.Workspace, err error) {
	s := a.settings()
	s.ImportDirs = j.importDirs
	if f != nil {
		o := f.render
		o.Trace, o.Warn = s.Render.Trace, s.Render.Warn
		s.Render = o
		if s.Render.Targets, err = render.ParseTargets(f.targets); err != nil {
			return nil, err
		}
	}
	var files []string
	if s.Render.ExtVars, s.Files, err = j.ext.Read(a.lookupEnv); err != nil {
		return nil, err
	}
	if s.Render.TLAs, files, err = j.tla.Read(a.lookupEnv); err != nil {
		return nil, err
	}
	s.Files = append(s.Files, files...)
	if s.Render.Interpreter, err = j.interpreter.interpreter(a); err != nil {
		return nil, err
	}
	if j.implementation != "go" && j.implementation != "" {
		return nil, wrongCall(fmt.Sprintf("--jsonnet-implementation: want go, got %q", j.implementation), "the interpreter is built in")
	}
	w = workspace.New(s)
	if a.recording != nil {
		a.recording.shown = w.Shown
	}
	return w, nil
}

// one returns the entrypoint that an argument names.
func one(ctx context.Context, w *workspace.Workspace, arg string) (workspace.Entry, error) {
	if arg == "" {
		return workspace.Entry{}, wrongCall(`want an environment, got ""`, "is a variable empty?")
	}
	return w.One(ctx, arg)
}

// asked returns the entrypoint and the environments that an argument and flags ask for.
func (f *objectFlags) asked(ctx context.Context, w *workspace.Workspace, arg string) (batch.Asked, error) {
	entry, err := one(ctx, w, arg)
	if err != nil {
		return batch.Asked{}, err
	}
	name, err := f.named(entry.Name)
	return batch.Asked{Entry: entry, Selection: batch.Selection{Name: name}}, err
}

// named returns the name of the requested environment, "" for none: name, which the
// argument has after a colon, or --name. It is an error to give both.
func (f *objectFlags) named(name string) (string, error) {
	if name != "" && f.name != "" {
		return "", wrongCall(fmt.Sprintf("--name %s: the argument names environment %s already", f.name, name), "")
	}
	return cmp.Or(name, f.name), nil
}

// environment evaluates the one environment that an argument and flags ask for.
func (a *app) environment(ctx context.Context, arg string, j *jsonnetFlags, f *objectFlags) (batch.Environment, error) {
	w, err := a.workspace(j, f)
	if err != nil {
		return batch.Environment{}, err
	}
	return a.environmentIn(ctx, w, arg, f)
}

// environmentIn is environment in the workspace w.
func (a *app) environmentIn(ctx context.Context, w *workspace.Workspace, arg string, f *objectFlags) (batch.Environment, error) {
	asked, err := f.asked(ctx, w, arg)
	if err != nil {
		return batch.Environment{}, err
	}
	env, warnings, err := batch.One(ctx, asked)
	a.warn(warnings)
	return env, err
}

// parseSelector returns a function that reports whether labels match --selector, nil if the
// selector matches all.
func parseSelector(text string) (func(map[string]string) bool, error) {
	selector, err := labels.Parse(text)
	if err != nil {
		return nil, wrongCall(fmt.Sprintf("--selector %s: %v", text, err), "for example: -l 'cluster=eu,stage!=dev'")
	}
	if selector.Empty() {
		return nil, nil
	}
	return func(l map[string]string) bool { return selector.Matches(labels.Set(l)) }, nil
}
