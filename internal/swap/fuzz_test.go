package swap

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/pace"
)

// FuzzJournal checks that a journal, which others may have put there, reaches only the
// files that it is about.
func FuzzJournal(f *testing.F) {
	for _, journal := range []string{"", "{}", `{"Files":[{"Before":"old","After":"new"},null]}`, `{"Files":[null,null],"Names":["../victim"]}`, `{"files":[{},{}],"moved":["/etc"]}`} {
		f.Add([]byte(journal))
	}
	f.Fuzz(func(t *testing.T, journal []byte) {
		defer pace.Hold(t, len(journal))()
		top := t.TempDir()
		root := filepath.Join(top, "root")
		fill(t, top, map[string]string{"victim": "old"})
		fill(t, root, oldTree)
		d := openIn(t, root, "exchange")
		require.NoError(t, os.MkdirAll(d.work, 0o777))
		require.NoError(t, os.WriteFile(d.journalFile(), journal, 0o666))
		require.NoError(t, d.lock.Unlock())
		if again, _, err := OpenDirectory(t.Context(), d.path, "test", d.files...); err == nil {
			require.NoError(t, again.Close())
		}
		got := tree(t, top)
		assert.Equal(t, "old", got["victim"])
		assert.Equal(t, "other", got["root/gives"])
	})
}
