package bundler

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/mop-platform/mop/internal/budget"
)

// sumDir returns the sum of a package as in jsonnet-bundler's lock files: SHA-256 of the
// contents of its files, one after another in the order of their names, in base64. A
// symbolic link counts with the contents of its target. As in jsonnet-bundler, a link that
// leads to no file ends the sum. So does a link out of the package; jsonnet-bundler reads
// any file that such a link happens to lead to.
func sumDir(ctx context.Context, dir string) (string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	hash, spent := sha256.New(), budget.Of(ctx)
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := budget.OpenIn(root, filepath.FromSlash(name))
		if err == nil {
			_, err = io.Copy(hash, asking{f, spent})
			err = errors.Join(err, f.Close())
		}
		if spent.Err() != nil {
			return spent.Err()
		}
		if err != nil && d.Type() == fs.ModeSymlink && !errors.Is(err, fs.ErrPermission) {
			return fs.SkipAll
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(hash.Sum(nil)), nil
}

// hasSum reports whether a directory, which need not exist, has the sum. It is false if sum
// is "".
func hasSum(ctx context.Context, dir, sum string) (bool, error) {
	info, err := os.Lstat(dir)
	if isAbsent(err) || err == nil && !info.IsDir() || sum == "" {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	got, err := sumDir(ctx, dir)
	return got == sum, err
}
