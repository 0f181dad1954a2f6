package failure_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mop-platform/mop/internal/failure"
)

// A hint names values in angle brackets, and has no others.
func TestPlaceholders(t *testing.T) {
	placeholder := regexp.MustCompile(`<[a-z]+(\.\.\.)?>`)
	for _, code := range failure.Codes() {
		for _, hint := range failure.Hints(code) {
			assert.NotContains(t, placeholder.ReplaceAllString(hint, ""), "<", "%s: %s", code, hint)
			assert.NotContains(t, placeholder.ReplaceAllString(hint, ""), ">", "%s: %s", code, hint)
		}
	}
}

// No two kinds of failures share a code, and each has a meaning.
func TestCodes(t *testing.T) {
	codes := failure.Codes()
	assert.Len(t, slices.Compact(slices.Sorted(slices.Values(codes))), len(codes))
	for _, code := range codes {
		assert.Regexp(t, `^[a-z]+(-[a-z]+)+$|^[a-z]+$`, code)
		assert.NotEmpty(t, failure.Meaning(code), code)
	}
	assert.Empty(t, failure.Meaning("unknown"))
	assert.Empty(t, failure.Hints("unknown"))
}
