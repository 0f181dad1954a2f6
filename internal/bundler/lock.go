package bundler

import (
	"cmp"
	"path"
	"slices"

	"github.com/jsonnet-bundler/jsonnet-bundler/spec/v1/deps"
)

// Locked is a package in a lock file.
type Locked struct {
	// Name is its place in the vendor directory. Legacy is another name for imports, or "".
	Name, Legacy string
	// Remote is the address of its git repository, and Subdir its directory in the
	// repository, "" for all. Version is the commit.
	Remote, Subdir, Version string
	// Directory is the directory of a local package, which has nothing of the above but a
	// name.
	Directory string
	// Sum is the sum of its files, "" if there is none.
	Sum string
}

// ParseLock returns the packages of a lock file, sorted by name. It reads the file as [Parse]
// does, and has the same errors.
func ParseLock(file string, data []byte) ([]Locked, error) {
	f, err := Parse(file, data)
	if err != nil {
		return nil, err
	}
	all := make([]Locked, 0, f.Dependencies.Len())
	for _, name := range f.Dependencies.Keys() {
		d, _ := f.Dependencies.Get(name)
		l := Locked{Sum: d.Sum}
		if local := d.Source.LocalSource; local != nil {
			// Not the place of jb, which depends on the process's working directory for "..".
			l.Name, l.Directory = path.Base(local.Directory), local.Directory
		} else {
			l.Name, l.Legacy, l.Version = place(d), legacy(d), d.Version
			l.Remote, l.Subdir = remote(d), within(d)
		}
		all = append(all, l)
	}
	slices.SortStableFunc(all, func(a, b Locked) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// legacy returns the second name of a git package for imports, "" if there is none.
func legacy(d deps.Dependency) string {
	if name := d.LegacyName(); name != place(d) {
		return name
	}
	return ""
}

// within returns the directory of a git package in its repository, "" for all.
func within(d deps.Dependency) string {
	if dir := subdir(d); dir != "." {
		return dir
	}
	return ""
}
