package first

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSum(t *testing.T) {
	n, err := Sum(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 3, n)
}
