package e2e_test

import (
	"context"
	"testing"

	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"

	"github.com/mop-platform/mop/apiserver/e2e"
)

var release = e2e.Release{Version: "1.29", Run: run}

func TestEnvironments(t *testing.T) { e2e.Environments(t, release) }

func TestPrivileges(t *testing.T) { e2e.Privileges(t, release) }

func TestKinds(t *testing.T) { e2e.Kinds(t, release) }

func TestCorpus(t *testing.T) { e2e.Corpus(t, release) }

func TestCustomResources(t *testing.T) { e2e.CustomResources(t, release) }

// run does the same as the command kube-apiserver of Kubernetes 1.29.
func run(ctx context.Context, s *options.ServerRunOptions) error {
	completed, err := s.Complete()
	if err != nil {
		return err
	}
	if errs := completed.Validate(); len(errs) > 0 {
		return utilerrors.NewAggregate(errs)
	}
	return app.Run(completed, ctx.Done())
}
