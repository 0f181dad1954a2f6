package crd

import (
	"context"
	"math"
	"slices"
	"strings"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Check returns what is wrong with an object of the version, sorted by path: why
// the API server would refuse to create it with strict field validation. It is
// nil where the version itself has [Version.Problems].
//
// object is as encoding/json decodes; it is not changed. Its apiVersion, kind
// and metadata are not looked at, as they are the same for all kinds.
func (v *Version) Check(object map[string]any) []Problem {
	v.once.Do(v.compile)
	if len(v.problems) > 0 || v.schema == nil {
		return nil
	}
	o := manifest.WithIntegers(runtime.DeepCopyJSON(object)).(map[string]any)
	nameGenerated(o)
	found := v.decode(object, o)
	if v.status {
		delete(o, "status")
	}
	return sorted(append(found, v.validate(object, o)...))
}

// nameGenerated gives an object the name that the server would make, for the
// rules can ask for it.
func nameGenerated(o map[string]any) {
	metadata, _ := o["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	generateName, _ := metadata["generateName"].(string)
	if name == "" && generateName != "" {
		metadata["name"] = generateName + "xxxxx"
	}
}

// decode does with o, a copy of object, what the server does as it decodes:
// fields that the schema does not have are found, nulls removed and defaults set
// (unstructuredSchemaCoercer in pkg/apiserver/customresource_handler.go).
func (v *Version) decode(object, o map[string]any) []Problem {
	s := v.compiled.structural
	if s == nil {
		return nil
	}
	var unknown []string
	if !v.preserve {
		unknown = pruning.PruneWithOptions(o, s, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
		defaulting.PruneNonNullableNullsWithoutDefaults(o, s)
	}
	err, more := objectmeta.CoerceWithOptions(nil, o, s, false, objectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	var found []Problem
	for _, text := range append(unknown, more...) {
		path := resolve(text, object)
		found = append(found, Problem{Path: path, Kind: UnknownField, Problem: "no such field", Hints: didYouMean(s, object, path)})
	}
	if err != nil {
		found = append(found, problems(field.ErrorList{err}, object, Type)...)
	}
	defaulting.Default(o, s)
	return found
}

// validate holds an object that has its defaults against the schema and the
// rules (pkg/registry/customresource/strategy.go and validator.go).
func (v *Version) validate(object, o map[string]any) []Problem {
	c := v.compiled
	ctx := context.Background()
	errs := validation.ValidateCustomResource(nil, o, c.validator)
	if len(errs) == 0 {
		errs = v.validateScale(o)
	}
	errs = append(errs, objectmeta.Validate(ctx, nil, o, c.structural, false)...)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, c.structural, o)...)
	found := problems(errs, object, "")
	if slices.ContainsFunc(errs, blocks) {
		return found
	}
	rules := c.rules()
	if rules == nil {
		return found
	}
	failed, _ := rules.Validate(ctx, nil, c.structural, o, nil, celconfig.RuntimeCELCostBudget)
	return append(found, problems(failed, object, Expression)...)
}

// blocks reports whether the server evaluates no rules for an object with such
// an error, for they could not bear it.
func blocks(err *field.Error) bool {
	switch err.Type {
	case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany, field.ErrorTypeTypeInvalid:
		return true
	}
	return false
}

// validateScale looks at the number of replicas where scale is a subresource.
func (v *Version) validateScale(o map[string]any) field.ErrorList {
	text, _ := v.scale["specReplicasPath"].(string)
	if text == "" {
		return nil
	}
	names := strings.Split(strings.TrimPrefix(text, "."), ".")
	var p manifest.Path
	for _, name := range names {
		p = p.Field(name)
	}
	at := fieldPath(p)
	switch n := lookup(o, p).(type) {
	case nil:
	case int64:
		if n < 0 || n > math.MaxInt32 {
			return field.ErrorList{field.Invalid(at, n, "want a number of replicas from 0 to 2147483647")}
		}
	default:
		return field.ErrorList{field.Invalid(at, n, "want a number of replicas")}
	}
	return nil
}

// didYouMean returns a hint for a field that its schema does not have.
func didYouMean(s *structuralschema.Structural, object map[string]any, path manifest.Path) []string {
	if len(path) == 0 {
		return nil
	}
	for _, step := range path[:len(path)-1] {
		if s == nil {
			return nil
		}
		name, ok := step.(string)
		property, known := s.Properties[name]
		switch {
		case !ok:
			s = s.Items
		case known:
			s = &property
		case s.AdditionalProperties != nil:
			s = s.AdditionalProperties.Structural
		default:
			return nil
		}
	}
	name, _ := path[len(path)-1].(string)
	parent, _ := lookup(object, path[:len(path)-1]).(map[string]any)
	var missing []string
	if s != nil {
		for property := range s.Properties {
			if _, ok := parent[property]; !ok {
				missing = append(missing, property)
			}
		}
	}
	if guess := diag.Suggest(name, missing); guess != "" {
		return []string{"did you mean " + guess + "?"}
	}
	return nil
}
