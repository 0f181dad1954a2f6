package render

import (
	"slices"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Read returns the objects of a file with manifests, as [manifest.Parse] and
// [Flatten] find them: the items of lists in the place of the lists, in order.
// file is the name of the file for messages.
//
// The diagnostics tell what is wrong, with the beginning of the document among
// their origins. The objects that are in order are returned all the same.
func Read(file string, data []byte) ([]manifest.Object, diag.List) {
	documents, found := manifest.Parse(file, data)
	var objects []manifest.Object
	for _, d := range documents {
		more, l := Flatten(d.Value)
		objects = append(objects, more...)
		for i := range l {
			l[i].Origins = append(slices.Clip(l[i].Origins), d.At)
		}
		found = append(found, l...)
	}
	return objects, found
}
