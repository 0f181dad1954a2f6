package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/export"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/message"
	"github.com/mop-platform/mop/pkg/render"
)

const traceDoc = `Trace tells which lines of the Jsonnet made a line of rendered YAML, as "mop
explain" does: that of a FILE which "mop export" or "mop show" has written, or of
standard input where only :LINE is given.

The object is looked for, by its kind and name, in the environment PATH, else in
the one that the export says the file is from, in its manifest.json and
.mop-manifest, else in all environments of the project.

Examples:
  mop trace out/apps-v1.Deployment-web.yaml:12
  mop show environments/dev | mop trace :40 environments/dev`

func newTraceCommand(a *app) *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:   "trace FILE:LINE [PATH]",
		Short: "Tell which lines of the Jsonnet made a line of rendered YAML",
		Long:  traceDoc,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 && len(args) != 2 {
				return usageError{
					fmt.Sprintf("trace: want FILE:LINE and perhaps an environment, got %d arguments", len(args)),
					"for example: mop trace out/v1.Service-web.yaml:12",
				}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			path := ""
			if len(args) == 2 {
				if path = args[1]; path == "" {
					return usageError{`want an environment, got ""`, "is a variable empty?"}
				}
			}
			return runTrace(cmd.Context(), a, cmd.InOrStdin(), args[0], path, o)
		},
	}
	o.add(cmd)
	return cmd
}

// traced is an object in rendered YAML and the field that is asked for.
type traced struct {
	at     diag.Position
	object manifest.Object
	field  manifest.Path
}

// rendered is an object of an environment.
type rendered struct {
	state  *workspace.State
	env    render.Environment
	object manifest.Object
}

func runTrace(ctx context.Context, a *app, stdin io.Reader, place, path string, o explainOptions) error {
	if err := checkExplainFormat(o.output); err != nil {
		return err
	}
	if err := o.jsonnet.needOrigins("trace"); err != nil {
		return err
	}
	i := strings.LastIndexByte(place, ':')
	line, err := strconv.Atoi(place[i+1:])
	if i < 0 || err != nil || line < 1 {
		return usageError{fmt.Sprintf("trace: want FILE:LINE, got %q", place), "for example: out/v1.Service-web.yaml:12"}
	}
	file := cmp.Or(place[:i], "-")
	t, err := a.readTraced(ctx, stdin, file, line)
	if err != nil {
		return err
	}
	found, err := a.findTraced(ctx, t, file, path, o)
	if err != nil {
		return err
	}
	e, err := explain(ctx, found.state, found.env, found.object, t.field)
	if d, ok := err.(diag.Diagnostic); ok {
		d.At, d.Subject = t.at, fmt.Sprintf("%s of %s", d.Subject, found.env.Name())
		d.Problem = "has " + d.Problem + " now"
		d.Hints = append(d.Hints, "the file is older than the Jsonnet; render it again")
		return d
	}
	if err != nil {
		return err
	}
	whole, _ := t.object.Lookup()
	if value, _ := t.field.In(whole); !manifest.Equal(value, e.Value) {
		a.note("%s has another value there than %s has now", place, found.env.Name())
	}
	return a.writeExplanation(ctx, e, o.output)
}

// readTraced returns what stands at a line of a file. The error is a
// [diag.Diagnostic] or a [diag.List] if the file is at fault. Only the document with
// the line is parsed.
func (a *app) readTraced(ctx context.Context, stdin io.Reader, file string, line int) (traced, error) {
	// Diagnostics name files of a project.
	at := diag.Position{File: stdinName, Line: line}
	if file != "-" {
		at.File = a.abs(file)
	}
	r, err := openManifest(ctx, stdin, manifestFile{at.File, true})
	if err != nil {
		return traced{}, a.unread(ctx, at.File, err)
	}
	defer r.Close()
	at.File = filepath.ToSlash(at.File)
	defer budget.Of(ctx).During(a.displayPath(at.File))()
	last := 0
	// unread is what is wrong with the document before.
	var unread diag.List
	for text, err := range manifest.Texts(ctx, "a.yaml", r) {
		l, wrong := diag.From(err)
		if err != nil && !wrong {
			return traced{}, a.unread(ctx, at.File, err)
		}
		var first int
		if first, last = text.Lines(); line < first && unread != nil {
			break
		}
		if unread = l; line < first || line > last {
			continue
		}
		t, ok, err := a.tracedIn(ctx, text, at)
		if ok || err != nil {
			return t, err
		}
	}
	if unread != nil {
		return traced{}, inFile(at.File, unread)
	}
	return traced{}, diag.Diagnostic{At: at, Problem: "no part of an object stands there", Hints: []string{"the file has " + message.Counted(max(last, 1), "line")}}
}

// inFile returns diagnostics about a file with its name.
func inFile(file string, l diag.List) diag.List {
	for i := range l {
		l[i].At.File = file
		for j := range l[i].Origins {
			l[i].Origins[j].File = file
		}
	}
	return l
}

// tracedIn returns what stands at a line of a document; ok is false where nothing
// does.
func (a *app) tracedIn(ctx context.Context, text manifest.Text, at diag.Position) (t traced, ok bool, err error) {
	d, ok, err := text.Parse(ctx)
	if broken, wrong := diag.From(err); wrong {
		return traced{}, false, inFile(at.File, broken)
	}
	if err != nil || !ok {
		return traced{}, false, a.unread(ctx, at.File, err)
	}
	parts, err := text.Layout(ctx)
	if err != nil {
		return traced{}, false, a.unread(ctx, at.File, err)
	}
	part, ok := manifest.PartAt(parts, at.Line)
	if !ok {
		return traced{}, false, nil
	}
	value, ok := d.Value.(map[string]any)
	if !ok {
		return traced{}, false, diag.Diagnostic{At: at, Problem: "want a Kubernetes object, got " + manifest.Describe(d.Value)}
	}
	object, wrong := manifest.New(nil, value)
	if wrong.Err() != nil {
		return traced{}, false, diag.Diagnostic{At: at, Subject: wrong[0].Subject, Problem: wrong[0].Problem, Hints: []string{"want a file that mop export or mop show has written"}}
	}
	return traced{at, object, part.Path()}, true, nil
}

// findTraced returns the object that an environment renders now.
func (a *app) findTraced(ctx context.Context, t traced, file, path string, o explainOptions) (rendered, error) {
	if path != "" {
		s, env, err := a.environment(ctx, path, &o.jsonnet, &objectFlags{name: o.name})
		if err != nil {
			return rendered{}, err
		}
		objects, err := s.Objects(env)
		if err != nil {
			return rendered{}, err
		}
		if object, ok := t.in(objects); ok {
			return rendered{s, env, object}, nil
		}
		return rendered{}, diag.Diagnostic{At: t.at, Problem: fmt.Sprintf("%s renders no %s", env.Name(), t.object.ID())}
	}
	entries, name, broken, err := a.tracedEntries(ctx, t, file, o)
	if err != nil {
		return rendered{}, err
	}
	all := make([][]rendered, len(entries))
	errs := make([]error, len(entries))
	a.inParallel("environments", runtime.GOMAXPROCS(0), len(entries), func(i int) {
		all[i], errs[i] = objectsLike(ctx, entries[i], t, name)
	})
	var found []rendered
	for i := range entries {
		found = append(found, all[i]...)
		if l, ok := diag.From(errs[i]); ok {
			broken = append(broken, l...)
		} else if errs[i] != nil {
			return rendered{}, fmt.Errorf("environment %s: %w", entries[i].Dir, errs[i])
		}
	}
	return t.one(found, broken, len(entries))
}

// tracedEntries returns the entrypoints whose environments the file may be from,
// the name of the one if it is known, and what is broken in those that are left
// out.
func (a *app) tracedEntries(ctx context.Context, t traced, file string, o explainOptions) (entries []workspace.Entry, name string, broken diag.List, err error) {
	w, err := a.workspace(&o.jsonnet, nil)
	if err != nil {
		return nil, "", nil, err
	}
	if file != "-" {
		if source, dir, known := export.Find(ctx, a.abs(file)); known {
			entry, err := a.tracedSource(ctx, w, t, source, dir)
			return []workspace.Entry{entry}, cmp.Or(o.name, source.Environment), nil, err
		}
	}
	s, err := w.State(a.dir)
	if err != nil {
		return nil, "", nil, err
	}
	entries, broken, err = s.Below(ctx, ".")
	return entries, o.name, broken, err
}

// tracedSource returns the entrypoint that a file in an export's directory comes
// from. The error is a [diag.Diagnostic] if its project is not here.
func (a *app) tracedSource(ctx context.Context, w *workspace.Workspace, t traced, source export.Source, dir string) (workspace.Entry, error) {
	absent := func(project string) error {
		return diag.Diagnostic{
			At: t.at, Problem: fmt.Sprintf("it is from %s in the project %s, which is not here", source.Entrypoint, project),
			Hints: []string{"run this in that project, or name the environment behind the line"},
		}
	}
	root, known := source.ProjectDir(realPath(dir))
	if !known {
		root = a.dir
	} else if !isDir(root) {
		return workspace.Entry{}, absent(a.displayPath(filepath.ToSlash(root)))
	}
	s, err := w.State(root)
	if err != nil {
		return workspace.Entry{}, err
	}
	if source.Project != "" && source.Project != a.exportProject(ctx, s.Project, dir) {
		if known {
			return workspace.Entry{}, absent(a.displayPath(filepath.ToSlash(root)))
		}
		return workspace.Entry{}, absent(source.Project)
	}
	match, err := s.Project.Environment(ctx, source.Entrypoint, ".")
	return workspace.Entry{State: s, Environment: match.Environment}, s.LocatedErr(err)
}

// objectsLike returns the objects of an entrypoint's environments, of those with
// a name if one is given, that have the identity of t.
func objectsLike(ctx context.Context, entry workspace.Entry, t traced, name string) ([]rendered, error) {
	file, err := entry.State.Load(ctx, entry.Environment, choice{name: name}.loader())
	if err != nil {
		return nil, err
	}
	var found []rendered
	var broken diag.List
	for _, env := range file.Chosen {
		objects, err := entry.State.Objects(env)
		if l, ok := diag.From(err); ok {
			broken = append(broken, l...)
			continue
		}
		if err != nil {
			return nil, err
		}
		object, ok := t.in(objects)
		if ok {
			found = append(found, rendered{entry.State, env, object})
		}
		// Of what is found the origins can be computed again.
		env.Release()
	}
	return found, broken.Err()
}

// in returns the object among those of an environment. Of several, whose names are
// to be made by the API server, it is the one that is the same in all fields.
func (t traced) in(objects []manifest.Object) (found manifest.Object, ok bool) {
	for _, o := range objects {
		switch {
		case !t.isObject(o):
		case t.equals(o):
			return o, true
		case !ok:
			found, ok = o, true
		}
	}
	return found, ok
}

// equals reports whether o is the same in all fields.
func (t traced) equals(o manifest.Object) bool {
	whole, _ := t.object.Lookup()
	value, _ := o.Lookup()
	return manifest.Equal(value, whole)
}

// isObject reports whether o is the object, as far as its name tells.
func (t traced) isObject(o manifest.Object) bool {
	return o.ID() == t.object.ID() && o.GenerateName() == t.object.GenerateName()
}

// one returns the one that t was rendered from: of several that which is the
// same in all fields. broken is what hinders the search, which does not matter
// where it succeeds.
func (t traced) one(found []rendered, broken diag.List, searched int) (rendered, error) {
	var same []rendered
	for _, f := range found {
		if t.equals(f.object) {
			same = append(same, f)
		}
	}
	switch {
	case len(same) == 1:
		return same[0], nil
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0:
		d := diag.Diagnostic{At: t.at, Problem: fmt.Sprintf("no environment renders %s", t.object.ID())}
		if searched == 1 {
			d.Hints = []string{"the file is older than the Jsonnet; render it again"}
		}
		return rendered{}, append(diag.List{d}, broken...)
	}
	var names []string
	for _, f := range found {
		names = append(names, f.env.Name())
	}
	return rendered{}, diag.Diagnostic{
		At: t.at, Problem: fmt.Sprintf("%s is of several environments: %s", t.object.ID(), listed(names)),
		Hints: []string{"name the environment behind the line"},
	}
}
