package release_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/release/changes"
	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/internal/schema"
)

func TestHas(t *testing.T) {
	tests := []struct {
		name        string
		fact        release.Fact
		first, last schema.Minor
	}{
		{"gate that is switched on", gates.EnvFiles, 35, release.Newest},
		{"gate that is gone when it was on", gates.PodLifecycleSleepAction, 30, release.Newest},
		{"gate that was always on", gates.AllowServiceExternalIPs, release.Oldest, release.Newest},
		{"gate for what was always there", gates.AllowDNSOnlyNodeCSR, release.Oldest, 30},
		{"gate that is off", gates.HPAScaleToZero, 37, release.Newest},
		{"gate that stays off", gates.CSIVolumeHealth, 0, 0},
		{"gate that was never on and is gone", gates.DRAControlPlaneController, 0, 0},
		{"gate of another module", gates.CustomResourceFieldSelectors, 31, release.Newest},
		{"change that came", changes.NumericFormats, 36, release.Newest},
		{"change that came before the oldest", changes.ScaleIOGone, release.Oldest, release.Newest},
		{"what went", changes.KubeletPort, release.Oldest, 32},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for m := release.Oldest; m <= release.Newest; m++ {
				r, err := release.Open(m)
				require.NoError(t, err)
				assert.Equal(t, m, r.Minor())
				assert.Equal(t, tt.first <= m && m <= tt.last, r.Has(tt.fact), "%s", m)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, m := range []schema.Minor{release.Oldest - 1, release.Newest + 1} {
		_, err := release.Open(m)
		assert.ErrorContains(t, err, "kubernetes "+m.String()+": no such release, want one of "+release.Oldest.String()+" ")
	}
}

// There are schemas for exactly the known releases.
func TestReleasesHaveSchemas(t *testing.T) {
	minors := schema.Minors()
	assert.Equal(t, release.Oldest, minors[0])
	assert.Equal(t, release.Newest, minors[len(minors)-1])
}
