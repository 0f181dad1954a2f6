package arch_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// releaseNumber matches the number of a release of Kubernetes, in prose or as the value of
// a variable, field or method with minor in its name.
var releaseNumber = regexp.MustCompile(`(?i)(?:^|[^\w.])v?1\.[1-9]\d\b|minor\w*(?:\(\))?\s*(?::|[<>=!]=?|:=)\s*[1-9]\d|minor[({]\s*[1-9]\d`)

// No Go file, not even a comment, and no help text has the number of a release of
// Kubernetes. They use the names of gates and changes. The numbers are in gates.txt and
// changes.txt of internal/release, and in files that are generated from them.
func TestNoNumbersOfReleases(t *testing.T) {
	names, err := filepath.Glob(root + "/cmd/mop/help/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	for _, s := range sources(t) {
		names = append(names, root+"/"+s.name)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		if strings.HasPrefix(string(text), "// Code generated ") {
			continue
		}
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			assert.NotRegexp(t, releaseNumber, strings.TrimSpace(line), "%s:%d: want a name of package gates or changes, or a number of package release", name, n)
		}
	}
}

func TestReleaseNumber(t *testing.T) {
	tests := []struct {
		name, in string
		want     bool
	}{
		{"in words", "// before 1.34 it is dropped", true},
		{"with a v", `"v1.31.4"`, true},
		{"in a name", "mop-apiserver-1.29", true},
		{"compared", "n.minor < 31", true},
		{"of a method", "r.Minor() >= 36", true},
		{"in a literal", "Options{Minor: 29}", true},
		{"in a list", "[]schema.Minor{29, 37}", true},
		{"assigned", "minor := 29", true},
		{"none", "if minor == 0 {", false},
		{"another number", "0.1.31", false},
		{"another version", "golang1.25", false},
		{"less precise", "factor := 1.5", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, releaseNumber.MatchString(tt.in))
		})
	}
}
