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

// A Release is what the server of one Kubernetes release has besides what those
// of all releases have, or has in another form.
type Release struct {
	// Versions are the API versions that are served by default.
	Versions []schema.GroupVersion

	// Providers make the storage of API groups.
	Providers []Provider

	// NewPods makes the storage of pods.
	NewPods func(generic.RESTOptionsGetter, kubeletclient.ConnectionInfoGetter) (podstore.PodStorage, error)

	// NewServices makes the storage of services.
	NewServices func(
		generic.RESTOptionsGetter, core.IPFamily, map[core.IPFamily]ipallocator.Interface, portallocator.Interface,
		*endpointsstore.REST, *podstore.REST,
	) (*servicestore.REST, error)
}

// A Provider makes the storage of one API group, as in the server's own
// assembly.
type Provider interface {
	NewRESTStorage(serverstorage.APIResourceConfigSource, generic.RESTOptionsGetter) (genericapiserver.APIGroupInfo, error)
}
