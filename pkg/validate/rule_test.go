package validate_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/validate"
)

// Every rule is declared, with a sentence.
func TestRules(t *testing.T) {
	source, err := os.ReadFile("rule.go")
	require.NoError(t, err)
	declared := len(regexp.MustCompile(`(?m)^\tRule\w+ +Rule += `).FindAll(source, -1))
	assert.Len(t, validate.Declarations(), declared)
	seen := map[validate.Rule]bool{}
	for _, d := range validate.Declarations() {
		assert.False(t, seen[d.Rule], "%s is declared twice", d.Rule)
		seen[d.Rule] = true
		assert.Regexp(t, `^[A-Z].*\.$`, d.Holds, d.Rule)
		assert.Equal(t, len(d.Sources) > 0, d.Since != "", d.Rule)
	}
}
