package main

import (
	flowcontrolv1beta3 "k8s.io/api/flowcontrol/v1beta3"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/kubernetes/pkg/apis/core"
	kubeletclient "k8s.io/kubernetes/pkg/kubelet/client"
	certificatesrest "k8s.io/kubernetes/pkg/registry/certificates/rest"
	endpointsstore "k8s.io/kubernetes/pkg/registry/core/endpoint/storage"
	podstore "k8s.io/kubernetes/pkg/registry/core/pod/storage"
	"k8s.io/kubernetes/pkg/registry/core/service/ipallocator"
	"k8s.io/kubernetes/pkg/registry/core/service/portallocator"
	servicestore "k8s.io/kubernetes/pkg/registry/core/service/storage"

	"github.com/mop-platform/mop/apiserver"
)

// release returns the parts of the server of Kubernetes 1.29.
func release() apiserver.Release {
	return apiserver.Release{
		Versions: []schema.GroupVersion{
			flowcontrolv1beta3.SchemeGroupVersion,
		},
		Providers: []apiserver.Provider{
			certificatesrest.RESTStorageProvider{},
		},
		NewPods: func(options generic.RESTOptionsGetter, kubelets kubeletclient.ConnectionInfoGetter) (podstore.PodStorage, error) {
			return podstore.NewStorage(options, kubelets, nil, nil)
		},
		NewServices: func(
			options generic.RESTOptionsGetter, family core.IPFamily, addresses map[core.IPFamily]ipallocator.Interface,
			ports portallocator.Interface, endpoints *endpointsstore.REST, pods *podstore.REST,
		) (*servicestore.REST, error) {
			services, _, _, err := servicestore.NewREST(options, family, addresses, ports, endpoints, pods, nil)
			return services, err
		},
	}
}
