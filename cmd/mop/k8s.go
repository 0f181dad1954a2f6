package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/bundler"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/k8s"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/release"
	"github.com/mop-platform/mop/pkg/schema"
	"github.com/mop-platform/mop/pkg/swap"
)

func newK8sCommand(a *app) *cobra.Command {
	return newGroup("k8s", "Jsonnet libraries for Kubernetes", newK8sGenerateCommand(a))
}

const k8sGenerateDoc releasesDoc = `Generate writes a Jsonnet library for the objects of a version of Kubernetes into
a directory: for each property of each kind a function that sets it. The
functions have the names and parameters of k8s-libsonnet. It needs no network.

A library that Generate wrote into the directory before is replaced as a whole.
A directory that holds any other file is left as it is, which is an error.

With --crd the library has also the kinds that CustomResourceDefinitions define,
in the versions that they serve: ServiceMonitor of monitoring.coreos.com/v1 is
k.monitoring.v1.serviceMonitor. Groups with the same first label have one name;
those whose first label has a hyphen, as in cert-manager.io, are in k.nogroup.
Kinds that would then be called alike are an error. Of a directory Generate takes
the files called *.yaml, *.yml and *.json, at any depth; objects of other kinds
are passed over.

Examples:
  mop k8s generate --out vendor-jsonnet/github.com/jsonnet-libs/k8s-libsonnet/<default>
  mop k8s generate --kubernetes-version <other> --docs --out vendor-jsonnet/k8s
  mop k8s generate --crd crds --out vendor-jsonnet/k8s
  kubectl get crds -o yaml | mop k8s generate --crd - --out vendor-jsonnet/k8s

Exit status: 0 done, 1 something is wrong in a CustomResourceDefinition, 2 could
not do it. Where it is not 0, nothing is written.`

type k8sGenerateOptions struct {
	version string
	crds    []string
	out     string
	library k8s.Options
}

func newK8sGenerateCommand(a *app) *cobra.Command {
	var o k8sGenerateOptions
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Write a Jsonnet library for the objects of Kubernetes",
		Long:  k8sGenerateDoc.String(),
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runK8sGenerate(cmd.Context(), a, cmd.InOrStdin(), o)
		},
	}
	cmd.Flags().StringVar(&o.version, "kubernetes-version", release.Default.String(), "minor `VERSION` of Kubernetes")
	listVar(cmd.Flags(), &o.crds, "crd", "", "`FILE|DIR|-` with CustomResourceDefinitions, - is standard input; may be repeated")
	cmd.Flags().StringVar(&o.out, "out", "", "`DIR` to write the library into")
	cmd.Flags().BoolVar(&o.library.Docs, "docs", false, "write the documentation too, as docsonnet reads it; evaluation takes longer with it")
	return cmd
}

func runK8sGenerate(ctx context.Context, a *app, stdin io.Reader, o k8sGenerateOptions) error {
	if o.out == "" {
		return usageError{"k8s generate: want --out DIR", "for example: mop k8s generate --out vendor-jsonnet/k8s"}
	}
	dir := a.abs(o.out)
	if rel, err := filepath.Rel(dir, a.dir); err == nil && filepath.IsLocal(rel) {
		// The working directory of a shell cannot be put in the place of another.
		return usageError{fmt.Sprintf("--out %s: want a directory that the working directory is not in", o.out), ""}
	}
	minor, err := kubernetesVersion("--kubernetes-version", o.version)
	if err != nil {
		return err
	}
	if err := a.checkGenerated(ctx, o.out); err != nil {
		return err
	}
	document, err := schema.Open(minor)
	if err != nil {
		return err
	}
	crds, found, err := a.crds(ctx, stdin, o.crds)
	if err != nil {
		return err
	}
	at := a.largest(crds)
	if at.File != "" {
		defer budget.Of(ctx).During(at.String())()
	}
	definitions, more, err := a.withCRDs(ctx, document, crds)
	if err != nil {
		return err
	}
	if err := append(found, more...).Err(); err != nil {
		a.report(err)
		return errFindings
	}
	files, err := k8s.Generate(ctx, definitions, o.library)
	if l, ok := diag.From(err); ok {
		for i := range l {
			l[i].Hints = append(l[i].Hints, "leave a CustomResourceDefinition out, or generate a library of its own for it")
		}
		a.report(l)
		return errFindings
	}
	if stopped := (*k8s.Interrupted)(nil); errors.As(err, &stopped) && stopped.Origin.File != "" {
		return placed(a.displayedAt(stopped.Origin), stopped.Err)
	}
	if err != nil {
		return placed(at, fmt.Errorf("kubernetes %s: %w", minor, err))
	}
	err = replaceLibrary(ctx, dir, files)
	if _, ok := diag.From(err); err == nil || ok {
		return err
	}
	return placed(at, fmt.Errorf("library %s: %w", o.out, err))
}

// withCRDs returns the definitions of document and of the kinds that crds define.
// The diagnostics tell what is wrong with these, and which are there twice. The
// error is that of the budget of ctx.
func (a *app) withCRDs(ctx context.Context, document *schema.Document, crds []crdObject) ([]k8s.Definition, diag.List, error) {
	var found diag.List
	origins := map[string]diag.Position{} // by the names of definitions
	objects := make([]manifest.Object, len(crds))
	for i, c := range crds {
		if err := budget.Of(ctx).Err(); err != nil {
			return nil, nil, placed(a.displayedAt(c.at), err)
		}
		objects[i] = c.Object
		own, l := new(schema.Document).With(c.Object)
		for _, d := range l {
			d.Subject = c.ID().String() + ": " + d.Subject
			d.Origins = append(d.Origins, c.at)
			found = append(found, d)
		}
		for _, name := range own.Names() {
			if first, ok := origins[name]; ok {
				found = append(found, diag.Diagnostic{
					Subject: c.ID().String(),
					Problem: fmt.Sprintf("want one definition of %s, got two", name),
					Origins: []diag.Position{first, c.at},
				})
			}
			origins[name] = c.at
		}
	}
	extended, _ := document.With(objects...)
	definitions := k8s.Definitions(extended)
	for i, d := range definitions {
		definitions[i].Origin = origins[d.Name]
	}
	return definitions, found, nil
}

// releasesDoc is a help text that names releases of Kubernetes: <default>, <other> and
// the programs for the <exact> ones.
type releasesDoc string

func (d releasesDoc) String() string {
	var programs []string
	for _, minor := range release.Exact() {
		programs = append(programs, "mop-apiserver-"+minor.String())
	}
	other := (release.Oldest + release.Newest) / 2
	return strings.NewReplacer("<default>", release.Default.String(), "<other>", other.String(), "<exact>", strings.Join(programs, " and ")).Replace(string(d))
}

// versionNumber takes the minor version out of versions as clusters have them, such as
// v1.MINOR.4-gke.100.
var versionNumber = pattern.New(`^v?(\d+\.\d+)([.+-].*)?$`)

// kubernetesVersion returns the minor version of Kubernetes that value belongs
// to. subject is what messages call the place where it was given.
func kubernetesVersion(subject, value string) (schema.Minor, error) {
	minors := schema.Minors()
	var names []string
	for _, m := range minors {
		names = append(names, m.String())
	}
	if m := versionNumber().FindStringSubmatch(value); m != nil {
		if i := slices.Index(names, m[1]); i >= 0 {
			return minors[i], nil
		}
	}
	return 0, diag.Diagnostic{
		Subject: subject,
		Problem: fmt.Sprintf("want one of %s, got %q", strings.Join(names, ", "), value),
	}
}

// checkGenerated checks that what the user calls out, if it exists, is a
// directory that holds no files but those of a library.
func (a *app) checkGenerated(ctx context.Context, out string) error {
	root := a.abs(out)
	return filepath.WalkDir(root, budget.Walk(ctx, func(path string, d fs.DirEntry, err error) error {
		if path == root && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		name := filepath.Join(out, strings.TrimPrefix(path, root))
		if err != nil {
			return workspace.Unreadable(name, err)
		}
		if d.IsDir() {
			return nil
		}
		generated, err := bundler.IsGenerated(path, d)
		switch {
		case err != nil:
			return workspace.Unreadable(name, err)
		case path == root:
			return diag.Diagnostic{Subject: filepath.ToSlash(name), Problem: "want a directory for the library, got a file or a link"}
		case !generated:
			return diag.Diagnostic{
				Subject: filepath.ToSlash(name),
				Problem: "not generated, and the library would replace it",
				Hints:   []string{"give a new directory as --out, or one that holds such a library only"},
			}
		}
		return nil
	}))
}

// replaceLibrary makes files the contents of dir, all of them or, with an error,
// none.
func replaceLibrary(ctx context.Context, dir string, files []k8s.File) (err error) {
	dir, err = swap.Resolve(dir)
	if err != nil {
		return err
	}
	made, err := swap.MakeDirs(filepath.Dir(dir))
	defer func() {
		if err != nil {
			swap.RemoveDirs(made)
		}
	}()
	if err != nil {
		return err
	}
	d, ok, err := swap.OpenDirectory(ctx, dir, "k8s")
	if err != nil {
		return err
	}
	if !ok {
		return diag.Diagnostic{
			Subject: filepath.ToSlash(dir), Problem: "another mop writes a library here",
			Hints: []string{"wait until it is done; " + swap.LockName(dir) + " does not hold up anyone once its process is gone"},
		}
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := writeLibrary(ctx, d.Staged(), files); err != nil {
		return err
	}
	err = d.Commit(ctx, nil)
	var mount *swap.MountError
	if errors.As(err, &mount) {
		return diag.Diagnostic{
			Subject: filepath.ToSlash(dir), Problem: "cannot be replaced as a whole: " + err.Error(),
			Hints: []string{"give a directory in it as --out"},
		}
	}
	return err
}

func writeLibrary(ctx context.Context, dir string, files []k8s.File) error {
	for _, f := range files {
		if err := budget.Of(ctx).Err(); err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(f.Text), 0o666); err != nil {
			return err
		}
	}
	return nil
}
