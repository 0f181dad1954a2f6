package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/document"
)

// kubeconfig is the part of a kubeconfig file that tells where contexts lead
// (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/).
type kubeconfig struct {
	Contexts []struct {
		Name    string `json:"name"`
		Context struct {
			Cluster string `json:"cluster"`
		} `json:"context"`
	} `json:"contexts"`
	Clusters []struct {
		Name    string `json:"name"`
		Cluster struct {
			Server string `json:"server"`
		} `json:"cluster"`
	} `json:"clusters"`
}

// parse reads the text of a file. Documents after the first count for nothing, as
// to kubectl.
func (c *kubeconfig) parse(ctx context.Context, text []byte) error {
	documents, err := document.YAML(ctx, text, document.Options{})
	if err != nil || len(documents) == 0 {
		return err
	}
	encoded, err := json.Marshal(documents[0].Value)
	if err != nil {
		return err
	}
	err = json.Unmarshal(encoded, c)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		field := ""
		if wrong.Field != "" {
			field = wrong.Field + ": "
		}
		want := map[reflect.Kind]string{reflect.Struct: "an object", reflect.Slice: "an array", reflect.String: "a string"}
		// Value is a number with its text.
		got, _, _ := strings.Cut(wrong.Value, " ")
		return fmt.Errorf("%swant %s, got %s", field, want[wrong.Type.Kind()], got)
	}
	return err
}

// serverOf returns the API server of a context of the user's kubeconfig. It
// reads files only.
func (a *app) serverOf(ctx context.Context, name string) (string, error) {
	config, files, err := a.kubeconfig(ctx)
	if err != nil {
		return "", err
	}
	var names []string
	for _, c := range config.Contexts {
		if c.Name != name {
			names = append(names, c.Name)
			continue
		}
		for _, cluster := range config.Clusters {
			if cluster.Name == c.Context.Cluster && cluster.Cluster.Server != "" {
				return cluster.Cluster.Server, nil
			}
		}
		return "", diag.Diagnostic{
			Subject: "context " + name, Problem: fmt.Sprintf("no server of cluster %q in %s", c.Context.Cluster, files),
		}
	}
	d := diag.Diagnostic{Subject: "context " + name, Problem: "no such context in " + files}
	switch s := diag.Suggest(name, names); {
	case s != "":
		d.Hints = []string{fmt.Sprintf("did you mean %q?", s)}
	case len(names) > 0:
		d.Hints = []string{"contexts are " + strings.Join(names, ", ")}
	}
	return "", d
}

// kubeconfig reads the files that KUBECONFIG lists, of which some may be
// missing, else ~/.kube/config. Where files define the same name, the first
// wins, so the lists are in the order of the files.
func (a *app) kubeconfig(ctx context.Context) (config kubeconfig, files string, err error) {
	list, _ := a.lookupEnv("KUBECONFIG")
	paths := slices.DeleteFunc(filepath.SplitList(list), func(p string) bool { return p == "" })
	if len(paths) == 0 {
		home, _ := a.lookupEnv("HOME")
		paths = []string{filepath.Join(home, ".kube", "config")}
	}
	read := 0
	for _, path := range paths {
		text, err := readFile(ctx, a.abs(path))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return config, "", workspace.Unreadable(path, err)
		}
		read++
		var one kubeconfig
		err = one.parse(ctx, text)
		if stopped := (*document.Interrupted)(nil); errors.As(err, &stopped) {
			return config, "", fmt.Errorf("%s:%d: %w", path, stopped.Line, stopped.Err)
		}
		if err != nil {
			return config, "", diag.Diagnostic{Subject: path, Problem: fmt.Sprintf("not a kubeconfig: %v", err)}
		}
		config.Contexts = append(config.Contexts, one.Contexts...)
		config.Clusters = append(config.Clusters, one.Clusters...)
	}
	files = strings.Join(paths, ", ")
	if read == 0 {
		return config, "", diag.Diagnostic{
			Subject: files, Problem: "no such kubeconfig",
			Hints: []string{"name the file in the environment variable KUBECONFIG"},
		}
	}
	return config, files, nil
}

// readFile returns what is in a file, within the budget of ctx.
func readFile(ctx context.Context, name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return budget.Read(ctx, f)
}
