package schema

import (
	"maps"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// With returns the schemas of d and the schemas that the CustomResourceDefinitions among
// objects have for the versions that they serve, in their own versions v1 and v1beta1. It
// passes over other objects. If two define the same version of a kind, the later one
// counts. Each takes precedence over d.
//
// The definition of such a kind has the name that an API server gives it: the labels of its
// group from last to first, the version and the kind, as in
// com.coreos.monitoring.v1.ServiceMonitor. It holds its parts, except for metadata, which
// refers to ObjectMeta of d. Like an API server, With adds apiVersion, kind and metadata if
// the CustomResourceDefinition leaves them out.
//
// The diagnostics are about definitions whose group, names, scope, versions or schemas
// cannot be read; these add nothing. Keywords without a field in Schema are neither kept
// nor checked: enumerations, limits, patterns, defaults, rules.
func (d *Document) With(objects ...manifest.Object) (*Document, diag.List) {
	var found diag.List
	more := map[string]*Schema{} // by the names of the definitions
	for _, o := range objects {
		if id := o.ID(); !IsCRD(id.Group, id.Kind) {
			continue
		}
		defined, l := readSchemas(o)
		found = append(found, l...)
		if len(l) == 0 {
			maps.Copy(more, defined)
		}
	}
	if len(more) == 0 {
		return d, found
	}
	return d.extended(more), found
}

// extended returns a copy of d with more definitions, which take precedence over those of
// d.
func (d *Document) extended(more map[string]*Schema) *Document {
	all := &Document{
		definitions:  make(map[string]*Schema, len(d.definitions)+len(more)),
		kinds:        make(map[GVK]*Schema, len(d.kinds)+len(more)),
		descriptions: d.descriptions,
	}
	maps.Copy(all.definitions, d.definitions)
	maps.Copy(all.definitions, more)
	maps.Copy(all.kinds, d.kinds)
	for _, s := range more {
		all.kinds[s.Kinds[0]] = s
	}
	all.names = slices.Sorted(maps.Keys(all.definitions))
	return all
}

// objectMeta is the definition of every object's metadata.
const objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

var (
	// label matches the names of versions and, in small letters, of kinds
	// (k8s.io/apimachinery, pkg/util/validation, IsDNS1035Label).
	label = pattern.New(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)
	// domain matches groups (IsDNS1123Subdomain).
	domain = pattern.New(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
)

// readSchemas returns the schemas of o for its served versions, by the names of the
// definitions.
func readSchemas(o manifest.Object) (map[string]*Schema, diag.List) {
	id, _, found := readCRD(o)
	c := crd{o, found}
	if id.group != "" && !domain().MatchString(id.group) {
		c.report("a domain name in small letters", "spec", "group")
	}
	if id.kind != "" && !label().MatchString(strings.ToLower(id.kind)) {
		c.report("letters, digits and hyphens, the first a letter", "spec", "names", "kind")
	}
	schemas := map[string]*Schema{}
	seen := map[string]bool{}
	for _, v := range c.versions() {
		if seen[v.name] {
			c.want(v.at.Field("name"), "a version of its own", v.name)
		}
		seen[v.name] = true
		if !v.served {
			continue
		}
		s := c.root(v)
		s.Kinds = []GVK{{id.group, v.name, id.kind}}
		labels := strings.Split(id.group, ".")
		slices.Reverse(labels)
		s.Name = strings.Join(append(labels, v.name, id.kind), ".")
		schemas[s.Name] = s
	}
	return schemas, c.found
}

// crdVersion is a version in a CustomResourceDefinition.
type crdVersion struct {
	at     manifest.Path
	name   string
	served bool
	// schemaAt is the place of schema, which is nil if there is none.
	schemaAt manifest.Path
	schema   any
}

// versions returns the versions of spec.versions or, in v1beta1 without any, the one of
// spec.version. In v1beta1, one schema in spec.validation may apply to all versions, or
// there may be none.
func (c *crd) versions() []crdVersion {
	beta := c.APIVersion() == crdGroup+"/v1beta1"
	spec := c.Path().Field("spec")
	common, _ := c.Lookup("spec", "validation", "openAPIV3Schema")
	commonAt := spec.Field("validation").Field("openAPIV3Schema")

	value, _ := c.Lookup("spec", "versions")
	list, ok := value.([]any)
	if name, _ := c.Lookup("spec", "version"); beta && len(list) == 0 && name != nil {
		v := crdVersion{at: spec, served: true, schemaAt: commonAt, schema: common}
		v.name = c.label(spec.Field("version"), name)
		return []crdVersion{v}
	}
	at := spec.Field("versions")
	if !ok || len(list) == 0 {
		c.want(at, "an array of one version or more", value)
	}
	var versions []crdVersion
	for i, item := range list {
		fields, ok := item.(map[string]any)
		if !ok {
			c.want(at.Index(i), "an object", item)
			continue
		}
		v := crdVersion{at: at.Index(i), schemaAt: at.Index(i).Field("schema").Field("openAPIV3Schema")}
		v.name = c.label(v.at.Field("name"), fields["name"])
		if v.served, ok = fields["served"].(bool); !ok {
			c.want(v.at.Field("served"), "a boolean", fields["served"])
		}
		holder, _ := fields["schema"].(map[string]any)
		v.schema = holder["openAPIV3Schema"]
		switch {
		case v.schema != nil:
		case beta:
			v.schemaAt, v.schema = commonAt, common
		case v.served:
			c.want(v.schemaAt, "an object", nil)
		}
		versions = append(versions, v)
	}
	return versions
}

// label returns v as the name of a version, and reports one that is not valid.
func (c *crd) label(at manifest.Path, v any) string {
	name, _ := v.(string)
	if !label().MatchString(name) {
		c.want(at, "small letters, digits and hyphens, the first a letter", v)
	}
	return name
}

// root returns the schema of the objects of a version.
func (c *crd) root(v crdVersion) *Schema {
	s := &Schema{Type: "object"}
	if v.schema != nil {
		s = c.schema(&place{path: v.schemaAt}, v.schema)
	}
	if s.Type == "" {
		s.Type = "object" // v1beta1 may leave it out
	}
	if s.Type != "object" {
		c.want(v.schemaAt.Field("type"), `"object"`, s.Type)
	}
	for _, p := range []Property{
		{"apiVersion", &Schema{Type: "string"}},
		{"kind", &Schema{Type: "string"}},
		{"metadata", &Schema{Ref: objectMeta}},
	} {
		i, ok := s.find(p.Name)
		switch {
		case !ok:
			s.Properties = slices.Insert(s.Properties, i, p)
		case p.Schema.Ref != "":
			s.Properties[i] = p
		}
	}
	return s
}

// schema reads v, which is of type JSONSchemaProps (k8s.io/apiextensions-apiserver,
// pkg/apis/apiextensions/v1).
func (c *crd) schema(at *place, v any) *Schema {
	s := &Schema{}
	fields, ok := v.(map[string]any)
	if !ok {
		c.want(at.Path(), "an object", v)
		return s
	}
	k := keywords{c, at, fields}
	s.text = k.text("description")
	s.Type = k.text("type")
	if types := []string{"array", "boolean", "integer", "number", "object", "string"}; s.Type != "" && !slices.Contains(types, s.Type) {
		c.want(at.Field("type").Path(), "one of "+strings.Join(types, ", "), s.Type)
	}
	s.Format = k.text("format")
	if k.flag("x-kubernetes-int-or-string") {
		s.Type, s.Format = "string", "int-or-string"
	}
	properties := k.object("properties")
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		s.Properties = append(s.Properties, Property{name, c.schema(at.Field("properties").Field(name), properties[name])})
	}
	s.Required = k.list("required")
	switch more := fields["additionalProperties"].(type) {
	case nil:
	case bool:
		if more {
			s.AdditionalProperties = &Schema{}
		}
	default:
		s.AdditionalProperties = c.schema(at.Field("additionalProperties"), more)
	}
	if items := fields["items"]; items != nil {
		s.Items = c.schema(at.Field("items"), items)
	}
	s.ListType = k.text("x-kubernetes-list-type")
	s.ListMapKeys = k.list("x-kubernetes-list-map-keys")
	s.MapType = k.text("x-kubernetes-map-type")
	s.PreserveUnknown = k.flag("x-kubernetes-preserve-unknown-fields")
	return s
}

// place is the place of a schema: a path, or a field in another place. A path for each
// schema would take the square of the nesting.
type place struct {
	path   manifest.Path
	around *place
	field  string
}

// Field returns the place of a field.
func (p *place) Field(name string) *place { return &place{around: p, field: name} }

// Path returns the path of the place.
func (p *place) Path() manifest.Path {
	var fields []any
	for ; p.around != nil; p = p.around {
		fields = append(fields, p.field)
	}
	slices.Reverse(fields)
	return slices.Concat(p.path, fields)
}

// keywords are the keywords of one schema. One that is null counts as absent.
type keywords struct {
	*crd
	at     *place
	fields map[string]any
}

func (k keywords) text(name string) string {
	s, ok := k.fields[name].(string)
	if !ok && k.fields[name] != nil {
		k.want(k.at.Field(name).Path(), "a string", k.fields[name])
	}
	return s
}

func (k keywords) flag(name string) bool {
	b, ok := k.fields[name].(bool)
	if !ok && k.fields[name] != nil {
		k.want(k.at.Field(name).Path(), "a boolean", k.fields[name])
	}
	return b
}

func (k keywords) list(name string) []string {
	items, ok := k.fields[name].([]any)
	if !ok && k.fields[name] != nil {
		k.want(k.at.Field(name).Path(), "an array of strings", k.fields[name])
	}
	var all []string
	for i, item := range items {
		s, ok := item.(string)
		if !ok {
			k.want(k.at.Field(name).Path().Index(i), "a string", item)
		}
		all = append(all, s)
	}
	return all
}

func (k keywords) object(name string) map[string]any {
	object, ok := k.fields[name].(map[string]any)
	if !ok && k.fields[name] != nil {
		k.want(k.at.Field(name).Path(), "an object", k.fields[name])
	}
	return object
}
