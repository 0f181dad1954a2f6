package eval

import (
	"context"

	"github.com/mop-platform/mop/pkg/budget"
)

// Resolver finds what imports stand for, one by one, as [Eval] does: for tools
// that read Jsonnet without evaluating it. It must not be used concurrently.
type Resolver struct{ imp *importer }

// NewResolver returns a Resolver of the imports of in.
func NewResolver(ctx context.Context, files *Files, in Input) *Resolver {
	return &Resolver{newImporter(ctx, files, in)}
}

// Import returns the contents and the name of what importedPath stands for in
// the file called importedFrom. Equal names have equal contents, which the
// caller must not change. The error is a [diag.Diagnostic] without a position
// if there is no such file or it may not be read.
func (r *Resolver) Import(importedFrom, importedPath string) (data []byte, name string, err error) {
	contents, name, err := r.imp.Import(importedFrom, importedPath)
	switch {
	case err == nil:
		return contents.Data(), name, nil
	case budget.Of(r.imp.ctx).Err() != nil:
		return nil, "", err
	}
	return nil, "", r.imp.failed.diagnostic("", r.imp.failed.Error(), nil)
}
