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
	"k8s.io/kube-openapi/pkg/validation/spec"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/internal/spelling"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Check returns the reasons, sorted by path, why the API server would refuse to create
// object with strict field validation. It returns none if the version itself has
// [Version.Problems]. The error is that of the budget of ctx.
//
// object is as encoding/json decodes it; it is not changed. Check does not look at its
// apiVersion, kind and metadata, whose rules are the same for all kinds.
func (v *Version) Check(ctx context.Context, object map[string]any) ([]Problem, error) {
	if err := v.ready(ctx); err != nil {
		return nil, err
	}
	if len(v.problems) > 0 || v.schema == nil {
		return nil, nil
	}
	var found []Problem
	if err := budget.Away(ctx, func() { found = v.check(ctx, object) }); err != nil {
		return nil, err
	}
	return found, nil
}

func (v *Version) check(ctx context.Context, object map[string]any) []Problem {
	o := plain.Integers(runtime.DeepCopyJSON(object)).(map[string]any)
	nameGenerated(o)
	found := v.decode(object, o)
	if v.status {
		delete(o, "status")
	}
	return sorted(withoutConsequences(append(found, v.validate(ctx, object, o, found)...)))
}

// withoutConsequences removes fields that are unknown only because the value around them
// has the wrong type.
func withoutConsequences(found []Problem) []Problem {
	mistyped := map[string]bool{}
	for _, p := range found {
		if p.Kind == Type {
			mistyped[p.Path.String()] = true
		}
	}
	return slices.DeleteFunc(found, func(p Problem) bool {
		return p.Kind == UnknownField && mistyped[p.Path[:len(p.Path)-1].String()]
	})
}

// nameGenerated gives an object a name like one that the server would generate, because the
// rules can ask for it.
func nameGenerated(o map[string]any) {
	metadata, _ := o["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	generateName, _ := metadata["generateName"].(string)
	if name == "" && generateName != "" {
		metadata["name"] = generateName + "xxxxx"
	}
}

// mostGuessed is the limit of unknown fields that get a hint, because each guess looks at
// all possible fields.
const mostGuessed = 100

// decode treats o, a copy of object, as the server does when it decodes an object: it finds
// unknown fields, removes nulls and sets defaults (unstructuredSchemaCoercer in
// pkg/apiserver/customresource_handler.go).
func (v *Version) decode(object, o map[string]any) []Problem {
	s := v.compiled.structural
	if s == nil {
		return nil
	}
	var found []Problem
	if !v.preserve {
		unknown := pruning.PruneWithOptions(o, s, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
		for _, text := range unknown {
			path := resolve(text, object)
			if path == nil {
				path = manifest.Path{""} // a field without a name
			}
			p := Problem{Path: path, Kind: UnknownField, Problem: "no such field"}
			if len(found) < mostGuessed {
				p.Hints = didYouMean(s, object, path)
			}
			found = append(found, p)
		}
		defaulting.PruneNonNullableNullsWithoutDefaults(o, s)
	}
	found = append(found, unreadableObjects(s, nil, o)...)
	err, unknown := objectmeta.CoerceWithOptions(nil, o, s, false, objectmeta.CoerceOptions{ReturnUnknownFieldPaths: true})
	if err == nil {
		// After an error, unknown is incomplete.
		for _, text := range unknown {
			found = append(found, Problem{Path: resolve(text, object), Kind: UnknownField, Problem: "no such field"})
		}
	}
	defaulting.Default(o, s)
	return found
}

// validate checks an object with its defaults against the schema and the rules
// (pkg/registry/customresource/strategy.go and validator.go). decoded are the problems
// found before.
func (v *Version) validate(ctx context.Context, object, o map[string]any, decoded []Problem) []Problem {
	c := v.compiled
	errs := validation.ValidateCustomResource(nil, o, c.validator)
	var found []Problem
	if len(errs) > 0 {
		found = refused(c.openAPI, object, o)
		if len(found) == 0 {
			found = problems(errs, object)
		}
	} else {
		errs = v.validateScale(o)
		found = problems(errs, object)
	}
	more := objectmeta.Validate(ctx, nil, o, c.structural, false)
	more = append(more, listtype.ValidateListSetsAndMaps(nil, c.structural, o)...)
	for _, p := range problems(more, object) {
		// The server reports unreadable values again, in Go's words.
		if !slices.ContainsFunc(decoded, func(d Problem) bool { return d.Kind != UnknownField && within(d.Path, p.Path) }) {
			found = append(found, p)
		}
	}
	if slices.ContainsFunc(append(errs, more...), blocks) {
		return found
	}
	rules := c.rules()
	if rules == nil {
		return found
	}
	failed, _ := rules.Validate(ctx, nil, c.structural, o, nil, celconfig.RuntimeCELCostBudget)
	for _, err := range failed {
		found = append(found, Problem{Path: resolve(err.Field, object), Kind: Expression, Problem: ruleFailure(err)})
	}
	return found
}

// refused returns what the schema refuses of o, a copy of object without the nulls that
// count as absent.
func refused(s *spec.Schema, object, o map[string]any) []Problem {
	found := refusals(s, nil, o)
	for i, p := range found {
		if p.Problem != missing {
			continue
		}
		last := len(p.Path) - 1
		around, _ := lookup(object, p.Path[:last]).(map[string]any)
		if name, ok := p.Path[last].(string); ok {
			if _, given := around[name]; given {
				found[i].Problem = "is required, " + plain.Got(around, name)
			}
		}
	}
	return found
}

// within reports whether a path leads to the value at another path or into it.
func within(path, around manifest.Path) bool {
	return len(path) >= len(around) && slices.Equal(path[:len(around)], around)
}

// blocks reports whether the server evaluates no rules for an object with such an error,
// because they could fail on it.
func blocks(err *field.Error) bool {
	switch err.Type {
	case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany, field.ErrorTypeTypeInvalid:
		return true
	}
	return false
}

// validateScale checks the number of replicas if scale is a subresource.
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

// didYouMean returns a hint for an unknown field.
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
	if guess := spelling.Suggest(name, missing); guess != "" {
		return []string{"did you mean " + guess + "?"}
	}
	return nil
}
