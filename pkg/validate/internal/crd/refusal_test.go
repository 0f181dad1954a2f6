package crd_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/validate/internal/crd"
)

// The problems of a field v, by its schema: each fault once, in one line.
func TestRefusals(t *testing.T) {
	const object = "type: object, properties: {a: {type: string}, b: {type: string}, c: {type: string}}, "
	tests := []struct {
		name, schema, in string
		want             []string
	}{
		{"null", "{type: object, additionalProperties: {type: boolean}}", "{a: null}", nil},
		{"null as an item", "{type: array, items: {type: boolean}}", "[null]", []string{"v[0]: type: want true or false, got null"}},
		{"null beside a default", "{type: boolean, default: true}", "null", nil},
		{"either", "{x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}], pattern: '^[0-9]+$'}", "1.5", []string{
			"v: type: want a whole number or a string, got number 1.5"}},
		{"beyond 64 bits", "{type: integer}", "9223372036854775808", []string{
			"v: type: want a whole number of 64 bits, got number 9223372036854776000"}},
		{"type before all else", "{type: string, enum: [a], minLength: 3}", "1", []string{"v: type: want a string, got number 1; quote the value"}},
		{"enum of numbers and null", "{type: integer, nullable: true, enum: [1, 2, null]}", "3", []string{"v: value: want 1, 2 or null, got number 3"}},
		{"lengths", "{type: string, minLength: 1, maxLength: 2}", "äöü", []string{"v: value: want at most 2 characters, got 3"}},
		{"one character", "{type: string, minLength: 1}", "''", []string{"v: value: want at least 1 character, got 0"}},
		{"items", "{type: array, minItems: 2, maxItems: 3, items: {type: string}}", "[a]", []string{"v: value: want at least 2 items, got 1"}},
		{"fields", "{type: object, maxProperties: 1, additionalProperties: {type: string}}", "{a: b, c: d}", []string{"v: value: want at most 1 field, got 2"}},
		{"numbers", "{type: array, items: {type: number, minimum: 1, exclusiveMinimum: true, maximum: 3, multipleOf: 0.5}}", "[0.5, 3.5, 2.3, 2]", []string{

			"v[0]: value: want a number more than 1, got number 0.5",
			"v[1]: value: want a number of 3 or less, got number 3.5",
			"v[2]: value: want a multiple of 0.5, got number 2.3",
			"v[3]: value: no whole number is a multiple of 0.5 to the API server, got number 2",
		}},
		{"format", "{type: string, format: date-time}", "x", []string{`v: format: want a time as 2006-01-02T15:04:05Z, got string "x"`}},
		{"format without words", "{type: string, format: isbn}", "x", []string{`v: format: want text of the format isbn, got string "x"`}},
		{"pattern with line breaks", `{type: string, pattern: "^a\nb$"}`, "x", []string{`v: format: want text that matches ^a b$, got string "x"`}},
		{"anyOf fields", "{" + object + "anyOf: [{required: [a]}, {required: [b, c]}]}", "{b: x}", []string{"v: required: want one of a, b and c, got none"}},
		{"oneOf fields, none", "{" + object + "oneOf: [{required: [a]}, {required: [b]}]}", "{c: x}", []string{"v: required: want one of a, b, got none"}},
		{"oneOf fields, two", "{" + object + "oneOf: [{required: [a]}, {required: [b]}]}", "{a: x, b: x}", []string{"v: conflict: want one of a, b, got 2"}},
		{"not both fields", "{" + object + "not: {required: [a, b]}}", "{a: x, b: x}", []string{"v: conflict: a and b exclude each other"}},
		{"not a field", "{" + object + "not: {required: [a]}}", "{a: x}", []string{"v.a: conflict: leave it out: the schema excludes it"}},
		{"not a value", "{type: string, not: {enum: [x]}}", "x", []string{"v: conflict: is what the schema excludes (not)"}},
		{"allOf", "{type: string, allOf: [{minLength: 3}, {pattern: '^a'}]}", "b", []string{
			"v: value: want at least 3 characters, got 1", "v: format: want text that matches ^a, got string \"b\""}},
		{"one of alternatives", "{type: string, anyOf: [{pattern: '^a'}, {maxLength: 1}]}", "bc", []string{
			`v: value: fits none of 2 alternatives: want text that matches ^a, got string "bc"; want at most 1 character, got 2`}},
		{"alternatives of fields", "{" + object + "anyOf: [{properties: {a: {enum: [x]}}}, {properties: {b: {enum: [z]}}, required: [b]}]}", "{a: w}", []string{
			`v: value: fits none of 2 alternatives: a: want "x", got string "w"; b: is required, got none`}},
		{"only alternative", "{type: string, anyOf: [{pattern: '^a'}]}", "b", []string{`v: format: want text that matches ^a, got string "b"`}},
		{"too many alternatives", "{type: string, oneOf: [{minLength: 1}, {maxLength: 5}, {pattern: '^a'}]}", "b", []string{
			"v: conflict: want it to fit one of 3 alternatives, got 2 that it fits"}},
		{"alternative that is required anyway", "{" + object + "required: [a], anyOf: [{required: [a]}, {required: [b]}]}", "{}", []string{
			"v: required: want one of a, b, got none", "v.a: required: is required, got none"}},
		{"embedded", "{type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}",
			"{apiVersion: 1, kind: Pod, metadata: {labels: {a: 1}, finalizers: [a, 2], ownerReferences: [{uid: 3, controller: x}], generation: 1.5, creationTimestamp: x, annotations: []}}", []string{
				"v.apiVersion: type: want a string, got number 1; quote the value",
				"v.metadata.annotations: type: want an object, got an array",
				`v.metadata.creationTimestamp: type: want a time as 2006-01-02T15:04:05Z, got string "x"`,
				"v.metadata.finalizers[1]: type: want a string, got number 2; quote the value",
				"v.metadata.generation: type: want a whole number, got number 1.5",
				"v.metadata.labels.a: type: want a string, got number 1; quote the value",
				`v.metadata.ownerReferences[0].controller: type: want true or false, got string "x"`,
				"v.metadata.ownerReferences[0].uid: type: want a string, got number 3; quote the value",
			}},
		{"embedded, no metadata at all", "{type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}", "{apiVersion: v1, kind: Pod, metadata: [1]}", []string{
			"v.metadata: type: want an object, got an array"}},
		{"embedded, labels and finalizers", "{type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}", "{apiVersion: v1, kind: Pod, metadata: {labels: {a: b c, d e: f}, finalizers: [g h]}}", []string{
			`v.metadata.finalizers: value: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character, got string "g h"`,
			`v.metadata.labels: value: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character, got string "b c"`,
			`v.metadata.labels: value: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character, got string "d e"`}},
		{"object for an array", "{type: array, items: {type: string}}", "{a: {b: c}}", []string{"v: type: want an array, got an object"}},
		{"object for either", "{x-kubernetes-int-or-string: true}", "{a: b}", []string{"v: type: want a whole number or a string, got an object"}},
		{"a field without a name", "{type: object, properties: {a: {type: string}}}", "{'': 1}", []string{`v[""]: unknown-field: no such field`}},
		{"rule", "{type: integer, x-kubernetes-validations: [{rule: self > 1}]}", "1", []string{"v: expression: failed rule: self > 1"}},
		{"rule that cannot be evaluated", "{type: object, additionalProperties: {type: integer}, x-kubernetes-validations: [{rule: 'self.all(k, self[k] > 0) && self[\"a\"] > 1', message: a must be more than 1}]}", "{b: 1}", []string{
			"v: expression: the rule cannot be evaluated: no such key: a: a must be more than 1"}},
		{"rule with the reason of a duplicate", "{type: integer, x-kubernetes-validations: [{rule: self > 1, reason: FieldValueDuplicate}]}", "1", []string{
			"v: expression: a rule says that it is there twice"}},
		{"rule with the reason of a missing field", "{type: integer, x-kubernetes-validations: [{rule: self > 1, reason: FieldValueRequired, message: two at least}]}", "1", []string{
			"v: expression: two at least"}},
		{"a field with a dot", "{type: object, additionalProperties: {type: integer}}", `{"a.b/c": x}`, []string{
			`v["a.b/c"]: type: want a whole number, got string "x"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, minor := range []schema.Minor{release.Oldest, release.Newest} {
				d, problems := crd.Parse(definition(t, "{type: object, properties: {v: "+tt.schema+", spec: {type: object, properties: {replicas: {type: integer}}}}}"), at(t, minor))
				require.Empty(t, problems)
				v, _ := d.Version("v1")
				require.Empty(t, problemsOf(t, v))
				assert.Equal(t, tt.want, lines(check(t, v, value(t, "{v: "+tt.in+"}"))), "1.%d", minor)
			}
		})
	}
}
