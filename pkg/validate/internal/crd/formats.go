package crd

import (
	"context"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/release/changes"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// openAPI returns a schema in the type of the server's validator, with the formats that a
// release of Kubernetes enforces. The server ignores all others, such as uint32
// (pkg/apiserver/validation/formats.go). If it enforces the formats of numbers, it refuses
// every number of a schema whose limits do not fit the type, such as an integer of at most
// 10.5. The formats of text have not changed, except for additions; the server's code has
// their versions.
func openAPI(props *apiextensions.JSONSchemaProps, r *release.Release) (*spec.Schema, error) {
	enforced := validation.StripUnsupportedFormatsPostProcessorForVersion(compatibility(r))
	if !r.Has(changes.NumericFormats) {
		enforced = func(s *spec.Schema) error {
			withoutNumericFormats(s, r)
			return nil
		}
	}
	out := &spec.Schema{}
	err := validation.ConvertJSONSchemaPropsWithPostProcess(props, out, enforced)
	return out, err
}

// withoutNumericFormats changes a schema as servers without [changes.NumericFormats] do:
// they check only the formats of text, for any type.
func withoutNumericFormats(s *spec.Schema, r *release.Release) {
	text := &spec.Schema{SchemaProps: spec.SchemaProps{Format: s.Format}}
	if len(validation.GetUnrecognizedFormats(text, compatibility(r))) > 0 {
		s.Format = ""
	}
	if len(s.Type) == 1 && s.Type.Contains("integer") {
		// The validator checks numbers and limits against a type only if it is the only
		// one. All other code only looks for a type among the types, so a repeated one does
		// no harm.
		s.Type = append(s.Type, s.Type[0])
	}
}

// checkDefaults returns errors about the defaults that their own schema refuses.
func checkDefaults(at *field.Path, s *structuralschema.Structural, r *release.Release) (field.ErrorList, error) {
	if r.Has(changes.NumericFormats) {
		return defaulting.ValidateDefaults(context.Background(), at, s, true, true)
	}
	s = s.DeepCopy()
	(&structuralschema.Visitor{Structural: func(s *structuralschema.Structural) bool {
		numeric := s.Type == "integer" || s.Type == "number"
		if numeric && s.ValueValidation != nil {
			s.ValueValidation.Format = ""
		}
		return numeric
	}}).Visit(s)
	errs, err := defaulting.ValidateDefaults(context.Background(), at, s, true, true)
	// A structural schema has no type twice, and none in allOf, anyOf, oneOf and not, so no
	// other error depends on these.
	return slices.DeleteFunc(errs, func(err *field.Error) bool { return strings.Contains(err.Detail, "(default format)") }), err
}
