package apiserver

import (
	"fmt"
	"strings"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	eventsv1 "k8s.io/api/events/v1"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	networkingv1 "k8s.io/api/networking/v1"
	nodev1 "k8s.io/api/node/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints"
	"k8s.io/apiserver/pkg/registry/generic"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	serverstorage "k8s.io/apiserver/pkg/server/storage"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	aggregatorscheme "k8s.io/kube-aggregator/pkg/apiserver/scheme"
	apiservice "k8s.io/kube-aggregator/pkg/registry/apiservice/etcd"
	admissionregistrationrest "k8s.io/kubernetes/pkg/registry/admissionregistration/rest"
	appsrest "k8s.io/kubernetes/pkg/registry/apps/rest"
	autoscalingrest "k8s.io/kubernetes/pkg/registry/autoscaling/rest"
	batchrest "k8s.io/kubernetes/pkg/registry/batch/rest"
	coordinationrest "k8s.io/kubernetes/pkg/registry/coordination/rest"
	discoveryrest "k8s.io/kubernetes/pkg/registry/discovery/rest"
	eventsrest "k8s.io/kubernetes/pkg/registry/events/rest"
	flowcontrolrest "k8s.io/kubernetes/pkg/registry/flowcontrol/rest"
	networkingrest "k8s.io/kubernetes/pkg/registry/networking/rest"
	noderest "k8s.io/kubernetes/pkg/registry/node/rest"
	policyrest "k8s.io/kubernetes/pkg/registry/policy/rest"
	rbacrest "k8s.io/kubernetes/pkg/registry/rbac/rest"
	schedulingrest "k8s.io/kubernetes/pkg/registry/scheduling/rest"
	storagerest "k8s.io/kubernetes/pkg/registry/storage/rest"

	// The groups register themselves in the server's scheme.
	_ "k8s.io/kubernetes/pkg/apis/admissionregistration/install"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/certificates/install"
	_ "k8s.io/kubernetes/pkg/apis/coordination/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/discovery/install"
	_ "k8s.io/kubernetes/pkg/apis/events/install"
	_ "k8s.io/kubernetes/pkg/apis/flowcontrol/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/node/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	_ "k8s.io/kubernetes/pkg/apis/storage/install"
)

// eventTTL is how long the server keeps events by default.
const eventTTL = time.Hour

// providers returns the providers of all groups except authentication and authorization,
// which answer questions and store no objects.
func providers(r Release) []Provider {
	return append([]Provider{
		coreProvider{release: r},
		admissionregistrationrest.RESTStorageProvider{},
		appsrest.StorageProvider{},
		autoscalingrest.RESTStorageProvider{},
		batchrest.RESTStorageProvider{},
		coordinationrest.RESTStorageProvider{},
		discoveryrest.StorageProvider{},
		eventsrest.RESTStorageProvider{TTL: eventTTL},
		flowcontrolrest.RESTStorageProvider{},
		networkingrest.RESTStorageProvider{},
		noderest.RESTStorageProvider{},
		policyrest.RESTStorageProvider{},
		rbacrest.RESTStorageProvider{},
		schedulingrest.RESTStorageProvider{},
		storagerest.RESTStorageProvider{},
		extensionsProvider{},
		aggregatorProvider{},
	}, r.Providers...)
}

// served returns the API versions that the server serves by default.
func served(r Release) *serverstorage.ResourceConfig {
	config := serverstorage.NewResourceConfig()
	config.EnableVersions(
		admissionregistrationv1.SchemeGroupVersion,
		apiextensionsv1.SchemeGroupVersion,
		apiregistrationv1.SchemeGroupVersion,
		appsv1.SchemeGroupVersion,
		autoscalingv1.SchemeGroupVersion,
		autoscalingv2.SchemeGroupVersion,
		batchv1.SchemeGroupVersion,
		certificatesv1.SchemeGroupVersion,
		coordinationv1.SchemeGroupVersion,
		corev1.SchemeGroupVersion,
		discoveryv1.SchemeGroupVersion,
		eventsv1.SchemeGroupVersion,
		flowcontrolv1.SchemeGroupVersion,
		networkingv1.SchemeGroupVersion,
		nodev1.SchemeGroupVersion,
		policyv1.SchemeGroupVersion,
		rbacv1.SchemeGroupVersion,
		schedulingv1.SchemeGroupVersion,
		storagev1.SchemeGroupVersion,
	)
	config.EnableVersions(r.Versions...)
	return config
}

// extensionsProvider makes the storage of CustomResourceDefinitions.
type extensionsProvider struct{}

func (extensionsProvider) NewRESTStorage(_ serverstorage.APIResourceConfigSource, options generic.RESTOptionsGetter) (genericapiserver.APIGroupInfo, error) {
	group := genericapiserver.NewDefaultAPIGroupInfo(apiextensionsv1.GroupName, apiextensions.Scheme, runtime.NewParameterCodec(apiextensions.Scheme), apiextensions.Codecs)
	storage, err := customresourcedefinition.NewREST(apiextensions.Scheme, options)
	if err != nil {
		return group, err
	}
	group.VersionedResourcesStorageMap["v1"] = map[string]rest.Storage{"customresourcedefinitions": storage}
	return group, nil
}

// aggregatorProvider makes the storage of APIServices.
type aggregatorProvider struct{}

func (aggregatorProvider) NewRESTStorage(_ serverstorage.APIResourceConfigSource, options generic.RESTOptionsGetter) (genericapiserver.APIGroupInfo, error) {
	group := genericapiserver.NewDefaultAPIGroupInfo(apiregistrationv1.GroupName, aggregatorscheme.Scheme, runtime.NewParameterCodec(aggregatorscheme.Scheme), aggregatorscheme.Codecs)
	storage := apiservice.NewREST(aggregatorscheme.Scheme, options)
	group.VersionedResourcesStorageMap["v1"] = map[string]rest.Storage{"apiservices": storage}
	return group, nil
}

// install returns the endpoints of all groups.
func install(r Release) (map[schema.GroupVersionKind]endpoint, error) {
	config := served(r)
	all := map[schema.GroupVersionKind]endpoint{}
	for _, p := range providers(r) {
		group, err := p.NewRESTStorage(config, noStorage())
		if err != nil {
			return nil, fmt.Errorf("%T: %w", p, err)
		}
		for version, resources := range group.VersionedResourcesStorageMap {
			groupVersion := schema.GroupVersion{Group: group.PrioritizedVersions[0].Group, Version: version}
			for resource, storage := range resources {
				creater, ok := storage.(rest.Creater)
				if !ok || strings.Contains(resource, "/") {
					continue
				}
				e, err := newEndpoint(group, groupVersion.WithResource(resource), creater)
				if err != nil {
					return nil, fmt.Errorf("%s in %s: %w", resource, groupVersion, err)
				}
				all[e.kind] = e
			}
		}
	}
	return all, nil
}

// newEndpoint follows the server's API installer.
func newEndpoint(group genericapiserver.APIGroupInfo, resource schema.GroupVersionResource, creater rest.Creater) (endpoint, error) {
	storage := creater.(rest.Storage)
	kind, err := endpoints.GetResourceKind(resource.GroupVersion(), storage, group.Scheme)
	if err != nil {
		return endpoint{}, err
	}
	scoper, ok := storage.(rest.Scoper)
	if !ok {
		return endpoint{}, fmt.Errorf("%T has no scope", storage)
	}
	decoder, err := strictDecoder(group.NegotiatedSerializer, kind.Group)
	if err != nil {
		return endpoint{}, err
	}
	return endpoint{
		kind:       kind,
		resource:   resource,
		storage:    creater,
		namespaced: scoper.NamespaceScoped(),
		decoder:    decoder,
		typer:      group.Scheme,
	}, nil
}

// strictDecoder returns a decoder from JSON to a group's internal version, which refuses
// unknown and duplicate fields.
func strictDecoder(codecs runtime.NegotiatedSerializer, group string) (runtime.Decoder, error) {
	info, ok := runtime.SerializerInfoForMediaType(codecs.SupportedMediaTypes(), runtime.ContentTypeJSON)
	if !ok {
		return nil, fmt.Errorf("group %q: no serializer for %s", group, runtime.ContentTypeJSON)
	}
	internal := schema.GroupVersion{Group: group, Version: runtime.APIVersionInternal}
	return codecs.DecoderToVersion(info.StrictSerializer, internal), nil
}
