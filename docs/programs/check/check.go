// Package check validates objects that a program has made itself.
package check

import (
	"context"
	"fmt"
	"io"

	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// Print checks objects of any Go types against a release of Kubernetes and the definitions of
// custom resources, and writes a line for each finding.
func Print(ctx context.Context, w io.Writer, crds []manifest.Object, objects ...any) (ok bool, err error) {
	v, err := validate.New(validate.Config{
		Release: "1.31",
		CRDs:    crds,
		Ignore:  []validate.Rule{validate.RuleDeprecated},
	})
	if err != nil {
		return false, err
	}
	report, err := v.Check(ctx, objects...)
	if err != nil {
		return false, err
	}
	for _, f := range report.Findings() {
		fmt.Fprintln(w, f.Severity, f.Object, f.Path, f.Rule, f.Problem)
	}
	return report.OK(), nil
}
