package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/render"
	"github.com/mop-platform/mop/pkg/report"
	"github.com/mop-platform/mop/pkg/schema"
	"github.com/mop-platform/mop/pkg/validate"
)

// files checks the objects of the files that args mean, all together, document by
// document: what a document says by itself is told as soon as it is read, and what
// there is to say when all are known at the end. Custom resources in them are checked
// by the definitions of the project s, nil for the one around the working directory.
func (v *validateRun) files(ctx context.Context, stdin io.Reader, s *workspace.State, args []string, targets render.Targets, out *report.Output) error {
	files, err := v.filesOf(ctx, args)
	if err != nil || len(files) == 0 {
		return err
	}
	if s == nil {
		// Only for its definitions: files need no project.
		s, _ = v.workspace.State(".")
	}
	if err := v.readDefinitions(ctx, s); err != nil {
		return err
	}
	f := &fileCheck{validateRun: v, targets: targets, minors: orDefault(v.minors), out: out, late: map[int]lateObject{}}
	for _, minor := range f.minors {
		validator, err := v.validator(s, minor)
		if err != nil {
			return err
		}
		f.sets = append(f.sets, validator.NewSet())
	}
	// Whoever waits for the next document does so until this ends.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := f.read(ctx, stdin, files); err != nil {
		return err
	}
	return f.rest(ctx)
}

// filesOf returns the files that args mean, each once.
func (a *app) filesOf(ctx context.Context, args []string) ([]manifestFile, error) {
	var all []manifestFile
	seen := map[string]bool{}
	for _, arg := range args {
		files, err := a.manifestFiles(ctx, arg)
		if err != nil {
			return nil, workspace.Unreadable(arg, err)
		}
		if len(files) == 0 {
			return nil, diag.Diagnostic{Subject: filepath.ToSlash(arg), Problem: "no file called *.yaml, *.yml or *.json here or below"}
		}
		for _, file := range files {
			if !seen[file.path] {
				seen[file.path] = true
				all = append(all, file)
			}
		}
	}
	return all, nil
}

// fileCheck is a check of files.
type fileCheck struct {
	*validateRun
	targets render.Targets
	// minors are the versions of Kubernetes, sets the objects as each has them.
	minors []schema.Minor
	sets   []*validate.Set
	out    *report.Output
	// late are the objects that are not known before all are, by their numbers. An
	// object has one for each version of Kubernetes.
	late map[int]lateObject
	// told is how many numbers there are so far.
	told int
	// cut is the error of a file whose reading the budget has ended.
	cut atomic.Pointer[error]
}

// inputPart is the text of a document, or what is wrong with a file.
type inputPart struct {
	// file is the path of the file, name what the user calls it.
	file, name string
	text       manifest.Text
	err        error
	// weight is what it takes of mostRead.
	weight int64
}

const (
	// mostRead is how many bytes of documents are read ahead of what is told, but for
	// a larger one, which is alone then.
	mostRead = 8 << 20
	// mostAtOnce is how many documents, and objects of a list, are one piece of work.
	mostAtOnce = 32
	// adaptEvery is after how many objects the heap is adapted.
	adaptEvery = 4096
)

// read checks each object of files alone, and tells what it says by itself.
func (f *fileCheck) read(ctx context.Context, stdin io.Reader, files []manifestFile) error {
	ahead := semaphore.NewWeighted(mostRead)
	documents := inOrder(ctx, f.parts(ctx, ahead, stdin, files), mostAtOnce, func(parts []inputPart) []fileDocument {
		all := make([]fileDocument, len(parts))
		for i, p := range parts {
			all[i] = f.document(ctx, p)
		}
		return all
	})
	at := diag.Position{}
	for {
		var batch []fileDocument
		ok := false
		select {
		case batch, ok = <-documents:
		default:
			// The next one may not be there for long.
			if err := f.out.Flush(); err != nil {
				return err
			}
			batch, ok = <-documents
		}
		if !ok {
			if cut := f.cut.Load(); cut != nil {
				return *cut
			}
			return placed(at, budget.Of(ctx).Err())
		}
		for _, d := range batch {
			if d.err != nil {
				return d.err
			}
			at = d.at
			if err := f.tell(ctx, d); err != nil {
				return err
			}
			ahead.Release(d.weight)
		}
	}
}

// placed adds a place to an error of a budget.
func placed(at diag.Position, err error) error {
	if err == nil || at.File == "" || !errors.As(err, new(*budget.Exceeded)) {
		return err
	}
	return fmt.Errorf("%s: %w", at, err)
}

// parts sends what files are made of.
func (f *fileCheck) parts(ctx context.Context, ahead *semaphore.Weighted, stdin io.Reader, files []manifestFile) <-chan inputPart {
	parts := make(chan inputPart, mostAtOnce)
	send := func(p inputPart) bool {
		p.weight = min(int64(len(p.text.Bytes()))+1, mostRead)
		if ahead.Acquire(ctx, p.weight) != nil {
			return false
		}
		select {
		case parts <- p:
			return true
		case <-ctx.Done():
			return false
		}
	}
	// sent sends what is known of a file next, unless the budget has cut that short.
	sent := func(p inputPart) bool {
		if p.err != nil && budget.Of(ctx).Err() != nil {
			err := f.app.unread(ctx, p.file, p.err)
			f.cut.Store(&err)
			return false
		}
		return send(p)
	}
	one := func(file manifestFile) bool {
		p := inputPart{file: file.path, name: file.path}
		if p.file != stdinName {
			p.name = filepath.ToSlash(f.displayPath(filepath.ToSlash(p.file)))
		}
		var r io.ReadCloser
		if r, p.err = openManifest(ctx, stdin, file); p.err != nil {
			return sent(p)
		}
		defer r.Close()
		for p.text, p.err = range manifest.Texts(ctx, p.name, r) {
			if !sent(p) {
				return false
			}
		}
		return true
	}
	go func() {
		defer close(parts)
		for _, file := range files {
			if !one(file) {
				return
			}
		}
	}()
	return parts
}

// fileDocument is a document that has been read.
type fileDocument struct {
	at     diag.Position
	weight int64
	text   manifest.Text
	parts  []documentPart
	// err ends the whole.
	err error
}

// documentPart is an object of a document, or what cannot be read of it.
type documentPart struct {
	unread *report.Record
	object validate.Object
	// at is the number of the part.
	at int
	// checked is by the versions of Kubernetes; it is nil where that is still to do.
	checked []validate.Checked
}

// document reads a document and, unless they are many, checks its objects alone.
func (f *fileCheck) document(ctx context.Context, p inputPart) fileDocument {
	d := fileDocument{at: p.text.At(), weight: p.weight, text: p.text}
	defer budget.Of(ctx).During(d.at.String())()
	err, hints := p.err, []string(nil)
	var document manifest.Document
	ok := false
	if err == nil {
		document, ok, err = p.text.Located(ctx)
		if bytes.Contains(p.text.Bytes(), []byte("{{")) {
			hints = []string{"if it is a template of Helm, render it first: helm template CHART | mop validate -f -"}
		}
	}
	l, wrong := diag.From(err)
	switch {
	case wrong:
		for _, fault := range l {
			fault.Hints = slices.Concat(fault.Hints, hints)
			d.cannotRead(fault)
		}
	case err != nil && (budget.Of(ctx).Err() != nil || errors.As(err, new(*budget.Exceeded)) || errors.As(err, new(*manifest.Interrupted))):
		d.err = f.app.unread(ctx, p.file, err)
	case err != nil && p.file == stdinName:
		d.err = fmt.Errorf("standard input: %w", err)
	case err != nil:
		fault := workspace.Unreadable(p.name, err)
		d.parts = []documentPart{{unread: unreadRecord(diag.Position{File: p.name}, fault)}}
	case ok:
		d.add(document, nil, document.Value)
		d.parts = slices.DeleteFunc(d.parts, func(p documentPart) bool { return p.unread == nil && !f.wants(p.object) })
	}
	if len(d.parts) <= mostAtOnce {
		for i := range d.parts {
			if err := f.alone(ctx, &d.parts[i]); err != nil {
				d.err = err
				break
			}
		}
	}
	return d
}

// wants reports whether an object is one of those that --target asks for.
func (f *fileCheck) wants(o validate.Object) bool {
	identified, found := manifest.New(o.Path, o.Value)
	return found.Err() != nil || f.targets.Match(identified)
}

// alone checks an object by itself.
func (f *fileCheck) alone(ctx context.Context, p *documentPart) error {
	if p.unread != nil {
		return nil
	}
	p.checked = make([]validate.Checked, len(f.sets))
	for i, set := range f.sets {
		var err error
		if p.checked[i], err = set.Alone(ctx, p.object); err != nil {
			return err
		}
	}
	return nil
}

// cannotRead adds what is wrong with a document.
func (d *fileDocument) cannotRead(fault diag.Diagnostic) {
	d.parts = append(d.parts, documentPart{unread: unreadRecord(fault.At, fault)})
}

func unreadRecord(at diag.Position, fault diag.Diagnostic) *report.Record {
	r := report.Unreadable(at, "", diag.List{fault})
	return &r
}

// add adds the value at a path of a document, or the items of a list.
func (d *fileDocument) add(document manifest.Document, path manifest.Path, value any) {
	cannotRead := func(path manifest.Path, problem string) {
		fault := diag.Diagnostic{At: document.Find(path), Problem: problem}
		if len(path) > 0 {
			fault.Subject = path.String()
		}
		d.cannotRead(fault)
	}
	object, ok := value.(map[string]any)
	if !ok {
		cannotRead(path, "want an object, got "+manifest.Describe(value))
		return
	}
	if items, problem, ok := manifest.ListItems(object); ok {
		if problem := manifest.TooNested(path); problem != "" {
			cannotRead(path, problem)
			return
		}
		if problem != "" {
			cannotRead(path.Field("items"), problem)
		}
		for i, item := range items {
			d.add(document, path.Field("items").Index(i), item)
		}
		return
	}
	o := validate.Object{Source: document.At, Path: path, Value: object, Origins: func(field manifest.Path) []diag.Position {
		return []diag.Position{document.Find(append(slices.Clip(path), field...))}
	}}
	d.parts = append(d.parts, documentPart{object: o, at: len(d.parts)})
}

// tell enters the objects of a document and tells what they say by themselves.
func (f *fileCheck) tell(ctx context.Context, d fileDocument) error {
	for parts := range slices.Chunk(d.parts, 8*mostAtOnce) {
		if len(d.parts) > mostAtOnce {
			work, within := errgroup.WithContext(ctx)
			for some := range slices.Chunk(parts, mostAtOnce) {
				work.Go(func() error {
					for i := range some {
						if err := f.alone(within, &some[i]); err != nil {
							return err
						}
					}
					return nil
				})
			}
			if err := work.Wait(); err != nil {
				return err
			}
		}
		if err := f.enter(ctx, d.at, parts); err != nil {
			return err
		}
		for i, p := range parts {
			if err := f.tellPart(d, p); err != nil {
				return err
			}
			parts[i] = documentPart{}
		}
	}
	return nil
}

// enter adds objects to the sets, and asks API servers about them where it is to.
func (f *fileCheck) enter(ctx context.Context, at diag.Position, parts []documentPart) error {
	for i, set := range f.sets {
		var results []validate.Result
		for _, p := range parts {
			if p.unread != nil {
				continue
			}
			var err error
			if p.checked[i], err = set.Add(ctx, p.checked[i]); err != nil {
				return err
			}
			results = append(results, p.checked[i].Result)
		}
		if f.exact == nil {
			continue
		}
		if len(results) > 0 {
			if _, err := f.exact.server(f.minors[i]); err != nil {
				return err
			}
		}
		if err := f.exact.judge(f.minors[i], results); err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		for _, p := range parts {
			if p.unread == nil {
				p.checked[i].Result, results = results[0], results[1:]
			}
		}
	}
	return nil
}

// tellPart tells what an object says by itself.
func (f *fileCheck) tellPart(d fileDocument, p documentPart) error {
	if p.unread != nil {
		return f.out.Unread(*p.unread)
	}
	records, known := make([]report.Record, len(p.checked)), make([]bool, len(p.checked))
	for i, c := range p.checked {
		r := report.Record{Result: c.Result, Minor: f.minors[i]}
		r.Object.Value, r.Object.Origins = nil, nil
		if !c.Known {
			f.late[f.told] = lateObject{r.Result, d.text, p.at}
		}
		records[i], known[i] = r, c.Known
		if f.told++; f.told%adaptEvery == 0 {
			adaptHeap()
		}
	}
	return f.out.Alone(records, known)
}
