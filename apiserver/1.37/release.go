package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	resourcev1 "k8s.io/api/resource/v1"
	storagemigrationv1 "k8s.io/api/storagemigration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/apiserver/pkg/registry/generic"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/resource"
	kubeletclient "k8s.io/kubernetes/pkg/kubelet/client"
	certificatesrest "k8s.io/kubernetes/pkg/registry/certificates/rest"
	endpointsstore "k8s.io/kubernetes/pkg/registry/core/endpoint/storage"
	podstore "k8s.io/kubernetes/pkg/registry/core/pod/storage"
	"k8s.io/kubernetes/pkg/registry/core/service/ipallocator"
	"k8s.io/kubernetes/pkg/registry/core/service/portallocator"
	servicestore "k8s.io/kubernetes/pkg/registry/core/service/storage"
	resourcerest "k8s.io/kubernetes/pkg/registry/resource/rest"
	storagemigrationrest "k8s.io/kubernetes/pkg/registry/storagemigration/rest"

	"github.com/mop-platform/mop/apiserver"

	// The groups register themselves in the server's scheme.
	_ "k8s.io/kubernetes/pkg/apis/resource/install"
	_ "k8s.io/kubernetes/pkg/apis/storagemigration/install"
)

// release returns the parts of the server of Kubernetes 1.37.
func release() apiserver.Release {
	superuser := authorizerfactory.NewAlwaysAllowAuthorizer()
	return apiserver.Release{
		Versions: []schema.GroupVersion{
			resourcev1.SchemeGroupVersion,
			storagemigrationv1.SchemeGroupVersion,
		},
		Providers: []apiserver.Provider{
			certificatesrest.RESTStorageProvider{Authorizer: superuser},
			resourcerest.RESTStorageProvider{NamespaceClient: namespaces{}, Authorizer: superuser},
			storagemigrationrest.RESTStorageProvider{},
		},
		NewPods: func(options generic.RESTOptionsGetter, kubelets kubeletclient.ConnectionInfoGetter) (podstore.PodStorage, error) {
			return podstore.NewStorage(options, kubelets, nil, nil, superuser)
		},
		NewServices: func(
			options generic.RESTOptionsGetter, family core.IPFamily, addresses map[core.IPFamily]ipallocator.Interface,
			ports portallocator.Interface, _ *endpointsstore.REST, pods *podstore.REST,
		) (*servicestore.REST, error) {
			services, _, _, err := servicestore.NewREST(options, family, addresses, ports, nil, pods, nil)
			return services, err
		},
	}
}

// namespaces have the label that grants administrators access to devices in use. Like all
// conditions on other objects, this one is assumed to hold.
type namespaces struct {
	corev1client.NamespaceInterface
}

func (namespaces) Get(_ context.Context, name string, _ metav1.GetOptions) (*corev1.Namespace, error) {
	labels := map[string]string{resource.DRAAdminNamespaceLabelKey: "true"}
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}, nil
}
