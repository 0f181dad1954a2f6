package k8s

import "github.com/mop-platform/mop/internal/schema"

// Definitions returns the definitions of d for [Generate]. Like k8s-libsonnet's generator,
// it gives a part called metadata the type of an object's metadata if the schema only says
// that it is an object, such as in the template of a CustomResourceDefinition.
func Definitions(d *schema.Document) []Definition {
	var definitions []Definition
	for _, name := range d.Names() {
		s, _ := d.Definition(name)
		definition := Definition{Name: name, Schema: fromSchema(s)}
		for _, k := range s.Kinds {
			definition.Kinds = append(definition.Kinds, GroupVersionKind(k))
		}
		definitions = append(definitions, definition)
	}
	return definitions
}

// fromSchema returns the parts of s on which the library depends.
func fromSchema(s *schema.Schema) Schema {
	out := Schema{Type: s.Type, Description: s.Description()}
	if s.Ref != "" {
		out.Ref = refPrefix + s.Ref
	}
	if s.Items != nil {
		items := fromSchema(s.Items)
		out.Items = &items
	}
	if len(s.Properties) > 0 {
		out.Properties = make(map[string]Schema, len(s.Properties))
		for _, p := range s.Properties {
			property := fromSchema(p.Schema)
			if p.Name == "metadata" && isAnyObject(p.Schema) {
				property = Schema{Ref: refPrefix + objectMeta, Description: property.Description}
			}
			out.Properties[p.Name] = property
		}
	}
	return out
}

const objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

func isAnyObject(s *schema.Schema) bool {
	return s.Type == "object" && len(s.Properties) == 0 && s.AdditionalProperties == nil
}
