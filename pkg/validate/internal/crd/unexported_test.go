package crd

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"k8s.io/kube-openapi/pkg/validation/strfmt"
	"k8s.io/kube-openapi/pkg/validation/validate"
)

// TestRefusalsAgree checks, for schemas and values of all kinds, that there is a problem if
// and only if the server's validator refuses the value.
func TestRefusalsAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range 5000 {
		s, v := anySchema(r, 3), anyValue(r, 3)
		result := validate.NewSchemaValidator(&s, nil, "", strfmt.Default).Validate(v)
		found := refusals(&s, nil, v)
		if !assert.Equal(t, result.IsValid(), len(found) == 0, "%v\nin %#v\n%v\n%v", s, v, result.Errors, found) {
			return
		}
		for _, p := range found {
			assert.NotEmpty(t, p.Problem)
			assert.NotRegexp(t, `\n|map\[|interface|in body`, p.Problem)
		}
		if len(found) > 0 {
			refused++
		}
	}
	assert.Greater(t, refused, 1000)
	assert.Less(t, refused, 4500)
}

var someFields = []string{"a", "b", "c.d"}

func anySchema(r *rand.Rand, depth int) spec.Schema {
	var s spec.Schema
	some := func(f func()) {
		if r.IntN(6) == 0 {
			f()
		}
	}
	few := func() *int64 { n := r.Int64N(3); return &n }
	number := func() *float64 { n := []float64{-1, 0.5, 2, 3e9, 1e300}[r.IntN(5)]; return &n }
	if r.IntN(4) > 0 {
		s.Type = []string{[]string{"array", "boolean", "integer", "number", "object", "string"}[r.IntN(6)]}
	}
	s.Nullable = r.IntN(4) == 0
	some(func() { s.Format = []string{"int32", "float", "date-time", "byte", "ipv4"}[r.IntN(5)] })
	some(func() { s.Enum = []any{anyValue(r, 0), anyValue(r, 0)} })
	some(func() { s.MinLength = few() })
	some(func() { s.MaxLength = few() })
	some(func() { s.Pattern = "^a" })
	some(func() { s.Maximum, s.ExclusiveMaximum = number(), r.IntN(2) == 0 })
	some(func() { s.Minimum, s.ExclusiveMinimum = number(), r.IntN(2) == 0 })
	some(func() { s.MultipleOf = number() })
	some(func() { s.MaxItems = few() })
	some(func() { s.MinItems = few() })
	some(func() { s.UniqueItems = true })
	some(func() { s.MaxProperties = few() })
	some(func() { s.MinProperties = few() })
	some(func() { s.Required = someFields[:r.IntN(3)] })
	if depth == 0 {
		return s
	}
	schemas := func() []spec.Schema {
		all := make([]spec.Schema, 1+r.IntN(3))
		for i := range all {
			all[i] = anySchema(r, depth-1)
		}
		return all
	}
	for _, name := range someFields {
		some(func() {
			if s.Properties == nil {
				s.Properties = map[string]spec.Schema{}
			}
			s.Properties[name] = anySchema(r, depth-1)
		})
	}
	some(func() {
		s.AdditionalProperties = &spec.SchemaOrBool{Allows: r.IntN(2) == 0}
		if inner := anySchema(r, depth-1); s.AdditionalProperties.Allows {
			s.AdditionalProperties.Schema = &inner
		}
	})
	some(func() { inner := anySchema(r, depth-1); s.Items = &spec.SchemaOrArray{Schema: &inner} })
	some(func() { s.AllOf = schemas() })
	some(func() { s.AnyOf = schemas() })
	some(func() { s.OneOf = schemas() })
	some(func() { inner := anySchema(r, depth-1); s.Not = &inner })
	return s
}

func anyValue(r *rand.Rand, depth int) any {
	scalars := []any{nil, true, int64(-1), int64(2), int64(4000000000), 0.5, 1e300, "", "a", "bcd", "1.2.3.4"}
	switch n := r.IntN(len(scalars) + 8); {
	case n < len(scalars):
		return scalars[n]
	case depth == 0:
		return "a"
	case n%2 == 0:
		list := make([]any, r.IntN(4))
		for i := range list {
			list[i] = anyValue(r, depth-1)
		}
		return list
	}
	object := map[string]any{}
	for _, name := range someFields {
		if r.IntN(2) == 0 {
			object[name] = anyValue(r, depth-1)
		}
	}
	return object
}

func TestRuleFailure(t *testing.T) {
	at := field.NewPath("spec")
	for _, tt := range []struct {
		err  *field.Error
		want string
	}{
		{field.Invalid(at, "object", "a message\nof two lines"), "a message of two lines"},
		{field.Invalid(at, "object", "failed rule: self.a > 1"), "failed rule: self.a > 1"},
		{field.Invalid(at, "object", "no such key: a evaluating rule: self.a > 1"), "the rule cannot be evaluated: no such key: a: self.a > 1"},
		{field.Invalid(at, "object", "'no such overload': call arguments did not match a supported operator, function or macro signature for rule: x"),
			"the rule cannot be evaluated: no such overload: x"},
		{field.Invalid(at, "object", "'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: x"),
			"the rule costs more than the API server allows: operation cancelled: actual cost limit exceeded: x"},
		{field.Invalid(at, "object", "validation failed due to running out of cost budget, no further validation rules will be run"),
			"the rules cost more than the API server allows for an object: it evaluates no more of them"},
		{field.Duplicate(at, map[string]any{"a": 1}), "a rule says that it is there twice"},
		{field.Required(at, ""), "is required"},
		{field.Forbidden(at, "not here"), "not here"},
	} {
		assert.Equal(t, tt.want, ruleFailure(tt.err))
	}
}

// Such schemas are not structural; in v1beta1 they need not be.
func TestRefusalsOfTypedAlternatives(t *testing.T) {
	typed := func(name string) spec.Schema { return spec.Schema{SchemaProps: spec.SchemaProps{Type: []string{name}}} }
	object := typed("object")
	object.Properties = map[string]spec.Schema{"a": typed("integer")}
	s := spec.Schema{SchemaProps: spec.SchemaProps{AnyOf: []spec.Schema{typed("string"), object}}}
	for _, tt := range []struct {
		value any
		want  string
	}{
		{int64(3), "want an object or a string, got number 3"},
		{map[string]any{"a": "x"}, "fits none of 2 alternatives: want a string, got an object; a: want a whole number, got string \"x\""},
	} {
		found := refusals(&s, nil, tt.value)
		if assert.Len(t, found, 1) {
			assert.Equal(t, tt.want, found[0].Problem)
		}
	}
}

func TestBeyond(t *testing.T) {
	assert.Equal(t, "want a number of 3 or less, ", beyond(3, false, "less", int64(4)))
	assert.Equal(t, "want a number more than 0.5, ", beyond(0.5, true, "more", 0.5))
	assert.Equal(t, "want a number of 1e+300 or less, ", beyond(1e300, false, "less", 1e301))
	assert.Equal(t, "no whole number is right to the API server, as 64 bits do not hold the schema's limit, 1e+300, ", beyond(1e300, false, "less", int64(1)))
}
