package schema

import (
	"slices"
	"strings"
)

// Schema describes a JSON value of Kubernetes' API: an object of a kind, a part of one, or
// a single field. Schemas are shared and must not be changed.
//
// Each field except Name has the value of the keyword of swagger.json that its comment
// names. Its zero value means that the keyword is absent. The keywords are those of OpenAPI
// 2.0 (https://spec.openapis.org/oas/v2.0#schema-object) and Kubernetes' extensions
// (https://kubernetes.io/docs/reference/using-api/server-side-apply#merge-strategy and
// k8s.io/kube-openapi, pkg/generators). Keywords that swagger.json does not use have no
// field: enumerations, defaults, limits and patterns. The keywords of
// CustomResourceDefinitions are those of k8s.io/apiextensions-apiserver,
// pkg/apis/apiextensions/v1, JSONSchemaProps.
type Schema struct {
	// Name is the definition's name, such as io.k8s.api.core.v1.PodSpec; "" for
	// a part of a definition.
	Name string
	// Ref is the name of the definition that describes the value ("$ref", without
	// "#/definitions/"). Besides Ref, such a schema has at most the extensions about
	// merging.
	Ref string
	// Type is "object", "array", "string", "integer", "number" or "boolean" ("type"). A
	// schema with neither Type nor Ref allows any value, such as apiextensions' JSON.
	Type string
	// Format is "int32", "int64", "double", "byte" (base64), "date-time" (RFC 3339) or
	// "int-or-string" ("format"). The Type beside int-or-string is "string", but integers
	// are valid too. So are numbers if Ref is the definition Quantity, a string without a
	// Format (k8s.io/apimachinery, pkg/api/resource, Quantity.UnmarshalJSON).
	Format string

	// Properties are the fields of an object, sorted by name ("properties"). An object with
	// neither Properties nor AdditionalProperties may have any fields or none at all:
	// swagger.json does not distinguish these. The definitions RawExtension, FieldsV1 and
	// Patch allow any, the others none.
	Properties []Property
	// PreserveUnknown says that an object may have fields beside Properties
	// ("x-kubernetes-preserve-unknown-fields"). Only schemas of CustomResourceDefinitions
	// use it. Without it and AdditionalProperties, an API server drops fields that are not
	// among their Properties.
	PreserveUnknown bool
	// Required names the required Properties ("required").
	Required []string
	// AdditionalProperties describes the values of an object that is a map
	// ("additionalProperties").
	AdditionalProperties *Schema
	// Items describes the items of an array ("items").
	Items *Schema

	// Kinds are the kinds whose objects the schema describes
	// ("x-kubernetes-group-version-kind"). Most have one; DeleteOptions and
	// WatchEvent have one for each version of each group.
	Kinds []GVK

	// ListType is "atomic" (replaced as a whole), "set" (its items are unique) or "map"
	// (ListMapKeys identify its items, which are objects), for an array
	// ("x-kubernetes-list-type"). None counts as atomic.
	ListType string
	// ListMapKeys names the fields that are the key of an item
	// ("x-kubernetes-list-map-keys").
	ListMapKeys []string
	// MapType is "granular" (fields are merged) or "atomic", for an object
	// ("x-kubernetes-map-type"). None counts as granular.
	MapType string
	// PatchStrategy is "merge", "replace", "retainKeys" or "merge,retainKeys": how a
	// strategic merge patch treats the value ("x-kubernetes-patch-strategy"). None counts as
	// replace for an array, as merge for an object.
	PatchStrategy string
	// PatchMergeKey names the field that is the key of an item in a strategic
	// merge patch ("x-kubernetes-patch-merge-key").
	PatchMergeKey string
	// Unions are groups of Properties; one of each group is to be set
	// ("x-kubernetes-unions").
	Unions []Union

	// description is the number of one of document's descriptions. Without a document, the
	// description is text.
	document    *Document
	description int
	text        string
}

// Property is a field of an object.
type Property struct {
	Name   string
	Schema *Schema
}

// Union is a group of fields; one of them is to be set.
type Union struct {
	// Discriminator is the name of the field that says which one is set ("discriminator"),
	// "" if there is none.
	Discriminator string
	// Fields holds the discriminator's values for the fields of the group, by their names
	// ("fields-to-discriminateBy").
	Fields map[string]string
}

// Property returns the schema of a field among s.Properties.
func (s *Schema) Property(name string) (property *Schema, ok bool) {
	i, ok := s.find(name)
	if !ok {
		return nil, false
	}
	return s.Properties[i].Schema, true
}

// find returns the index of a field in s.Properties, or the one that it would have.
func (s *Schema) find(name string) (i int, ok bool) {
	return slices.BinarySearchFunc(s.Properties, name, func(p Property, name string) int {
		return strings.Compare(p.Name, name)
	})
}

// Description returns the description of the value ("description"), in paragraphs of
// Markdown, more or less; "" if there is none. The first call on any schema of a Document
// takes some milliseconds.
func (s *Schema) Description() string {
	if s.document == nil {
		return s.text
	}
	return s.document.description(s.description)
}
