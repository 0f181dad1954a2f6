// Package bundler installs the Jsonnet packages that a project declares, and checks the
// installed packages. It uses the files of jsonnet-bundler (jb) 0.6. The user declares
// packages in jsonnetfile.json. jsonnetfile.lock.json has the commit and the sum of each
// package, and of the packages that it needs in turn. The package writes both files as jb
// does, and chooses the same packages from them.
//
//	b := bundler.New(root, bundler.Options{Vendor: "vendor-jsonnet", Env: os.Environ()})
//	result, err := b.Install(ctx)
//
// [Bundler.Install], [Bundler.Update], [Bundler.Add] and [Bundler.Remove] replace the
// vendor directory as a whole. They fetch packages into a directory beside it, compare
// their sums there, build a new vendor directory, and exchange it with the old one in one
// step. A failure before that, of the network, a sum, the disk or the process, leaves
// everything as it was. They write the two files just after the exchange. If the process is
// killed in between, the next one finishes its work first, by a journal. [Bundler.Check]
// and [Bundler.List] only read.
//
// Fetched packages are not trusted: [Limits] and [Parse] say what is refused.
//
// Package bundler differs from jb where jb is at fault. It keeps symbolic links in
// packages. Packages may need each other. If several branches have names with the same end,
// such as main and feature/main, it takes the right one. It never deletes a package because
// another could not be fetched. Like jb, it removes directories that belong to no package,
// but not libraries that mop generated.
package bundler

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"slices"

	v1 "github.com/jsonnet-bundler/jsonnet-bundler/spec/v1"
	"github.com/jsonnet-bundler/jsonnet-bundler/spec/v1/deps"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/spelling"
	"github.com/mop-platform/mop/pkg/diag"
)

// Options are the settings of a [Bundler].
type Options struct {
	// Vendor is the directory into which packages are installed, relative to the project's
	// root if not absolute. It need not exist.
	Vendor string
	// Cache is a directory that keeps fetched packages, so that they need no network again;
	// "" keeps none. Several processes may use it. It can be removed at any time.
	Cache string
	// Env is the environment of the git program, as [os.Environ] gives it.
	Env []string
	// GitHub is the address that is asked for archives of repositories at
	// https://github.com; "" is https://github.com itself.
	GitHub string
	// Client gets the archives. If it is nil, redirects lead from https only to https.
	Client *http.Client
	// Parallel is the number of packages that are fetched at once; 0 or less is 8.
	Parallel int
	// Limits are the limits of a package.
	Limits Limits
	// Progress, if not nil, is told how many of the packages known so far were fetched.
	// Calls do not overlap.
	Progress func(done, total int)
	// Warn, if not nil, gets the faults of the cache, which stop nothing. It must be safe
	// for concurrent use.
	Warn func(diag.Diagnostic)
}

// Bundler installs and checks the packages of one project. It is safe for concurrent use.
// Installations exclude each other, also those of other processes.
type Bundler struct {
	root string
	o    Options
}

// New returns a Bundler for the project in the directory root, an absolute path.
func New(root string, o Options) *Bundler {
	if o.GitHub == "" {
		o.GitHub = "https://github.com"
	}
	if o.Client == nil {
		o.Client = &http.Client{CheckRedirect: keepTLS}
	}
	if o.Parallel <= 0 {
		o.Parallel = 8
	}
	// Links to local packages are relative to the real place of the vendor directory.
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	return &Bundler{root, o}
}

func keepTLS(request *http.Request, via []*http.Request) error {
	switch {
	case len(via) >= 10:
		return errors.New("more than 10 redirects")
	case via[0].URL.Scheme == "https" && request.URL.Scheme != "https":
		return fmt.Errorf("redirected from https to %s", request.URL.Scheme)
	}
	return nil
}

// Result is what an installation did.
type Result struct {
	// Fetched are the packages that were missing or changed, sorted by name.
	Fetched []deps.Dependency
	// Removed are the names of directories that were removed from the vendor directory
	// because they belong to no package, in the order of [filepath.WalkDir].
	Removed []string
	// Packages is the number of packages that are there now.
	Packages int
	// Local are the names of the local packages in the vendor directory, sorted.
	Local []string
	// Warnings are about oddities that stopped nothing.
	Warnings diag.List
}

// manifest has the two files of a project.
type manifest struct {
	declared, locks         v1.JsonnetFile
	declaredData, locksData []byte
	// relock writes the lock file anew, even if only its layout changes.
	relock bool
}

// read reads the two files. A lock file need not exist. The error is a [*diag.List] if
// jsonnetfile.json is missing or one of the files is wrong.
func (b *Bundler) read(ctx context.Context) (manifest, error) {
	var m manifest
	var err error
	if m.declaredData, err = readFile(ctx, filepath.Join(b.root, File), File); errors.Is(err, fs.ErrNotExist) {
		return m, diag.List{{
			Code: failure.NoPackageFile,
			At:   diag.Position{File: File}, Problem: "no such file",
		}}.Err()
	}
	if err != nil {
		return m, err
	}
	if m.locksData, err = readFile(ctx, filepath.Join(b.root, LockFile), LockFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return m, err
	}
	var found diag.List
	for _, f := range []struct {
		name string
		data []byte
		to   *v1.JsonnetFile
	}{{File, m.declaredData, &m.declared}, {LockFile, m.locksData, &m.locks}} {
		*f.to, err = parse(ctx, f.name, f.data)
		l, ok := diag.From(err)
		if err != nil && !ok {
			return m, err
		}
		found = append(found, l...)
	}
	return m, found.Err()
}

// Install makes the vendor directory hold the packages of jsonnetfile.json, in the versions
// of the lock file, and adds missing ones to the lock file.
//
// The error of this and the other installing methods is a [*diag.List] if the input or a
// remote is at fault, and the context's error if ctx was cancelled. With an error, nothing
// has changed.
func (b *Bundler) Install(ctx context.Context) (Result, error) {
	return b.install(ctx, func(*manifest) error { return nil })
}

// Update is Install without the versions of the lock file: of all packages, or of those in
// names, which are names of packages or addresses for [ParseURI].
func (b *Bundler) Update(ctx context.Context, names []string) (Result, error) {
	return b.install(ctx, func(m *manifest) error {
		m.relock = true
		if len(names) == 0 {
			m.locks.Dependencies = deps.NewOrdered()
		}
		known := deps.NewOrdered()
		for _, list := range []*deps.Ordered{m.declared.Dependencies, m.locks.Dependencies} {
			for _, name := range list.Keys() {
				d, _ := list.Get(name)
				known.Set(name, d)
			}
		}
		return b.each(names, known, File+" or "+LockFile, nil, func(name string) { m.locks.Dependencies.Delete(name) })
	})
}

// Add declares packages and installs. It replaces the declared version of a package. It
// refuses what [Parse] would refuse in the file, before it fetches anything.
func (b *Bundler) Add(ctx context.Context, packages []deps.Dependency) (Result, error) {
	return b.install(ctx, func(m *manifest) error {
		var found diag.List
		for _, d := range packages {
			if problem := checkName(d); problem != "" {
				found = append(found, diag.Diagnostic{Subject: fmt.Sprintf("package %s", message.Quote(d.Name())), Problem: problem})
			}
		}
		if err := found.Err(); err != nil {
			return err
		}
		for _, d := range packages {
			if before, ok := m.declared.Dependencies.Get(d.Name()); !ok || !sameDependency(before, d) {
				m.declared.Dependencies.Set(d.Name(), d)
				m.locks.Dependencies.Delete(d.Name())
			}
		}
		for _, c := range collisions(m.declared.Dependencies) {
			found = append(found, diag.Diagnostic{Subject: c.name, Problem: c.problem})
		}
		return found.Err()
	})
}

func sameDependency(a, b deps.Dependency) bool {
	return remote(a) == remote(b) && a.Name() == b.Name() && a.Version == b.Version &&
		a.Single == b.Single && a.LegacyName() == b.LegacyName()
}

// Remove removes the declarations of packages, named as for [Bundler.Update], and installs.
// A package that others need stays.
func (b *Bundler) Remove(ctx context.Context, names []string) (Result, error) {
	return b.install(ctx, func(m *manifest) error {
		return b.each(names, m.declared.Dependencies, File, m.locks.Dependencies.Keys(), func(name string) { m.declared.Dependencies.Delete(name) })
	})
}

// each calls f with the names of the named packages in list, which is that of file. needed
// are the names of packages that others may need.
func (b *Bundler) each(names []string, list *deps.Ordered, file string, needed []string, f func(name string)) error {
	var found diag.List
	for _, name := range names {
		if _, ok := list.Get(name); !ok {
			if d, err := ParseURI(b.root, name); err == nil {
				if _, ok := list.Get(d.Name()); ok {
					f(d.Name())
					continue
				}
			}
			out := diag.Diagnostic{
				Code:    failure.UndeclaredPackage,
				Subject: fmt.Sprintf("package %s", message.Quote(name)), Problem: "not in " + file,
			}
			if slices.Contains(needed, name) {
				out.Code = failure.NeededPackage
			} else if s := spelling.Suggest(name, list.Keys()); s != "" {
				out.Values = map[string]any{"near": message.Quote(s)}
			}
			found = append(found, out)
			continue
		}
		f(name)
	}
	return found.Err()
}

// install lets change change the manifest, and makes the files and the vendor directory
// match it.
func (b *Bundler) install(ctx context.Context, change func(*manifest) error) (Result, error) {
	v, err := openVendor(ctx, b.root, b.o.Vendor)
	if err != nil {
		return Result{}, b.wrap(err)
	}
	result, err := b.installInto(ctx, v, change)
	if leftover := v.close(); leftover != nil && err == nil {
		result.Warnings = append(result.Warnings, diag.Diagnostic{
			Severity: diag.Warning, Subject: b.o.Vendor, Problem: "installed, but something is left over: " + leftover.Error(),
		})
	}
	if err != nil {
		return Result{}, b.wrap(err)
	}
	return result, nil
}

// wrap adds the vendor directory to an error that is not about the input.
func (b *Bundler) wrap(err error) error {
	if _, ok := diag.From(err); ok || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("packages in %s: %w", b.o.Vendor, err)
}

func (b *Bundler) installInto(ctx context.Context, v *vendor, change func(*manifest) error) (Result, error) {
	m, err := b.read(ctx)
	if err != nil {
		return Result{}, err
	}
	if err := change(&m); err != nil {
		return Result{}, err
	}
	if _, _, err := changed(ctx, File, m.declaredData, m.declared, false); err != nil {
		return Result{}, err
	}
	// An error stops the other packages.
	ctx, cancel := context.WithCancel(ctx)
	f := newFetcher(ctx, v.fetched(), b.o)
	if err := f.cache.clean(); err != nil && b.o.Warn != nil {
		b.o.Warn(diag.Diagnostic{Severity: diag.Warning, Subject: f.cache.dir, Problem: "cache: " + err.Error()})
	}
	defer f.wait()
	defer cancel()
	r := resolver{ctx: ctx, fetcher: f, vendor: v, locks: m.locks.Dependencies, intact: map[string]bool{}, chosen: map[string]choice{}, nested: map[string]bool{}}
	if err := r.resolve(m.declared.Dependencies, module{root: b.root, dir: b.root, final: b.root}); err != nil {
		return Result{}, err
	}
	plan, err := v.plan(ctx, r.packages(), m.declared.LegacyImports)
	if err != nil {
		return Result{}, err
	}
	clean(m.declared.Dependencies)
	files := map[string][]byte{}
	for _, file := range []struct {
		name   string
		data   []byte
		to     v1.JsonnetFile
		strict bool
	}{{LockFile, m.locksData, v1.JsonnetFile{Dependencies: r.locked()}, m.relock}, {File, m.declaredData, m.declared, false}} {
		data, differs, err := changed(ctx, file.name, file.data, file.to, file.strict)
		if err != nil {
			return Result{}, err
		}
		if differs {
			files[filepath.Join(b.root, file.name)] = data
		}
	}
	if err := v.commit(ctx, plan, files); err != nil {
		return Result{}, err
	}
	result := Result{Removed: plan.removed, Packages: len(plan.packages), Warnings: append(r.warnings, plan.warnings...).Sorted()}
	for _, p := range plan.packages {
		if p.fetched {
			result.Fetched = append(result.Fetched, p.dependency)
		}
		if p.dependency.Source.LocalSource != nil {
			result.Local = append(result.Local, place(p.dependency))
		}
	}
	slices.Sort(result.Local)
	slices.SortFunc(result.Fetched, compareNames)
	return result, nil
}
