package crd

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	openapierrors "k8s.io/kube-openapi/pkg/validation/errors"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
	"k8s.io/kube-openapi/pkg/validation/validate"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/manifest"
)

// refusals returns the faults of the value at a path by a schema. The server's validator
// decides, one schema at a time without the schemas inside, so each fault is reported once.
// Its verdict on the whole schema would mix the faults of a suitable alternative with those
// of all others.
func refusals(s *spec.Schema, at manifest.Path, value any) []Problem {
	found := own(s, at, value)
	if value == nil || slices.ContainsFunc(found, func(p Problem) bool { return p.Kind == Type && len(p.Path) == len(at) }) {
		return found
	}
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			property, ok := s.Properties[name]
			more := s.AdditionalProperties
			switch {
			case ok:
				found = append(found, refusals(&property, at.Field(name), value[name])...)
			case more != nil && more.Schema != nil:
				found = append(found, refusals(more.Schema, at.Field(name), value[name])...)
			case more != nil && !more.Allows:
				found = append(found, Problem{Path: at.Field(name), Kind: UnknownField, Problem: "no such field"})
			}
		}
	case []any:
		if s.Items != nil && s.Items.Schema != nil {
			for i, item := range value {
				found = append(found, refusals(s.Items.Schema, at.Index(i), item)...)
			}
		}
	}
	for i := range s.AllOf {
		found = append(found, refusals(&s.AllOf[i], at, value)...)
	}
	found = append(found, anyOf(s.AnyOf, at, value)...)
	found = append(found, oneOf(s.OneOf, at, value)...)
	if s.Not != nil && len(refusals(s.Not, at, value)) == 0 {
		found = append(found, not(s.Not, at))
	}
	return found
}

// own returns the faults of the value by a schema alone: without the schemas of the value's
// parts, and without those in allOf, anyOf, oneOf and not.
func own(s *spec.Schema, at manifest.Path, value any) []Problem {
	alone := *s
	alone.Properties, alone.AdditionalProperties, alone.Items = nil, nil, nil
	alone.AllOf, alone.AnyOf, alone.OneOf, alone.Not = nil, nil, nil, nil
	var found []Problem
	for _, err := range validate.NewSchemaValidator(&alone, nil, "", strfmt.Default).Validate(value).Errors {
		p := Problem{Path: at, Kind: Value}
		if v, ok := err.(*openapierrors.Validation); ok {
			p.refuse(s, v, value)
		} else {
			p.outOfRange(s, err, value)
		}
		p.Problem = oneLine(p.Problem)
		found = append(found, p)
	}
	if mistyped := slices.IndexFunc(found, func(p Problem) bool { return p.Kind == Type }); mistyped >= 0 {
		// The other faults follow from the wrong type.
		return found[mistyped : mistyped+1]
	}
	return found
}

// refuse puts an error about the value at the path into mop's words.
func (p *Problem) refuse(s *spec.Schema, err *openapierrors.Validation, value any) {
	got := "got " + plain.Describe(value)
	switch err.Code() {
	case openapierrors.InvalidTypeCode:
		if _, isText := value.(string); isText && (len(s.Type) == 0 || s.Type.Contains("string")) {
			p.Kind, p.Problem = Format, "want "+formatWords(s.Format)+", "+got
			return
		}
		p.Kind, p.Problem = Type, "want "+typeWords(s.Type, value)+", "+got
		p.Hints = quoteHint(s.Type, value)
	case openapierrors.RequiredFailCode:
		p.Kind, p.Path = Required, p.Path.Field(strings.TrimPrefix(err.Name, "."))
		p.Problem = missing
	case openapierrors.EnumFailCode:
		p.Problem = "want " + alternatives(s.Enum) + ", " + got
		p.Hints = similar(value, s.Enum)
	case openapierrors.TooLongFailCode:
		p.Problem = fmt.Sprintf("want at most %s, got %d", message.Counted(*s.MaxLength, "character"), length(value))
	case openapierrors.TooShortFailCode:
		p.Problem = fmt.Sprintf("want at least %s, got %d", message.Counted(*s.MinLength, "character"), length(value))
	case openapierrors.PatternFailCode:
		p.Kind, p.Problem = Format, "want text that matches "+s.Pattern+", "+got
	case openapierrors.MultipleOfFailCode:
		p.Problem = "want a multiple of " + plain.Number(*s.MultipleOf) + ", " + got
	case openapierrors.MultipleOfMustBePositiveCode:
		p.Problem = "no whole number is a multiple of " + plain.Number(*s.MultipleOf) + " to the API server, " + got
	case openapierrors.MaxFailCode:
		p.Problem = beyond(*s.Maximum, s.ExclusiveMaximum, "less", value) + got
	case openapierrors.MinFailCode:
		p.Problem = beyond(*s.Minimum, s.ExclusiveMinimum, "more", value) + got
	case openapierrors.MaxItemsFailCode:
		p.Problem = fmt.Sprintf("want at most %s, got %d", message.Counted(*s.MaxItems, "item"), length(value))
	case openapierrors.MinItemsFailCode:
		p.Problem = fmt.Sprintf("want at least %s, got %d", message.Counted(*s.MinItems, "item"), length(value))
	case openapierrors.UniqueFailCode:
		p.Kind, p.Problem = Duplicate, "want items that differ"
	case openapierrors.TooManyPropertiesCode:
		p.Problem = fmt.Sprintf("want at most %s, got %d", message.Counted(*s.MaxProperties, "field"), length(value))
	case openapierrors.TooFewPropertiesCode:
		p.Problem = fmt.Sprintf("want at least %s, got %d", message.Counted(*s.MinProperties, "field"), length(value))
	default:
		p.Problem = err.Error()
	}
}

// beyond says what a value beyond a limit should be. The server compares whole numbers with
// the limit in 64 bits. A larger limit becomes what the processor makes of it, on most the
// least number.
func beyond(limit float64, exclusive bool, way string, value any) string {
	_, whole := value.(int64)
	text := plain.Number(plain.Whole(limit))
	switch {
	case whole && math.Abs(limit) >= 1<<63:
		return "no whole number is right to the API server, as 64 bits do not hold the schema's limit, " + text + ", "
	case exclusive:
		return "want a number " + way + " than " + text + ", "
	}
	return "want a number of " + text + " or " + way + ", "
}

// rangeError matches the validator's message about a number, or its limit, that its type
// does not hold.
var rangeError = pattern.New(`^(Checked|MultipleOf|Maximum boundary|Minimum boundary) value must be of type`)

// outOfRange puts an error about numbers that do not fit their type into mop's words.
func (p *Problem) outOfRange(s *spec.Schema, err error, value any) {
	fits := map[string]string{"int32": "a number of 32 bits", "float": "a number that 32 bits hold"}[s.Format]
	if fits == "" {
		fits = "a whole number of 64 bits"
	}
	of := func(keyword string, limit *float64) string {
		return fmt.Sprintf("no value is right, as the schema's %s, %s, is not %s", keyword, plain.Number(*limit), fits)
	}
	m := rangeError().FindStringSubmatch(err.Error())
	switch {
	case m == nil:
		p.Problem = err.Error()
	case m[1] == "MultipleOf":
		p.Problem = of("multipleOf", s.MultipleOf)
	case m[1] == "Maximum boundary":
		p.Problem = of("maximum", s.Maximum)
	case m[1] == "Minimum boundary":
		p.Problem = of("minimum", s.Minimum)
	default:
		p.Kind, p.Problem = Type, "want "+fits+", got "+plain.Describe(value)
	}
}

// anyOf returns the problems of a value that none of the schemas accepts.
func anyOf(schemas []spec.Schema, at manifest.Path, value any) []Problem {
	var found [][]Problem
	for i := range schemas {
		refused := refusals(&schemas[i], at, value)
		if len(refused) == 0 {
			return nil
		}
		found = append(found, refused)
	}
	return none(schemas, found, at, value)
}

// oneOf returns the problems of a value that not exactly one of the schemas accepts.
func oneOf(schemas []spec.Schema, at manifest.Path, value any) []Problem {
	var found [][]Problem
	var taken []spec.Schema
	for i := range schemas {
		refused := refusals(&schemas[i], at, value)
		if len(refused) == 0 {
			taken = append(taken, schemas[i])
		}
		found = append(found, refused)
	}
	p := Problem{Path: at, Kind: Conflict}
	switch names := fieldSets(schemas); {
	case len(schemas) == 0 || len(taken) == 1:
		return nil
	case len(taken) == 0:
		return none(schemas, found, at, value)
	case names != nil:
		p.Problem = fmt.Sprintf("want one of %s, got %d", strings.Join(names, ", "), len(taken))
	default:
		p.Problem = fmt.Sprintf("want it to fit one of %d alternatives, got %d that it fits", len(schemas), len(taken))
	}
	return []Problem{p}
}

// none returns one problem for a value that fits none of the schemas, or the problems of a
// single schema. found has the faults by each of them.
func none(schemas []spec.Schema, found [][]Problem, at manifest.Path, value any) []Problem {
	p := Problem{Path: at, Kind: Value}
	types := alternativeTypes(schemas)
	switch names := fieldSets(schemas); {
	case len(found) == 0:
		return nil
	case len(found) == 1:
		return found[0]
	case names != nil:
		p.Kind, p.Problem = Required, "want one of "+strings.Join(names, ", ")+", got none"
	case types != nil && !slices.ContainsFunc(found, func(of []Problem) bool { return of[0].Kind != Type || len(of[0].Path) > len(at) }):
		p.Kind, p.Problem = Type, "want "+typeWords(types, value)+", got "+plain.Describe(value)
	default:
		const most = 3
		var reasons []string
		for _, of := range found[:min(len(found), most)] {
			reason := of[0].Problem
			if below := of[0].Path[len(at):]; len(below) > 0 {
				reason = below.String() + ": " + reason
			}
			reasons = append(reasons, reason)
		}
		p.Problem = fmt.Sprintf("fits none of %d alternatives: %s", len(found), strings.Join(reasons, "; "))
	}
	return []Problem{p}
}

// not returns the problem of a value that a schema accepts but must not accept.
func not(s *spec.Schema, at manifest.Path) Problem {
	names := fieldSets([]spec.Schema{*s})
	switch {
	case names != nil && len(s.Required) == 1:
		return Problem{Path: at.Field(s.Required[0]), Kind: Conflict, Problem: "leave it out: the schema excludes it"}
	case names != nil:
		return Problem{Path: at, Kind: Conflict, Problem: names[0] + " exclude each other"}
	}
	return Problem{Path: at, Kind: Conflict, Problem: "is what the schema excludes (not)"}
}

// fieldSets returns the fields that each schema requires, as "a" or "b and c"; nil if a
// schema does anything else.
func fieldSets(schemas []spec.Schema) []string {
	var sets []string
	for _, s := range schemas {
		rest := s.SchemaProps
		rest.Required = nil
		if len(s.Required) == 0 || !reflect.ValueOf(rest).IsZero() {
			return nil
		}
		names := s.Required
		if last := len(names) - 1; last > 0 {
			names = append(slices.Clone(names[:last-1]), names[last-1]+" and "+names[last])
		}
		sets = append(sets, strings.Join(names, ", "))
	}
	return sets
}

// alternativeTypes returns the types of the schemas, nil if one has none.
func alternativeTypes(schemas []spec.Schema) []string {
	var types []string
	for _, s := range schemas {
		if len(s.Type) == 0 {
			return nil
		}
		types = append(types, s.Type...)
	}
	return types
}
