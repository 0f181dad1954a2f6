// Package e2e holds this repository to a real API server: what mop renders is
// accepted by it and grants what it should and nothing else, and what mop says
// of objects offline is what it says of them. Like package apiserver it is one
// text that compiles against every release of Kubernetes.
//
// It runs the programs that are made for users, so these must have been built:
// bin/mop and that of the release, by "make e2e".
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

// root is the repository's, seen from the package of a release that runs the
// tests.
const root = "../../.."

var corpus = flag.String("corpus", root+"/../shared/corpus", "directory of the manifests with recorded verdicts")

// A Release is a release of Kubernetes whose API server is asked.
type Release struct {
	// Version is its minor version, such as 1.29.
	Version string
	// Run runs its API server.
	Run testserver.Run
	// Public is what it lets every ServiceAccount read.
	Public []schema.GroupResource
}

// environments are those of the repository, with their namespaces.
var environments = map[string]string{
	"dev":        "observability-dev",
	"staging":    "observability-staging",
	"production": "observability",
}

var platforms = []string{"gke", "eks", "aks", "local"}

// render returns the objects of an environment, in the order in which they can
// be applied.
func render(t *testing.T, environment, platform string) []unstructured.Unstructured {
	t.Helper()
	var list unstructured.UnstructuredList
	require.NoError(t, json.Unmarshal(mop(t, "show", "environments/"+environment, "--tla-str", "platform="+platform, "-o", "json"), &list))
	require.Len(t, list.Items, 27)
	return list.Items
}

// mop runs the command in the repository's root and returns what it prints. It
// may have findings.
func mop(t *testing.T, args ...string) []byte {
	t.Helper()
	program, err := filepath.Abs(root + "/bin/mop")
	require.NoError(t, err)
	return output(t, exec.Command(program, args...))
}

// output returns what a command prints that does its work.
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

// validity returns what mop validate --exact says: whether each of the objects is
// valid. The flags name them.
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

// inParallel calls f for the numbers below n. What the calls do must not depend
// on their order.
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

// Environments has the server take the environments: each by a dry run, then for
// real, twice, of which the second time changes nothing. A platform is a cluster
// of its own, in which all three are. mop validate --exact agrees.
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
							// The others need it, even for a dry run.
							require.Equal(t, "Namespace "+namespace, id)
							c.applyAll(t, objects[:1])
						}
					}
					first := c.applyAll(t, objects)
					// The server notes the time of a change in seconds.
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

// background is the context of all requests: they end with the server.
var background = context.Background()
