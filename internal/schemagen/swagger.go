package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// swagger is the part of api/openapi-spec/swagger.json that schemagen reads. The file
// describes the whole API of a version of Kubernetes, including parts that are off by
// default (https://kubernetes.io/docs/concepts/overview/kubernetes-api).
type swagger struct {
	// Paths has the operations by URL path.
	Paths map[string]struct {
		Get  *operation `json:"get"`
		Post *operation `json:"post"`
	} `json:"paths"`
	// Definitions has the schemas of objects and their parts by name, in the dialect of
	// JSON Schema of OpenAPI 2.0, with x-kubernetes extensions.
	Definitions map[string]json.RawMessage `json:"definitions"`
}

type operation struct {
	Kind *gvk `json:"x-kubernetes-group-version-kind"`
}

type gvk struct {
	Group   string `json:"group"`
	Version string `json:"version"`
	Kind    string `json:"kind"`
}

// resource is a collection in which objects are created or listed.
type resource struct {
	group, version string
	namespaced     bool
}

// parsePath returns the resource with the collection at path; ok is false if path is no
// collection. The collections are
//
//	/api/VERSION/[namespaces/{namespace}/]PLURAL
//	/apis/GROUP/VERSION/[namespaces/{namespace}/]PLURAL
//
// (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris). Longer
// paths are single objects, their subresources (scale, eviction, token) and the old
// watches; shorter ones are discovery. A kind without a collection is no kind of object.
func parsePath(path string) (r resource, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case len(parts) > 2 && parts[0] == "api":
		r.version, parts = parts[1], parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		r.group, r.version, parts = parts[1], parts[2], parts[3:]
	default:
		return resource{}, false
	}
	if len(parts) == 3 && parts[0] == "namespaces" && parts[1] == "{namespace}" {
		r.namespaced, parts = true, parts[2:]
	}
	return r, len(parts) == 1
}

// kind returns the kind of the objects in r, given the operations on its
// collection; ok is false if no operation names one.
func (r resource) kind(operations ...*operation) (name string, ok bool, err error) {
	for _, op := range operations {
		if op == nil || op.Kind == nil {
			continue
		}
		if op.Kind.Group != r.group || op.Kind.Version != r.version {
			return "", false, fmt.Errorf("want a kind of %q %s, got %q %s %s",
				r.group, r.version, op.Kind.Group, op.Kind.Version, op.Kind.Kind)
		}
		if ok && op.Kind.Kind != name {
			return "", false, fmt.Errorf("want one kind, got %s and %s", name, op.Kind.Kind)
		}
		name, ok = op.Kind.Kind, true
	}
	return name, ok, nil
}
