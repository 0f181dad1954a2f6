package refer

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/pkg/manifest"
)

// A pattern that is accepted without wildcards stands for the object that it
// names.
func FuzzExternal(f *testing.F) {
	f.Add("Secret/s3")
	f.Add("Secret/mimir/s3-*")
	f.Add("PriorityClass.scheduling.k8s.io/high")
	f.Add("Secret/[")
	f.Fuzz(func(t *testing.T, pattern string) {
		defer pace.Hold(t, len(pattern))()
		e, err := parseExternal(pattern)
		kind, name, _ := strings.Cut(pattern, "/")
		if err != nil || kind != "Secret" || strings.ContainsAny(name, `/*?[\\`) {
			return
		}
		assert.True(t, e.is(manifest.ID{Kind: kind, Name: name}))
	})
}
