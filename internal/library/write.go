package library

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/bundler"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/k8s"
	"github.com/mop-platform/mop/internal/swap"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// checkGenerated checks that the directory at the path root, if it exists, has only files
// of a library. out is the user's name of it.
func checkGenerated(ctx context.Context, root, out string) error {
	return filepath.WalkDir(root, budget.Walk(ctx, func(path string, d fs.DirEntry, err error) error {
		if path == root && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		name := filepath.Join(out, strings.TrimPrefix(path, root))
		if err != nil {
			return workspace.Unreadable(name, err)
		}
		if d.IsDir() {
			return nil
		}
		generated, err := bundler.IsGenerated(path, d)
		switch {
		case err != nil:
			return workspace.Unreadable(name, err)
		case path == root:
			return diag.Diagnostic{Subject: filepath.ToSlash(name), Problem: "want a directory for the library, got a file or a link"}
		case !generated:
			return diag.Diagnostic{
				Code:    failure.StrayFile,
				Subject: filepath.ToSlash(name),
				Problem: "not generated, and the library would replace it",
			}
		}
		return nil
	}))
}

// replace replaces all files in dir by files or, with an error, none.
func replace(ctx context.Context, dir string, files []k8s.File) (err error) {
	dir, err = swap.Resolve(dir)
	if err != nil {
		return err
	}
	made, err := swap.MakeDirs(filepath.Dir(dir))
	defer func() {
		if err != nil {
			swap.RemoveDirs(made)
		}
	}()
	if err != nil {
		return err
	}
	d, ok, err := swap.OpenDirectory(ctx, dir, "k8s")
	if err != nil {
		return err
	}
	if !ok {
		return diag.Diagnostic{
			Code: failure.Busy, Values: map[string]any{"lock": swap.LockName(dir)},
			Subject: filepath.ToSlash(dir), Problem: "another mop writes a library here",
		}
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := write(ctx, d.Staged(), files); err != nil {
		return err
	}
	err = d.Commit(ctx, nil)
	var mount *swap.MountError
	if errors.As(err, &mount) {
		return diag.Diagnostic{
			Code:    failure.FixedLibrary,
			Subject: filepath.ToSlash(dir), Problem: "cannot be replaced as a whole: " + err.Error(),
		}
	}
	return err
}

func write(ctx context.Context, dir string, files []k8s.File) error {
	for _, f := range files {
		if err := budget.Of(ctx).Err(); err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(f.Text), 0o666); err != nil {
			return err
		}
	}
	return nil
}
