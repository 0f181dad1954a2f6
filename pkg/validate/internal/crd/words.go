package crd

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"k8s.io/kube-openapi/pkg/validation/spec"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/spelling"
)

// typeWords puts types of JSON schema into words; value is of none of them.
func typeWords(types []string, value any) string {
	types = slices.Compact(slices.Sorted(slices.Values(types)))
	words := make([]string, len(types))
	for i, t := range types {
		switch t {
		case "integer":
			words[i] = "a whole number"
			if f, ok := value.(float64); ok && f == math.Trunc(f) {
				words[i] = "a whole number of 64 bits"
			}
		case "boolean":
			words[i] = "true or false"
		case "array", "object":
			words[i] = "an " + t
		default:
			words[i] = "a " + t
		}
	}
	return enumerate(words)
}

// formatWords puts the name of a format of text into words.
func formatWords(format string) string {
	switch name := strings.ReplaceAll(format, "-", ""); name {
	case "datetime":
		return "a time as 2006-01-02T15:04:05Z"
	case "date":
		return "a date as 2006-01-02"
	case "duration":
		return "a duration as 1h30m"
	case "byte":
		return "base64"
	case "uri":
		return "a URI"
	case "email":
		return "an email address"
	case "hostname":
		return "a host name"
	case "ipv4":
		return "an IPv4 address"
	case "ipv6":
		return "an IPv6 address"
	case "cidr":
		return "a range of addresses as 10.0.0.0/8"
	case "mac":
		return "a MAC address"
	case "uuid":
		return "a UUID"
	case "k8sshortname":
		return "a name of at most 63 small letters, digits and hyphens, the first and last no hyphen"
	case "k8slongname":
		return "a name of at most 253 small letters, digits, hyphens and dots, the parts between dots without a hyphen at either end"
	}
	return "text of the format " + format
}

// quoteHint returns a hint about a number or boolean that is in a string, or should be.
func quoteHint(types spec.StringOrArray, value any) []string {
	switch value := value.(type) {
	case string:
		_, err := strconv.ParseFloat(value, 64)
		isNumber, isBoolean := err == nil, value == "true" || value == "false"
		if isNumber && (types.Contains("integer") || types.Contains("number")) || isBoolean && types.Contains("boolean") {
			return []string{"remove the quotes"}
		}
	case int64, float64, bool:
		if types.Contains("string") && !types.Contains("integer") {
			return []string{"quote the value"}
		}
	}
	return nil
}

// missing is the problem of a missing field.
const missing = "is required, got none"

// length returns the number of characters, items or fields.
func length(value any) int {
	switch value := value.(type) {
	case string:
		return utf8.RuneCountInString(value)
	case []any:
		return len(value)
	case map[string]any:
		return len(value)
	}
	return 0
}

// alternatives returns values for a message: "a", 2 or null.
func alternatives(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		if text, ok := v.(string); ok {
			texts[i] = message.Quote(text)
		} else if text, err := json.Marshal(v); err == nil {
			texts[i] = string(text)
		}
	}
	return enumerate(texts)
}

// enumerate joins words: a, b or c.
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// similar returns a hint for text that resembles one of the values.
func similar(value any, values []any) []string {
	text, ok := value.(string)
	if !ok {
		return nil
	}
	var texts []string
	for _, v := range values {
		if s, ok := v.(string); ok {
			texts = append(texts, s)
		}
	}
	if guess := spelling.Suggest(text, texts); guess != "" {
		return []string{"did you mean " + message.Quote(guess) + "?"}
	}
	return nil
}
