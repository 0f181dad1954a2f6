package jsonnet

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A cancelled evaluation does not wait for functions that it runs with away.
func TestAway(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ev := NewCache(0).newEvaluator(ctx, Input{})
	running, release := make(chan struct{}), make(chan struct{})
	defer close(release)
	go func() {
		<-running
		cancel()
	}()
	err := ev.guard(func() {
		ev.away(largeString, nil, func() {
			close(running)
			<-release
		})
	})
	assert.ErrorIs(t, err, context.Canceled)
}
