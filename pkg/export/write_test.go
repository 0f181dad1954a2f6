package export

import (
	"context"
	"io"

	"github.com/mop-platform/mop/pkg/manifest"
)

// writeYAML is what an export writes with by default.
func writeYAML(w io.Writer, o manifest.Object) error {
	return manifest.WriteYAML(context.Background(), w, []manifest.Object{o})
}
