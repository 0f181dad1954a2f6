package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/pool"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// spool runs jobs and writes the rendered objects into a directory. Of an environment it
// keeps only the names of its files.
type spool struct {
	dir     string
	format  *Format
	options Options

	mu           sync.Mutex
	files, dirs  map[string]bool // the paths written, and the folders that hold them
	claims       []claim
	unnamed      map[Nameless][]owner // objects without a file, by the reason
	reasons      map[Nameless]error   // the errors behind the reasons
	found        diag.List            // the faults that the jobs reported
	sources      map[Source]bool      // the sources that were exported
	environments int
}

// owner is an object that wants a file. There is one for each object of an export, so it
// shares the data that it has in common with others.
type owner struct {
	object string
	*exported
}

// exported is an environment that was exported.
type exported struct {
	environment string
	source      Source
	at          string // the entrypoint's file
}

func (w owner) String() string { return w.object + " (environment " + w.environment + ")" }

func (w owner) compare(v owner) int {
	return slices.Compare([]string{w.environment, w.at, w.object}, []string{v.environment, v.at, v.object})
}

// claim says that an object wants a file.
type claim struct {
	file string
	owner
}

func newSpool(dir string, f *Format, o Options) *spool {
	return &spool{
		dir: dir, format: f, options: o,
		files: map[string]bool{}, dirs: map[string]bool{},
		unnamed: map[Nameless][]owner{}, reasons: map[Nameless]error{}, sources: map[Source]bool{},
	}
}

// run runs all jobs. An error ends the export. The faults of the input are in diagnostics
// and claims.
func (s *spool) run(ctx context.Context, jobs []Job) error {
	if err := os.MkdirAll(s.dir, 0o777); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	yield := func(env Environment) error {
		err := s.add(ctx, env)
		if err != nil {
			cancel(err)
		}
		return err
	}
	work := make([]pool.Job, len(jobs))
	for i, job := range jobs {
		work[i] = func() (int, func(bool) func(int)) {
			if budget.Of(ctx).Err() != nil {
				return 0, nil
			}
			entrypoint, err := job.Open(ctx)
			s.failed(ctx, job, err)
			return entrypoint.Environments, func(first bool) func(int) {
				render := entrypoint.Renderer(first)
				return func(n int) {
					if budget.Of(ctx).Err() == nil {
						s.failed(ctx, job, render(ctx, n, yield))
					}
				}
			}
		}
	}
	pool.Run(s.options.Parallel, work, s.options.Progress)
	var spent *budget.Exceeded
	if err := budget.Of(ctx).Err(); !errors.As(err, &spent) || len(s.found) == 0 {
		return err
	}
	// The faults say where the budget was spent.
	return nil
}

// failed records the faults of a job, if err is not nil.
func (s *spool) failed(ctx context.Context, job Job, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l, ok := diag.From(err); ok {
		s.found = append(s.found, l...)
	} else if err != nil && budget.Of(ctx).Err() == nil {
		s.found = append(s.found, diag.Diagnostic{Subject: job.Name, Problem: err.Error(), Err: err})
	}
}

// add writes the files of env.
func (s *spool) add(ctx context.Context, env Environment) error {
	s.mu.Lock()
	s.environments++
	s.sources[env.source()] = true
	s.mu.Unlock()
	name := s.options.Name
	if name == nil {
		f := s.format.With(func() (map[string]any, error) { return env.Template, nil })
		name = func(o manifest.Object) (string, error) { return f.File(ctx, o) }
	}
	from := &exported{env.Name, env.source(), env.file()}
	spent := budget.Of(ctx)
	for _, o := range env.Objects {
		if err := spent.Err(); err != nil {
			return err
		}
		who := owner{describe(o), from}
		file, err := name(o)
		if none := (Nameless{}); errors.As(err, &none) {
			s.mu.Lock()
			s.unnamed[none] = append(s.unnamed[none], who)
			s.reasons[none] = err
			s.mu.Unlock()
			continue
		}
		if err != nil && s.options.Name != nil {
			return err
		}
		if err != nil {
			return diag.List{{
				Code: failure.FormatFailed, Values: map[string]any{"object": who.object},
				Subject: "format " + s.format.text, Problem: err.Error(), Err: err,
			}}.Err()
		}
		if !s.claim(file, who) {
			continue
		}
		if err := s.write(spent, file, o); err != nil {
			return err
		}
	}
	return nil
}

// describe names an object for messages.
func describe(o manifest.Object) string {
	return o.ID().String() + o.GenerateName() + " at " + o.Path().String()
}

// claim records that an object wants a file, and reports whether the file can be written.
// It cannot if another object has the path as a file or a folder, or has a file above it.
func (s *spool) claim(file string, who owner) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claims = append(s.claims, claim{file, who})
	if s.files[file] || s.dirs[file] {
		return false
	}
	for dir := range parents(file) {
		if s.files[dir] {
			return false
		}
	}
	s.files[file] = true
	for dir := range parents(file) {
		s.dirs[dir] = true
	}
	return true
}

// parents yields the folders of a slash-separated relative path, the nearest
// first.
func parents(file string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
			if !yield(dir) {
				return
			}
		}
	}
}

func (s *spool) write(b *budget.Budget, file string, o manifest.Object) (err error) {
	name := filepath.Join(s.dir, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	out, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if closing := out.Close(); err == nil {
			err = closing
		}
	}()
	if err := s.options.Write(counted{out, b}, o); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// counted is a writer whose bytes count as output.
type counted struct {
	io.Writer
	budget *budget.Budget
}

func (c counted) Write(p []byte) (int, error) {
	if err := c.budget.Wrote(len(p)); err != nil {
		return 0, err
	}
	return c.Writer.Write(p)
}

// names returns the files written, sorted.
func (s *spool) names() []string {
	names := make([]string, 0, len(s.claims))
	for _, c := range s.claims {
		names = append(names, c.file)
	}
	slices.Sort(names)
	return names
}

// diagnostics returns the faults that the jobs reported, and one fault for all objects that
// have no name for the same reason.
func (s *spool) diagnostics() diag.List {
	l := slices.Clone(s.found)
	for none, owners := range s.unnamed {
		problem := none.Problem
		first := slices.MinFunc(owners, owner.compare)
		if more := len(owners) - 1; more > 0 {
			problem += fmt.Sprintf(" (and so for %d more)", more)
		}
		l = append(l, diag.Diagnostic{
			Code:    none.Code,
			Subject: first.environment + ": " + first.object,
			Problem: problem,
			Origins: []diag.Position{{File: first.at}},
			Err:     s.reasons[none],
		})
	}
	return l
}
