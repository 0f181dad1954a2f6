// Package apiserver gives kube-apiserver's own verdict on a manifest, offline: whether a
// server with only empty namespaces would create the object, and with which message it
// would refuse it.
//
// It does not reimplement the API's rules. It links the server's own code and follows the
// path of a create request in a dry run with strict field validation:
//
//   - the strict decoder of the kind's API group, defaulting and conversion to
//     the internal version;
//   - the namespace of the object against that of the request;
//   - the registry's storage, as the server assembles it: allocation of cluster
//     IPs and node ports, the create strategy's preparation and its validation;
//   - the checks of the default admission plugins on an object alone (admission.go).
//
// The request ends where the server would write to etcd. There is no cluster, so conditions
// on other objects (a missing service account, a full quota, a webhook) are assumed to
// hold. Custom resources are unknown kinds.
//
// The rules are those of a Kubernetes release, with its default feature gates and API
// versions. This package has the common parts of all releases and compiles against each of
// them. Each release has a module in the directory of its name, which requires the release
// and passes its own parts as a Release.
package apiserver

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/capabilities"
	"sigs.k8s.io/json"
)

// ErrUnknownKind means that the server does not serve the kind of an object by itself, such
// as that of a custom resource. The error of Create wraps it.
var ErrUnknownKind = errors.New("unknown kind")

// errCreated ends a request that nothing refuses, before anything is stored.
var errCreated = errors.New("created")

// namespace is the namespace of every request for a namespaced object.
const namespace = metav1.NamespaceDefault

// Options are the server's flags that change its verdicts.
type Options struct {
	// AllowPrivileged admits privileged containers, as the server's flag --allow-privileged
	// does. The server's code sets it once in a process, so the first server decides for
	// all.
	AllowPrivileged bool
}

// A Server gives verdicts on manifests. It keeps no manifest, so its verdicts do not depend
// on each other. It is safe for concurrent use.
type Server struct {
	endpoints map[schema.GroupVersionKind]endpoint
}

// An endpoint creates the objects of one kind in one version.
type endpoint struct {
	kind       schema.GroupVersionKind
	resource   schema.GroupVersionResource
	storage    rest.Creater
	namespaced bool
	decoder    runtime.Decoder
	typer      runtime.ObjectTyper
}

// New returns the server of a release.
func New(r Release, o Options) (*Server, error) {
	capabilities.Setup(o.AllowPrivileged, 0)
	endpoints, err := install(r)
	if err != nil {
		return nil, fmt.Errorf("API endpoints: %w", err)
	}
	return &Server{endpoints: endpoints}, nil
}

// Kinds returns the kinds that the server creates, in no order.
func (s *Server) Kinds() []schema.GroupVersionKind {
	kinds := make([]schema.GroupVersionKind, 0, len(s.endpoints))
	for kind := range s.endpoints {
		kinds = append(kinds, kind)
	}
	return kinds
}

// Create returns nil if the server would create the object of a manifest, which is JSON, or
// the server's error if it would refuse it.
//
// A namespaced object is created in the namespace "default". If it names another namespace,
// it is moved there first, unless that name is invalid.
func (s *Server) Create(manifest []byte) error {
	var typeMeta metav1.TypeMeta
	if err := json.UnmarshalCaseSensitivePreserveInts(manifest, &typeMeta); err != nil {
		return fmt.Errorf("%w: %v", ErrUnknownKind, err)
	}
	kind := schema.FromAPIVersionAndKind(typeMeta.APIVersion, typeMeta.Kind)
	e, ok := s.endpoints[kind]
	if !ok {
		return fmt.Errorf("%w: no kind %q in version %q", ErrUnknownKind, typeMeta.Kind, typeMeta.APIVersion)
	}
	return e.create(manifest)
}

// create follows the server's handler of POST requests. Like that, it turns a panic of the
// code below into an error.
func (e endpoint) create(manifest []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	into := e.storage.New()
	obj, gvk, err := e.decoder.Decode(manifest, &e.kind, into)
	if err != nil {
		return e.decodeError(err, into, gvk)
	}
	objectMeta, err := meta.Accessor(obj)
	if err != nil {
		return err
	}
	requestNamespace := ""
	if e.namespaced {
		requestNamespace = namespace
		if ns := objectMeta.GetNamespace(); len(validation.ValidateNamespaceName(ns, false)) == 0 {
			objectMeta.SetNamespace(requestNamespace)
		}
	}
	rest.WipeObjectMetaSystemFields(objectMeta)
	expected := rest.ExpectedNamespaceForResource(requestNamespace, e.resource)
	if err := rest.EnsureObjectNamespaceMatchesRequestNamespace(expected, objectMeta); err != nil {
		return err
	}

	ctx := request.WithNamespace(context.Background(), requestNamespace)
	ctx = request.WithUser(ctx, &user.DefaultInfo{Name: "admin", Groups: []string{user.SystemPrivilegedGroup}})
	ctx = request.WithRequestInfo(ctx, &request.RequestInfo{
		IsResourceRequest: true,
		Verb:              "create",
		APIGroup:          e.resource.Group,
		APIVersion:        e.resource.Version,
		Resource:          e.resource.Resource,
		Namespace:         requestNamespace,
	})
	if err := e.mutate(obj); err != nil {
		return err
	}
	_, err = e.storage.Create(ctx, obj, e.validate, &metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if errors.Is(err, errCreated) {
		return nil
	}
	return err
}
