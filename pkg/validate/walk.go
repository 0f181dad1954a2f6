package validate

import (
	"encoding/base64"
	"math"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/schema"
)

// check holds a value against its schema as the API server does when it decodes
// an object strictly, then applies the rules of the definitions that it meets,
// to inner values first. Null is no value (k8s.io/apimachinery,
// pkg/runtime/serializer/json, and encoding/json).
func (n node) check(s *schema.Schema) {
	if s.Ref != "" {
		definition, ok := n.document.Definition(s.Ref)
		if !ok {
			return
		}
		s = definition
	}
	if n.value != nil {
		n.checkValue(s)
	}
	n.judging = true
	n.run(n.rules.table[shortName(s.Name)]...)
	n.judging = false
}

// shortName is how rules call a definition: core.v1.PodSpec.
func shortName(definition string) string {
	for _, prefix := range []string{
		"io.k8s.api.", "io.k8s.apimachinery.pkg.apis.", "io.k8s.apiextensions-apiserver.pkg.apis.", "io.k8s.kube-aggregator.pkg.apis.",
	} {
		if short, ok := strings.CutPrefix(definition, prefix); ok {
			return short
		}
	}
	return definition
}

func (n node) checkValue(s *schema.Schema) {
	switch {
	case s.Name == quantityDefinition:
		n.checkQuantity()
	case s.Format == "int-or-string":
		n.checkIntOrString()
	case s.Type == "object":
		n.checkObject(s)
	case s.Type == "array":
		n.checkArray(s)
	case s.Type == "string":
		n.checkString(s)
	case s.Type == "integer":
		n.checkInteger(s)
	case s.Type == "number":
		if !n.isNumber() {
			n.fail(ruleType, "want a number, "+n.got(), quoteHint(n.value)...)
		}
	case s.Type == "boolean":
		if _, ok := n.value.(bool); !ok {
			n.fail(ruleType, "want true or false, "+n.got(), quoteHint(n.value)...)
		}
	}
}

// The definitions whose text is read by code of their own.
const (
	quantityDefinition  = "io.k8s.apimachinery.pkg.api.resource.Quantity"
	microTimeDefinition = "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"
	durationDefinition  = "io.k8s.apimachinery.pkg.apis.meta.v1.Duration"
)

// anyFields are the definitions of values that are kept as they are, be they
// objects or not.
var anyFields = []string{
	"io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
	"io.k8s.apimachinery.pkg.apis.meta.v1.Patch",
	"io.k8s.apimachinery.pkg.runtime.RawExtension",
}

// quoteHint says what to do about a number or boolean in a string.
func quoteHint(v any) []string {
	if s, ok := v.(string); ok && s != "" && strings.Trim(s, "-0123456789.") == "" || v == "true" || v == "false" {
		return []string{"remove the quotes"}
	}
	return nil
}

func (n node) checkObject(s *schema.Schema) {
	if slices.Contains(anyFields, s.Name) {
		return
	}
	m, ok := n.value.(map[string]any)
	if !ok {
		n.fail(ruleType, "want an object, "+n.got())
		return
	}
	if s.AdditionalProperties != nil {
		for _, value := range n.entries() {
			value.check(s.AdditionalProperties)
		}
		return
	}
	known := 0
	for _, p := range s.Properties {
		if v, ok := m[p.Name]; ok {
			known++
			if v != nil {
				n.field(p.Name).check(p.Schema)
			}
		}
	}
	if known < len(m) {
		n.unknownFields(s, m)
	}
	for _, name := range s.Required {
		if m[name] == nil && !n.rules.unenforced[shortName(s.Name)+"."+name] {
			field := n.field(name)
			field.fail(ruleRequired, "is required, "+manifest.Got(m, name))
		}
	}
}

func (n node) unknownFields(s *schema.Schema, m map[string]any) {
	var missing []string
	for _, p := range s.Properties {
		if _, ok := m[p.Name]; !ok {
			missing = append(missing, p.Name)
		}
	}
	for name, field := range n.entries() {
		if _, ok := s.Property(name); ok {
			continue
		}
		var hints []string
		if guess := diag.Suggest(name, missing); guess != "" {
			hints = []string{"did you mean " + guess + "?"}
		}
		field.fail(ruleUnknownField, "no such field", hints...)
	}
}

func (n node) checkArray(s *schema.Schema) {
	if _, ok := n.value.([]any); !ok {
		n.fail(ruleType, "want an array, "+n.got())
		return
	}
	for _, item := range n.items() {
		item.check(s.Items)
	}
	n.checkKeys(s)
}

func (n node) checkString(s *schema.Schema) {
	text, ok := n.value.(string)
	if s.Format == "byte" && n.isBytes() {
		return
	}
	if !ok {
		var hints []string
		if _, isBool := n.value.(bool); isBool || n.isNumber() {
			hints = []string{"quote the value"}
		}
		n.fail(ruleType, "want a string, "+n.got(), hints...)
		return
	}
	switch {
	case s.Name == microTimeDefinition:
		if _, err := time.Parse(metav1.RFC3339Micro, text); err != nil {
			n.fail(ruleFormat, "want a time with microseconds as 2006-01-02T15:04:05.000000Z, "+n.got())
		}
		return
	case s.Name == durationDefinition:
		if _, err := time.ParseDuration(text); err != nil {
			n.fail(ruleFormat, "want a duration as 1h30m, "+n.got())
		}
		return
	}
	switch s.Format {
	case "byte":
		if _, err := base64.StdEncoding.DecodeString(text); err != nil {
			n.fail(ruleFormat, "want base64, "+n.got())
		}
	case "date-time":
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			n.fail(ruleFormat, "want a time as 2006-01-02T15:04:05Z, "+n.got())
		}
	}
}

// isBytes reports whether the value is an array of bytes, which encoding/json
// reads as one in base64.
func (n node) isBytes() bool {
	_, ok := n.value.([]any)
	for _, item := range n.items() {
		b, isInteger := item.integer()
		ok = ok && (!item.set() || isInteger && 0 <= b && b <= math.MaxUint8)
	}
	return ok
}

// bytes returns what is written in base64 or as an array of bytes, and false
// for another value.
func (n node) bytes() ([]byte, bool) {
	if n.isBytes() {
		all := make([]byte, n.len())
		for i, item := range n.items() {
			b, _ := item.integer()
			all[i] = byte(b)
		}
		return all, true
	}
	text, ok := n.value.(string)
	decoded, err := base64.StdEncoding.DecodeString(text)
	return decoded, ok && err == nil
}

func (n node) checkInteger(s *schema.Schema) {
	i, ok := n.integer()
	if !ok {
		want := "want a whole number, "
		if f, isFloat := n.value.(float64); isFloat && f == math.Trunc(f) {
			want = "want a whole number of 64 bits, "
		}
		n.fail(ruleType, want+n.got(), quoteHint(n.value)...)
		return
	}
	if s.Format == "int32" && (i < math.MinInt32 || i > math.MaxInt32) {
		n.fail(ruleType, "want a number of 32 bits, "+n.got())
	}
}

// checkQuantity is Quantity.UnmarshalJSON (k8s.io/apimachinery,
// pkg/api/resource/quantity.go).
func (n node) checkQuantity() {
	switch v := n.value.(type) {
	case int64, float64:
	case string:
		if _, err := n.parseQuantity(strings.TrimSpace(v)); err != nil {
			n.fail(ruleFormat, "want a quantity such as 500m or 2Gi, "+n.got())
		}
	default:
		n.fail(ruleType, "want a quantity such as 500m or 2Gi, "+n.got())
	}
}

func (n node) checkIntOrString() {
	if _, ok := n.value.(string); ok {
		return
	}
	if i, ok := n.integer(); !ok || i < math.MinInt32 || i > math.MaxInt32 {
		n.fail(ruleType, "want a whole number of 32 bits or a string, "+n.got())
	}
}
