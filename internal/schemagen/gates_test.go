package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// said returns the standings in a Go file with this body.
func said(t *testing.T, minor int, body string) (map[string][]standing, error) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "kube_features.go"), []byte("package features\n"+body), 0o644))
	out := map[string][]standing{}
	err := readGates(dir, minor, out)
	return out, err
}

func TestGates(t *testing.T) {
	var g gates
	for minor, body := range []string{
		29: `const (
	A featuregate.Feature = "A"
	B featuregate.Feature = "CustomB"
)
var table = map[featuregate.Feature]featuregate.FeatureSpec{
	A: {Default: false, PreRelease: featuregate.Alpha},
	B: {Default: true, PreRelease: featuregate.GA, LockToDefault: true},
	generic.C: {Default: true},
}`,
		30: `const A featuregate.Feature = "A"
var table = map[featuregate.Feature]featuregate.VersionedSpecs{
	A: {
		{Version: version.MustParse("1.28"), Default: false, PreRelease: featuregate.Alpha},
		{Version: version.MustParse("1.30"), Default: true, PreRelease: featuregate.Beta},
	},
	generic.C: {{Version: version.MustParse("1.0"), Default: true, PreRelease: featuregate.GA}},
	D: {
		{Version: version.MustParse("1.0"), Default: true, PreRelease: featuregate.GA},
		{Version: version.MustParse("1.30"), Default: false, PreRelease: featuregate.Deprecated},
	},
}`,
	} {
		if body == "" {
			continue
		}
		found, err := said(t, minor, body)
		require.NoError(t, err)
		g.enter(minor, found)
	}
	assert.Equal(t, gatesBanner+`releases 1.29-1.30
exact 1.29
gate A 1.29=alpha 1.30=beta,on
gate C 1.29=ga,on
gate CustomB 1.29=ga,on,locked 1.30=gone,on
gate D 1.29=ga,on 1.30=deprecated
`, g.text([]release{{minor: 29, exact: true}, {minor: 30}}))
}

func TestGatesRefused(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"no table", "const A = 1", "want a table of feature gates, got none"},
		{"no name", "var t = map[f.Feature]f.FeatureSpec{A: {true}}", "want how it stands, got something else"},
		{"nothing", "var t = map[f.Feature]f.FeatureSpec{A: {}}", "want how it stands, got something else"},
		{"default", "var t = map[f.Feature]f.FeatureSpec{A: {Default: on}}", `A: Default: want true or false, got "on"`},
		{"stage", "var t = map[f.Feature]f.FeatureSpec{A: {PreRelease: f.Omega}}", `A: want a stage, got "Omega"`},
		{"field", "var t = map[f.Feature]f.FeatureSpec{A: {Moon: true}}", "A: no such field is known: Moon"},
		{"version", `var t = map[f.Feature]f.VersionedSpecs{A: {{Version: v("2")}}}`, `A: want a version 1.MINOR, got "2"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := said(t, 29, tt.in)
			assert.ErrorContains(t, err, tt.want)
		})
	}
}
