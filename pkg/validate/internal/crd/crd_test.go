package crd_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate/internal/crd"
)

// value decodes a YAML document.
func value(t testing.TB, text string) map[string]any {
	t.Helper()
	documents, found, err := manifest.Parse(t.Context(), "x.yaml", []byte(text))
	require.NoError(t, err)
	require.NoError(t, found.Err())
	require.Len(t, documents, 1)
	return documents[0].Value.(map[string]any)
}

// definition returns a definition of Webs whose version v1 has a schema.
func definition(t testing.TB, schema string) map[string]any {
	t.Helper()
	v := value(t, `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: webs.example.dev}
spec:
  group: example.dev
  names: {kind: Web, plural: webs}
  scope: Namespaced
  versions:
  - {name: v1, served: true, storage: true, subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}}
  - {name: v0, served: false, storage: false}
`)
	version := v["spec"].(map[string]any)["versions"].([]any)[0].(map[string]any)
	version["schema"] = map[string]any{"openAPIV3Schema": value(t, schema)}
	return v
}

// at opens a release.
func at(t testing.TB, minor schema.Minor) *release.Release {
	t.Helper()
	r, err := release.Open(minor)
	require.NoError(t, err)
	return r
}

func parse(t testing.TB, v map[string]any) *crd.Definition {
	t.Helper()
	d, problems := crd.Parse(v, at(t, release.Oldest))
	require.Empty(t, problems)
	return d
}

// lines puts problems into text.
func lines(problems []crd.Problem) []string {
	var all []string
	for _, p := range problems {
		line := fmt.Sprintf("%s: %s: %s", p.Path, p.Kind, p.Problem)
		for _, h := range p.Hints {
			line += "; " + h
		}
		all = append(all, line)
	}
	return all
}

func TestParse(t *testing.T) {
	d := parse(t, definition(t, "type: object"))
	assert.Equal(t, "example.dev", d.Group())
	assert.Equal(t, "Web", d.Kind())
	assert.Equal(t, schema.Namespaced, d.Scope())
	assert.Equal(t, []string{"v1"}, d.Served())
	_, served := d.Version("v1")
	assert.True(t, served)
	_, served = d.Version("v0")
	assert.False(t, served, "is not served")
	_, served = d.Version("v2")
	assert.False(t, served, "is not there")

	_, problems := crd.Parse(value(t, `{apiVersion: apiextensions.k8s.io/v1, spec: {group: 3, names: {kind: ""}, scope: namespaced}}`), at(t, release.Oldest))
	assert.Equal(t, []string{
		`spec.group: required: want a non-empty string, got number 3`,
		`spec.names.kind: required: want a non-empty string, got string ""`,
		`spec.scope: value: want "Cluster" or "Namespaced", got string "namespaced"`,
		`spec.versions: required: want an array with a version or several, got none`,
	}, lines(problems))
	_, problems = crd.Parse(nil, at(t, release.Oldest))
	assert.Len(t, problems, 4)
}

const web = `
type: object
required: [spec]
properties:
  spec:
    type: object
    required: [host]
    x-kubernetes-validations:
    - {rule: "!has(self.minReplicas) || self.minReplicas <= self.replicas", message: minReplicas must not exceed replicas, fieldPath: .minReplicas}
    properties:
      host: {type: string, pattern: "^[a-z.]+$", maxLength: 10}
      replicas: {type: integer, default: 3, minimum: 0}
      minReplicas: {type: integer}
      weight: {type: number, maximum: 1, exclusiveMaximum: true}
      tls: {type: boolean}
      mode: {type: string, enum: [fast, safe]}
      port: {x-kubernetes-int-or-string: true}
      labels: {type: object, additionalProperties: {type: string}}
      any: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {known: {type: string}}}
      maybe: {type: string, nullable: true}
      zones: {type: array, x-kubernetes-list-type: set, maxItems: 3, items: {type: string}}
      routes:
        type: array
        x-kubernetes-list-type: map
        x-kubernetes-list-map-keys: [path]
        items: {type: object, required: [path], properties: {path: {type: string}, "to.it": {type: string}}}
      template: {type: object, x-kubernetes-embedded-resource: true, x-kubernetes-preserve-unknown-fields: true}
  status: {type: object, properties: {ready: {type: boolean}}}
`

func TestCheck(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"all is well", `{spec: {host: a.b, replicas: 2, minReplicas: 2, weight: 0.5, tls: true, mode: fast, port: 80, labels: {a.b/c: d}, any: {x: [1]}, maybe: null, zones: [a, b], routes: [{path: /, to.it: x}], template: {apiVersion: v1, kind: Pod, metadata: {labels: {a: b}}, spec: {x: 1}}}}`, nil},
		{"default", `{spec: {host: a, minReplicas: 3}}`, nil},
		{"whole number as a float", `{spec: {host: a, replicas: 1e2}}`, nil},
		{"null is none", `{spec: {host: a, tls: null, replicas: null}}`, nil},
		{"metadata is not looked at", `{metadata: {name: 1, foo: 2}, spec: {host: a}}`, nil},
		{"status is dropped", `{spec: {host: a}, status: {ready: 3}}`, nil},
		{"required", `{}`, []string{`spec: required: is required, got none`}},
		{"null is not enough", `{spec: {host: null}}`, []string{`spec.host: required: is required, got null`}},
		{"types", `{spec: {host: 1, replicas: "3", tls: "true", weight: [], labels: {a.b/c: 1}, port: 1.5, routes: {}}}`, []string{
			`spec.host: type: want a string, got number 1; quote the value`,
			`spec.labels["a.b/c"]: type: want a string, got number 1; quote the value`,
			`spec.port: type: want a whole number or a string, got number 1.5`,
			`spec.replicas: type: want a whole number, got string "3"; remove the quotes`,
			`spec.routes: type: want an array, got an object`,
			`spec.tls: type: want true or false, got string "true"; remove the quotes`,
			`spec.weight: type: want a number, got an array`,
		}},
		{"values", `{spec: {host: "A", replicas: -1, weight: 1, mode: fats}}`, []string{
			`spec.host: format: want text that matches ^[a-z.]+$, got string "A"`,
			`spec.mode: value: want "fast" or "safe", got string "fats"; did you mean "fast"?`,
			`spec.replicas: value: want a number of 0 or more, got number -1`,
			`spec.weight: value: want a number less than 1, got number 1`,
		}},
		{"lengths", `{spec: {host: aaaaaaaaaaaaaaa, zones: [a, b, c, d]}}`, []string{
			`spec.host: value: want at most 10 characters, got 15`,
			`spec.zones: value: want at most 3 items, got 4`,
		}},
		{"unknown", `{spec: {host: a, replica: 2, any: {known: x, other: y}, routes: [{path: /, "to.itt": x}]}, extra: {a: b}, status: {redy: true}}`, []string{
			`extra: unknown-field: no such field`,
			`spec.replica: unknown-field: no such field; did you mean replicas?`,
			`spec.routes[0]["to.itt"]: unknown-field: no such field; did you mean to.it?`,
			`status.redy: unknown-field: no such field; did you mean ready?`,
		}},
		{"lists", `{spec: {host: a, zones: [a, a], routes: [{path: /}, {path: /}]}}`, []string{
			`spec.routes[1]: duplicate: is the same as an item before it`,
			`spec.zones[1]: duplicate: is the same as an item before it`,
		}},
		{"embedded", `{spec: {host: a, template: {metadata: {name: 3}}}}`, []string{
			`spec.template.apiVersion: required: is required, got none`,
			`spec.template.kind: required: is required, got none`,
			`spec.template.metadata.name: type: want a string, got number 3; quote the value`,
		}},
		{"no rule for what it could not bear", `{spec: {minReplicas: 4}}`, []string{`spec.host: required: is required, got none`}},
		{"embedded, unknown", `{spec: {host: a, template: {apiVersion: v1, kind: Pod, metadata: {name: a, lables: {}}}}}`, []string{
			`spec.template.metadata.lables: unknown-field: no such field`,
		}},
		{"scale", `{spec: {host: a, replicas: 3000000000}}`, []string{
			`spec.replicas: value: want a number of replicas from 0 to 2147483647, got number 3000000000`,
		}},
		{"rule", `{spec: {host: a, minReplicas: 4}}`, []string{
			`spec.minReplicas: expression: minReplicas must not exceed replicas`,
		}},
	}
	v, _ := parse(t, definition(t, web)).Version("v1")
	require.Empty(t, problemsOf(t, v))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := value(t, tt.in)
			before, err := json.Marshal(in)
			require.NoError(t, err)
			assert.Equal(t, tt.want, lines(check(t, v, in)))
			after, err := json.Marshal(in)
			require.NoError(t, err)
			assert.Equal(t, string(before), string(after), "the object is changed")
		})
	}
}

// Without a schema, or if the schema says so, any value is valid.
func TestCheckOfAnything(t *testing.T) {
	anything := value(t, `{spec: {x: [1, {y: null}]}, z: 1}`)
	for name, schema := range map[string]string{
		"empty":    `{type: object, x-kubernetes-preserve-unknown-fields: true}`,
		"no types": `{type: object, x-kubernetes-preserve-unknown-fields: true, properties: {spec: {type: object, x-kubernetes-preserve-unknown-fields: true}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			v, _ := parse(t, definition(t, schema)).Version("v1")
			assert.Empty(t, problemsOf(t, v))
			assert.Empty(t, check(t, v, anything))
		})
	}
	without := definition(t, `{}`)
	delete(without["spec"].(map[string]any)["versions"].([]any)[0].(map[string]any), "schema")
	v, _ := parse(t, without).Version("v1")
	assert.Empty(t, problemsOf(t, v))
	assert.Empty(t, check(t, v, anything))
}

func TestBeta(t *testing.T) {
	d := parse(t, value(t, `
apiVersion: apiextensions.k8s.io/v1beta1
spec:
  group: example.dev
  names: {kind: Web}
  version: v1
  validation: {openAPIV3Schema: {properties: {spec: {required: [host], properties: {host: {type: string}}}}}}
`))
	assert.Equal(t, schema.Namespaced, d.Scope())
	v, served := d.Version("v1")
	require.True(t, served)
	assert.Empty(t, problemsOf(t, v), "need not be structural")
	assert.Equal(t, []string{`spec.host: type: want a string, got number 1; quote the value`}, lines(check(t, v, value(t, `{spec: {host: 1, extra: x}}`))))

	d = parse(t, value(t, `
apiVersion: apiextensions.k8s.io/v1beta1
spec:
  group: example.dev
  names: {kind: Web}
  scope: Cluster
  preserveUnknownFields: false
  versions: [{name: v1, served: true, storage: true}, {name: v2, served: true}]
  validation: {openAPIV3Schema: {type: object, properties: {spec: {}}}}
`))
	assert.Equal(t, schema.Cluster, d.Scope())
	assert.Equal(t, []string{
		`spec.validation.openAPIV3Schema.properties.spec.type: required: must not be empty for specified object fields, got none`,
	}, lines(problemsOf(t, d)))
}

// The schemas are refused. Paths are below the root of the schema.
func TestProblems(t *testing.T) {
	tests := []struct {
		name, schema string
		want         []string
	}{
		{"not structural", `{type: object, properties: {spec: {properties: {a: {type: string}}}}}`, []string{
			`properties.spec.type: required: must not be empty for specified object fields, got none`,
		}},
		{"no type at the root", `{properties: {spec: {type: object}}}`, []string{
			`type: value: must be object at the root, since the status is a subresource`,
		}},
		{"cannot be decoded", `{type: object, properties: {spec: {type: object, maximum: x, properties: {a: {type: [string]}, b: 3}}, l: {items: {required: a, items: {minLength: 1.5}}, allOf: [{}, {nullable: 1, enum: 3}]}, m: {additionalProperties: x, x-kubernetes-validations: [{rule: 1}], properties: []}}}`, []string{
			`properties.l.allOf[1].enum: type: want an array, got number 3`,
			`properties.l.allOf[1].nullable: type: want true or false, got number 1`,
			`properties.l.items.items.minLength: type: want a whole number, got number 1.5`,
			`properties.l.items.required: type: want an array, got string "a"`,
			`properties.m.additionalProperties: type: want true, false or a schema, got string "x"`,
			`properties.m.properties: type: want an object, got an array`,
			`properties.m["x-kubernetes-validations"][0].rule: type: want a string, got number 1; quote the value`,
			`properties.spec.maximum: type: want a number, got string "x"`,
			`properties.spec.properties.a.type: type: want a string, got an array`,
			`properties.spec.properties.b: type: want an object, got number 3`,
		}},
		{"unknown type", `{type: object, properties: {a: {type: strin}, b: {type: "null"}}}`, []string{
			`properties.a.type: value: want "array", "boolean", "integer", "number", "object" or "string", got string "strin"; did you mean "string"?`,
			`properties.b.type: conflict: cannot be null, use nullable instead`,
		}},
		{"not at the root", `{type: object, nullable: true, minProperties: 0, additionalProperties: false}`, []string{
			`minProperties: conflict: cannot stand at the root, since the status is a subresource`,
			`nullable: conflict: cannot stand at the root, since the status is a subresource`,
			`nullable: conflict: the root cannot be nullable`,
		}},
		{"unsupported", `{type: object, properties: {a: {type: string, $ref: x, $schema: x, id: x, definitions: {a: {}}, dependencies: {}, patternProperties: {a: {}}, additionalItems: true}}}`, []string{
			`properties.a.additionalItems: conflict: is not supported`,
			`properties.a.definitions: conflict: is not supported`,
			`properties.a.dependencies: conflict: is not supported`,
			`properties.a.id: conflict: is not supported`,
			`properties.a.patternProperties: conflict: is not supported`,
			`properties.a["$ref"]: conflict: is not supported`,
			`properties.a["$schema"]: conflict: is not supported`,
		}},
		{"unique items", `{type: object, properties: {a: {type: array, uniqueItems: true, items: {type: string}}}}`, []string{
			`properties.a.uniqueItems: conflict: cannot be true, for it would be slow; use x-kubernetes-list-type: set`,
		}},
		{"items are an array", `{type: object, properties: {a: {type: array, items: [{type: string}]}}}`, []string{
			`properties.a.items: conflict: must be a schema, not an array of schemas`,
		}},
		{"properties and additionalProperties", `{type: object, properties: {a: {type: object, properties: {b: {type: string}}, additionalProperties: {type: string}}}}`, []string{
			`properties.a.additionalProperties: conflict: excludes properties`,
		}},
		{"regular expression", `{type: object, properties: {"a.b": {type: string, pattern: "["}}}`, []string{
			"properties[\"a.b\"].pattern: value: must be a valid regular expression, but isn't: error parsing regexp: missing closing ]: `[`, got string \"[\"",
		}},
		{"default of another type", `{type: object, properties: {a: {type: integer, default: x}}}`, []string{
			`properties.a.default: type: want a whole number, got string "x"`,
		}},
		{"default with unknown fields", `{type: object, properties: {a: {type: object, default: {b: 1}, properties: {c: {type: integer}}}}}`, []string{
			`properties.a.default: value: must not have unknown fields`,
		}},
		{"default of metadata", `{type: object, properties: {metadata: {type: object, properties: {name: {type: string, default: x}}}}}`, []string{
			`properties.metadata.properties.name.default: conflict: cannot be set in the metadata of the root`,
		}},
		{"embedded in metadata", `{type: object, properties: {metadata: {type: object, x-kubernetes-embedded-resource: true}}}`, []string{
			`properties.metadata["x-kubernetes-embedded-resource"]: conflict: cannot be used inside of an object's metadata`,
		}},
		{"preserve", `{type: object, properties: {a: {type: object, x-kubernetes-preserve-unknown-fields: false}}}`, []string{
			`properties.a["x-kubernetes-preserve-unknown-fields"]: value: must be true or left out, got boolean false`,
		}},
		{"map type", `{type: object, properties: {a: {type: string, x-kubernetes-map-type: fine}}}`, []string{
			`properties.a.type: value: must be object where x-kubernetes-map-type is set, got string "string"`,
			`properties.a["x-kubernetes-map-type"]: value: want "atomic" or "granular", got string "fine"`,
		}},
		{"list type", `{type: object, properties: {a: {type: object, x-kubernetes-list-type: bag}, b: {type: array, x-kubernetes-list-map-keys: [a], items: {type: string}}}}`, []string{
			`properties.a.type: value: must be array where x-kubernetes-list-type is set, got string "object"`,
			`properties.a["x-kubernetes-list-type"]: value: want "atomic", "set" or "map", got string "bag"`,
			`properties.b["x-kubernetes-list-type"]: value: must be map where x-kubernetes-list-map-keys has items`,
		}},
		{"sets", `{type: object, properties: {a: {type: array, x-kubernetes-list-type: set, items: {type: object, nullable: true}}, b: {type: array, x-kubernetes-list-type: set, items: {type: array, x-kubernetes-list-type: set, items: {type: string}}}}}`, []string{
			`properties.a.items.nullable: conflict: items cannot be nullable where x-kubernetes-list-type is set`,
			`properties.a.items["x-kubernetes-map-type"]: required: must be atomic in a list with x-kubernetes-list-type: set, got none`,
			`properties.b.items["x-kubernetes-list-type"]: value: must be atomic in a list with x-kubernetes-list-type: set, got string "set"`,
		}},
		{"list map without keys", `{type: object, properties: {a: {type: array, x-kubernetes-list-type: map, items: {type: object}}, b: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [a], items: {type: string}}, c: {type: array, x-kubernetes-list-type: map}}}`, []string{
			`properties.a["x-kubernetes-list-map-keys"]: required: must have items where x-kubernetes-list-type is map, got none`,
			`properties.b.items.type: value: must be object where x-kubernetes-list-type is map, got string "string"`,
			`properties.c.items: required: must be a schema where x-kubernetes-list-type is map, got none`,
			`properties.c["x-kubernetes-list-map-keys"]: required: must have items where x-kubernetes-list-type is map, got none`,
		}},
		{"keys of a list map", `{type: object, properties: {a: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [a, a, b, c], items: {type: object, required: [c], properties: {a: {type: string, nullable: true}, c: {type: object}}}}}}`, []string{
			`properties.a.items.properties.a.default: required: must be set or the property be required, since it is one of x-kubernetes-list-map-keys, got none`,
			`properties.a.items.properties.a.nullable: conflict: cannot be true, since it is one of x-kubernetes-list-map-keys`,
			`properties.a.items.properties.c.type: value: must be a scalar, since it is one of x-kubernetes-list-map-keys, got string "object"`,
			`properties.a["x-kubernetes-list-map-keys"][1]: duplicate: is the same as an item before it`,
			`properties.a["x-kubernetes-list-map-keys"][2]: value: must be the name of a property of the items, got string "b"`,
		}},
		{"rule does not compile", `{type: object, properties: {a: {type: integer, x-kubernetes-validations: [{rule: self.x > 1}, {rule: "self +"}, {rule: self}]}}}`, []string{
			`properties.a["x-kubernetes-validations"][0].rule: value: compilation failed: ERROR: <input>:1:5: type 'int' does not support field selection | self.x > 1 | ....^, got string "self.x > 1"`,
			`properties.a["x-kubernetes-validations"][1].rule: value: compilation failed: ERROR: <input>:1:7: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER} | self + | ......^, got string "self +"`,
			`properties.a["x-kubernetes-validations"][2].rule: value: cel expression must evaluate to a bool, got string "self"`,
		}},
		{"texts of a rule", `{type: object, properties: {a: {type: integer, x-kubernetes-validations: [{rule: " "}, {rule: "true", message: " "}, {rule: "true", message: "a\nb"}, {rule: "true ||\n true"}, {rule: "true", messageExpression: " "}, {rule: "true", fieldPath: " "}, {rule: "true", fieldPath: .x}, {rule: "true", reason: Bad}]}}}`, []string{
			`properties.a["x-kubernetes-validations"][0].rule: required: is required, got string " "`,
			`properties.a["x-kubernetes-validations"][1].message: value: must not be blank, got string " "`,
			`properties.a["x-kubernetes-validations"][2].message: value: must not have line breaks, got string "a\nb"`,
			`properties.a["x-kubernetes-validations"][3].message: required: must be set where the rule has line breaks, got none`,
			`properties.a["x-kubernetes-validations"][4].messageExpression: required: must not be blank, got string " "`,
			`properties.a["x-kubernetes-validations"][5].fieldPath: value: must not be blank or have line breaks, got string " "`,
			`properties.a["x-kubernetes-validations"][6].fieldPath: value: does not refer to a valid field, got string ".x"`,
			`properties.a["x-kubernetes-validations"][7].reason: value: want "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid" or "FieldValueRequired", got string "Bad"`,
		}},
		{"message expression", `{type: object, properties: {a: {type: integer, x-kubernetes-validations: [{rule: self > 1, messageExpression: "1"}]}}}`, []string{
			`properties.a["x-kubernetes-validations"][0].messageExpression: value: messageExpression must evaluate to a string, got string "1"`,
		}},
		{"cost of a rule", `{type: object, properties: {a: {type: array, items: {type: string}, x-kubernetes-validations: [{rule: "self.all(x, self.all(y, x == y))"}]}}}`, []string{
			`properties.a["x-kubernetes-validations"][0].rule: conflict: the rule could cost more than 100 times what is allowed; simplify it, or set maxItems, maxProperties and maxLength for the arrays, maps and strings that it looks at`,
		}},
		{"cost of all", `{type: object, properties: {a: {type: array, maxItems: 1000, items: {type: string, maxLength: 2000, x-kubernetes-validations: [{rule: "self.contains('a')"}, {rule: "self.contains('b')"}, {rule: "self.matches('^a')"}, {rule: "self.matches('^b')"}, {rule: "self.matches('^c')"}]}}, b: {type: array, maxItems: 1000, items: {type: string, maxLength: 24000, x-kubernetes-validations: [{rule: "self.contains('abc')"}, {rule: "self.contains('bcd')"}, {rule: "self.contains('bce')"}, {rule: "self.contains('bcf')"}, {rule: "self.contains('bcg')"}, {rule: "self.contains('bch')"}, {rule: "self.contains('bci')"}, {rule: "self.contains('bcj')"}, {rule: "self.contains('bck')"}, {rule: "self.contains('bcl')"}, {rule: "self.contains('bcm')"}, {rule: "self.contains('bcn')"}]}}}}`, []string{
			`properties.b.items["x-kubernetes-validations"][0].rule: conflict: of the rules of the schema this one costs most; all together they could cost 1.2 times what is allowed; simplify it, or set maxItems, maxProperties and maxLength for the arrays, maps and strings that it looks at`,
		}},
		{"old values that cannot be matched", `{type: object, properties: {a: {type: array, maxItems: 3, items: {type: integer, x-kubernetes-validations: [{rule: self >= oldSelf}]}}, b: {type: integer, x-kubernetes-validations: [{rule: self > 1, optionalOldSelf: true}]}}}`, []string{
			`properties.a.items["x-kubernetes-validations"][0].rule: value: cannot use oldSelf, for the values of spec.versions[0].schema.openAPIV3Schema.properties[a] cannot be matched with the old ones, got string "self >= oldSelf"`,
			`properties.b["x-kubernetes-validations"][0].optionalOldSelf: value: cannot be set where the rule does not use oldSelf, got boolean true`,
		}},
		{"default that a rule refuses", `{type: object, properties: {a: {type: integer, default: 0, x-kubernetes-validations: [{rule: self > 1}]}}}`, []string{
			`properties.a.default: value: failed rule: self > 1, got number 0`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := parse(t, definition(t, tt.schema))
			problems := problemsOf(t, d)
			assert.Equal(t, tt.want, lines(below(t, problems)))
			assert.NotEmpty(t, problems)
			v, _ := d.Version("v1")
			assert.Nil(t, check(t, v, value(t, `{a: 1}`)), "an object of what is wrong itself")
		})
	}
}

// below returns the problems with paths below the root of the schema of the
// first version.
func below(t *testing.T, problems []crd.Problem) []crd.Problem {
	root := manifest.Path{"spec", "versions", 0, "schema", "openAPIV3Schema"}
	for i, p := range problems {
		require.Equal(t, root, p.Path[:len(root)])
		problems[i].Path = p.Path[len(root):]
	}
	return problems
}

// Many callers ask for a version at once.
func TestConcurrency(t *testing.T) {
	v, _ := parse(t, definition(t, web)).Version("v1")
	in := value(t, `{spec: {host: a, minReplicas: 4}}`)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			assert.Empty(t, problemsOf(t, v))
			assert.Len(t, check(t, v, in), 1)
		})
	}
	workers.Wait()
}

// Rules can use the CEL library of the version of Kubernetes before the one against which
// they are checked.
func TestMinor(t *testing.T) {
	text := `{type: object, properties: {a: {type: string, maxLength: 20, x-kubernetes-validations: [{rule: "isSemver(self)"}]}}}`
	for minor, ok := range map[schema.Minor]bool{29: false, 35: true} {
		d, problems := crd.Parse(definition(t, text), at(t, minor))
		require.Empty(t, problems)
		assert.Equal(t, ok, len(problemsOf(t, d)) == 0, "minor %d: %v", minor, problemsOf(t, d))
	}
}

// The rules can ask for the name, which the server has generated before.
func TestGeneratedName(t *testing.T) {
	v, _ := parse(t, definition(t, `{type: object, x-kubernetes-validations: [{rule: "self.metadata.name.startsWith('a-')"}]}`)).Version("v1")
	require.Empty(t, problemsOf(t, v))
	assert.Empty(t, check(t, v, value(t, `{apiVersion: example.dev/v1, kind: Web, metadata: {generateName: a-}}`)))
	assert.Len(t, check(t, v, value(t, `{apiVersion: example.dev/v1, kind: Web, metadata: {generateName: b-}}`)), 1)
}

func FuzzCheck(f *testing.F) {
	v, _ := parse(f, definition(f, web)).Version("v1")
	for _, seed := range []string{
		`{}`, `{"spec": {"host": "a", "minReplicas": 4}}`, `{"spec": {"routes": [{"path": 1}, null, []]}}`, `{"metadata": [], "spec": {"template": {"metadata": 1}}}`,
		`{"spec": {"any": {"known": {}}, "labels": {"a.b[c]": 1, "": 2}, "zones": [[], [], {}]}}`, `{"metadata": {"name": 1, "generateName": "x"}, "spec": 1e300}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer pace.Hold(t, len(text))()
		var in map[string]any
		if json.Unmarshal([]byte(text), &in) == nil {
			first := lines(check(t, v, in))
			assert.Equal(t, first, lines(check(t, v, in)), "the order of the problems")
		}
	})
}

// A schema that cannot be used is a problem, not a panic.
func FuzzProblems(f *testing.F) {
	for _, seed := range []string{web, `type: object`, `{type: object, properties: {a: {default: 1, x-kubernetes-validations: [{rule: self}]}}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer pace.Hold(t, len(text))()
		documents, _, err := manifest.Parse(t.Context(), "x.yaml", []byte(text))
		require.NoError(t, err)
		for _, d := range documents {
			in := definition(t, "type: object")
			in["spec"].(map[string]any)["versions"].([]any)[0].(map[string]any)["schema"] = map[string]any{"openAPIV3Schema": d.Value}
			definition := parse(t, in)
			first := lines(problemsOf(t, definition))
			assert.Equal(t, first, lines(problemsOf(t, parse(t, in))), "the order of the problems")
			v, _ := definition.Version("v1")
			check(t, v, map[string]any{"a": 1.0, "spec": map[string]any{"host": "a"}})
		}
	})
}

// problemsOf returns the faults of a definition or a version.
func problemsOf(t *testing.T, d interface {
	Problems(context.Context) ([]crd.Problem, error)
}) []crd.Problem {
	t.Helper()
	problems, err := d.Problems(t.Context())
	require.NoError(t, err)
	return problems
}

func check(t *testing.T, v *crd.Version, object map[string]any) []crd.Problem {
	t.Helper()
	problems, err := v.Check(t.Context(), object)
	require.NoError(t, err)
	return problems
}

// A call that ends does not wait for the server's code, and rules end too.
func TestEnds(t *testing.T) {
	d := parse(t, definition(t, web))
	v, served := d.Version("v1")
	require.True(t, served)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(io.ErrClosedPipe)
	_, err := d.Problems(ctx)
	require.ErrorIs(t, err, io.ErrClosedPipe)
	_, err = v.Problems(ctx)
	require.ErrorIs(t, err, io.ErrClosedPipe)
	_, err = v.Check(ctx, map[string]any{})
	require.ErrorIs(t, err, io.ErrClosedPipe)
	assert.Empty(t, problemsOf(t, d), "it is as good as new")
	_, err = v.Check(ctx, map[string]any{})
	require.ErrorIs(t, err, io.ErrClosedPipe)
}

// The faults are found in time, however many fields and alternatives there are.
func TestManyUnknown(t *testing.T) {
	v, _ := parse(t, definition(t, web)).Version("v1")
	object := map[string]any{"spec": map[string]any{"host": "a"}}
	for i := range 20_000 {
		object[fmt.Sprintf("x%d.y[%d]", i, i)] = true
	}
	found := check(t, v, object)
	require.GreaterOrEqual(t, len(found), 20_000)
	assert.Equal(t, manifest.Path{"x0.y[0]"}, found[0].Path)
}
