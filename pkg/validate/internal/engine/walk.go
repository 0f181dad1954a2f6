package engine

import (
	"encoding/base64"
	"math"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/internal/spelling"
)

// check checks a value against its schema as the API server does when it decodes an object
// strictly. Then it applies the rules of the definitions in the schema, to inner values
// first. Null counts as no value (k8s.io/apimachinery, pkg/runtime/serializer/json, and
// encoding/json).
func (n Node) check(s *schema.Schema) {
	if s.Ref != "" {
		definition, ok := n.Document.Definition(s.Ref)
		if !ok {
			return
		}
		s = definition
	}
	if n.Value != nil {
		n.checkValue(s)
	}
	n.judging = true
	n.Run(n.Catalogue.Table[ShortName(s.Name)]...)
	n.judging = false
}

// ShortName returns the name that rules use for a definition: core.v1.PodSpec.
func ShortName(definition string) string {
	for _, prefix := range []string{
		"io.k8s.api.", "io.k8s.apimachinery.pkg.apis.", "io.k8s.apiextensions-apiserver.pkg.apis.", "io.k8s.kube-aggregator.pkg.apis.",
	} {
		if short, ok := strings.CutPrefix(definition, prefix); ok {
			return short
		}
	}
	return definition
}

func (n Node) checkValue(s *schema.Schema) {
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
			n.Fail(RuleType, "want a number, "+n.Got(), quoteHint(n.Value)...)
		}
	case s.Type == "boolean":
		if _, ok := n.Value.(bool); !ok {
			n.Fail(RuleType, "want true or false, "+n.Got(), quoteHint(n.Value)...)
		}
	}
}

// The definitions that have a parser of their own.
const (
	quantityDefinition  = "io.k8s.apimachinery.pkg.api.resource.Quantity"
	microTimeDefinition = "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"
	durationDefinition  = "io.k8s.apimachinery.pkg.apis.meta.v1.Duration"
)

// anyFields are the definitions of values that are kept as they are, whether objects or
// not.
var anyFields = []string{
	"io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
	"io.k8s.apimachinery.pkg.apis.meta.v1.Patch",
	"io.k8s.apimachinery.pkg.runtime.RawExtension",
}

// quoteHint returns a hint about a string that is a number or boolean in quotes, else none.
func quoteHint(v any) []string {
	if s, ok := v.(string); ok && s != "" && strings.Trim(s, "-0123456789.") == "" || v == "true" || v == "false" {
		return []string{"remove the quotes"}
	}
	return nil
}

func (n Node) checkObject(s *schema.Schema) {
	if slices.Contains(anyFields, s.Name) {
		return
	}
	m, ok := n.Value.(map[string]any)
	if !ok {
		n.Fail(RuleType, "want an object, "+n.Got())
		return
	}
	if s.AdditionalProperties != nil {
		for _, value := range n.Entries() {
			value.check(s.AdditionalProperties)
		}
		return
	}
	known := 0
	for _, p := range s.Properties {
		if v, ok := m[p.Name]; ok {
			known++
			if v != nil {
				n.Field(p.Name).check(p.Schema)
			}
		}
	}
	if known < len(m) {
		n.unknownFields(s, m)
	}
	for _, name := range s.Required {
		if m[name] == nil && !n.Catalogue.Unenforced[ShortName(s.Name)+"."+name] {
			field := n.Field(name)
			field.Fail(RuleRequired, "is required, "+plain.Got(m, name))
		}
	}
}

func (n Node) unknownFields(s *schema.Schema, m map[string]any) {
	var missing []string
	for _, p := range s.Properties {
		if _, ok := m[p.Name]; !ok {
			missing = append(missing, p.Name)
		}
	}
	for name, field := range n.Entries() {
		if _, ok := s.Property(name); ok {
			continue
		}
		var hints []string
		if guess := spelling.Suggest(name, missing); guess != "" {
			hints = []string{"did you mean " + guess + "?"}
		}
		field.Fail(RuleUnknownField, "no such field", hints...)
	}
}

func (n Node) checkArray(s *schema.Schema) {
	if _, ok := n.Value.([]any); !ok {
		n.Fail(RuleType, "want an array, "+n.Got())
		return
	}
	for _, item := range n.Items() {
		item.check(s.Items)
	}
	n.checkKeys(s)
}

func (n Node) checkString(s *schema.Schema) {
	text, ok := n.Value.(string)
	if s.Format == "byte" && n.isBytes() {
		return
	}
	if !ok {
		var hints []string
		if _, isBool := n.Value.(bool); isBool || n.isNumber() {
			hints = []string{"quote the value"}
		}
		n.Fail(RuleType, "want a string, "+n.Got(), hints...)
		return
	}
	switch {
	case s.Name == microTimeDefinition:
		if _, err := time.Parse(metav1.RFC3339Micro, text); err != nil {
			n.Fail(RuleFormat, "want a time with microseconds as 2006-01-02T15:04:05.000000Z, "+n.Got())
		}
		return
	case s.Name == durationDefinition:
		if _, err := time.ParseDuration(text); err != nil {
			n.Fail(RuleFormat, "want a duration as 1h30m, "+n.Got())
		}
		return
	}
	switch s.Format {
	case "byte":
		if _, err := base64.StdEncoding.DecodeString(text); err != nil {
			problem := "want base64, " + n.Got()
			if n.isSecret() {
				problem += " that is none"
			}
			n.Fail(RuleFormat, problem)
		}
	case "date-time":
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			n.Fail(RuleFormat, "want a time as 2006-01-02T15:04:05Z, "+n.Got())
		}
	}
}

// isBytes reports whether the value is an array of bytes, which encoding/json reads like a
// string in base64.
func (n Node) isBytes() bool {
	_, ok := n.Value.([]any)
	for _, item := range n.Items() {
		b, isInteger := item.Integer()
		ok = ok && (!item.IsSet() || isInteger && 0 <= b && b <= math.MaxUint8)
	}
	return ok
}

// Bytes returns the bytes of a string in base64 or of an array of bytes, and false for
// another value.
func (n Node) Bytes() ([]byte, bool) {
	if n.isBytes() {
		all := make([]byte, n.Len())
		for i, item := range n.Items() {
			b, _ := item.Integer()
			all[i] = byte(b)
		}
		return all, true
	}
	text, ok := n.Value.(string)
	decoded, err := base64.StdEncoding.DecodeString(text)
	return decoded, ok && err == nil
}

func (n Node) checkInteger(s *schema.Schema) {
	i, ok := n.Integer()
	if !ok {
		want := "want a whole number, "
		if f, isFloat := n.Value.(float64); isFloat && f == math.Trunc(f) {
			want = "want a whole number of 64 bits, "
		}
		n.Fail(RuleType, want+n.Got(), quoteHint(n.Value)...)
		return
	}
	if s.Format == "int32" && (i < math.MinInt32 || i > math.MaxInt32) {
		n.Fail(RuleType, "want a number of 32 bits, "+n.Got())
	}
}

// checkQuantity checks a value as Quantity.UnmarshalJSON does (k8s.io/apimachinery,
// pkg/api/resource/quantity.go).
func (n Node) checkQuantity() {
	switch v := n.Value.(type) {
	case int64, float64:
	case string:
		if _, err := n.parseQuantity(strings.TrimSpace(v)); err != nil {
			n.Fail(RuleFormat, "want a quantity such as 500m or 2Gi, "+n.Got())
		}
	default:
		n.Fail(RuleType, "want a quantity such as 500m or 2Gi, "+n.Got())
	}
}

func (n Node) checkIntOrString() {
	if _, ok := n.Value.(string); ok {
		return
	}
	if i, ok := n.Integer(); !ok || i < math.MinInt32 || i > math.MaxInt32 {
		n.Fail(RuleType, "want a whole number of 32 bits or a string, "+n.Got())
	}
}
