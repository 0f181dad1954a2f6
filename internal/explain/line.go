package explain

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/export"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/intake"
	"github.com/mop-platform/mop/internal/layout"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Search has what [Search.Line] reads and searches.
type Search struct {
	Inputs    inputs.Inputs
	Workspace *workspace.Workspace
	// One returns the environment that an argument names.
	One func(ctx context.Context, arg string) (batch.Environment, error)
	// Name is the name of the environment among several of a file, "" for any.
	Name string
	// Watch is told how many environments are done.
	Watch func(done, of int)
}

// Line finds the lines of Jsonnet that made a line of rendered YAML in a file, or in
// standard input if file is "-". It looks for the object in the environment that path
// names, else in the environment that an export has recorded for the file, else in all
// environments of the project. changed says that the field has another value now.
//
// The error is a [*diag.List] if it finds no object, or several.
func (s Search) Line(ctx context.Context, file string, line int, path string) (e Explanation, changed bool, err error) {
	t, err := s.read(ctx, file, line)
	if err != nil {
		return e, false, err
	}
	found, err := s.find(ctx, t, file, path)
	if err != nil {
		return e, false, err
	}
	e, err = Field(ctx, found.env, found.object, t.field)
	if d, ok := err.(diag.Diagnostic); ok {
		d.At, d.Subject = t.at, fmt.Sprintf("%s of %s", d.Subject, found.env.Name())
		d.Problem = "has " + d.Problem + " now"
		d.Code = failure.OlderFile
		return e, false, d
	}
	if err != nil {
		return e, false, err
	}
	whole, _ := t.object.Lookup()
	value, _ := t.field.In(whole)
	return e, !manifest.Equal(value, e.Value), nil
}

// traced is an object in rendered YAML, with the field to trace.
type traced struct {
	at     diag.Position
	object manifest.Object
	field  manifest.Path
}

// rendered is an object of an environment.
type rendered struct {
	env    batch.Environment
	object manifest.Object
}

// read returns the object and field at a line of a file. The error is a [diag.Diagnostic]
// or a [*diag.List] if the file is wrong. It parses only the document with the line.
func (s Search) read(ctx context.Context, file string, line int) (traced, error) {
	// Diagnostics name files as a project does.
	at := diag.Position{File: inputs.Stdin, Line: line}
	if file != "-" {
		at.File = s.Inputs.Abs(file)
	}
	r, err := s.Inputs.Open(ctx, inputs.File{Path: at.File, Named: true})
	if err != nil {
		return traced{}, s.Inputs.Unread(ctx, at.File, err)
	}
	defer r.Close()
	at.File = filepath.ToSlash(at.File)
	defer budget.Of(ctx).During(s.Inputs.Shown(at.File))()
	last := 0
	// unread are the faults of the document before.
	var unread diag.List
	for text, err := range intake.Texts(ctx, "a.yaml", r) {
		l, wrong := diag.From(err)
		if err != nil && !wrong {
			return traced{}, s.Inputs.Unread(ctx, at.File, err)
		}
		var first int
		if first, last = text.Lines(); line < first && unread != nil {
			break
		}
		if unread = l; line < first || line > last {
			continue
		}
		t, ok, err := s.tracedIn(ctx, text, at)
		if ok || err != nil {
			return t, err
		}
	}
	if unread != nil {
		return traced{}, inFile(at.File, unread).Err()
	}
	return traced{}, diag.Diagnostic{
		Code: failure.NoPart, Values: map[string]any{"lines": message.Counted(max(last, 1), "line")},
		At: at, Problem: "no part of an object stands there",
	}
}

// inFile adds the name of the file to diagnostics.
func inFile(file string, l diag.List) diag.List {
	for i := range l {
		l[i].At.File = file
		for j := range l[i].Origins {
			l[i].Origins[j].File = file
		}
	}
	return l
}

// tracedIn returns the object and field at a line of a document; ok is false if there is
// none.
func (s Search) tracedIn(ctx context.Context, text intake.Text, at diag.Position) (t traced, ok bool, err error) {
	d, ok, err := text.Parse(ctx)
	if broken, wrong := diag.From(err); wrong {
		return traced{}, false, inFile(at.File, broken).Err()
	}
	if err != nil || !ok {
		return traced{}, false, s.Inputs.Unread(ctx, at.File, err)
	}
	parts, err := layout.OfText(ctx, text)
	if err != nil {
		return traced{}, false, s.Inputs.Unread(ctx, at.File, err)
	}
	part, ok := layout.At(parts, at.Line)
	if !ok {
		return traced{}, false, nil
	}
	value, ok := d.Value.(map[string]any)
	if !ok {
		return traced{}, false, diag.Diagnostic{At: at, Problem: "want a Kubernetes object, got " + plain.Describe(d.Value)}
	}
	object, wrong := manifest.New(nil, value)
	if wrong.Err() != nil {
		return traced{}, false, diag.Diagnostic{Code: failure.NotRendered, At: at, Subject: wrong[0].Subject, Problem: wrong[0].Problem}
	}
	return traced{at, object, part.Path()}, true, nil
}

// find returns the object as an environment renders it now.
func (s Search) find(ctx context.Context, t traced, file, path string) (rendered, error) {
	if path != "" {
		env, err := s.One(ctx, path)
		if err != nil {
			return rendered{}, err
		}
		objects, err := env.Objects(ctx)
		if err != nil {
			return rendered{}, err
		}
		if object, ok := t.in(objects); ok {
			return rendered{env, object}, nil
		}
		return rendered{}, diag.Diagnostic{At: t.at, Problem: fmt.Sprintf("%s renders no %s", env.Name(), t.object.ID())}
	}
	entries, name, broken, err := s.entries(ctx, t, file)
	if err != nil {
		return rendered{}, err
	}
	asked := make([]batch.Asked, len(entries))
	for i, entry := range entries {
		asked[i] = batch.Asked{Entry: entry, Selection: batch.Selection{Name: name, Count: batch.Any}}
	}
	outcomes := batch.Each(ctx, asked, s.Watch, func(_ batch.Asked, env batch.Environment) (*rendered, error) {
		objects, err := env.Objects(ctx)
		if object, ok := t.in(objects); ok {
			// Its origins can be computed again.
			return &rendered{env, object}, nil
		}
		return nil, err
	})
	var found []rendered
	for i, o := range outcomes {
		for _, r := range o.Values {
			if r != nil {
				found = append(found, *r)
			}
		}
		for _, err := range append(o.Errs, o.Err) {
			if l, ok := diag.From(err); ok {
				broken = append(broken, l...)
			} else if err != nil {
				return rendered{}, fmt.Errorf("environment %s: %w", entries[i].Dir, err)
			}
		}
	}
	return t.one(found, broken, len(entries))
}

// entries returns the entrypoints from whose environments the file may come, the name of
// the environment if it is known, and the faults of entrypoints that are left out.
func (s Search) entries(ctx context.Context, t traced, file string) (entries []workspace.Entry, name string, broken diag.List, err error) {
	if file != "-" {
		if source, dir, known := export.Find(ctx, s.Inputs.Abs(file)); known {
			entry, err := s.source(ctx, t, source, dir)
			return []workspace.Entry{entry}, cmp.Or(s.Name, source.Environment), nil, err
		}
	}
	state, err := s.Workspace.State(s.Inputs.Dir)
	if err != nil {
		return nil, "", nil, err
	}
	entries, broken, err = state.Below(ctx, ".")
	return entries, s.Name, broken, err
}

// source returns the entrypoint from which a file in an export's directory comes. The error
// is a [diag.Diagnostic] if its project is not here.
func (s Search) source(ctx context.Context, t traced, source export.Source, dir string) (workspace.Entry, error) {
	absent := func(project string) error {
		return diag.Diagnostic{
			Code: failure.AbsentProject,
			At:   t.at, Problem: fmt.Sprintf("it is from %s in the project %s, which is not here", source.Entrypoint, project),
		}
	}
	root, known := source.ProjectDir(workspace.RealPath(dir))
	if !known {
		root = s.Inputs.Dir
	} else if !isDir(root) {
		return workspace.Entry{}, absent(s.Inputs.Shown(root))
	}
	state, err := s.Workspace.State(root)
	if err != nil {
		return workspace.Entry{}, err
	}
	if source.Project != "" && source.Project != state.Identity(ctx, dir) {
		if known {
			return workspace.Entry{}, absent(s.Inputs.Shown(root))
		}
		return workspace.Entry{}, absent(source.Project)
	}
	match, err := state.Project.Environment(ctx, source.Entrypoint, ".")
	return workspace.Entry{State: state, Environment: match.Environment}, state.LocatedErr(err)
}

// in returns the object among those of an environment. If several match, because the API
// server generates their names, it returns the one that is equal in all fields.
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

// isObject reports whether o is the object, judged by its identity.
func (t traced) isObject(o manifest.Object) bool {
	return o.ID() == t.object.ID() && o.GenerateName() == t.object.GenerateName()
}

// one returns the object found. If there are several, it returns the one that is equal in
// all fields. broken are faults that hinder the search; they do not matter if it succeeds.
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
			d.Code = failure.OlderFile
		}
		return rendered{}, append(diag.List{d}, broken...).Err()
	}
	var names []string
	for _, f := range found {
		names = append(names, f.env.Name())
	}
	return rendered{}, diag.Diagnostic{
		Code: failure.SeveralSources,
		At:   t.at, Problem: fmt.Sprintf("%s is of several environments: %s", t.object.ID(), listed(names)),
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
