package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/namespace"
)

// If a writer fails on a full disk, the tree stays the old one; with each, every file does
// or is new. No temporary file is left.
func TestFullDisk(t *testing.T) {
	if !namespace.Enter(t) {
		return
	}
	upstream, disk := newUpstream(t), t.TempDir()
	namespace.Mount(t, disk, "64m")
	for name, w := range writers {
		t.Run(name, func(t *testing.T) {
			shop, template := newWorkshop(t, upstream), t.TempDir()
			w.fill(t, shop, template)
			old, _ := w.snapshot(t, template)
			failed := 0
			for _, room := range []uint64{0, 64 << 10} {
				namespace.Leave(t, disk, 64<<20)
				dir := filepath.Join(disk, "tree")
				require.NoError(t, os.CopyFS(dir, os.DirFS(template)))
				namespace.Leave(t, disk, room)

				out, err := shop.command(filepath.Join(dir, w.in), "mop", w.args...).CombinedOutput()
				files, temporary := w.snapshot(t, dir)
				if err != nil {
					failed++
					// git has its own message.
					assert.True(t, w.args[0] == "vendor" || bytes.Contains(out, []byte("no space left on device")), "%s", out)
					which, ok := w.isOneOf(files, old, files)
					assert.True(t, ok, which)
					if !w.each {
						assert.Equal(t, old, files, "%s", out)
					}
				}
				assert.Empty(t, temporary)
				require.NoError(t, os.RemoveAll(dir))
			}
			assert.True(t, failed > 0 || name == "env remove", "there was room for all of it")
		})
	}
}
