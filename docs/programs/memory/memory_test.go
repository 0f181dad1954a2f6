package memory

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPrint(t *testing.T) {
	var out strings.Builder
	require.NoError(t, Print(t.Context(), &out))
	assert.Equal(t, "ConfigMap shop/web-1\nConfigMap shop/web-2\nConfigMap shop/web-3\n", out.String())
}
