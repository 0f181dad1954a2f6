package crd

import (
	"maps"
	"slices"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// rootKeywords are the keywords that a schema can have at its root if the status is a
// subresource: the server takes the schema of the status out of it
// (allowedFieldsAtRootSchema in pkg/apis/apiextensions/validation/validation.go).
var rootKeywords = []string{
	"description", "type", "format", "title", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength",
	"pattern", "maxItems", "minItems", "uniqueItems", "multipleOf", "required", "items", "properties", "externalDocs", "example",
	"x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
}

// checkRoot returns errors about the root of a schema.
func (v *Version) checkRoot(at *field.Path) field.ErrorList {
	root, _ := v.schema.(map[string]any)
	var errs field.ErrorList
	if root["nullable"] == true {
		errs = append(errs, field.Forbidden(at.Child("nullable"), "the root cannot be nullable"))
	}
	if !v.status {
		return errs
	}
	if root["type"] != "object" {
		errs = append(errs, field.Invalid(at.Child("type"), root["type"], "must be object at the root, since the status is a subresource"))
	}
	for _, keyword := range slices.Sorted(maps.Keys(root)) {
		if value := root[keyword]; value != nil && value != false && value != "" && !slices.Contains(rootKeywords, keyword) {
			errs = append(errs, field.Forbidden(at.Child(keyword), "cannot stand at the root, since the status is a subresource"))
		}
	}
	return errs
}

// structure checks the single keywords of a schema
// (ValidateCustomResourceDefinitionOpenAPISchema and specStandardValidatorV3 in
// pkg/apis/apiextensions/validation/validation.go).
type structure struct {
	errs field.ErrorList
}

// place has the relevant facts about the place of a schema.
type place struct {
	root bool
	// metadata says that it is, or is in, the apiVersion, kind or metadata of an object.
	metadata bool
	// noDefault says why there can be no default, "" if there can.
	noDefault string
}

func checkStructure(at *field.Path, s *apiextensions.JSONSchemaProps) field.ErrorList {
	var c structure
	c.check(at, s, place{root: true})
	return c.errs
}

func (c *structure) add(err *field.Error) { c.errs = append(c.errs, err) }

func (c *structure) check(at *field.Path, s *apiextensions.JSONSchemaProps, p place) {
	if s == nil {
		return
	}
	c.keywords(at, s, p)
	c.mapType(at, s)
	c.listType(at, s)

	inside := place{metadata: p.metadata, noDefault: p.noDefault}
	if s.AdditionalProperties != nil {
		values := inside
		if p.metadata {
			values.noDefault = "inside additionalProperties of an object's metadata"
		}
		c.check(at.Child("additionalProperties"), s.AdditionalProperties.Schema, values)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		property := inside
		if (p.root || s.XEmbeddedResource) && slices.Contains([]string{"metadata", "kind", "apiVersion"}, name) {
			property.metadata = true
			if p.root {
				property.noDefault = "in the " + name + " of the root"
			}
		}
		schema := s.Properties[name]
		c.check(at.Child("properties").Key(name), &schema, property)
	}
	if s.Items != nil {
		c.check(at.Child("items"), s.Items.Schema, inside)
	}
	c.check(at.Child("not"), s.Not, inside)
	for _, of := range []struct {
		keyword string
		schemas []apiextensions.JSONSchemaProps
	}{{"allOf", s.AllOf}, {"anyOf", s.AnyOf}, {"oneOf", s.OneOf}} {
		for i := range of.schemas {
			c.check(at.Child(of.keyword).Index(i), &of.schemas[i], inside)
		}
	}
}

// keywords reports keywords that no schema of a definition can have.
func (c *structure) keywords(at *field.Path, s *apiextensions.JSONSchemaProps, p place) {
	types := []string{"array", "boolean", "integer", "number", "object", "string"}
	switch {
	case s.Type == "null":
		c.add(field.Forbidden(at.Child("type"), "cannot be null, use nullable instead"))
	case s.Type != "" && !slices.Contains(types, s.Type):
		c.add(field.NotSupported(at.Child("type"), s.Type, types))
	}
	if s.Default != nil && p.noDefault != "" {
		c.add(field.Forbidden(at.Child("default"), "cannot be set "+p.noDefault))
	}
	for _, k := range []struct {
		keyword string
		set     bool
	}{
		{"$ref", s.Ref != nil},
		{"$schema", s.Schema != ""},
		{"additionalItems", s.AdditionalItems != nil},
		{"definitions", len(s.Definitions) > 0},
		{"dependencies", s.Dependencies != nil},
		{"id", s.ID != ""},
		{"patternProperties", len(s.PatternProperties) > 0},
	} {
		if k.set {
			c.add(field.Forbidden(at.Child(k.keyword), "is not supported"))
		}
	}
	if s.Items != nil && len(s.Items.JSONSchemas) > 0 {
		c.add(field.Forbidden(at.Child("items"), "must be a schema, not an array of schemas"))
	}
	if s.UniqueItems {
		c.add(field.Forbidden(at.Child("uniqueItems"), "cannot be true, for it would be slow; use x-kubernetes-list-type: set"))
	}
	if a := s.AdditionalProperties; a != nil && len(s.Properties) > 0 && (!a.Allows || a.Schema != nil) {
		c.add(field.Forbidden(at.Child("additionalProperties"), "excludes properties"))
	}
	if p.metadata && s.XEmbeddedResource {
		c.add(field.Forbidden(at.Child("x-kubernetes-embedded-resource"), "cannot be used inside of an object's metadata"))
	}
	if s.XPreserveUnknownFields != nil && !*s.XPreserveUnknownFields {
		c.add(field.Invalid(at.Child("x-kubernetes-preserve-unknown-fields"), false, "must be true or left out"))
	}
}

func (c *structure) mapType(at *field.Path, s *apiextensions.JSONSchemaProps) {
	if s.XMapType == nil {
		return
	}
	if s.Type != "object" {
		c.add(field.Invalid(at.Child("type"), s.Type, "must be object where x-kubernetes-map-type is set"))
	}
	if types := []string{"atomic", "granular"}; !slices.Contains(types, *s.XMapType) {
		c.add(field.NotSupported(at.Child("x-kubernetes-map-type"), *s.XMapType, types))
	}
}

func (c *structure) listType(at *field.Path, s *apiextensions.JSONSchemaProps) {
	listType := ""
	if s.XListType != nil {
		listType = *s.XListType
		if s.Type != "array" {
			c.add(field.Invalid(at.Child("type"), s.Type, "must be array where x-kubernetes-list-type is set"))
		}
		if types := []string{"atomic", "set", "map"}; !slices.Contains(types, listType) {
			c.add(field.NotSupported(at.Child("x-kubernetes-list-type"), listType, types))
		}
	}
	if len(s.XListMapKeys) > 0 && listType != "map" {
		c.add(field.Invalid(at.Child("x-kubernetes-list-type"), listType, "must be map where x-kubernetes-list-map-keys has items"))
	}
	if listType == "map" {
		c.listMap(at, s)
	}
	if s.Items == nil || s.Items.Schema == nil || listType != "set" && listType != "map" {
		return
	}
	items := s.Items.Schema
	if items.Nullable {
		c.add(field.Forbidden(at.Child("items", "nullable"), "items cannot be nullable where x-kubernetes-list-type is "+listType))
	}
	if listType == "set" {
		if items.Type == "array" && items.XListType != nil && *items.XListType != "atomic" {
			c.add(field.Invalid(at.Child("items", "x-kubernetes-list-type"), *items.XListType, "must be atomic in a list with x-kubernetes-list-type: set"))
		}
		if items.Type == "object" && (items.XMapType == nil || *items.XMapType != "atomic") {
			c.add(field.Required(at.Child("items", "x-kubernetes-map-type"), "must be atomic in a list with x-kubernetes-list-type: set"))
		}
	}
}

// listMap checks a list whose items are identified by some of their fields.
func (c *structure) listMap(at *field.Path, s *apiextensions.JSONSchemaProps) {
	keysAt := at.Child("x-kubernetes-list-map-keys")
	if len(s.XListMapKeys) == 0 {
		c.add(field.Required(keysAt, "must have items where x-kubernetes-list-type is map"))
	}
	if s.Items == nil || s.Items.Schema == nil {
		c.add(field.Required(at.Child("items"), "must be a schema where x-kubernetes-list-type is map"))
		return
	}
	items := s.Items.Schema
	if items.Type != "object" {
		c.add(field.Invalid(at.Child("items", "type"), items.Type, "must be object where x-kubernetes-list-type is map"))
		return
	}
	for i, key := range s.XListMapKeys {
		if slices.Contains(s.XListMapKeys[:i], key) {
			c.add(field.Duplicate(keysAt.Index(i), key))
		}
		property, ok := items.Properties[key]
		if !ok {
			c.add(field.Invalid(keysAt.Index(i), key, "must be the name of a property of the items"))
			continue
		}
		propertyAt := at.Child("items", "properties").Key(key)
		if property.Type == "array" || property.Type == "object" {
			c.add(field.Invalid(propertyAt.Child("type"), property.Type, "must be a scalar, since it is one of x-kubernetes-list-map-keys"))
		}
		if property.Default == nil && !slices.Contains(items.Required, key) {
			c.add(field.Required(propertyAt.Child("default"), "must be set or the property be required, since it is one of x-kubernetes-list-map-keys"))
		}
		if property.Nullable {
			c.add(field.Forbidden(propertyAt.Child("nullable"), "cannot be true, since it is one of x-kubernetes-list-map-keys"))
		}
	}
}
