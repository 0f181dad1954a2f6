// Package bundler installs the Jsonnet packages that a project declares, and
// tells whether what is installed is what it should be. Its files are those of
// jsonnet-bundler (jb) 0.6: jsonnetfile.json, in which the user declares
// packages, and jsonnetfile.lock.json with the commit and the sum of each, and
// of those that they need in turn. Both are written as jb writes them, and of the
// same files both choose the same packages.
//
//	b := bundler.New(root, bundler.Options{Vendor: "vendor-jsonnet", Env: os.Environ()})
//	result, err := b.Install(ctx)
//
// [Bundler.Install], [Bundler.Update], [Bundler.Add] and [Bundler.Remove] change
// the vendor directory as a whole: packages are fetched into a directory beside
// it, held against their sums there, put together to a new vendor directory, and
// that is exchanged with the old one in one step. Whatever fails before, the
// network, a sum, the disk, the process, leaves all as it was. The two files are
// written just after the exchange; of a run that is killed in between, the next
// one does the rest, by a journal, before its own work. [Bundler.Check] and
// [Bundler.List] read only.
//
// What is fetched is not trusted: see [Limits] and [Parse] for what is refused.
//
// It differs from jb where that is at fault: symbolic links in packages stay;
// packages that need each other do no harm; of a branch and those whose names
// end alike, as in feature/main, the right one is taken; a package is never
// deleted because another could not be fetched. Directories that no package
// accounts for are removed, as there, but not libraries that mop generated.
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

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/message"
)

// Options are the settings of a [Bundler].
type Options struct {
	// Vendor is the directory that packages are installed into, relative to the
	// project's root if not absolute. It need not exist.
	Vendor string
	// Cache is a directory that keeps packages that were fetched, so that the
	// network is not needed for them again; "" keeps none. Several processes may
	// use it. It can be removed at any time.
	Cache string
	// Env is the environment of the git program, as [os.Environ] gives it.
	Env []string
	// GitHub is where archives of repositories at https://github.com are asked
	// for; "" is https://github.com itself.
	GitHub string
	// Client gets the archives; nil is one that goes from https to https only.
	Client *http.Client
	// Parallel is the number of packages that are fetched at once; 0 is 8.
	Parallel int
	// Limits are what a package may be.
	Limits Limits
	// Progress, if not nil, is told how many packages are at hand, of those known
	// to be needed. Calls do not overlap.
	Progress func(done, total int)
	// Warn, if not nil, is told what is odd but stops nothing. It must be safe for
	// concurrent use.
	Warn func(diag.Diagnostic)
}

// Bundler installs and checks the packages of one project. It is safe for
// concurrent use; installations exclude each other, also those of other
// processes.
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
	// Links to local packages are relative, as seen from where the vendor
	// directory really is.
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
	// Fetched are the packages that were not there, or not as they should be.
	Fetched []deps.Dependency
	// Removed are the names of directories that are gone from the vendor
	// directory, because no package accounts for them. They are sorted.
	Removed []string
	// Packages is the number of packages that are there now.
	Packages int
	// Local are the names in the vendor directory of the local ones, in order.
	Local []string
	// Warnings are what is odd but stopped nothing.
	Warnings diag.List
}

// manifest are the two files of a project.
type manifest struct {
	declared, locks         v1.JsonnetFile
	declaredData, locksData []byte
	// relock writes the lock file anew, also where only its layout changes.
	relock bool
}

// read reads the two files. A lock file need not exist. The error is a
// [diag.List] if one is wrong.
func (b *Bundler) read(ctx context.Context) (manifest, error) {
	var m manifest
	var err error
	if m.declaredData, err = readFile(ctx, filepath.Join(b.root, File), File); errors.Is(err, fs.ErrNotExist) {
		return m, diag.List{{
			Kind: diag.NoPackageFile,
			At:   diag.Position{File: File}, Problem: "no such file",
		}}
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

// Install makes the vendor directory hold what jsonnetfile.json declares, in the
// versions of the lock file where that has them, and completes that.
//
// The errors of this and the other methods that install are [diag.List]s where
// the input is at fault, or a remote; the context's error if ctx was cancelled.
// Nothing has changed then.
func (b *Bundler) Install(ctx context.Context) (Result, error) {
	return b.install(ctx, func(*manifest) error { return nil })
}

// Update is Install without the versions of the lock file: of all packages, or
// of those that are named, by their names or as [ParseURI] reads them.
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

// Add declares packages and installs. A package that is declared in another
// version gets the new one. What [Parse] would refuse in the file is refused before
// anything is fetched.
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

// Remove declares packages, named as for [Bundler.Update], no longer and
// installs. One that others need stays.
func (b *Bundler) Remove(ctx context.Context, names []string) (Result, error) {
	return b.install(ctx, func(m *manifest) error {
		return b.each(names, m.declared.Dependencies, File, m.locks.Dependencies.Keys(), func(name string) { m.declared.Dependencies.Delete(name) })
	})
}

// each calls f with the names of packages in list, which is that of a file.
// needed are the names of those that others may need.
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
				Kind:    diag.UndeclaredPackage,
				Subject: fmt.Sprintf("package %s", message.Quote(name)), Problem: "not in " + file,
			}
			if slices.Contains(needed, name) {
				out.Kind = diag.NeededPackage
			} else if s := diag.Suggest(name, list.Keys()); s != "" {
				out.Values = diag.Values{"near": message.Quote(s)}
			}
			found = append(found, out)
			continue
		}
		f(name)
	}
	return found.Err()
}

// install changes the files as change says, and the vendor directory by them.
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

// wrap says where an error that is not about the input comes from.
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
	// What fails stops the others.
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
