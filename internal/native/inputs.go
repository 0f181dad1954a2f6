package native

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
)

// inputs are the files that a program reads. They are read through the
// evaluation, so that they count as its files and keep to the project.
type inputs struct {
	call  eval.Call
	files Files
	// contents has for each name a file's hash, a directory's name without symbolic links,
	// or the reason why nothing can be read.
	contents map[string]string
	// seen has the directories that were added, by that name.
	seen map[string]bool
}

var errNotOnDisk = errors.New("the project is not on disk")

// locate returns the inputs of a program, and the name of target in the project and its
// path for the program. target is relative to the file calledFrom. what is the word for it
// in messages.
func locate(call eval.Call, files Files, what, target, calledFrom string) (in *inputs, name, osPath string, err error) {
	if files == nil {
		return nil, "", "", errNotOnDisk
	}
	name = path.Join(path.Dir(calledFrom), target)
	_, err = files.Stat(call.Context(), name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "", "", diag.Diagnostic{
			Code: failure.NoDirectory, Values: map[string]any{"name": name},
			Subject: what + " " + target, Problem: "no such directory",
		}
	case errors.Is(err, project.ErrOutside):
		var pe *fs.PathError
		errors.As(err, &pe)
		return nil, "", "", diag.Diagnostic{Subject: what + " " + target, Problem: pe.Err.Error()}
	case err != nil:
		return nil, "", "", err
	}
	osPath, ok := files.Path(name)
	if !ok {
		return nil, "", "", errNotOnDisk
	}
	return &inputs{call: call, files: files, contents: map[string]string{}, seen: map[string]bool{}}, name, osPath, nil
}

// add adds the named file, or all files below the named directory. Symbolic
// links are followed.
func (in *inputs) add(name string) error {
	if _, ok := in.contents[name]; ok {
		return nil
	}
	if err := budget.Of(in.call.Context()).Err(); err != nil {
		return err
	}
	info, err := in.files.Stat(in.call.Context(), name)
	switch {
	case errors.Is(err, project.ErrOutside):
		return err
	case err != nil:
		// A link to nowhere, for example; the program may not mind.
		in.contents[name] = err.Error()
		return nil
	case info.IsDir():
		return in.addDir(name)
	case !info.Mode().IsRegular():
		in.contents[name] = info.Mode().String()
		return nil
	}
	data, err := in.call.ReadFile(name)
	if err != nil {
		return err
	}
	in.contents[name] = fmt.Sprintf("%x", sha256.Sum256(data))
	return nil
}

func (in *inputs) addDir(name string) error {
	resolved := in.files.Resolved(name)
	in.contents[name] = resolved
	if in.seen[resolved] {
		return nil
	}
	in.seen[resolved] = true
	in.call.RecordGlob(path.Join(name, "*"))
	entries, err := in.files.ReadDir(in.call.Context(), name)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := in.add(path.Join(name, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
