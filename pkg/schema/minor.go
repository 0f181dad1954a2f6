package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/pkg/diag"
)

// versionNumber takes the minor version out of versions as clusters have them, such as
// v1.MINOR.4-gke.100.
var versionNumber = pattern.New(`^v?(\d+\.\d+)([.+-].*)?$`)

// MinorOf returns the minor version of Kubernetes that value belongs to. The error is
// a [diag.Diagnostic] in which subject is the place where it was given.
func MinorOf(subject, value string) (Minor, error) {
	minors := Minors()
	var names []string
	for _, m := range minors {
		names = append(names, m.String())
	}
	if m := versionNumber().FindStringSubmatch(value); m != nil {
		if i := slices.Index(names, m[1]); i >= 0 {
			return minors[i], nil
		}
	}
	return 0, diag.Diagnostic{
		Subject: subject,
		Problem: fmt.Sprintf("want one of %s, got %q", strings.Join(names, ", "), value),
	}
}
