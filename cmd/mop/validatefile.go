package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/render"
	"github.com/mop-platform/mop/pkg/report"
	"github.com/mop-platform/mop/pkg/validate"
)

// manifestFile is what a file holds: objects to check and records of documents
// that cannot be read.
type manifestFile struct {
	name    string // as the user sees it
	objects []validate.Object
	unread  []report.Record
	// err is that of reading standard input, or of a budget that ended.
	err error
}

// files checks the objects of the files that args mean, all together.
func (v *validateRun) files(ctx context.Context, stdin io.Reader, args []string, targets render.Targets) ([]report.Record, error) {
	names, err := v.filesOf(args)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	read := make([]manifestFile, len(names))
	v.inParallel("files", runtime.GOMAXPROCS(0), len(names), func(i int) {
		read[i] = v.readManifests(ctx, stdin, names[i])
	})
	var objects []validate.Object
	var records []report.Record
	for _, f := range read {
		if f.err != nil {
			return nil, f.err
		}
		objects = append(objects, f.objects...)
		records = append(records, f.unread...)
	}
	objects = slices.DeleteFunc(objects, func(o validate.Object) bool {
		identified, found := manifest.New(o.Path, o.Value)
		return found.Err() == nil && !targets.Match(identified)
	})
	if v.project == nil {
		// Only for its definitions: files need no project.
		_ = v.findProject(".", nil, nil)
	}
	if err := v.readDefinitions(ctx); err != nil {
		return nil, err
	}
	c, err := v.check(ctx, v.project, v.minors, objects)
	if err != nil {
		return nil, err
	}
	records = append(records, c.records()...)
	place := map[string]int{}
	for i, f := range read {
		place[f.name] = i
	}
	slices.SortStableFunc(records, func(a, b report.Record) int {
		x, y := a.Object.Source, b.Object.Source
		return cmp.Or(cmp.Compare(place[x.File], place[y.File]), cmp.Compare(x.Line, y.Line))
	})
	return records, nil
}

// filesOf returns the files that args mean, each once, as absolute paths or as
// stdinName.
func (a *app) filesOf(args []string) ([]string, error) {
	var names []string
	seen := map[string]bool{}
	for _, arg := range args {
		files, err := a.manifestFiles(arg)
		if err != nil {
			return nil, unreadable(arg, err)
		}
		if len(files) == 0 {
			return nil, diag.Diagnostic{Subject: filepath.ToSlash(arg), Problem: "no file called *.yaml, *.yml or *.json here or below"}
		}
		for _, file := range files {
			if !seen[file] {
				seen[file] = true
				names = append(names, file)
			}
		}
	}
	return names, nil
}

func (a *app) readManifests(ctx context.Context, stdin io.Reader, file string) (f manifestFile) {
	f.name = file
	if file != stdinName {
		f.name = filepath.ToSlash(a.displayPath(filepath.ToSlash(file)))
	}
	r, err := openManifest(stdin, file)
	var data []byte
	if err == nil {
		defer r.Close()
		data, err = budget.Read(ctx, r)
	}
	switch {
	case err != nil && file == stdinName:
		f.err = fmt.Errorf("standard input: %w", err)
		return f
	case errors.As(err, new(*budget.Exceeded)):
		f.err = a.unread(ctx, file, err)
		return f
	case err != nil:
		f.unread = []report.Record{report.Unreadable(diag.Position{File: f.name}, "", diag.List{unreadable(f.name, err)})}
		return f
	}
	documents, found, err := manifest.Parse(ctx, f.name, data)
	if err != nil {
		f.err = a.unread(ctx, file, err)
		return f
	}
	for _, d := range found {
		if bytes.Contains(data, []byte("{{")) {
			d.Hints = append(d.Hints, "if it is a template of Helm, render it first: helm template CHART | mop validate -f -")
		}
		f.unread = append(f.unread, report.Unreadable(d.At, "", diag.List{d}))
	}
	for _, d := range documents {
		f.add(d, nil, d.Value)
	}
	return f
}

// add adds the value at a path of a document, or the items of a list.
func (f *manifestFile) add(document manifest.Document, path manifest.Path, value any) {
	at := document.At
	unread := func(path manifest.Path, problem string) {
		d := diag.Diagnostic{At: document.Find(path), Problem: problem}
		if len(path) > 0 {
			d.Subject = path.String()
		}
		f.unread = append(f.unread, report.Unreadable(d.At, "", diag.List{d}))
	}
	object, ok := value.(map[string]any)
	if !ok {
		unread(path, "want an object, got "+manifest.Describe(value))
		return
	}
	if items, problem, ok := manifest.ListItems(object); ok {
		if problem := manifest.TooNested(path); problem != "" {
			unread(path, problem)
			return
		}
		if problem != "" {
			unread(path.Field("items"), problem)
		}
		for i, item := range items {
			f.add(document, path.Field("items").Index(i), item)
		}
		return
	}
	f.objects = append(f.objects, validate.Object{Source: at, Path: path, Value: object, Origins: func(field manifest.Path) []diag.Position {
		return []diag.Position{document.Find(append(slices.Clip(path), field...))}
	}})
}
