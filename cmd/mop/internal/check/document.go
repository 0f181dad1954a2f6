package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mop-platform/mop/cmd/mop/internal/report"
	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/intake"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// fileDocument is a document of a file, with the results about its objects.
type fileDocument struct {
	at     diag.Position
	weight int64
	text   intake.Text
	parts  []documentPart
	// err ends the whole check.
	err error
}

// documentPart is an object of a document, or a part of it that cannot be read.
type documentPart struct {
	unread *report.Record
	object validate.Object
	// value is the value of the object.
	value map[string]any
	// at is the number of the part.
	at int
	// checked has a result for each version of Kubernetes. It is nil until the object is
	// checked.
	checked []validate.Checked
}

// document reads a document and checks each of its objects alone, unless there are many.
func (f *stream) document(ctx context.Context, p inputPart) fileDocument {
	d := fileDocument{at: p.text.At(), weight: p.weight, text: p.text}
	defer budget.Of(ctx).During(d.at.String())()
	err, template := p.err, false
	var document intake.Document
	ok := false
	if err == nil {
		document, ok, err = p.text.Located(ctx)
		template = bytes.Contains(p.text.Bytes(), []byte("{{"))
	}
	l, wrong := diag.From(err)
	switch {
	case wrong:
		for _, fault := range l {
			if template && fault.Code == "" {
				fault.Code = failure.HelmTemplate
			}
			d.cannotRead(fault)
		}
	case err != nil && (budget.Of(ctx).Err() != nil || errors.As(err, new(*budget.Exceeded)) || errors.As(err, new(*intake.Interrupted))):
		d.err = f.o.Inputs.Unread(ctx, p.file, err)
	case err != nil && p.file == inputs.Stdin:
		d.err = fmt.Errorf("standard input: %w", err)
	case err != nil:
		fault := workspace.Unreadable(p.name, err)
		d.parts = []documentPart{{unread: unreadRecord(diag.Position{File: p.name}, fault)}}
	case ok:
		d.add(document, nil, document.Value)
		d.parts = slices.DeleteFunc(d.parts, func(p documentPart) bool { return p.unread == nil && !f.wants(p) })
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

// wants reports whether --target includes an object.
func (f *stream) wants(p documentPart) bool {
	identified, found := manifest.New(p.object.Path, p.value)
	return found.Err() != nil || f.o.Targets.Match(identified)
}

// alone checks an object alone.
func (f *stream) alone(ctx context.Context, p *documentPart) error {
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

// cannotRead adds a fault of a document.
func (d *fileDocument) cannotRead(fault diag.Diagnostic) {
	d.parts = append(d.parts, documentPart{unread: unreadRecord(fault.At, fault)})
}

func unreadRecord(at diag.Position, fault diag.Diagnostic) *report.Record {
	r := report.Unreadable(at, "", diag.List{fault})
	return &r
}

// add adds the value at a path of a document, or the items of a list.
func (d *fileDocument) add(document intake.Document, path manifest.Path, value any) {
	cannotRead := func(path manifest.Path, problem string) {
		fault := diag.Diagnostic{At: document.Find(path), Problem: problem}
		if len(path) > 0 {
			fault.Subject = path.String()
		}
		d.cannotRead(fault)
	}
	object, ok := value.(map[string]any)
	if !ok {
		cannotRead(path, "want an object, got "+plain.Describe(value))
		return
	}
	if items, problem, ok := plain.Items(object); ok {
		if problem := plain.TooNested(path); problem != "" {
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
	d.parts = append(d.parts, documentPart{object: validate.Object{Path: path, Value: document.Part(path, object)}, value: object, at: len(d.parts)})
}
