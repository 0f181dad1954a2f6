package native

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/eval"
)

// inputs are the files that a program reads. They are read through the
// evaluation, so that they count as its files and keep to the project.
type inputs struct {
	call eval.Call
	path func(name string) (string, bool)
	// contents tells what is under each name: a file's hash, a directory's
	// path without symbolic links, or why there is nothing to read.
	contents map[string]string
	// seen are the directories by that path.
	seen map[string]bool
}

var errNotOnDisk = errors.New("the project is not on disk")

// locate returns the inputs for what lies under target, the path that an
// argument gives relative to the file calledFrom, and its path for the program.
func locate(call eval.Call, paths func(string) (string, bool), what, target, calledFrom string) (in *inputs, name, osPath string, err error) {
	name = path.Join(path.Dir(calledFrom), target)
	osPath, ok := paths(name)
	if !ok {
		return nil, "", "", errNotOnDisk
	}
	_, err = os.Stat(osPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", "", diag.Diagnostic{
			Subject: what + " " + target,
			Problem: "no such directory",
			Hints:   []string{"looked for " + name},
		}
	}
	in = &inputs{call: call, path: paths, contents: map[string]string{}, seen: map[string]bool{}}
	return in, name, osPath, err
}

// add adds the named file, or all files below the named directory. Symbolic
// links are followed.
func (in *inputs) add(name string) error {
	if _, ok := in.contents[name]; ok {
		return nil
	}
	if err := in.call.Context().Err(); err != nil {
		return err
	}
	osPath, ok := in.path(name)
	if !ok {
		return errNotOnDisk
	}
	info, err := os.Stat(osPath)
	switch {
	case err != nil:
		// A link to nowhere, for example; the program may not mind.
		in.contents[name] = err.Error()
		return nil
	case info.IsDir():
		return in.addDir(name, osPath)
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

func (in *inputs) addDir(name, osPath string) error {
	real, err := filepath.EvalSymlinks(osPath)
	if err != nil {
		return err
	}
	in.contents[name] = real
	if in.seen[real] {
		return nil
	}
	in.seen[real] = true
	in.call.RecordGlob(path.Join(name, "*"))
	entries, err := os.ReadDir(real)
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
