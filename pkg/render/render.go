// Package render turns the environments of a Jsonnet project into Kubernetes objects.
//
// [Open] opens a project, and [Project.Render] renders one of its environments:
//
//	p, err := render.Open(".", render.Config{})
//	if err != nil {
//		return err
//	}
//	res, err := p.Render(ctx, "environments/production", render.Args{})
//	if err != nil {
//		return err
//	}
//	return manifest.WriteYAML(ctx, os.Stdout, res.Objects)
//
// A project has the layout of Grafana Tanka: an environment is a directory with a
// main.jsonnet and, beside it, usually a spec.json. The objects depend only on the files, the
// [Config] and the [Args]; equal input gives equal bytes. Nothing contacts a cluster or
// prints.
//
// # Changes
//
// A call reads each file that it needs once, and keeps nothing of the files for the next call
// but compiled code, by its text. So a program that lives long has one Project, and each call
// sees the files as they are at one moment during it: if one changes meanwhile, the call
// begins again. [Project.Freeze] gives many calls one look at the files.
//
// # Errors
//
// If the input is wrong, the error has diagnostics, which [diag.From] returns. Their files are
// named by slash-separated paths relative to the project's root. For [errors.Is] there are
// [ErrNoProject], [ErrNoEnvironment], [ErrAmbiguous], [ErrOutside] and [jsonnet.ErrLimit],
// and what is behind a fault stays in the chain: [io/fs.ErrNotExist] of a missing file, the
// own errors of a file system, of natives and importers, and the cause of the end of a
// context.
//
// # Code of others
//
// File systems, importers, natives and trace writers may panic, which is an error of the call
// with a place, and may be slow: no call waits for them longer than its context lasts.
package render

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/native"
	"github.com/mop-platform/mop/internal/project"
	renderer "github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/jsonnet"
)

// The errors for [errors.Is].
var (
	// ErrNoProject says that neither a directory nor a parent of it is a project.
	ErrNoProject = project.ErrNoProject
	// ErrNoEnvironment says that there is no environment of a name.
	ErrNoEnvironment = project.ErrNoEnvironment
	// ErrAmbiguous says that an entrypoint has several environments, and [Args.Name] does
	// not say which is meant.
	ErrAmbiguous = project.ErrAmbiguous
	// ErrOutside says that a file is outside of what the project may read.
	ErrOutside = project.ErrOutside
)

// Config says how a project is rendered. The zero Config is that of an ordinary project.
type Config struct {
	// ImportDirs are directories in which imports are searched, in this order, before those
	// of the project. For [Open] they are paths, relative to the working directory; for
	// [OpenFS], names in the file system.
	ImportDirs []string
	// Natives are functions for std.native, besides those of Tanka, of which they may
	// replace some. Unless Compat is [Tanka], a program that asks for another one fails.
	Natives []jsonnet.Native
	// Programs are the programs that the project's code may run; the zero Programs are none.
	Programs Programs
	// Imports has an importer for each scheme of imports, such as "https:". It is asked for
	// paths that begin with the scheme and, first, for the paths in the files that it has
	// found. The names that it gives to files must begin with a scheme, too. A call asks it
	// once for a path with a scheme, and for another path once for each file; it does not
	// ask again at its end whether a file has changed.
	Imports map[string]jsonnet.Importer
	// Limits are those of one call.
	Limits jsonnet.Limits
	// Cache is about how many bytes of compiled code are kept between calls, of the files
	// that were used last, and as many bytes of the output of each program; 0 is 256 MiB.
	Cache int64
	// Compat says whose objects are wanted.
	Compat Compat
}

// Compat is a tool with which objects agree to the byte.
type Compat int

// Tanka leaves objects as Tanka does: it keeps the annotation tanka.dev/namespaced, drops
// empty annotations in an environment with a namespace, and gives large numbers of YAML an
// exponent. The zero Compat is mop's own.
const Tanka Compat = 1

// Programs are the programs that native functions may run. They run with the rights of the
// process.
type Programs struct {
	// Helm is the program for helmTemplate, Kustomize that for kustomizeBuild: a path, or a
	// name to search in the PATH of Environ. If it is "", the function fails.
	Helm, Kustomize string
	// Git is the program for [OpenRevision], which is no program for code; "" is git.
	Git string
	// Environ is the whole environment of the programs, as os.Environ returns it. If it is
	// nil, the PATH of the process has git.
	Environ []string
}

// Project is an open project. It is immutable and safe for concurrent use. The zero Project
// has no files: its methods return an error.
type Project struct {
	files *project.Project
	// disk is the project on disk, of which files may be a revision. It is nil if there is
	// none.
	disk *project.Project
	// renderer has the options that are the same for all calls.
	renderer *renderer.Renderer
	limits   jsonnet.Limits
	// close is nil if nothing is to be freed.
	close func() error
}

// Open opens the project that the directory dir belongs to: the nearest parent of dir, or
// dir itself, with a tkrc.yaml, else the nearest with a jsonnetfile.json.
//
// It reads files only within the git work tree around the project, or else below its root,
// and in Config.ImportDirs. The error is [ErrNoProject] if there is no project, and otherwise
// says that dir is a file, or which part of c cannot be used.
func Open(dir string, c Config) (*Project, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	// A file would be a directory without markers, and its parents a project.
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("render: %s: want a directory, got a file", filepath.ToSlash(dir))
	}
	dirs := slices.Clone(c.ImportDirs)
	// For the command, the last one comes first.
	slices.Reverse(dirs)
	files, err := project.Find(dir, project.Options{ImportDirs: dirs})
	if err != nil {
		return nil, err
	}
	p := open(files, files, c)
	p.disk = files
	return p, nil
}

// OpenFS opens the project whose root is the root of fsys. It needs no marker file, and
// fsys no directories, unless [Project.Environments] is to list them or an import has a
// pattern. The error says which part of c cannot be used.
func OpenFS(fsys fs.FS, c Config) (*Project, error) {
	if fsys == nil {
		return nil, errors.New("render: want a file system, got nil")
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	return open(project.New(fsys, c.ImportDirs...), nil, c), nil
}

// open returns a project over files. disk has them for programs, nil if they are not on disk.
func open(files *project.Project, disk native.Files, c Config) *Project {
	imports := make(map[string]eval.Importer, len(c.Imports))
	for scheme, importer := range c.Imports {
		imports[scheme] = importer
	}
	var by string
	if c.Compat != Tanka {
		by = "render.Config.Natives"
	}
	return &Project{
		files: files,
		renderer: renderer.New(files, renderer.Options{
			Natives: natives(c, disk), NativesBy: by, Imports: imports, Cache: c.Cache, LikeTanka: c.Compat == Tanka,
			Interpreter: eval.Interpreter{MaxStack: c.Limits.Stack, MaxMade: c.Limits.Memory},
		}),
		limits: c.Limits,
	}
}

// check returns an error that names the part of c that cannot be used.
func (c Config) check() error {
	seen := map[string]bool{}
	for i, n := range c.Natives {
		switch {
		case n.Name == "":
			return fmt.Errorf("render: Natives[%d]: want a name, got none", i)
		case n.Func == nil:
			return fmt.Errorf("render: native %s: want a Func, got nil", n.Name)
		case seen[n.Name]:
			return fmt.Errorf("render: native %s: want one of the name, got two", n.Name)
		}
		seen[n.Name] = true
	}
	for scheme, importer := range c.Imports {
		switch {
		case !isScheme(scheme):
			return fmt.Errorf(`render: Imports: want a scheme such as "https:", got %q`, scheme)
		case eval.IsScheme(scheme):
			return fmt.Errorf("render: Imports: %s has a meaning already", scheme)
		case importer == nil:
			return fmt.Errorf("render: Imports: %s: want an importer, got nil", scheme)
		}
	}
	switch {
	case c.Limits.Time < 0:
		return fmt.Errorf("render: Limits.Time: want none or more, got %v", c.Limits.Time)
	case c.Limits.Memory < 0:
		return fmt.Errorf("render: Limits.Memory: want none or more, got %d", c.Limits.Memory)
	case c.Limits.Stack < 0 || c.Limits.Stack > eval.MostStack:
		return fmt.Errorf("render: Limits.Stack: want at most %d, got %d", eval.MostStack, c.Limits.Stack)
	case c.Cache < 0:
		return fmt.Errorf("render: Cache: want none or more, got %d", c.Cache)
	case c.Compat != 0 && c.Compat != Tanka:
		return fmt.Errorf("render: Compat: want 0 or Tanka, got %d", c.Compat)
	}
	return nil
}

// isScheme reports whether text is letters, digits, +, - and dots, and then a colon.
func isScheme(text string) bool {
	for i, c := range []byte(text) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		switch {
		case letter, i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		default:
			return c == ':' && i > 0 && i == len(text)-1
		}
	}
	return false
}

// Freeze returns a Project with one look at the files for all its calls: each file is read
// when the first call needs it, and changes after that do not matter.
func (p *Project) Freeze() *Project {
	if p.isZero() {
		return p
	}
	out := *p
	out.renderer = p.renderer.Freeze()
	return &out
}

func (p *Project) isZero() bool { return p == nil || p.renderer == nil }

var errZero = errors.New("render: the zero Project has no files; use Open or OpenFS")

// Render returns the objects of an environment. env is its exact name, relative to the root:
// that of a directory, or of a Jsonnet file that is the entrypoint. If the entrypoint has
// several environments, Args.Name says which one. An absolute path stands for the name that
// is relative.
//
// It returns all objects or an error, never a part. The error is [ErrNoEnvironment] or
// [ErrAmbiguous] for a wrong name, a [*jsonnet.LimitError] if a limit of the Config is
// exceeded, and the cause of the end of ctx if that has ended. Otherwise it has the
// diagnostics of all faults of the Jsonnet, of the environment or of the objects; see
// [diag.From].
func (p *Project) Render(ctx context.Context, env string, a Args) (*Result, error) {
	c, err := p.call(ctx, env, a)
	if err != nil {
		return nil, err
	}
	defer c.end()
	return of(c, func(look *renderer.Renderer) (*Result, error) {
		file, err := c.load(look)
		if err != nil {
			return nil, err
		}
		return c.result(look, file.Chosen[0], file.Warnings)
	})
}

// RenderAll renders the environments of an entrypoint one after the other, in the order of
// their names: all, or the one with Args.Name. It keeps only the one at work, so that memory
// does not grow with their number. env and the errors are as for [Project.Render].
//
// An error can be about one environment, and the loop may go on to the next one; if it is
// about the entrypoint, there are no others. All results are of the files at one moment: if
// one changes when the loop has got a result already, the next error says so, and is the
// last. The limits of the Config hold for the whole loop, with its body. The first Result has
// the warnings about the entrypoint.
func (p *Project) RenderAll(ctx context.Context, env string, a Args) iter.Seq2[*Result, error] {
	return func(yield func(*Result, error) bool) {
		c, err := p.call(ctx, env, a)
		if err != nil {
			yield(nil, err)
			return
		}
		defer c.end()
		c.each(yield)
	}
}

// each yields the results of the environments.
func (c *running) each(yield func(*Result, error) bool) {
	m := c.renderer.Begin(name(c.env))
	for moved := true; moved; {
		c.warned()
		look := m.Look()
		file, err := c.loadAll(look)
		if err != nil {
			still, failed := m.Still(c.ctx, err)
			if moved = !still && failed == nil; !moved {
				yield(nil, c.failure(failed))
			}
			continue
		}
		moved = c.eachOf(m, file, yield)
	}
}

// eachOf yields the results of the environments of an entrypoint. If its files have moved
// before the first one, it yields nothing and returns true.
func (c *running) eachOf(m *renderer.Moment, file renderer.File, yield func(*Result, error) bool) (moved bool) {
	look, warnings := m.Look(), file.Warnings
	for i, env := range file.Chosen {
		result, err := c.result(look, env, warnings)
		env.Release()
		still, err := m.Still(c.ctx, err)
		switch {
		case !still && err == nil && i == 0:
			return true
		case !still && err == nil:
			err = fmt.Errorf("%s: its files changed during the loop", name(c.env))
		}
		if err != nil {
			result, err = nil, c.failure(err)
		} else {
			warnings = nil
		}
		if !yield(result, err) || !still {
			return false
		}
	}
	return false
}

// Eval returns the value of the Jsonnet of an environment, or a part of it. expr is the text
// that follows the value in a Jsonnet expression, such as ".a.b[1]", "a.b[1]" for short, or
// "a { c: 1 }"; or a function in Jsonnet that is called with the value, such as
// "function(x) std.length(x)"; "" is the whole value. env and the errors are as for
// [Project.Render]. Args.Name and Args.Targets have no effect, because the value is that of
// the entrypoint.
func (p *Project) Eval(ctx context.Context, env, expr string, a Args) (*jsonnet.Result, error) {
	a.Name, a.Targets = "", nil
	c, err := p.call(ctx, env, a)
	if err != nil {
		return nil, err
	}
	defer c.end()
	return of(c, func(look *renderer.Renderer) (*jsonnet.Result, error) {
		entry, err := look.Entry(c.ctx, c.env)
		if err != nil {
			return nil, err
		}
		result, err := part(c.ctx, look, entry, expr)
		if err != nil {
			return nil, err
		}
		recipe := look.Recipe()
		again := eval.Repeat(context.Background(), p.limits.Time, func(ctx context.Context) (eval.Result, error) { return part(ctx, recipe.Renderer(), entry, expr) })
		return jsonnet.NewResult(result.Value, func(path ...any) []diag.Position {
			return again.Origins(func(r eval.Result) []eval.Origin { return renderer.OriginsOf(r, path) })
		}), nil
	})
}

// part evaluates a part of the value of an entrypoint, or applies a function to it.
func part(ctx context.Context, look *renderer.Renderer, entry project.Environment, expr string) (eval.Result, error) {
	if rest, ok := strings.CutPrefix(expr, "function"); ok && strings.HasPrefix(strings.TrimSpace(rest), "(") {
		return look.Apply(ctx, entry, expr)
	}
	// Users of other tools begin with a dot.
	if rest, ok := strings.CutPrefix(strings.TrimSpace(expr), "."); ok {
		expr = rest
	}
	return look.Eval(ctx, entry, expr)
}

// name returns how messages name an environment.
func name(env string) string { return "environment " + cmp.Or(env, `""`) }
