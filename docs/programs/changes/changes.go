// Package changes compares two renderings, exports into memory and reads a project's lock.
package changes

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"

	"github.com/mop-platform/mop/pkg/diff"
	"github.com/mop-platform/mop/pkg/export"
	"github.com/mop-platform/mop/pkg/render"
	"github.com/mop-platform/mop/pkg/vendoring"
)

// Print writes what differs between two environments: names of objects and paths of fields.
func Print(ctx context.Context, w io.Writer, p *render.Project, from, to string) error {
	a, err := p.Render(ctx, from, render.Args{})
	if err != nil {
		return err
	}
	b, err := p.Render(ctx, to, render.Args{})
	if err != nil {
		return err
	}
	for _, c := range diff.Compare(a.Objects, b.Objects) {
		fmt.Fprintln(w, c)
		for _, f := range c.Fields() {
			fmt.Fprintln(w, " ", f.Path)
		}
	}
	return nil
}

// Export returns the files of an environment's objects by their names.
func Export(ctx context.Context, p *render.Project, env string) (map[string]string, error) {
	namer, err := export.Format("{{.kind}}-{{.metadata.name}}.yaml")
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for f, err := range export.Files(p.RenderAll(ctx, env, render.Args{}), namer) {
		if err != nil {
			return nil, err
		}
		var text bytes.Buffer
		if _, err := f.WriteTo(&text); err != nil {
			return nil, err
		}
		files[f.Name] = text.String()
	}
	return files, nil
}

// Versions writes the packages of a project's lock with their versions.
func Versions(w io.Writer, project fs.FS) error {
	packages, err := vendoring.ReadLock(project)
	if err != nil {
		return err
	}
	for _, p := range packages {
		fmt.Fprintln(w, p.Name, p.Version)
	}
	return nil
}
