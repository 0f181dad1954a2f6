package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/library"
	"github.com/mop-platform/mop/pkg/k8s"
	"github.com/mop-platform/mop/pkg/release"
	"github.com/mop-platform/mop/pkg/schema"
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
	docs    bool
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
	cmd.Flags().BoolVar(&o.docs, "docs", false, "write the documentation too, as docsonnet reads it; evaluation takes longer with it")
	return cmd
}

func runK8sGenerate(ctx context.Context, a *app, stdin io.Reader, o k8sGenerateOptions) error {
	if o.out == "" {
		return usageError{"k8s generate: want --out DIR", "for example: mop k8s generate --out vendor-jsonnet/k8s"}
	}
	if rel, err := filepath.Rel(a.abs(o.out), a.dir); err == nil && filepath.IsLocal(rel) {
		// The working directory of a shell cannot be put in the place of another.
		return usageError{fmt.Sprintf("--out %s: want a directory that the working directory is not in", o.out), ""}
	}
	minor, err := schema.MinorOf("--kubernetes-version", o.version)
	if err != nil {
		return err
	}
	found, err := library.Generate(ctx, inputs.Inputs{Dir: a.dir, Stdin: stdin}, library.Options{
		Minor: minor, Definitions: o.crds, Out: o.out, Library: k8s.Options{Docs: o.docs},
	})
	if err == nil && found.Err() != nil {
		a.report(found)
		return errFindings
	}
	return err
}
