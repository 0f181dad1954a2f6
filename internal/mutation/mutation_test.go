package mutation

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An origin whose change does not change the value is a false claim. A literal that sets a
// value, but is no origin of it, is missed.
func TestCheck(t *testing.T) {
	p := Program{Main: "f", Files: map[string]string{"f": "local x =\n'b';\n{ a:\n'a' + x, c: 1 }"}}
	report, err := Check(t.Context(), p)
	require.NoError(t, err)
	assert.Equal(t, Report{Claims: 4, Set: 3}, report)

	c, err := newChecker(t.Context(), p)
	require.NoError(t, err)
	c.leaves[0].origins = []spot{{"f", 4, 13}}
	require.NoError(t, c.checkClaims())
	require.NoError(t, c.checkLiterals())
	assert.Equal(t, "2 claims, 1 of them false; 3 values set by literals, 1 of which do not lead there", c.report.String())
	assert.Equal(t, []string{
		`false: f:4:13 is no origin of [a], "ab"`,
		`missed: f:2 sets [a], "ab", which is told to be from [f:4:13]`,
	}, c.report.Details)
}
