package stream_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/mop-platform/mop/internal/stream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestInputEndsWithItsContext(t *testing.T) {
	data, err := io.ReadAll(stream.Until(t.Context(), strings.NewReader("text")))
	require.NoError(t, err)
	assert.Equal(t, "text", string(data))

	silent, _ := io.Pipe()
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(interrupted)
	_, err = io.ReadAll(stream.Until(ctx, silent))
	assert.ErrorIs(t, err, interrupted)
}
