package eval

import (
	"context"

	"github.com/mop-platform/mop/internal/budget"
)

// Resolver finds the files of imports, one by one, as [Eval] does. It is for tools that
// read Jsonnet without evaluating it. It must not be used concurrently.
type Resolver struct{ imp *importer }

// NewResolver returns a Resolver of the imports of in.
func NewResolver(ctx context.Context, files *Files, in Input) *Resolver {
	return &Resolver{newImporter(ctx, files, in)}
}

// Import returns the contents and the name of the file to which importedPath leads in the
// file importedFrom. Equal names have equal contents, which the caller must not change. The
// error is a [diag.Diagnostic] without a position if the file does not exist or cannot be
// read, else the reason why the context has ended.
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
