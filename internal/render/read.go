package render

import (
	"context"
	"io"
	"slices"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Read reads the objects of a file with manifests, as [manifest.Read] and [Flatten] find
// them, in order. Items replace their lists. file is the name of the file for messages.
//
// The diagnostics report faults, with the beginning of the document among their origins.
// The error is one of r, a [*intake.Interrupted], or the reason why ctx has ended.
//
// Read calls each with every good object and the place where its document begins, even if
// others have faults.
func Read(ctx context.Context, file string, r io.Reader, each func(manifest.Object, diag.Position)) (found diag.List, err error) {
	for d, err := range manifest.Read(ctx, file, r) {
		if l, wrong := diag.From(err); wrong {
			found = append(found, l...)
			continue
		}
		if err != nil {
			return nil, err
		}
		more, l, err := Flatten(ctx, d.Value)
		if err != nil {
			return nil, err
		}
		for _, o := range more {
			each(o, d.At)
		}
		for i := range l {
			l[i].Origins = append(slices.Clip(l[i].Origins), d.At)
		}
		found = append(found, l...)
	}
	return found, nil
}
