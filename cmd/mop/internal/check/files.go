package check

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/mop-platform/mop/cmd/mop/internal/report"
	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/intake"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/validate"
)

// Files checks the objects of the files that args name, all together, and reports them to
// the output, document by document. It reports the findings about a document alone as soon
// as it has read the document, and those that need all objects at the end. It checks custom
// resources by the definitions of the project s; nil means the project around the working
// directory.
func (r *Run) Files(ctx context.Context, s *workspace.State, args []string, to *report.Output) error {
	if len(args) == 0 {
		return nil
	}
	files, err := r.o.Inputs.All(ctx, args)
	if err != nil {
		return err
	}
	if s == nil {
		// The project only serves its definitions: files need no project.
		s, _ = r.workspace.State(".")
	}
	if err := r.readDefinitions(ctx, s); err != nil {
		return err
	}
	f := &stream{Run: r, minors: orDefault(r.o.Minors), out: to, late: map[int]lateObject{}}
	for _, minor := range f.minors {
		validator, err := r.validator(s, minor)
		if err != nil {
			return err
		}
		f.sets = append(f.sets, validator.NewSet())
	}
	// The goroutine that waits for the next document ends with this context.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := f.read(ctx, files); err != nil {
		return err
	}
	return f.rest(ctx)
}

// stream is a check of files.
type stream struct {
	*Run
	// minors are the versions of Kubernetes. sets has the objects for each version.
	minors []schema.Minor
	sets   []*validate.Set
	out    *report.Output
	// late are the objects that can only be checked after all have been read, by their
	// numbers. An object has a number for each version of Kubernetes.
	late map[int]lateObject
	// told is the number of objects so far, counted for each version.
	told int
	// cut is the error of a file that the budget has cut short.
	cut atomic.Pointer[error]
}

// inputPart is the text of a document, or a fault of a file.
type inputPart struct {
	// file is the path of the file, and name the user's name of it.
	file, name string
	text       intake.Text
	err        error
	// weight is its share of mostRead.
	weight int64
}

const (
	// mostRead limits the bytes of documents that are read but not yet reported. A larger
	// document is read alone.
	mostRead = 8 << 20
	// mostAtOnce limits the documents, or objects of a list, in one piece of work.
	mostAtOnce = 32
	// adaptEvery is the number of objects after which the heap is adapted.
	adaptEvery = 4096
)

// read checks each object of files alone, and reports the findings.
func (f *stream) read(ctx context.Context, files []inputs.File) error {
	ahead := semaphore.NewWeighted(mostRead)
	documents := inOrder(ctx, f.parts(ctx, ahead, files), mostAtOnce, func(parts []inputPart) []fileDocument {
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
			// The next document may arrive late.
			if err := f.out.Flush(); err != nil {
				return err
			}
			batch, ok = <-documents
		}
		if !ok {
			if cut := f.cut.Load(); cut != nil {
				return *cut
			}
			return inputs.Placed(at, budget.Of(ctx).Err())
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

// parts sends the parts of files.
func (f *stream) parts(ctx context.Context, ahead *semaphore.Weighted, files []inputs.File) <-chan inputPart {
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
	// sent sends the next part of a file, unless the budget has cut the file short.
	sent := func(p inputPart) bool {
		if p.err != nil && budget.Of(ctx).Err() != nil {
			err := f.o.Inputs.Unread(ctx, p.file, p.err)
			f.cut.Store(&err)
			return false
		}
		return send(p)
	}
	one := func(file inputs.File) bool {
		p := inputPart{file: file.Path, name: file.Path}
		if p.file != inputs.Stdin {
			p.name = filepath.ToSlash(f.o.Inputs.Shown(p.file))
		}
		var r io.ReadCloser
		if r, p.err = f.o.Inputs.Open(ctx, file); p.err != nil {
			return sent(p)
		}
		defer r.Close()
		for p.text, p.err = range intake.Texts(ctx, p.name, r) {
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

// tell adds the objects of a document to the sets, and reports the findings about each
// alone.
func (f *stream) tell(ctx context.Context, d fileDocument) error {
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

// enter adds objects to the sets, and asks API servers about them if there are any.
func (f *stream) enter(ctx context.Context, at diag.Position, parts []documentPart) error {
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
		if f.o.Servers == nil {
			continue
		}
		if len(results) > 0 {
			if _, err := f.o.Servers.server(f.minors[i]); err != nil {
				return err
			}
		}
		if err := f.o.Servers.judge(f.minors[i], results); err != nil {
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

// tellPart reports the findings about an object alone.
func (f *stream) tellPart(d fileDocument, p documentPart) error {
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
			f.o.Adapt()
		}
	}
	return f.out.Alone(records, known)
}
