// Package export gives the objects of rendered environments the names of files, and writes
// them, as the command mop export does.
//
// [Files] yields the files, for a program that writes them itself: into an archive, a
// repository or a bucket. [Dir] writes them into a directory, all or nothing.
//
//	namer, err := export.Format("{{.kind}}-{{.metadata.name}}.yaml")
//	if err != nil {
//		return err
//	}
//	for f, err := range export.Files(p.RenderAll(ctx, "prod", render.Args{}), namer) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(f.Name, f.Object)
//		if _, err := f.WriteTo(&buf); err != nil {
//			return err
//		}
//	}
//
// Both take a sequence of results, such as that of [render.Project.RenderAll] or those of
// several entrypoints behind each other, and hold one result at a time. A name that leads out
// of the directory, or that two objects have, is a diagnostic (package diag).
package export

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"

	"github.com/mop-platform/mop/internal/export"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/render"
)

// File is the file of an object. It is plain data, which it shares with the result: nothing
// must change it, and goroutines may read it at the same time. The zero File has no object.
type File struct {
	// Name is its slash-separated path. It is relative, has no steps that are dots and no
	// control characters, and is a path on this system.
	Name string
	// Environment is the one that has the object.
	Environment render.Environment
	Object      manifest.Object
}

// WriteTo writes the object as YAML, the content of the file. It returns the number of bytes
// written and the error of w, or that of an object that YAML cannot express.
func (f File) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	if err := manifest.WriteYAML(context.Background(), &b, []manifest.Object{f.Object}); err != nil {
		return 0, fmt.Errorf("%s: %w", f.Name, err)
	}
	n, err := w.Write(b.Bytes())
	if err == nil && n < b.Len() {
		err = io.ErrShortWrite
	}
	return int64(n), err
}

// Files yields a file for each object of the results, in their order. namer names them; nil
// is that of [Format] for the template with which the command exports:
//
//	{{.apiVersion}}.{{.kind}}-{{or .metadata.name .metadata.generateName}}.yaml
//
// Instead of a File the sequence yields an error if there is none. Errors of results are as
// they were. The others are diagnostics about an object ([diag.From]):
//
//   - namer fails or panics, and its error is in the chain;
//   - the name is no path of a file below a directory, or [Dir] needs it: manifest.json,
//     .mop-manifest, .mop-lock and .mop-export;
//   - the name is that of an earlier file of the sequence, or one of the two is a folder of the
//     other.
//
// After an error the loop may go on to the next object or result. The sequence can be used
// several times, and concurrently, if results can. It has no context, because it waits for
// results and namer alone.
func Files(results iter.Seq2[*render.Result, error], namer Namer) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		if results == nil {
			yield(File{}, errNoResults)
			return
		}
		namer, err := namer.orStandard()
		if err != nil {
			yield(File{}, err)
			return
		}
		var taken paths
		for r, err := range results {
			if err == nil && r == nil {
				err = errNoResult
			}
			if err != nil {
				if !yield(File{}, err) {
					return
				}
				continue
			}
			for _, o := range r.Objects {
				f := File{Environment: r.Environment, Object: o}
				name, err := namer.name(r.Environment, o)
				if err == nil {
					err = taken.take(name)
				}
				if err != nil {
					if !yield(File{}, f.fault(err)) {
						return
					}
					continue
				}
				f.Name = name
				if !yield(f, nil) {
					return
				}
			}
		}
	}
}

var (
	errNoResults = errors.New("export: want a sequence of results, got nil")
	errNoResult  = errors.New("export: want a result or an error, got neither")
)

// fault returns the diagnostic for an object without a file.
func (f File) fault(err error) error {
	d := diag.Diagnostic{
		Subject: fmt.Sprintf("%s: %s at %s", f.Environment.Name, f.Object, f.Object.Path()), Problem: err.Error(), Err: err,
		Origins: []diag.Position{{File: f.Environment.Entrypoint}},
	}
	if none := (export.Nameless{}); errors.As(err, &none) {
		d.Code, d.Problem = none.Code, none.Problem
	}
	return diag.List{d}.Err()
}

// paths are the paths of files and of the folders that hold them. The zero value has none.
type paths struct{ files, folders map[string]bool }

// take adds the path of a file, unless it cannot be beside the others.
func (p *paths) take(file string) error {
	if p.files == nil {
		p.files, p.folders = map[string]bool{}, map[string]bool{}
	}
	var above []string
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		above = append(above, dir)
	}
	switch {
	case p.files[file]:
		return fmt.Errorf("wants the file %s, which another object has", file)
	case p.folders[file]:
		return fmt.Errorf("wants the file %s, which is a folder for another object", file)
	}
	if i := slices.IndexFunc(above, func(dir string) bool { return p.files[dir] }); i >= 0 {
		return fmt.Errorf("wants the folder %s, which is the file of another object", above[i])
	}
	p.files[file] = true
	for _, dir := range above {
		p.folders[dir] = true
	}
	return nil
}
