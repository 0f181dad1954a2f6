package apiserver

import (
	"net"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apiserver/pkg/registry/generic"
	genericapiserver "k8s.io/apiserver/pkg/server"
	serverstorage "k8s.io/apiserver/pkg/server/storage"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/storagebackend"
	"k8s.io/apiserver/pkg/storage/storagebackend/factory"
	"k8s.io/client-go/tools/cache"
	"k8s.io/kubernetes/pkg/apis/core"
	kubeletclient "k8s.io/kubernetes/pkg/kubelet/client"
	endpointsstore "k8s.io/kubernetes/pkg/registry/core/endpoint/storage"
	limitrangestore "k8s.io/kubernetes/pkg/registry/core/limitrange/storage"
	nodestore "k8s.io/kubernetes/pkg/registry/core/node/storage"
	pvstore "k8s.io/kubernetes/pkg/registry/core/persistentvolume/storage"
	pvcstore "k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim/storage"
	podtemplatestore "k8s.io/kubernetes/pkg/registry/core/podtemplate/storage"
	controllerstore "k8s.io/kubernetes/pkg/registry/core/replicationcontroller/storage"
	corerest "k8s.io/kubernetes/pkg/registry/core/rest"
	"k8s.io/kubernetes/pkg/registry/core/service/ipallocator"
	"k8s.io/kubernetes/pkg/registry/core/service/portallocator"
)

// coreProvider makes the storage of the core group. The server's own provider of the kinds
// that concern nodes requires an etcd for its allocators.
type coreProvider struct {
	release Release
}

func (p coreProvider) NewRESTStorage(config serverstorage.APIResourceConfigSource, options generic.RESTOptionsGetter) (genericapiserver.APIGroupInfo, error) {
	group, err := (&corerest.GenericConfig{EventTTL: eventTTL}).NewRESTStorage(config, options)
	if err != nil {
		return group, err
	}
	endpoints, err := endpointsstore.NewREST(options)
	if err != nil {
		return group, err
	}
	limitRanges, err := limitrangestore.NewREST(options)
	if err != nil {
		return group, err
	}
	nodes, err := nodestore.NewStorage(options, kubeletclient.KubeletClientConfig{}, nil)
	if err != nil {
		return group, err
	}
	volumes, _, err := pvstore.NewREST(options)
	if err != nil {
		return group, err
	}
	claims, _, err := pvcstore.NewREST(options)
	if err != nil {
		return group, err
	}
	pods, err := p.release.NewPods(options, nodes.KubeletConnectionInfo)
	if err != nil {
		return group, err
	}
	podTemplates, err := podtemplatestore.NewREST(options)
	if err != nil {
		return group, err
	}
	controllers, err := controllerstore.NewStorage(options)
	if err != nil {
		return group, err
	}
	// Every request is a dry run, which grants node ports outside of the range too.
	nodePorts, err := portallocator.NewInMemory(utilnet.PortRange{Base: 30000, Size: 2768})
	if err != nil {
		return group, err
	}
	clusterIPs := map[core.IPFamily]ipallocator.Interface{
		core.IPv4Protocol: addresses{family: core.IPv4Protocol, next: net.IPv4(10, 0, 0, 10)},
		core.IPv6Protocol: addresses{family: core.IPv6Protocol, next: net.ParseIP("fd00::10")},
	}
	services, err := p.release.NewServices(options, core.IPv4Protocol, clusterIPs, nodePorts, endpoints, pods.Pod)
	if err != nil {
		return group, err
	}

	v1 := group.VersionedResourcesStorageMap[corev1.SchemeGroupVersion.Version]
	v1["endpoints"] = endpoints
	v1["limitranges"] = limitRanges
	v1["nodes"] = nodes.Node
	v1["persistentvolumes"] = volumes
	v1["persistentvolumeclaims"] = claims
	v1["pods"] = pods.Pod
	v1["podtemplates"] = podTemplates
	v1["replicationcontrollers"] = controllers.Controller
	v1["services"] = services
	return group, nil
}

// addresses allocates cluster IPs of one family: it returns the same one each time and
// grants every requested one. A manifest does not have the service range of the cluster,
// nor its families. So services of either family and of both are valid.
type addresses struct {
	family core.IPFamily
	next   net.IP
}

func (a addresses) Allocate(net.IP) error         { return nil }
func (a addresses) AllocateNext() (net.IP, error) { return a.next, nil }
func (a addresses) Release(net.IP) error          { return nil }
func (a addresses) ForEach(func(net.IP))          {}
func (a addresses) CIDR() net.IPNet               { return net.IPNet{} }
func (a addresses) IPFamily() core.IPFamily       { return a.family }
func (a addresses) Has(net.IP) bool               { return true }
func (a addresses) Destroy()                      {}
func (a addresses) EnableMetrics()                {}
func (a addresses) DryRun() ipallocator.Interface { return a }

// noStorage gives the registry a nil storage, because every request ends before it would
// use the storage.
func noStorage() generic.RESTOptionsGetter {
	return generic.RESTOptions{
		StorageConfig:  &storagebackend.ConfigForResource{},
		ResourcePrefix: "none",
		Decorator: func(
			*storagebackend.ConfigForResource, string, func(runtime.Object) (string, error),
			func() runtime.Object, func() runtime.Object,
			storage.AttrFunc, storage.IndexerFuncs, *cache.Indexers,
		) (storage.Interface, factory.DestroyFunc, error) {
			return nil, func() {}, nil
		},
	}
}
