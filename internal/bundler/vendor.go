package bundler

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/swap"
	"github.com/mop-platform/mop/pkg/diag"
)

// vendor is the vendor directory that is checked or replaced, with the two files of the
// project.
type vendor struct {
	name string // the caller's name for it, with slashes
	// target is its path without symbolic links.
	target string
	// swap is nil if the directory is only read.
	swap *swap.Directory
}

// vendorPath returns the path of the vendor directory without symbolic links.
func vendorPath(root, name string) (string, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(root, name)
	}
	return swap.Resolve(name)
}

// openVendor locks the vendor directory and completes the work of a killed process. The
// error is a [*diag.List] if another process is at work.
func openVendor(ctx context.Context, root, name string) (*vendor, error) {
	target, err := vendorPath(root, name)
	if err != nil {
		return nil, err
	}
	d, ok, err := swap.OpenDirectory(ctx, target, "vendor", filepath.Join(root, LockFile), filepath.Join(root, File))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, diag.List{{
			Code: failure.Busy, Values: map[string]any{"lock": swap.LockName(target)},
			Subject: filepath.ToSlash(name), Problem: "another mop installs packages here",
		}}.Err()
	}
	return &vendor{filepath.ToSlash(name), target, d}, nil
}

func (v *vendor) close() error { return v.swap.Close() }

func (v *vendor) fetched() string { return filepath.Join(v.swap.Work(), "fetched") }
func (v *vendor) staged() string  { return v.swap.Staged() }

// in returns the path of a slash-separated name in the directory.
func (v *vendor) in(name string) string { return filepath.Join(v.target, filepath.FromSlash(name)) }

// plan is the new contents of the vendor directory.
type plan struct {
	packages []choice
	// legacy says whether packages are also found under their legacy names.
	legacy bool
	// kept are files and generated libraries that belong to no package.
	kept []string
	// links are the targets of the present symbolic links outside of packages, by their
	// names.
	links    map[string]string
	removed  []string
	warnings diag.List
}

// plan decides which contents of the directory stay and which go.
func (v *vendor) plan(ctx context.Context, packages []choice, legacy bool) (*plan, error) {
	p := &plan{packages: packages, legacy: legacy, links: map[string]string{}}
	// places has the places of packages, holds also the directories around them.
	places, holds := map[string]bool{}, map[string]bool{}
	for _, c := range packages {
		at := place(c.dependency)
		places[at] = true
		for dir := at; dir != "." && dir != "/"; dir = path.Dir(dir) {
			holds[dir] = true
		}
	}
	err := filepath.WalkDir(v.target, func(osName string, d fs.DirEntry, err error) error {
		if osName == v.target {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		if err == nil {
			err = budget.Of(ctx).Err()
		}
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(v.target, osName)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		switch {
		case d.Type() == fs.ModeSymlink:
			p.links[name], err = os.Readlink(osName)
			return err
		case places[name]:
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir():
			p.kept = append(p.kept, name)
		case !holds[name]:
			found, err := lookForGenerated(ctx, osName)
			switch {
			case err != nil:
				return err
			case found.alone():
				p.kept = append(p.kept, name)
			case found.libraries > 0 && !found.files:
				return nil // a directory in it may be a library
			default:
				p.removed = append(p.removed, name)
			}
			return fs.SkipDir
		}
		return nil
	})
	return p, err
}

// wantedLinks returns the links of the plan, by their names.
func (v *vendor) wantedLinks(p *plan) map[string]string {
	links := map[string]string{}
	for _, c := range p.packages {
		if c.dependency.Source.LocalSource == nil {
			continue
		}
		target, err := filepath.Rel(v.target, c.module.final)
		if err != nil {
			target = c.module.final
		}
		links[place(c.dependency)] = target
	}
	if !p.legacy {
		return links
	}
	taken := map[string]string{}
	for _, name := range p.kept {
		taken[strings.SplitN(name, "/", 2)[0]] = "something that is no package"
	}
	for _, c := range p.packages {
		taken[strings.SplitN(place(c.dependency), "/", 2)[0]] = c.dependency.Name()
	}
	for _, c := range p.packages {
		if c.dependency.Source.LocalSource != nil {
			continue
		}
		legacy := c.dependency.LegacyName()
		if other, ok := taken[legacy]; ok {
			p.warnings = append(p.warnings, diag.Diagnostic{
				Severity: diag.Warning, Code: failure.TakenName, Subject: c.dependency.Name(),
				Problem: fmt.Sprintf("cannot be imported as %s too: that is %s", message.Quote(legacy), other),
			})
			continue
		}
		taken[legacy] = c.dependency.Name()
		links[legacy] = filepath.FromSlash(place(c.dependency))
	}
	return links
}

// commit makes the vendor directory match the plan, and writes the new contents of files,
// by their paths: all of it or nothing.
func (v *vendor) commit(ctx context.Context, p *plan, files map[string][]byte) error {
	links := v.wantedLinks(p)
	fetched := slices.ContainsFunc(p.packages, func(c choice) bool { return c.fetched })
	if fetched || len(p.removed) > 0 || !maps.Equal(links, p.links) {
		if err := v.stage(ctx, p, links); err != nil {
			return err
		}
	}
	err := v.swap.Commit(ctx, files)
	var mount *swap.MountError
	if errors.As(err, &mount) || errors.Is(err, syscall.EBUSY) || errors.Is(err, syscall.EXDEV) {
		return diag.List{{
			Code:    failure.FixedVendor,
			Subject: v.name, Problem: "cannot be exchanged with a new directory: it is or holds a mount point, or belongs to a lower layer of a container's image",
		}}.Err()
	}
	return err
}

// stage builds the new vendor directory.
func (v *vendor) stage(ctx context.Context, p *plan, links map[string]string) error {
	if err := os.MkdirAll(v.staged(), 0o777); err != nil {
		return err
	}
	in := func(name string) string { return filepath.Join(v.staged(), filepath.FromSlash(name)) }
	// If a package lies in another one, the outer comes first.
	packages := slices.SortedFunc(slices.Values(p.packages), func(a, b choice) int {
		return strings.Compare(place(a.dependency), place(b.dependency))
	})
	for _, c := range packages {
		if err := budget.Of(ctx).Err(); err != nil {
			return err
		}
		if c.dependency.Source.LocalSource != nil {
			continue
		}
		to := in(place(c.dependency))
		if err := errors.Join(os.RemoveAll(to), os.MkdirAll(filepath.Dir(to), 0o777)); err != nil {
			return err
		}
		move := os.Rename
		if !c.fetched {
			move = func(from, to string) error { return copyDir(ctx, from, to) }
		}
		if err := move(c.module.dir, to); err != nil {
			return err
		}
	}
	for _, name := range p.kept {
		if err := os.MkdirAll(in(path.Dir(name)), 0o777); err != nil {
			return err
		}
		if err := keep(ctx, v.in(name), in(name)); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(links)) {
		if err := os.Symlink(links[name], in(name)); err != nil {
			return err
		}
	}
	return nil
}

// copyDir copies a directory with its symbolic links.
func copyDir(ctx context.Context, from, to string) error { return os.CopyFS(to, dirFS(ctx, from)) }

// keep copies a directory or a file.
func keep(ctx context.Context, from, to string) error {
	info, err := os.Lstat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return copyDir(ctx, from, to)
	}
	data, err := readFile(ctx, from, from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, info.Mode().Perm())
}
