package apiserver

import (
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/generic"
	genericapiserver "k8s.io/apiserver/pkg/server"
	serverstorage "k8s.io/apiserver/pkg/server/storage"
	"k8s.io/kubernetes/pkg/apis/core"
	kubeletclient "k8s.io/kubernetes/pkg/kubelet/client"
	endpointsstore "k8s.io/kubernetes/pkg/registry/core/endpoint/storage"
	podstore "k8s.io/kubernetes/pkg/registry/core/pod/storage"
	"k8s.io/kubernetes/pkg/registry/core/service/ipallocator"
	"k8s.io/kubernetes/pkg/registry/core/service/portallocator"
	servicestore "k8s.io/kubernetes/pkg/registry/core/service/storage"
)

// A Release has the parts of the server of a Kubernetes release that differ from those of
// other releases.
type Release struct {
	// Versions are the further API versions that are served by default.
	Versions []schema.GroupVersion

	// Providers make the storage of further API groups.
	Providers []Provider

	// NewPods makes the storage of pods.
	NewPods func(generic.RESTOptionsGetter, kubeletclient.ConnectionInfoGetter) (podstore.PodStorage, error)

	// NewServices makes the storage of services.
	NewServices func(
		generic.RESTOptionsGetter, core.IPFamily, map[core.IPFamily]ipallocator.Interface, portallocator.Interface,
		*endpointsstore.REST, *podstore.REST,
	) (*servicestore.REST, error)
}

// A Provider makes the storage of one API group. The server's own providers implement it.
type Provider interface {
	NewRESTStorage(serverstorage.APIResourceConfigSource, generic.RESTOptionsGetter) (genericapiserver.APIGroupInfo, error)
}
