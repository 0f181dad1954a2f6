// Package compare compares the objects of two renderings: a project in two revisions, two
// environments, or two directories of manifests.
package compare

import (
	"errors"
	"slices"

	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/patch"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Result is the result of a comparison.
type Result struct {
	Differing []Comparison
	// Rendered counts the environments that were rendered, equal ones included.
	Rendered int
	// Warnings are about the environments after the change.
	Warnings diag.List
}

// Comparison is two renderings that differ.
type Comparison struct {
	// From and To are the user's names of the environments or directories, "" for none.
	From, To string
	Report   patch.Report
	// places are the places of objects in files, before and now.
	places [2]map[manifest.ID]diag.Position
}

// placed adds the places of the object to an error of a budget.
func (c Comparison) placed(err error) error {
	if stopped := (*patch.Interrupted)(nil); errors.As(err, &stopped) {
		for _, side := range slices.Backward(c.places[:]) {
			err = inputs.Placed(side[stopped.Object], err)
		}
	}
	return err
}

// begin returns the place of the first differing object that is in a file, the zero
// position if there is none.
func (r Result) begin() diag.Position {
	for _, c := range r.Differing {
		for _, change := range c.Report.Changes {
			for side, object := range []*manifest.Object{change.From, change.To} {
				if object == nil {
					continue
				}
				if at, ok := c.places[side][object.ID()]; ok {
					return at
				}
			}
		}
	}
	return diag.Position{}
}

// title returns a heading for the comparison.
func (c Comparison) title() string {
	switch {
	case c.From == "":
		return c.To + " (added)"
	case c.To == "":
		return c.From + " (removed)"
	}
	return c.To
}

// add counts a comparison, and keeps it if its sides differ.
func (r *Result) add(c Comparison) {
	r.Rendered++
	if len(c.Report.Changes) > 0 || c.From == "" || c.To == "" {
		r.Differing = append(r.Differing, c)
	}
}
