package render

import (
	"context"
	"io"
	"slices"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Read returns the objects of a file with manifests, as [manifest.Read] and
// [Flatten] find them: the items of lists in the place of the lists, in order.
// file is the name of the file for messages.
//
// The diagnostics tell what is wrong, with the beginning of the document among
// their origins. The objects that are in order are returned all the same. The error
// is one of r, a [*manifest.Interrupted], or the reason why ctx has ended.
func Read(ctx context.Context, file string, r io.Reader) (objects []manifest.Object, found diag.List, err error) {
	for d, err := range manifest.Read(ctx, file, r) {
		if l, wrong := diag.From(err); wrong {
			found = append(found, l...)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		more, l := Flatten(d.Value)
		objects = append(objects, more...)
		for i := range l {
			l[i].Origins = append(slices.Clip(l[i].Origins), d.At)
		}
		found = append(found, l...)
	}
	return objects, found, nil
}
