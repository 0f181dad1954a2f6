package crd_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/validate/internal/crd"
)

// From 1.36 on, the formats of numbers count, and limits must fit their type. The tests of
// package apiserver/e2e check the same with real API servers.
func TestNumericFormats(t *testing.T) {
	tests := []struct {
		name, schema, in string
		// since is the first version that refuses, 0 if none does.
		since schema.Minor
	}{
		{"int32", "{type: integer, format: int32}", "3000000000", 36},
		{"int32, least", "{type: integer, format: int32}", "-2147483648", 0},
		{"int32, less", "{type: integer, format: int32}", "-2147483649", 36},
		{"int64", "{type: integer, format: int64}", "9223372036854775807", 0},
		{"beyond int64", "{type: integer, format: int64}", "9223372036854775808", 29},
		{"beyond int64, no format", "{type: integer}", "18446744073709551615", 29},
		{"float", "{type: number, format: float}", "3.5e+38", 36},
		{"float that is rounded", "{type: number, format: float}", "0.1", 0},
		{"double", "{type: number, format: double}", "1e308", 0},
		{"uint32", "{type: integer, format: uint32}", "-1", 0},
		{"uint64", "{type: integer, format: uint64}", "-1", 0},
		{"int8", "{type: integer, format: int8}", "1000", 0},
		{"int32 of a number", "{type: number, format: int32}", "3000000000", 0},
		{"float of an integer", "{type: integer, format: float}", "9007199254740993", 0},
		{"int32 of text", "{type: string, format: int32}", "x", 0},
		{"int32 of either", "{x-kubernetes-int-or-string: true, format: int32}", "3000000000", 0},
		{"int32 in allOf", "{type: integer, allOf: [{format: int32}]}", "3000000000", 0},
		{"int32 of values", "{type: object, additionalProperties: {type: integer, format: int32}}", "{a: 3000000000}", 36},
		{"int32 of items", "{type: array, items: {type: integer, format: int32}}", "[1, 3000000000]", 36},
		{"maximum with a fraction", "{type: integer, maximum: 10.5}", "1", 36},
		{"minimum with a fraction", "{type: integer, minimum: 0.5}", "1", 36},
		{"maximum beyond int32", "{type: integer, format: int32, maximum: 3000000000}", "1", 36},
		{"maximum beyond float", "{type: number, format: float, maximum: 1e300}", "1.5", 36},
		{"maximum of a number", "{type: number, maximum: 10.5}", "1", 0},
		{"format of text on an array", "{type: array, format: byte, items: {type: string}}", "[a]", 0},
		{"date", "{type: string, format: date}", "x", 29},
		{"name", "{type: string, format: k8s-short-name}", "A_B", 35},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for minor := release.Oldest; minor <= release.Newest; minor++ {
				d, problems := crd.Parse(definition(t, "{type: object, properties: {spec: {type: object, properties: {replicas: {type: integer}, v: "+tt.schema+"}}}}"), at(t, minor))
				require.Empty(t, problems)
				v, _ := d.Version("v1")
				require.Empty(t, problemsOf(t, v))
				found := check(t, v, value(t, "{spec: {v: "+tt.in+"}}"))
				assert.Equal(t, tt.since != 0 && minor >= tt.since, len(found) > 0, "1.%d: %v", minor, found)
			}
		})
	}
}

// Defaults are checked against formats as values are.
func TestNumericFormatsOfDefaults(t *testing.T) {
	for _, tt := range []struct {
		schema string
		since  schema.Minor
	}{
		{"{type: integer, format: int32, default: 3000000000}", 36},
		{"{type: number, format: float, default: 3.5e+38}", 36},
		{"{type: integer, maximum: 10.5, default: 1}", 36},
		{"{type: integer, format: uint32, default: -1}", 0},
		{"{type: integer, default: 9223372036854775807}", 0},
		{"{type: integer, default: 1.5}", 29},
		{"{type: object, default: {a: 3000000000}, properties: {a: {type: integer, format: int32}}}", 36},
	} {
		for minor := release.Oldest; minor <= release.Newest; minor++ {
			d, problems := crd.Parse(definition(t, "{type: object, properties: {spec: {type: object, properties: {replicas: {type: integer}, v: "+tt.schema+"}}}}"), at(t, minor))
			require.Empty(t, problems)
			assert.Equal(t, tt.since != 0 && minor >= tt.since, len(problemsOf(t, d)) > 0, "1.%d: %s: %v", minor, tt.schema, problemsOf(t, d))
		}
	}
}
