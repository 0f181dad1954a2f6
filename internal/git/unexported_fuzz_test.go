package git

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mop-platform/mop/internal/pace"
)

// FuzzRemote checks that an accepted address is no option and names no program.
func FuzzRemote(f *testing.F) {
	for _, address := range []string{"", "https://user@host:1/a/b.git", "git@host:a/b", "ext::sh -c x", "--upload-pack=x", "ssh://-oProxyCommand=x/a", "file:///a", "./a", "[::1]:a"} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		defer pace.Hold(t, len(address))()
		_ = Location(address)
		if checkRemote(address) != nil {
			return
		}
		assert.False(t, strings.HasPrefix(address, "-"), "%q", address)
		assert.NotRegexp(t, `^[A-Za-z0-9]+::`, address)
	})
}
