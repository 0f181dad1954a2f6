package bundler

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jsonnet-bundler/jsonnet-bundler/spec/v1/deps"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/swap"
)

// cache keeps fetched packages. Each is a file with a compressed archive, whose name is a
// hash of the remote, the commit and the directory in it. The zero cache holds nothing.
type cache struct {
	dir    string
	limits Limits
}

// sumRecord is the key of the package's sum in the global header of an archive.
const sumRecord = "MOP.sum"

func (c cache) file(d deps.Dependency, commit string) string {
	key := sha256.Sum256([]byte(remote(d) + "\x00" + commit + "\x00" + subdir(d)))
	return filepath.Join(c.dir, "packages", hex.EncodeToString(key[:])+".tar.gz")
}

// get unpacks a package into the directory dir, which must not exist, and returns its sum.
// ok is false if the cache does not have the package, or if the archive is damaged; dir
// does not exist then.
func (c cache) get(ctx context.Context, d deps.Dependency, commit, dir string) (sum string, ok bool) {
	if c.dir == "" || !isCommit(commit) {
		return "", false
	}
	f, err := budget.Open(c.file(d, commit))
	if err != nil {
		return "", false
	}
	defer f.Close()
	records, err := unpackArchive(ctx, f, dir, subdir(d), true, c.limits)
	if err == nil {
		sum, err = sumDir(ctx, dir)
	}
	if err != nil || sum != records[sumRecord] {
		// A new archive will replace it.
		_ = os.RemoveAll(dir)
		return "", false
	}
	return sum, true
}

// clean removes drafts that killed processes left.
func (c cache) clean() error {
	if c.dir == "" {
		return nil
	}
	return swap.CleanAll(filepath.Join(c.dir, "packages"))
}

// put adds the package in the directory dir, as a whole or not at all. It does nothing if
// commit is no object ID.
func (c cache) put(ctx context.Context, d deps.Dependency, commit, sum, dir string) (err error) {
	if c.dir == "" || !isCommit(commit) {
		return nil
	}
	name := c.file(d, commit)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	draft, err := swap.NewDraft(ctx, name)
	if err != nil {
		return err
	}
	if err = pack(draft, sum, dirFS(ctx, dir)); err == nil {
		err = draft.Commit()
	}
	return errors.Join(err, draft.Close())
}

func pack(w io.Writer, sum string, files fs.FS) error {
	compressed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(compressed)
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{sumRecord: sum}}); err != nil {
		return err
	}
	return errors.Join(archive.AddFS(files), archive.Close(), compressed.Close())
}

// isCommit reports whether version is an object ID, whose contents never change.
func isCommit(version string) bool {
	if len(version) != 40 && len(version) != 64 {
		return false
	}
	_, err := hex.DecodeString(version)
	return err == nil
}
