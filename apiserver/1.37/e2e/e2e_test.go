package e2e_test

import (
	"context"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/client-go/tools/cache"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"

	"github.com/mop-platform/mop/apiserver/e2e"
)

var release = e2e.Release{
	Version: "1.37",
	Run:     run,
	// The role system:cluster-trust-bundle-discovery lets them read the certificates of
	// authorities.
	Public: []schema.GroupResource{{Group: "certificates.k8s.io", Resource: "clustertrustbundles"}},
}

func TestEnvironments(t *testing.T) { e2e.Environments(t, release) }

func TestPrivileges(t *testing.T) { e2e.Privileges(t, release) }

func TestKinds(t *testing.T) { e2e.Kinds(t, release) }

func TestCorpus(t *testing.T) { e2e.Corpus(t, release) }

func TestCustomResources(t *testing.T) { e2e.CustomResources(t, release) }

// run does the same as the command kube-apiserver of Kubernetes 1.37.
func run(ctx context.Context, s *options.ServerRunOptions) error {
	if err := s.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return err
	}
	completed, err := s.Complete(ctx)
	if err != nil {
		return err
	}
	if errs := completed.Validate(); len(errs) > 0 {
		return utilerrors.NewAggregate(errs)
	}
	// A name can be used once at a time in a process: the next server reuses this one.
	name, err := cache.NewInformerName("kube-apiserver")
	if err != nil {
		return err
	}
	defer name.Release()
	completed.InformerName = name
	return app.Run(ctx, completed)
}
