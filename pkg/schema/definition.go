package schema

import (
	"slices"
	"strings"
)

// Schema describes a JSON value of Kubernetes' API: an object of a kind, a part
// of one, or a single field. Schemas are shared: they are not to be changed.
//
// Each field but Name stands for the keyword of swagger.json that its comment
// names; its zero value means that the keyword is absent. The keywords are those of
// OpenAPI 2.0 (https://spec.openapis.org/oas/v2.0#schema-object) and
// Kubernetes' extensions
// (https://kubernetes.io/docs/reference/using-api/server-side-apply#merge-strategy
// and k8s.io/kube-openapi, pkg/generators). What swagger.json does not use has
// no field: there are no enumerations, defaults, limits or patterns. The
// keywords of CustomResourceDefinitions are those of
// k8s.io/apiextensions-apiserver, pkg/apis/apiextensions/v1, JSONSchemaProps.
type Schema struct {
	// Name is the definition's name, such as io.k8s.api.core.v1.PodSpec; "" for
	// a part of a definition.
	Name string
	// Ref is the name of the definition that describes the value ("$ref",
	// without "#/definitions/"). Of the other fields such a schema has at most
	// the extensions that are about merging.
	Ref string
	// Type is "object", "array", "string", "integer", "number" or "boolean"
	// ("type"). A schema with neither Type nor Ref allows any value; those of
	// apiextensions' JSON are such.
	Type string
	// Format is "int32", "int64", "double", "byte" (base64), "date-time" (RFC
	// 3339) or "int-or-string" ("format"). The Type beside int-or-string is
	// "string", but integers are right too; so are numbers where Ref is the
	// definition Quantity, a string without a Format
	// (k8s.io/apimachinery, pkg/api/resource, Quantity.UnmarshalJSON).
	Format string

	// Properties are the fields of an object, sorted by name ("properties").
	// An object with neither Properties nor AdditionalProperties may have any
	// fields or none at all: swagger.json does not tell these apart. The
	// definitions RawExtension, FieldsV1 and Patch allow any, the others none.
	Properties []Property
	// PreserveUnknown says that an object may have fields beside Properties
	// ("x-kubernetes-preserve-unknown-fields"). Only schemas of
	// CustomResourceDefinitions use it; without it and AdditionalProperties, an
	// API server drops what is not among their Properties.
	PreserveUnknown bool
	// Required names the Properties that must be there ("required").
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

	// ListType is "atomic" (replaced as a whole), "set" (its items are unique)
	// or "map" (its items are objects known by ListMapKeys), for an array
	// ("x-kubernetes-list-type"). None is as atomic.
	ListType string
	// ListMapKeys names the fields that are the key of an item
	// ("x-kubernetes-list-map-keys").
	ListMapKeys []string
	// MapType is "granular" (fields are merged) or "atomic", for an object
	// ("x-kubernetes-map-type"). None is as granular.
	MapType string
	// PatchStrategy is "merge", "replace", "retainKeys" or "merge,retainKeys":
	// how a strategic merge patch treats the value
	// ("x-kubernetes-patch-strategy"). None is as replace for an array, as
	// merge for an object.
	PatchStrategy string
	// PatchMergeKey names the field that is the key of an item in a strategic
	// merge patch ("x-kubernetes-patch-merge-key").
	PatchMergeKey string
	// Unions are the groups of Properties of which one is to be set
	// ("x-kubernetes-unions").
	Unions []Union

	// description is a number of one of document's descriptions; where there is
	// no document, the description is text.
	document    *Document
	description int
	text        string
}

// Property is a field of an object.
type Property struct {
	Name   string
	Schema *Schema
}

// Union is a group of fields of which one is to be set.
type Union struct {
	// Discriminator names the field whose value says which one it is
	// ("discriminator"); "" if there is no such field.
	Discriminator string
	// Fields holds, by the names of the fields of the group, the values that
	// the discriminator has for them ("fields-to-discriminateBy").
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

// find returns where in s.Properties a field is, or would be.
func (s *Schema) find(name string) (i int, ok bool) {
	return slices.BinarySearchFunc(s.Properties, name, func(p Property, name string) int {
		return strings.Compare(p.Name, name)
	})
}

// Description returns what the schema says of its value in words
// ("description"), in paragraphs of Markdown, more or less; "" if nothing. The
// first call on any schema of a Document takes some milliseconds.
func (s *Schema) Description() string {
	if s.document == nil {
		return s.text
	}
	return s.document.description(s.description)
}
