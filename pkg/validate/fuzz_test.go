package validate_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// FuzzCheck checks that the validator does not fail on any YAML.
func FuzzCheck(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	require.NoError(f, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(data)
	}
	var validators []*validate.Validator
	for _, minor := range []schema.Minor{release.Oldest, release.Newest} {
		v, err := validate.New(validate.Config{Release: minor.String()})
		require.NoError(f, err)
		validators = append(validators, v)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		defer pace.Hold(t, len(data))()
		documents, _, err := manifest.Parse(t.Context(), "fuzz.yaml", data)
		require.NoError(t, err)
		var objects []validate.Object
		for _, d := range documents {
			objects = append(objects, validate.Object{Value: d})
		}
		for _, v := range validators {
			for _, r := range allResults(t, v, objects) {
				_ = r.Diagnostics()
			}
		}
	})
}
