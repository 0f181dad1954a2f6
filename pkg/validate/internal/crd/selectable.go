package crd

import (
	"fmt"
	"slices"

	"github.com/mop-platform/mop/internal/release/gates"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// maxSelectable is the limit of fields by which a version lets clients select objects.
const maxSelectable = 8

// checkSelectable returns errors about fields by which objects cannot be selected: they
// must be strings, integers or booleans that the schema has, outside of the metadata.
// Without the gate the list is dropped (ValidateCustomResourceSelectableFields in
// pkg/apis/apiextensions/validation/validation.go).
func (v *Version) checkSelectable(s *structuralschema.Structural) field.ErrorList {
	if !v.release.Has(gates.CustomResourceFieldSelectors) {
		return nil
	}
	list := fieldPath(v.selectableAt)
	var errs field.ErrorList
	seen := map[string]bool{}
	for i, item := range v.selectable {
		m, _ := item.(map[string]any)
		text, _ := m["jsonPath"].(string)
		at := list.Index(i).Child("jsonPath")
		if text == "" {
			errs = append(errs, field.Required(at, ""))
			continue
		}
		path, found, err := cel.ValidFieldPath(text, s, cel.WithFieldPathAllowArrayNotation(false))
		switch {
		case err != nil:
			errs = append(errs, field.Invalid(at, text, "is no path to a field: "+err.Error()))
			continue
		case path.Root().String() == "metadata":
			errs = append(errs, field.Invalid(at, text, "is in the metadata"))
		case found == nil || !slices.Contains([]string{"string", "boolean", "integer"}, found.Type):
			errs = append(errs, field.Invalid(at, text, "is a field of another type than string, boolean and integer"))
		}
		if seen[path.String()] {
			errs = append(errs, field.Duplicate(at, text))
		}
		seen[path.String()] = true
	}
	if len(seen) > maxSelectable {
		errs = append(errs, field.Invalid(list, "", fmt.Sprintf("want at most %d fields, got %d", maxSelectable, len(seen))))
	}
	return errs
}
