// Package e2e tests this repository with a real API server. The server accepts the objects
// that mop renders. These grant the intended rights and no others. The server's verdicts on
// objects are those that mop gives offline. Like package apiserver, this one compiles
// against every release of Kubernetes.
//
// It runs the programs of users: bin/mop and that of the release. "make e2e" builds them
// first.
package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/mop-platform/mop/apiserver/testserver"
)

// root is the root of the repository, relative to the package of a release that runs the
// tests.
const root = "../../.."

var corpus = flag.String("corpus", root+"/../shared/corpus", "directory of the manifests with recorded verdicts")

// A Release is a release of Kubernetes, with whose API server this package tests.
type Release struct {
	// Version is its minor version, such as 1.29.
	Version string
	// Run runs its API server.
	Run testserver.Run
	// Public are the resources that every ServiceAccount may read.
	Public []schema.GroupResource
}

// environments are the environments of the repository, with their namespaces.
var environments = map[string]string{
	"dev":        "observability-dev",
	"staging":    "observability-staging",
	"production": "observability",
}

var platforms = []string{"gke", "eks", "aks", "local"}

// render returns the objects of an environment in an order in which they can be applied.
func render(t *testing.T, environment, platform string) []unstructured.Unstructured {
	t.Helper()
	var list unstructured.UnstructuredList
	require.NoError(t, json.Unmarshal(mop(t, "show", "environments/"+environment, "--tla-str", "platform="+platform, "-o", "json"), &list))
	require.Len(t, list.Items, 27)
	return list.Items
}

// mop runs the command in the repository's root and returns its output. The command may
// have findings.
func mop(t *testing.T, args ...string) []byte {
	t.Helper()
	program, err := filepath.Abs(root + "/bin/mop")
	require.NoError(t, err)
	return output(t, exec.Command(program, args...))
}

// output runs a command and returns its output. The test fails if the command fails, except
// with findings.
func output(t *testing.T, cmd *exec.Cmd) []byte {
	t.Helper()
	cmd.Dir = root
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 1 {
		require.NoError(t, err, "%s: %s", cmd, errs.String())
	}
	return out
}

// validity runs mop validate --exact, and returns whether each of the objects is valid. The
// flags name the objects.
func (r Release) validity(t *testing.T, flags ...string) []bool {
	t.Helper()
	out := mop(t, append([]string{"validate", "--exact", "--kubernetes-version", r.Version, "-o", "json"}, flags...)...)
	var all []bool
	for _, line := range bytes.SplitAfter(bytes.TrimSpace(out), []byte("\n")) {
		var record struct{ Status string }
		require.NoError(t, json.Unmarshal(line, &record))
		all = append(all, record.Status == "valid")
	}
	return all
}

// inParallel calls f with 0 to n-1 in several goroutines, and waits for them. The calls
// must not depend on their order.
func inParallel(n int, f func(int)) {
	var group sync.WaitGroup
	next := make(chan int)
	for range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := range next {
				f(i)
			}
		}()
	}
	for i := range n {
		next <- i
	}
	close(next)
	group.Wait()
}

// Environments applies all environments on every platform, for which it starts a new
// server. It applies each object in a dry run, then for real, and then again, which changes
// nothing. mop validate --exact agrees that the objects are valid.
func Environments(t *testing.T, r Release) {
	for _, platform := range platforms {
		t.Run(platform, func(t *testing.T) {
			c := connect(t, testserver.Start(t, r.Run))
			for environment, namespace := range environments {
				t.Run(environment, func(t *testing.T) {
					objects := render(t, environment, platform)
					valid := r.validity(t, "environments/"+environment, "--tla-str", "platform="+platform)
					require.Len(t, valid, len(objects))
					for i, object := range objects {
						id := object.GetKind() + " " + object.GetName()
						_, err := c.apply(object, metav1.DryRunAll)
						assert.NoError(t, err, id)
						assert.True(t, valid[i], "mop validate --exact: %s", id)
						if i == 0 {
							// The other objects need the namespace, even for a dry run.
							require.Equal(t, "Namespace "+namespace, id)
							c.applyAll(t, objects[:1])
						}
					}
					first := c.applyAll(t, objects)
					// The server records the time of a change in seconds.
					time.Sleep(time.Second)
					second := c.applyAll(t, objects)
					for i, object := range objects {
						assert.Equal(t, first[i], second[i], "%s %s", object.GetKind(), object.GetName())
					}
				})
			}
		})
	}
}

// background is the context of all requests, which end with the server.
var background = context.Background()
