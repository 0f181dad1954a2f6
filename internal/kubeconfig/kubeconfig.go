// Package kubeconfig finds the API server of a context in kubeconfig files. It asks no
// cluster.
package kubeconfig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strconv"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/spelling"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// config has the contexts and clusters of a kubeconfig file
// (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/).
type config struct {
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

// parse reads the text of a file. Like kubectl, it ignores all documents but the first.
func (c *config) parse(ctx context.Context, text []byte) error {
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

// Server returns the API server of the context with this name in kubeconfig files. Missing
// files are ignored if one exists. If several define the same name, the first wins. abs
// makes the paths absolute.
//
// The error is a [diag.Diagnostic] if there is no such file, context or server, or if a
// file is no kubeconfig. A file that cannot be read, and the end of the budget of ctx, are
// errors too.
func Server(ctx context.Context, paths []string, abs func(path string) string, name string) (string, error) {
	all, err := readAll(ctx, paths, abs)
	if err != nil {
		return "", err
	}
	files := strings.Join(paths, ", ")
	var names []string
	for _, c := range all.Contexts {
		if c.Name != name {
			names = append(names, c.Name)
			continue
		}
		for _, cluster := range all.Clusters {
			if cluster.Name == c.Context.Cluster && cluster.Cluster.Server != "" {
				return cluster.Cluster.Server, nil
			}
		}
		return "", diag.Diagnostic{
			Subject: "context " + name, Problem: fmt.Sprintf("no server of cluster %q in %s", c.Context.Cluster, files),
		}
	}
	d := diag.Diagnostic{
		Code: failure.NoContext, Values: map[string]any{"names": names},
		Subject: "context " + name, Problem: "no such context in " + files,
	}
	if s := spelling.Suggest(name, names); s != "" {
		d.Values["near"] = strconv.Quote(s)
	}
	return "", d
}

// readAll reads the contexts and clusters of files, in their order. It is an error if none
// of the files exists.
func readAll(ctx context.Context, paths []string, abs func(string) string) (all config, err error) {
	found := 0
	for _, path := range paths {
		text, err := read(ctx, abs(path))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return all, workspace.Unreadable(path, err)
		}
		found++
		var one config
		err = one.parse(ctx, text)
		if stopped := (*document.Interrupted)(nil); errors.As(err, &stopped) {
			return all, fmt.Errorf("%s:%d: %w", path, stopped.Line, stopped.Err)
		}
		if err != nil {
			return all, diag.Diagnostic{Subject: path, Problem: fmt.Sprintf("not a kubeconfig: %v", err)}
		}
		all.Contexts = append(all.Contexts, one.Contexts...)
		all.Clusters = append(all.Clusters, one.Clusters...)
	}
	if found == 0 {
		return all, diag.Diagnostic{
			Code:    failure.NoKubeconfig,
			Subject: strings.Join(paths, ", "), Problem: "no such kubeconfig",
		}
	}
	return all, nil
}

// read returns the contents of a file within the budget of ctx. The file may be a pipe.
func read(ctx context.Context, path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return budget.Read(ctx, f)
}
