package jsonnet

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A signature has a type that the linter can read. A text shows some argument.
func TestSignatures(t *testing.T) {
	types := []string{"", "any", "boolean", "number", "string", "[any]", "[boolean]", "[number]", "[string]"}
	for name, n := range standardNatives() {
		assert.Contains(t, types, n.result, name)
		shows := n.origins != nil || slices.ContainsFunc(n.parameters, func(p parameter) bool { return p.shown })
		assert.True(t, n.result != "string" || shows, "std.%s: mark the parameters that show in the result with * in its signature", name)
	}
}
