package bundler

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/jsonnet-bundler/jsonnet-bundler/spec/v1/deps"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/pkg/diag"
)

// State says what the vendor directory has at the place of a package.
type State string

const (
	// Installed is the package with the sum of the lock file.
	Installed State = "installed"
	// Generated is the library that mop generates, instead of the package.
	Generated State = "generated"
	// Linked is a link to the directory of a local package.
	Linked State = "linked"
	// Missing means that the place is empty.
	Missing State = "missing"
	// Changed is a package with another sum than in the lock file, or for a local package
	// anything except a link to its directory.
	Changed State = "changed"
	// Unlocked is a package without a sum in the lock file.
	Unlocked State = "unlocked"
)

// Package is a package that a project needs.
type Package struct {
	// Name is its place in the vendor directory. Legacy is another name for imports, or "".
	Name, Legacy string
	// Version is the commit in the lock file, "" if there is none or the package is local.
	// Wanted is the declared version.
	Version, Wanted string
	// Remote is the address of its repository, or its directory. Subdir is its directory in
	// the repository, "" for all.
	Remote, Subdir string
	// NeededBy are the names of the packages that declare it, sorted, "" for the project
	// itself. It is empty for a package that only the lock file has.
	NeededBy []string
	State    State
}

// Report is what [Bundler.Check] finds.
type Report struct {
	// Packages are sorted by name.
	Packages []Package
	// Generated are directories with libraries that mop generated outside of packages.
	// Others are directories that an installation would remove. Both are in the order of
	// [filepath.WalkDir].
	Generated, Others []string
}

// Check compares the vendor directory with the two files. It needs no network. The error is
// a [*diag.List] if the input is at fault.
func (b *Bundler) Check(ctx context.Context) (Report, error) {
	m, err := b.read(ctx)
	if err != nil {
		return Report{}, err
	}
	target, err := vendorPath(b.root, b.o.Vendor)
	if err != nil {
		return Report{}, b.wrap(err)
	}
	project := module{root: b.root, dir: b.root, final: b.root}
	c := checker{ctx: ctx, vendor: &vendor{name: filepath.ToSlash(b.o.Vendor), target: target}, locks: m.locks.Dependencies, packages: map[string]*Package{}, seen: map[string]bool{}}
	if err := c.add(m.declared.Dependencies, project); err != nil {
		return Report{}, b.wrap(err)
	}
	for _, name := range m.locks.Dependencies.Keys() {
		if d, _ := m.locks.Dependencies.Get(name); c.packages[name] == nil {
			if _, err := c.look(d, project); err != nil {
				return Report{}, b.wrap(err)
			}
		}
	}
	var report Report
	var chosen []choice
	for _, p := range c.packages {
		report.Packages = append(report.Packages, *p)
	}
	for _, d := range c.dependencies {
		chosen = append(chosen, choice{dependency: d})
	}
	plan, err := c.vendor.plan(ctx, chosen, false)
	if err != nil {
		return Report{}, b.wrap(err)
	}
	report.Others = plan.removed
	for _, name := range plan.kept {
		if info, err := os.Lstat(c.vendor.in(name)); err == nil && info.IsDir() {
			report.Generated = append(report.Generated, name)
		}
	}
	slices.SortFunc(report.Packages, func(a, b Package) int { return strings.Compare(a.Name, b.Name) })
	return report, nil
}

// List returns the packages that the project needs, sorted by name, as far as the two files
// and the installed packages name them. Its error is that of [Bundler.Check].
func (b *Bundler) List(ctx context.Context) ([]Package, error) {
	report, err := b.Check(ctx)
	return report.Packages, err
}

// checker collects the states of packages.
type checker struct {
	ctx          context.Context
	vendor       *vendor
	locks        *deps.Ordered
	packages     map[string]*Package
	dependencies []deps.Dependency
	seen         map[string]bool
}

// add looks at the packages that from declares, and at the packages that they need.
func (c *checker) add(declared *deps.Ordered, from module) error {
	for _, name := range declared.Keys() {
		d, _ := declared.Get(name)
		if p := c.packages[name]; p != nil {
			p.NeededBy = append(p.NeededBy, from.name)
			slices.Sort(p.NeededBy)
			continue
		}
		if err := budget.Of(c.ctx).Err(); err != nil {
			return err
		}
		p, err := c.look(d, from)
		if err != nil {
			return err
		}
		p.NeededBy = []string{from.name}
	}
	for _, name := range declared.Keys() {
		d, _ := declared.Get(name)
		if err := c.nested(d, from); err != nil {
			return err
		}
	}
	return nil
}

// nested looks once at the packages that a package needs.
func (c *checker) nested(d deps.Dependency, from module) error {
	if c.seen[d.Name()] {
		return nil
	}
	c.seen[d.Name()] = true
	if from.depth > mostDepth {
		return tooDeep(d.Name())
	}
	if l, ok := c.locks.Get(d.Name()); d.Single || ok && l.Single {
		return nil
	}
	dir := c.vendor.in(place(d))
	m := module{d.Name(), from.root, dir, dir, true, from.depth + 1}
	if d.Source.LocalSource != nil {
		var err error
		m, err = local(d, from)
		if _, ok := diag.From(err); ok {
			return nil // it is missing
		}
		if err != nil {
			return err
		}
	}
	name := path.Join(c.vendor.name, place(d), File)
	data, err := readFile(c.ctx, filepath.Join(m.dir, File), name)
	if isAbsent(err) {
		return nil
	}
	if err != nil {
		return err
	}
	f, err := parse(c.ctx, name, data)
	if err != nil {
		return err
	}
	return c.add(f.Dependencies, m)
}

// look adds a package with its state.
func (c *checker) look(d deps.Dependency, from module) (*Package, error) {
	p := &Package{Name: place(d), Remote: remote(d), Wanted: d.Version}
	c.packages[d.Name()] = p
	c.dependencies = append(c.dependencies, d)
	var err error
	if d.Source.LocalSource != nil {
		p.State, err = c.local(d, from)
		return p, err
	}
	p.Legacy, p.Subdir = legacy(d), within(d)
	l, locked := c.locks.Get(d.Name())
	if locked {
		p.Version = l.Version
	}
	dir := c.vendor.in(place(d))
	info, err := os.Lstat(dir)
	if isAbsent(err) {
		p.State = Missing
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.State = Changed
	if !locked || l.Sum == "" {
		p.State = Unlocked
	}
	if !info.IsDir() {
		return p, nil
	}
	intact, err := hasSum(c.ctx, dir, l.Sum)
	if err != nil {
		return p, err
	}
	if intact {
		p.State = Installed
		return p, nil
	}
	generated, err := matchesGenerated(c.ctx, d, dir)
	if generated {
		p.State = Generated
	}
	return p, err
}

// local returns the state of a local package, whose link must lead to its directory.
func (c *checker) local(d deps.Dependency, from module) (State, error) {
	link := c.vendor.in(place(d))
	if _, err := os.Lstat(link); isAbsent(err) {
		return Missing, nil
	}
	m, err := local(d, from)
	if _, ok := diag.From(err); ok {
		return Missing, nil
	}
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(link)
	if isAbsent(err) {
		return Missing, nil
	}
	if err == nil && real != m.dir {
		return Changed, nil
	}
	return Linked, err
}

// isAbsent reports whether err means that there is no such file.
func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
