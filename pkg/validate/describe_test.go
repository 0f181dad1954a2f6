package validate_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/validate"
)

// Every rule has a description.
func TestRules(t *testing.T) {
	source, err := os.ReadFile("result.go")
	require.NoError(t, err)
	var declared []validate.Rule
	for _, m := range regexp.MustCompile(`(?m)^\tRule\w+ +Rule = "(.*)"`).FindAllSubmatch(source, -1) {
		declared = append(declared, validate.Rule(m[1]))
	}
	assert.Equal(t, declared, validate.Rules())
	for _, r := range validate.Rules() {
		assert.Regexp(t, `^[A-Z].*\.$`, r.Description(), r)
	}
	assert.Empty(t, validate.Rule("other").Description())
}
