package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mop-platform/mop/pkg/eval"
	"github.com/mop-platform/mop/pkg/project"
	"github.com/mop-platform/mop/pkg/render"
)

// jsonnetFlags are the flags of every command that evaluates Jsonnet.
type jsonnetFlags struct {
	importDirs []string
	maxStack   int
	ext, tla   variableFlags
}

func (f *jsonnetFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&f.importDirs, "jpath", "J", nil, "search imports in `DIR` too, which may lie outside the project")
	flags.IntVar(&f.maxStack, "max-stack", eval.DefaultMaxStack, "end the evaluation at `N` nested calls")
	f.ext.add(flags, "ext", "V", "external variable")
	f.tla.add(flags, "tla", "A", "top-level argument")
}

// variableFlags are the ways to give one kind of variable. Where two set the
// same name, a later field wins over an earlier one, as in Tanka.
type variableFlags struct {
	prefix                       string
	code, str, codeFile, strFile []string
}

func (f *variableFlags) add(flags *pflag.FlagSet, prefix, short, what string) {
	f.prefix = prefix
	flags.StringArrayVarP(&f.str, prefix+"-str", short, nil, "set "+what+" `NAME=TEXT`; NAME alone takes the text from the process's environment")
	flags.StringArrayVar(&f.code, prefix+"-code", nil, "set "+what+" `NAME=JSONNET`")
	flags.StringArrayVar(&f.strFile, prefix+"-str-file", nil, "set "+what+" to the text of a file, `NAME=FILE`")
	flags.StringArrayVar(&f.codeFile, prefix+"-code-file", nil, "set "+what+" to what the Jsonnet of a file gives, `NAME=FILE`")
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
			vars[name] = form.make(text)
		}
	}
	return vars, files, nil
}

// open finds the environment that the argument arg means and returns a
// renderer for its project.
func (a *app) open(arg string, f *jsonnetFlags) (*render.Renderer, project.Environment, error) {
	var none project.Environment
	ext, extFiles, err := f.ext.variables(a)
	if err != nil {
		return nil, none, err
	}
	tla, tlaFiles, err := f.tla.variables(a)
	if err != nil {
		return nil, none, err
	}
	if f.maxStack < 1 {
		return nil, none, usageError{fmt.Sprintf("--max-stack: want a positive number, got %d", f.maxStack), ""}
	}
	var o project.Options
	for _, dir := range f.importDirs {
		o.ImportDirs = append(o.ImportDirs, a.abs(dir))
	}
	for _, file := range append(extFiles, tlaFiles...) {
		o.Files = append(o.Files, a.abs(file))
	}

	// An argument that exists says which project is meant; a name is looked
	// up in the project around the working directory.
	start := a.dir
	if info, err := os.Stat(a.abs(arg)); err == nil {
		start = a.abs(arg)
		if !info.IsDir() {
			start = filepath.Dir(start)
		}
	}
	if a.project, err = project.Find(start, o); err != nil {
		return nil, none, err
	}
	dir, _ := a.project.Name(a.dir)
	if filepath.IsAbs(arg) {
		arg, _ = a.project.Name(arg)
		dir, arg = ".", filepath.FromSlash(arg)
	}
	match, err := a.project.Environment(filepath.ToSlash(arg), dir)
	if err != nil {
		return nil, none, err
	}
	if match.Guessed {
		fmt.Fprintf(a.stderr, "mop: note: %s means %s\n", arg, match.Dir)
	}
	if len(match.Warnings) > 0 {
		a.report(match.Warnings)
	}
	return render.New(a.project, render.Options{
		ExtVars:  ext,
		TLAs:     tla,
		Dir:      dir,
		MaxStack: f.maxStack,
		Trace:    a.stderr,
	}), match.Environment, nil
}
