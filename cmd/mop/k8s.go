package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/k8s"
	"github.com/mop-platform/mop/internal/library"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
)

func newK8sCommand(a *app) *cobra.Command {
	return newGroup("k8s", "Jsonnet libraries for Kubernetes", newK8sGenerateCommand(a))
}

type k8sGenerateOptions struct {
	version string
	crds    []string
	out     string
	docs    bool
}

func newK8sGenerateCommand(a *app) *cobra.Command {
	var o k8sGenerateOptions
	cmd := command("generate", "Write a Jsonnet library for the objects of Kubernetes", "k8s_generate", noArguments,
		func(cmd *cobra.Command, _ []string) error {
			return runK8sGenerate(cmd.Context(), a, cmd.InOrStdin(), o)
		})
	cmd.Flags().StringVar(&o.version, "kubernetes-version", release.Default.String(), "minor `VERSION` of Kubernetes")
	listVar(cmd.Flags(), &o.crds, "crd", "", "`FILE|DIR|-` with CustomResourceDefinitions, - is standard input; may be repeated")
	cmd.Flags().StringVar(&o.out, "out", "", "`DIR` to write the library into")
	cmd.Flags().BoolVar(&o.docs, "docs", false, "write the documentation too, as docsonnet reads it; evaluation takes longer with it")
	return cmd
}

func runK8sGenerate(ctx context.Context, a *app, stdin io.Reader, o k8sGenerateOptions) error {
	if o.out == "" {
		return wrongCall("k8s generate: want --out DIR", "for example: mop k8s generate --out vendor-jsonnet/k8s")
	}
	if rel, err := filepath.Rel(a.abs(o.out), a.dir); err == nil && filepath.IsLocal(rel) {
		// A shell's working directory cannot be replaced by another directory.
		return wrongCall(fmt.Sprintf("--out %s: want a directory that the working directory is not in", o.out), "")
	}
	minor, err := schema.MinorOf("--kubernetes-version", o.version)
	if err != nil {
		return err
	}
	found, err := library.Generate(ctx, inputs.Inputs{Dir: a.dir, Stdin: stdin}, library.Options{
		Minor: minor, Definitions: o.crds, Out: o.out, Library: k8s.Options{Docs: o.docs},
	})
	if err == nil && found.Err() != nil {
		a.report(found.Err())
		return errFindings
	}
	return err
}
