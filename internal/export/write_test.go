package export

import (
	"context"
	"io"

	"github.com/mop-platform/mop/pkg/manifest"
)

// writeYAML is the default of [Options.Write].
func writeYAML(w io.Writer, o manifest.Object) error {
	return manifest.WriteYAML(context.Background(), w, []manifest.Object{o})
}
