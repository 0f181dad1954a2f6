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
	"strings"

	"github.com/jsonnet-bundler/jsonnet-bundler/spec/v1/deps"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/pkg/diag"
)

// module is the place of the jsonnetfile.json of a package or of the project.
type module struct {
	// name is the name of the package, "" for the project; root is the project's root.
	name, root string
	// dir is the directory to read now, final its path after the installation.
	dir, final string
	// foreign is true for fetched packages, which may only name directories of their own.
	foreign bool
	// depth is the length of the chain of packages that need each other up to here.
	depth int
}

// mostDepth is the limit of depth, because the stack grows with it.
const mostDepth = 1000

func tooDeep(name string) error {
	return diag.List{{Subject: name, Problem: fmt.Sprintf("want at most %d packages that need each other in turn", mostDepth)}}.Err()
}

// choice is a chosen package, with the reason for it.
type choice struct {
	dependency deps.Dependency
	module     module
	fetched    bool
	// by is the package that declares the dependency, "" for the project; wanted is the
	// version that it declares.
	wanted, by string
}

// resolver chooses packages as jsonnet-bundler does: first those of the project, then those
// of each package in turn. Of two versions of a package it takes the lock's, else the
// first.
type resolver struct {
	ctx     context.Context
	fetcher *fetcher
	vendor  *vendor
	// locks grow by the chosen packages.
	locks *deps.Ordered
	// intact caches which packages are in the vendor directory with the locked sum.
	intact   map[string]bool
	order    []string
	chosen   map[string]choice
	nested   map[string]bool
	warnings diag.List
}

func (r *resolver) resolve(declared *deps.Ordered, project module) error {
	if err := r.prefetch(declared); err != nil {
		return err
	}
	return r.ensure(declared, project)
}

// prefetch begins to fetch all packages of the lock at once. The results count only for
// packages that turn out to be needed.
func (r *resolver) prefetch(declared *deps.Ordered) error {
	for _, name := range r.locks.Keys() {
		if err := budget.Of(r.ctx).Err(); err != nil {
			return err
		}
		l, _ := r.locks.Get(name)
		if d, ok := declared.Get(name); ok {
			// The declaration says where it comes from.
			d.Version, d.Sum = l.Version, l.Sum
			l = d
		}
		if l.Source.GitSource == nil {
			continue
		}
		intact, err := r.isIntact(l)
		if err != nil {
			return err
		}
		if !intact {
			r.fetcher.start(l, l.Sum)
		}
	}
	return nil
}

func (r *resolver) isIntact(l deps.Dependency) (bool, error) {
	key := l.Name() + "\x00" + l.Sum
	if intact, ok := r.intact[key]; ok {
		return intact, nil
	}
	intact, err := hasSum(r.ctx, r.vendor.in(place(l)), l.Sum)
	r.intact[key] = intact
	return intact, err
}

// ensure chooses the packages that from declares, then those that they need.
func (r *resolver) ensure(declared *deps.Ordered, from module) error {
	tasks := map[string]*task{}
	var found diag.List
	for _, name := range declared.Keys() {
		if err := budget.Of(r.ctx).Err(); err != nil {
			return err
		}
		d, _ := declared.Get(name)
		if before, ok := r.chosen[name]; ok {
			r.compare(d, before, from)
			continue
		}
		wanted := d.Version
		if d.Source.LocalSource != nil {
			m, err := local(d, from)
			if l, ok := diag.From(err); ok {
				found = append(found, l...)
			} else if err != nil {
				return err
			}
			d.Version, d.Sum = "", ""
			r.choose(choice{d, m, false, wanted, from.name})
			continue
		}
		l, locked := r.locks.Get(name)
		if locked {
			intact, err := r.isIntact(l)
			if err != nil {
				return err
			}
			if intact {
				dir := r.vendor.in(place(l))
				r.choose(choice{l, module{name, from.root, dir, dir, true, from.depth + 1}, false, wanted, from.name})
				continue
			}
			d.Version = l.Version
		}
		tasks[name] = r.fetcher.start(d, l.Sum)
		r.choose(choice{d, module{}, true, wanted, from.name})
	}
	for _, name := range declared.Keys() {
		t, ok := tasks[name]
		if !ok {
			continue
		}
		<-t.ready
		if l, ok := diag.From(t.err); ok {
			if from.name != "" {
				l[0].Values = maps.Clone(l[0].Values)
				l[0].Values["by"] = from.name
			}
			found = append(found, l...)
			continue
		}
		if t.err != nil {
			return t.err
		}
		c := r.chosen[name]
		c.dependency.Version, c.dependency.Sum = t.got.commit, t.got.sum
		c.module = module{name, from.root, t.got.dir, r.vendor.in(place(c.dependency)), true, from.depth + 1}
		r.chosen[name] = c
		r.locks.Set(name, c.dependency)
	}
	if err := found.Err(); err != nil {
		return err
	}
	for _, name := range declared.Keys() {
		if err := r.ensureNested(r.chosen[name]); err != nil {
			return err
		}
	}
	return nil
}

func (r *resolver) choose(c choice) {
	name := c.dependency.Name()
	r.order = append(r.order, name)
	r.chosen[name] = c
}

// ensureNested chooses the packages that a package needs.
func (r *resolver) ensureNested(c choice) error {
	if c.dependency.Single || r.nested[c.module.name] {
		return nil
	}
	r.nested[c.module.name] = true
	if c.module.depth > mostDepth {
		return tooDeep(c.module.name)
	}
	name := path.Join(r.vendor.name, place(c.dependency), File)
	data, err := readFile(r.ctx, filepath.Join(c.module.dir, File), name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	f, err := parse(r.ctx, name, data)
	if err != nil {
		return err
	}
	return r.ensure(f.Dependencies, c.module)
}

// compare warns of a package that is fetched now and needed in another version too, unless
// the project itself declares the version.
func (r *resolver) compare(d deps.Dependency, before choice, from module) {
	if before.by == "" || !before.fetched || before.wanted == d.Version {
		return
	}
	r.warnings = append(r.warnings, diag.Diagnostic{
		Severity: diag.Warning, Code: failure.TwoVersions, Values: map[string]any{"package": address(d) + "@" + d.Version},
		Subject: d.Name(),
		Problem: fmt.Sprintf("%s wants version %s, %s wants %s; commit %s is taken", before.by, before.wanted, from.name, d.Version, before.dependency.Version),
	})
}

// local returns the module of the local package d that from declares. The error is a
// [diag.Diagnostic] if its directory or its name is wrong.
func local(d deps.Dependency, from module) (module, error) {
	directory := filepath.FromSlash(d.Source.LocalSource.Directory)
	bad := diag.Diagnostic{
		Code: failure.NoLocalPackage, Values: map[string]any{"file": File},
		Subject: d.Name(), Problem: fmt.Sprintf("want a directory, got %s", message.Quote(d.Source.LocalSource.Directory)),
	}
	if filepath.Base(filepath.Join(from.root, directory)) != d.Name() {
		// jsonnet-bundler names it by its path from the working directory.
		bad.Problem = fmt.Sprintf("the name of the local package %s depends on the working directory", message.Quote(d.Source.LocalSource.Directory))
		bad.Code, bad.Values = failure.NameByDirectory, nil
		return module{}, bad
	}
	if from.foreign {
		bad.Problem += ", which " + from.name + " does not have"
		if !filepath.IsLocal(directory) {
			bad.Values = nil
			return module{}, bad
		}
	}
	dir, err := filepath.EvalSymlinks(filepath.Join(from.dir, directory))
	if err != nil {
		return module{}, bad
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return module{}, bad
	}
	final := dir
	if from.foreign {
		real, err := filepath.EvalSymlinks(from.dir)
		if err != nil {
			return module{}, err
		}
		rel, err := filepath.Rel(real, dir)
		if err != nil || !filepath.IsLocal(rel) {
			return module{}, bad
		}
		final = filepath.Join(from.final, rel)
	} else if !filepath.IsAbs(directory) {
		// The links in the path stay as they are written.
		final = filepath.Join(from.final, directory)
	}
	return module{d.Name(), from.root, dir, final, from.foreign, from.depth + 1}, nil
}

// packages returns the chosen packages, in order.
func (r *resolver) packages() []choice {
	out := make([]choice, len(r.order))
	for i, name := range r.order {
		out[i] = r.chosen[name]
	}
	return out
}

// locked returns the packages of the new lock file.
func (r *resolver) locked() *deps.Ordered {
	out := deps.NewOrdered()
	for _, name := range r.order {
		out.Set(name, r.chosen[name].dependency)
	}
	clean(out)
	return out
}

// clean drops the legacy names that are the default, as jb does.
func clean(list *deps.Ordered) {
	for _, name := range list.Keys() {
		if d, _ := list.Get(name); d.LegacyNameCompat == d.Source.LegacyName() {
			d.LegacyNameCompat = ""
			list.Set(name, d)
		}
	}
}

func compareNames(a, b deps.Dependency) int { return strings.Compare(a.Name(), b.Name()) }
