package eval

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/pkg/diag"
)

// importer resolves the imports of one evaluation.
type importer struct {
	ctx   context.Context
	files *Files
	in    Input
	// read has the names of the files that were read, missing those that were looked for in
	// vain, and globs the patterns that were expanded.
	read, missing, globs map[string]bool
	// generated maps the name of a scheme's file to the path with which it was imported.
	generated map[string]string
	// failed is the last import that could not be resolved, or the last native function
	// that failed.
	failed *calleeError
}

func newImporter(ctx context.Context, files *Files, in Input) *importer {
	return &importer{
		ctx: ctx, files: files, in: in,
		read: map[string]bool{}, missing: map[string]bool{}, globs: map[string]bool{}, generated: map[string]string{},
	}
}

// Import implements jsonnet.Importer: a builtin, or a file in the directory of
// the importing file, or one on the search path.
func (i *importer) Import(importedFrom, importedPath string) (jsonnet.Contents, string, error) {
	if err := budget.Of(i.ctx).Err(); err != nil {
		return jsonnet.Contents{}, "", err
	}
	if i.files.finder != nil {
		contents, name, err := i.files.find(i.ctx, importedFrom, importedPath)
		if err != nil {
			return i.fail(importedPath, "", err)
		}
		i.read[name] = true
		return contents, name, nil
	}
	if code, ok := i.in.Builtins[importedPath]; ok {
		name := snippet(importedPath)
		return i.files.code(name, code), name, nil
	}
	if scheme, rest, ok := strings.Cut(importedPath, ":"); ok {
		if generate := schemes[scheme]; generate != nil {
			return i.generate(importedFrom, importedPath, rest, generate)
		}
	}
	var s search
	if scheme := cmp.Or(i.files.scheme(importedPath), i.files.scheme(importedFrom)); scheme != "" {
		contents, name, err := i.files.fetch(i.ctx, scheme, importedFrom, importedPath)
		switch {
		case err == nil:
			i.read[name] = true
			return contents, name, nil
		case !isMissing(err) || i.files.scheme(importedPath) != "":
			return i.fail(importedPath, "", err)
		}
		s.tried, s.causes = append(s.tried, importedPath), append(s.causes, err)
	}
	for _, name := range i.candidates(importedFrom, importedPath) {
		contents, err := i.files.get(i.ctx, name)
		switch {
		case err == nil:
			i.read[name] = true
			return contents, name, nil
		case isMissing(err):
			i.missing[name] = true
			s.tried = append(s.tried, name)
		case isRefused(err):
			s.refuse(name, err)
		default:
			return i.fail(importedPath, name, err)
		}
	}
	i.failed = s.failure(importedPath)
	i.failed.advice = func() map[string]any { return i.advice(importedFrom, importedPath, s.tried) }
	return jsonnet.Contents{}, "", i.failed
}

// ReadAhead implements [jsonnet.ReaderAhead].
func (i *importer) ReadAhead(importedFrom, importedPath string) (contents jsonnet.Contents, name string, ok bool) {
	if f := i.files.finder; f != nil {
		if !f.Ahead {
			return jsonnet.Contents{}, "", false
		}
		contents, name, err := i.files.find(i.ctx, importedFrom, importedPath)
		return contents, name, err == nil
	}
	scheme, _, _ := strings.Cut(importedPath, ":")
	if _, builtin := i.in.Builtins[importedPath]; builtin || schemes[scheme] != nil || i.files.scheme(importedPath) != "" || i.files.scheme(importedFrom) != "" {
		return jsonnet.Contents{}, "", false
	}
	for _, name := range i.candidates(importedFrom, importedPath) {
		contents, err := i.files.get(i.ctx, name)
		if err == nil || !isMissing(err) && !isRefused(err) {
			return contents, name, err == nil
		}
	}
	return jsonnet.Contents{}, "", false
}

// dir returns the directory to which an import in the named file is relative.
func (i *importer) dir(importedFrom string) string {
	switch {
	case isSnippet(importedFrom):
		return i.in.Dir
	case i.files.scheme(importedFrom) != "":
		// To clean the path of a URL would change it.
		return importedFrom[:strings.LastIndexAny(importedFrom, "/:")]
	}
	return path.Dir(importedFrom)
}

func (i *importer) candidates(importedFrom, importedPath string) []string {
	switch {
	case path.IsAbs(importedPath):
		return []string{path.Clean(importedPath)}
	case importedFrom == byName, isSnippet(importedFrom) && importedPath == i.in.File:
		return []string{importedPath}
	}
	var names []string
	if i.files.scheme(importedFrom) == "" {
		names = []string{path.Join(i.dir(importedFrom), importedPath)}
	}
	for _, dir := range i.in.SearchPath {
		if name := path.Join(dir, importedPath); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// isMissing reports whether err says that there is no such file: nothing, a name below a
// file, or a directory.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EISDIR)
}

// isRefused reports whether err says that the source refuses the file, whether it exists or
// not.
func isRefused(err error) bool {
	var refusal interface{ Outside() bool }
	return errors.As(err, &refusal) && refusal.Outside()
}

// cause returns err without the operation and the path that errors of file systems have.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// fail notes that an import could not be read, because of the named file or, if name is "",
// of several.
func (i *importer) fail(importedPath, name string, err error) (jsonnet.Contents, string, error) {
	i.failed = importFailure(importedPath, cause(err).Error(), err)
	if spent := (*budget.Exceeded)(nil); errors.As(err, &spent) && name != "" {
		d := diag.Diagnostic{At: diag.Position{File: name, Line: 1}, Code: failure.Spent(spent), Problem: spent.Error()}
		if d.Code == failure.MemorySpent {
			d.Code = failure.LargeFile
		}
		i.failed.found = diag.List{d}
	}
	if refused := (*jsonnet.SourceError)(nil); errors.As(err, &refused) {
		at := refused.Loc()
		i.failed.found = diag.List{{At: diag.Position{File: at.FileName, Line: at.Begin.Line, Column: at.Begin.Column}, Code: refused.Code(), Problem: refused.Problem()}}
	}
	return jsonnet.Contents{}, "", i.failed
}

// search is a search for an import, in vain.
type search struct {
	// tried are the names of files that do not exist.
	tried []string
	// refused are the names that the source refused, by the reason. reasons has the reasons
	// in order.
	refused map[string][]string
	reasons []string
	// causes are the errors behind the reasons.
	causes []error
}

func (s *search) refuse(name string, err error) {
	reason := cause(err).Error()
	if s.refused == nil {
		s.refused = map[string][]string{}
	}
	if s.refused[reason] == nil {
		s.reasons, s.causes = append(s.reasons, reason), append(s.causes, err)
	}
	s.refused[reason] = append(s.refused[reason], name)
}

// failure returns the error, with the names tried, the names refused and the reasons.
func (s *search) failure(importedPath string) *calleeError {
	problems, causes := s.reasons, s.causes
	if len(s.tried) > 0 {
		problems, causes = slices.Concat([]string{"no such file"}, problems), slices.Concat([]error{fs.ErrNotExist}, causes)
	}
	e := importFailure(importedPath, strings.Join(problems, ", or "), errors.Join(causes...))
	e.code = failure.NoImport
	if len(s.reasons) > 0 {
		e.code = failure.RefusedImport
	}
	if len(s.tried) == 0 && len(s.refused) == 1 && len(s.refused[s.reasons[0]]) == 1 {
		// There was one place, and the problem says all about it.
		return e
	}
	e.values = map[string]any{"tried": s.tried}
	if len(s.reasons) > 0 {
		var refused []string
		for _, reason := range s.reasons {
			refused = append(refused, strings.Join(s.refused[reason], ", ")+": "+reason)
		}
		e.values["refused"], e.values["flag"] = refused, "-J"
	}
	return e
}
