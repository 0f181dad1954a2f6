package bundler

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/jsonnet-bundler/jsonnet-bundler/spec/v1/deps"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/pkg/diag"
)

// longestURI is the most bytes of a package's name. No system has such long paths. To look
// for a repository in 100 kB takes a third of a second.
const longestURI = 16 << 10

// ParseURI reads a package as jb install does: a git repository as
// github.com/user/repository/dir@version, https://..., ssh://git@... or
// git@host:user/repository.git/dir@version, else a directory, relative to dir.
//
// The error is a [diag.Diagnostic].
func ParseURI(dir, uri string) (deps.Dependency, error) {
	bad := diag.Diagnostic{
		Code:    failure.BadPackage,
		Subject: fmt.Sprintf("package %s", message.Quote(uri)), Problem: "neither a git repository nor a directory",
	}
	if len(uri) > longestURI || strings.ContainsFunc(uri, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return deps.Dependency{}, bad
	}
	d := deps.Parse(dir, uri)
	if d == nil {
		return deps.Dependency{}, bad
	}
	if d.Source.LocalSource != nil {
		d.Source.LocalSource.Directory = filepath.ToSlash(d.Source.LocalSource.Directory)
	}
	if problem := checkName(*d); problem != "" {
		bad.Code, bad.Problem = "", problem
		return deps.Dependency{}, bad
	}
	return *d, nil
}

// checkName returns what is wrong with the place of a package in the vendor directory or
// with its legacy name, or "".
func checkName(d deps.Dependency) string {
	if slices.Contains(strings.Split(d.Name(), "/"), "..") || !isPlace(place(d)) || strings.ContainsFunc(d.Name(), unicode.IsControl) {
		return fmt.Sprintf("want a name below the vendor directory, got %s", message.Quote(d.Name()))
	}
	if legacy := d.LegacyName(); !isPlace(legacy) || strings.ContainsFunc(legacy, func(r rune) bool { return r == '/' || unicode.IsControl(r) }) {
		return fmt.Sprintf("name: want the name of a file, got %s", message.Quote(legacy))
	}
	return ""
}

// place returns the place of a package in the vendor directory.
func place(d deps.Dependency) string { return path.Clean(d.Name()) }

// isPlace reports whether name is a path below a directory, and not among the files of a
// git repository itself.
func isPlace(name string) bool {
	return name != "." && isMember(name) && !strings.Contains(name, "\x00")
}

// isMember reports whether a package may have a file of that name.
func isMember(name string) bool {
	if !fs.ValidPath(name) || !filepath.IsLocal(filepath.FromSlash(name)) {
		return false
	}
	return !slices.ContainsFunc(strings.Split(name, "/"), func(element string) bool {
		return strings.EqualFold(element, ".git")
	})
}

// below reports whether name is dir or lies below it.
func below(name, dir string) bool {
	return dir == "." || name == dir || strings.HasPrefix(name, dir+"/")
}

type collision struct{ name, problem string }

// collisions returns the packages that have the place of another package or lie in it, if
// one of the two is local, and so a link.
func collisions(list *deps.Ordered) []collision {
	at := map[string][]string{} // names by places
	for _, name := range list.Keys() {
		d, _ := list.Get(name)
		at[place(d)] = append(at[place(d)], name)
	}
	var found []collision
	for _, b := range list.Keys() {
		db, _ := list.Get(b)
		for dir := place(db); dir != "." && dir != "/"; dir = path.Dir(dir) {
			for _, a := range at[dir] {
				da, _ := list.Get(a)
				if a != b && (da.Source.LocalSource != nil || db.Source.LocalSource != nil) {
					found = append(found, collision{b, fmt.Sprintf("would lie in the package %s, which is a link", a)})
				}
			}
		}
	}
	return found
}

// remote returns the source of a package in messages: the address of its repository or its
// directory.
func remote(d deps.Dependency) string {
	if d.Source.GitSource != nil {
		return d.Source.GitSource.Remote()
	}
	return d.Source.LocalSource.Directory
}

// address returns the git package d as [ParseURI] reads it, without a version. This is its
// name, unless ParseURI reads that as another repository or with another protocol.
func address(d deps.Dependency) string {
	if named := deps.Parse("", d.Name()); named != nil && named.Source.GitSource != nil && *named.Source.GitSource == *d.Source.GitSource {
		return d.Name()
	}
	return remote(d) + d.Source.GitSource.Subdir
}

// subdir returns the directory of a git package in its repository, "." for all.
func subdir(d deps.Dependency) string {
	return path.Join(".", strings.TrimPrefix(d.Source.GitSource.Subdir, "/"))
}
