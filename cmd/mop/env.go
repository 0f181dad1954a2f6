package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/kubeconfig"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
)

func newEnvCommand(a *app) *cobra.Command {
	return newGroup("env", "List, add, change and remove environments",
		newEnvListCommand(a), newEnvAddCommand(a), newEnvSetCommand(a), newEnvRemoveCommand(a))
}

// specFlags are the flags for the fields of a spec.json.
type specFlags struct {
	server, fromContext     string
	contextNames            []string
	namespace, diffStrategy string
	injectLabels            bool
}

func (f *specFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.server, "server", "", "the `URL` of the cluster's API server")
	flags.StringVar(&f.fromContext, "server-from-context", "", "the API server that context `NAME` of the kubeconfig has now")
	listVar(flags, &f.contextNames, "context-name", "", "a context of the kubeconfig, in the place of a server: the regular expression `EXPR` of its whole name; may be repeated")
	flags.StringVar(&f.namespace, "namespace", "", "the `NAMESPACE` of objects that name none")
	flags.StringVar(&f.diffStrategy, "diff-strategy", "", "the `STRATEGY` of a diff with the cluster: native, server, subset or validate")
	flags.BoolVar(&f.injectLabels, "inject-labels", false, "label every object with its environment, which pruning needs")
}

// edits returns a function that sets the fields whose flags are given. An empty value
// resets the field to its default.
func (f *specFlags) edits(ctx context.Context, a *app, flags *pflag.FlagSet) (func(*project.Spec), error) {
	server := f.server
	switch {
	case flags.Changed("server") && flags.Changed("server-from-context"):
		return nil, wrongCall("--server and --server-from-context: want one of them", "")
	case flags.Changed("server-from-context"):
		var err error
		if server, err = a.serverOf(ctx, f.fromContext); err != nil {
			return nil, err
		}
	}
	var contextNames []string
	for _, expr := range f.contextNames {
		if expr != "" {
			contextNames = append(contextNames, expr)
		}
		if _, err := regexp.Compile(expr); err != nil {
			return nil, wrongCall(fmt.Sprintf("--context-name: %v", err), "")
		}
	}
	if f.namespace != "" {
		if wrong := validation.IsDNS1123Label(f.namespace); len(wrong) > 0 {
			return nil, wrongCall(fmt.Sprintf("--namespace: want lower-case letters, digits and dashes, at most 63, got %q", f.namespace), "")
		}
	}
	if strategies := []string{"", "native", "server", "subset", "validate"}; !slices.Contains(strategies, f.diffStrategy) {
		return nil, wrongCall(fmt.Sprintf("--diff-strategy: want native, server, subset or validate, got %q", f.diffStrategy), "")
	}
	return func(spec *project.Spec) {
		flags.Visit(func(flag *pflag.Flag) {
			switch flag.Name {
			case "server", "server-from-context":
				spec.APIServer = server
			case "context-name":
				spec.ContextNames = contextNames
			case "namespace":
				spec.Namespace = f.namespace
			case "diff-strategy":
				spec.DiffStrategy = f.diffStrategy
			case "inject-labels":
				spec.InjectLabels = f.injectLabels
			}
		})
	}, nil
}

// checkCluster refuses a spec that names a cluster in two ways, because Tanka and mop would
// use neither.
func checkCluster(subject string, spec project.Spec) error {
	if spec.APIServer == "" || len(spec.ContextNames) == 0 {
		return nil
	}
	return diag.Diagnostic{
		Subject: subject, Problem: "would have both an apiServer and contextNames; want one of them",
		Hints: []string{`take the other one away with --server="" or --context-name=""`},
	}
}

// serverOf returns the API server of a context of the user's kubeconfig: of the files
// that KUBECONFIG lists, else of ~/.kube/config.
func (a *app) serverOf(ctx context.Context, name string) (string, error) {
	list, _ := a.lookupEnv("KUBECONFIG")
	paths := slices.DeleteFunc(filepath.SplitList(list), func(p string) bool { return p == "" })
	if len(paths) == 0 {
		home, _ := a.lookupEnv("HOME")
		paths = []string{filepath.Join(home, ".kube", "config")}
	}
	return kubeconfig.Server(ctx, paths, a.abs, name)
}
