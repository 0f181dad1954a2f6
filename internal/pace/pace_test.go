package pace

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// fake records whether a test failed.
type fake struct {
	testing.TB
	failed bool
}

func (*fake) Helper()                 {}
func (f *fake) Errorf(string, ...any) { f.failed = true }

func TestHold(t *testing.T) {
	work := func(f *fake) {
		done := hold(f, 10, 20*time.Millisecond)
		for start := taken(t); taken(t)-start < 30*time.Millisecond; {
		}
		done()
	}
	var off, on fake
	t.Setenv(Variable, "")
	work(&off)
	assert.False(t, off.failed, "nothing is measured")
	t.Setenv(Variable, "1")
	work(&on)
	assert.True(t, on.failed)
	var quick fake
	Hold(&quick, 10)()
	assert.False(t, quick.failed)
}

func TestLimit(t *testing.T) {
	assert.Equal(t, Most, limit(1, Most))
	assert.Equal(t, 2*Most, limit(2*Size, Most))
}
