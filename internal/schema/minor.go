package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/pkg/diag"
)

// versionNumber finds the minor version in versions of clusters, such as
// v1.MINOR.4-gke.100.
var versionNumber = pattern.New(`^v?(\d+\.\d+)([.+-].*)?$`)

// MinorOf returns the minor version of Kubernetes of value, a version of a cluster. The
// error is a [diag.Diagnostic] about subject, the place of value, if value is none of
// [Minors].
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
