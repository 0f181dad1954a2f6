package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mop-platform/mop/internal/bundler"
	"github.com/mop-platform/mop/internal/vendored"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

func newVendorCommand(a *app) *cobra.Command {
	return newGroup("vendor", "Jsonnet packages, as of jsonnet-bundler (jb)",
		newVendorInstallCommand(a), newVendorUpdateCommand(a), newVendorAddCommand(a),
		newVendorRemoveCommand(a), newVendorListCommand(a), newVendorCheckCommand(a))
}

// vendorFlags are the flags of every vendor command.
type vendorFlags struct {
	dir string
}

// importDirs returns the vendor directory of the flag, which is an import directory only by
// the flag.
func (f vendorFlags) importDirs() []string {
	if f.dir == "" {
		return nil
	}
	return []string{f.dir}
}

func (f *vendorFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.dir, "vendor", "", "the packages are in `DIR`; by default in vendor-jsonnet, or in vendor where only that is there")
	flags.StringVar(&f.dir, "jsonnetpkg-home", "", "")
	flags.Lookup("jsonnetpkg-home").Hidden = true // jb's name for it
}

// installFlags are the flags of the commands that install packages.
type installFlags struct {
	vendor vendorFlags
	cache  string
}

func (f *installFlags) add(flags *pflag.FlagSet) {
	f.vendor.add(flags)
	flags.StringVar(&f.cache, "cache", "", "keep what was fetched in `DIR`, \"\" keeps nothing (default $MOP_CACHE, else mop in the user's cache directory)")
}

// cacheDir returns the directory of the cache, "" for no cache.
func (a *app) cacheDir(flags *pflag.FlagSet, value string) string {
	dir, given := a.lookupEnv("MOP_CACHE")
	switch {
	case flags.Changed("cache"):
		dir = value
	case !given:
		dir = a.cache
	}
	if dir == "" {
		return ""
	}
	return a.abs(dir)
}

// bundler opens the project around the working directory and returns a bundler
// for it.
func (a *app) bundler(f vendorFlags, o bundler.Options) (*bundler.Bundler, *workspace.State, error) {
	s, err := workspace.New(a.settings()).State(".")
	if err != nil {
		return nil, nil, err
	}
	o.Vendor, o.Env = f.name(s), a.environ
	return bundler.New(s.Root(), o), s, nil
}

// installed opens the project around the working directory in its present state, with the
// vendor directory.
func (a *app) installed(f vendorFlags) (*workspace.State, error) {
	s := a.settings()
	s.ImportDirs = f.importDirs()
	return workspace.New(s).State(".")
}

// name returns the name of the vendor directory in the project.
func (f vendorFlags) name(s *workspace.State) string {
	if f.dir == "" {
		return s.Project.VendorDir()
	}
	return s.Name(f.dir)
}

// install runs an installation with a progress bar, and reports its result.
func (a *app) install(ctx context.Context, flags *pflag.FlagSet, f installFlags, run func(context.Context, *bundler.Bundler, string) (bundler.Result, error)) error {
	bar := a.progress("packages")
	var warnings collected
	b, s, err := a.bundler(f.vendor, bundler.Options{
		Cache:    a.cacheDir(flags, f.cache),
		Progress: bar.Show,
		Warn:     func(d diag.Diagnostic) { warnings.add(diag.List{d}) },
	})
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(filepath.FromSlash(s.Path(f.vendor.name(s))), a.dir); err == nil && filepath.IsLocal(rel) {
		// A shell's working directory cannot be replaced by another directory.
		return wrongCall("the working directory is in the vendor directory, which is to be replaced", "go to the project's root")
	}
	result, err := run(ctx, b, s.Root())
	bar.Done()
	a.warn(s.Located(append(warnings.list, result.Warnings...)))
	if err != nil {
		return s.LocatedErr(err)
	}
	// The new jsonnetfile.json decides which directories the project may read.
	if s, err = a.installed(f.vendor); err != nil {
		return err
	}
	var unread diag.List
	for _, name := range result.Local {
		unread = append(unread, vendored.Closed(ctx, s.Project, f.vendor.name(s), name, diag.Warning)...)
	}
	a.warn(unread)
	for _, d := range result.Fetched {
		a.note("installed %s %s", d.Name(), d.Version)
	}
	for _, name := range result.Removed {
		a.note("removed %s, which belongs to no package", s.Shown(f.vendor.name(s)+"/"+name))
	}
	if len(result.Fetched)+len(result.Removed) == 0 {
		a.note("nothing to fetch; packages: %d", result.Packages)
	}
	return nil
}

// newInstaller completes cmd to a command that installs packages by run. root is the root
// of the project.
func (a *app) newInstaller(cmd cobra.Command, run func(ctx context.Context, b *bundler.Bundler, root string, args []string) (bundler.Result, error)) *cobra.Command {
	var f installFlags
	cmd.Long = help("vendor_" + cmd.Name())
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return a.install(cmd.Context(), cmd.Flags(), f, func(ctx context.Context, b *bundler.Bundler, root string) (bundler.Result, error) {
			return run(ctx, b, root, args)
		})
	}
	f.add(cmd.Flags())
	return &cmd
}

func newVendorInstallCommand(a *app) *cobra.Command {
	noPackages := func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return wrongCall(fmt.Sprintf("vendor install: want no arguments, got %d", len(args)), "to declare a package: mop vendor add "+args[0])
		}
		return nil
	}
	return a.newInstaller(cobra.Command{Use: "install", Short: "Install the packages that jsonnetfile.json declares", Args: noPackages},
		func(ctx context.Context, b *bundler.Bundler, _ string, _ []string) (bundler.Result, error) {
			return b.Install(ctx)
		})
}

func newVendorUpdateCommand(a *app) *cobra.Command {
	return a.newInstaller(cobra.Command{Use: "update [PACKAGE]...", Short: "Install the newest commits of packages", Args: cobra.ArbitraryArgs},
		func(ctx context.Context, b *bundler.Bundler, _ string, args []string) (bundler.Result, error) {
			return b.Update(ctx, args)
		})
}

func newVendorAddCommand(a *app) *cobra.Command {
	var single bool
	var name string
	cmd := a.newInstaller(cobra.Command{Use: "add PACKAGE...", Short: "Declare packages and install them", Args: somePackages},
		func(ctx context.Context, b *bundler.Bundler, root string, args []string) (bundler.Result, error) {
			if slices.Contains(args, "") {
				return bundler.Result{}, wrongCall(`want a package, got ""`, "is a variable empty?")
			}
			packages, err := vendored.Packages(root, args, a.abs)
			if err != nil {
				return bundler.Result{}, err
			}
			for i := range packages {
				packages[i].Single, packages[i].LegacyNameCompat = single, name
			}
			return b.Add(ctx, packages)
		})
	cmd.PreRunE = func(_ *cobra.Command, args []string) error {
		if len(args) > 1 && name != "" {
			return wrongCall(fmt.Sprintf("--legacy-name: want one package, got %d", len(args)), "")
		}
		return nil
	}
	cmd.Flags().BoolVarP(&single, "single", "1", false, "without the packages that it needs")
	cmd.Flags().StringVar(&name, "legacy-name", "", "make it importable as `NAME` too")
	return cmd
}

func newVendorRemoveCommand(a *app) *cobra.Command {
	return a.newInstaller(cobra.Command{Use: "remove PACKAGE...", Aliases: []string{"rm"}, Short: "Declare packages no longer and remove them", Args: somePackages},
		func(ctx context.Context, b *bundler.Bundler, _ string, args []string) (bundler.Result, error) {
			return b.Remove(ctx, args)
		})
}

func somePackages(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return wrongCall(
			fmt.Sprintf("vendor %s: want at least one package", cmd.Name()),
			fmt.Sprintf("for example: %s github.com/grafana/jsonnet-libs/ksonnet-util", cmd.CommandPath()))

	}
	return nil
}

func newVendorListCommand(a *app) *cobra.Command {
	var f vendorFlags
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the packages that the project needs",
		Long:    help("vendor_list"),
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, s, err := a.bundler(f, bundler.Options{})
			if err != nil {
				return err
			}
			packages, err := b.List(cmd.Context())
			if err != nil {
				return s.LocatedErr(err)
			}
			_, err = a.stdout.Write(vendored.Table(packages))
			return err
		},
	}
	f.add(cmd.Flags())
	return cmd
}
