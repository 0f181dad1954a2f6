package bundler_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/bundler"
)

func archive(t *testing.T, entries ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	compressed := gzip.NewWriter(&b)
	w := tar.NewWriter(compressed)
	for _, h := range entries {
		text := h.Uname // contents, for short
		h.Uname = ""
		h.Mode = 0o644
		if h.Typeflag == 0 || h.Typeflag == tar.TypeReg {
			h.Size = max(h.Size, int64(len(text)))
		}
		require.NoError(t, w.WriteHeader(&h))
		if h.Size > 0 {
			_, err := w.Write(append([]byte(text), make([]byte, h.Size-int64(len(text)))...))
			require.NoError(t, err)
		}
	}
	require.NoError(t, w.Close())
	require.NoError(t, compressed.Close())
	return b.Bytes()
}

// No archive can write outside of its package. git does not try a refused one again, and
// nothing changes.
func TestHostileArchives(t *testing.T) {
	t.Parallel()
	link := func(name, target string) tar.Header {
		return tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target}
	}
	file := func(name string) tar.Header { return tar.Header{Name: name, Uname: "x"} }
	for name, tt := range map[string]struct {
		entries []tar.Header
		want    string
	}{
		"up":                 {[]tar.Header{file("lib-1/../../evil")}, `holds "lib-1/../../evil", which is no name of a file in a package`},
		"absolute":           {[]tar.Header{file("/lib-1/evil")}, `holds "/lib-1/evil", which is no name of a file in a package`},
		"dot":                {[]tar.Header{file("lib-1/./evil")}, `holds "lib-1/./evil", which is no name of a file in a package`},
		"git":                {[]tar.Header{file("lib-1/.git/config")}, `holds "lib-1/.git/config", which is no name of a file in a package`},
		"git in capitals":    {[]tar.Header{file("lib-1/a/.GIT/hooks/x")}, `holds "lib-1/a/.GIT/hooks/x", which is no name of a file in a package`},
		"link out":           {[]tar.Header{link("lib-1/l", "../../../../../evil")}, `holds the symbolic link "l" to "../../../../../evil", which is outside of its repository`},
		"absolute link":      {[]tar.Header{link("lib-1/l", "/etc")}, `holds the symbolic link "l" to "/etc", which is outside of its repository`},
		"through a link":     {[]tar.Header{{Typeflag: tar.TypeDir, Name: "lib-1/d/"}, link("lib-1/l", "d"), file("lib-1/l/evil")}, `holds "l" twice`},
		"below a file":       {[]tar.Header{file("lib-1/f"), file("lib-1/f/evil")}, `holds "f" both as a file and as a directory`},
		"a file twice":       {[]tar.Header{file("lib-1/f"), file("lib-1/f")}, `holds "f" twice`},
		"a link over a file": {[]tar.Header{file("lib-1/f"), link("lib-1/f", "g")}, `holds "f" twice`},
		"hard link":          {[]tar.Header{{Typeflag: tar.TypeLink, Name: "lib-1/h", Linkname: "/etc/passwd"}}, `holds "lib-1/h", which is neither a file nor a directory nor a symbolic link`},
		"device":             {[]tar.Header{{Typeflag: tar.TypeChar, Name: "lib-1/null"}}, `holds "lib-1/null", which is neither a file nor a directory nor a symbolic link`},
		"pipe":               {[]tar.Header{{Typeflag: tar.TypeFifo, Name: "lib-1/pipe"}}, `holds "lib-1/pipe", which is neither a file nor a directory nor a symbolic link`},
		"huge file":          {[]tar.Header{{Name: "lib-1/f", Size: 1001}}, `holds more than 1000 bytes`},
		"many bytes":         {[]tar.Header{{Name: "lib-1/f", Size: 600}, {Name: "lib-1/g", Size: 600}}, `holds more than 1000 bytes`},
		"many files":         {[]tar.Header{file("lib-1/1"), file("lib-1/2"), file("lib-1/3"), file("lib-1/4")}, `holds more than 3 files`},
		"bomb":               {[]tar.Header{{Name: "pax/elsewhere", Size: 100}, {Name: "x/1", Size: 1 << 16}}, ``},
		"nothing":            {nil, `holds no files`},
		"without a place":    {[]tar.Header{file("evil")}, `holds no files`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			repository := s.repository("user/lib", map[string]string{"fine": "1"})
			data := archive(t, tt.entries...)
			s.tamper = func([]byte) []byte { return data }
			root := newProject(t, dependency("https://github.com/user/lib.git", "", repository.git("rev-parse", "HEAD")), map[string]string{"vendor-jsonnet/old/x": "1"})
			before, around := tree(t, root), names(t, filepath.Dir(root))
			b := bundler.New(root, bundler.Options{
				Vendor: "vendor-jsonnet", Env: s.env, GitHub: s.github,
				Limits: bundler.Limits{Files: 3, Bytes: 1000, Archive: 1 << 15},
			})
			_, err := b.Install(t.Context())
			require.Error(t, err)
			got := written(t, err)
			if tt.want != "" {
				assert.Contains(t, got, " of https://github.com/user/lib.git "+tt.want+"\n")
			}
			assert.True(t, strings.HasPrefix(got, "github.com/user/lib: version "), got)
			assert.Equal(t, before, tree(t, root))
			assert.Equal(t, around, names(t, filepath.Dir(root)))
		})
	}
}

// The limits apply to packages from git too.
func TestLimitsOfGit(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	files := map[string]string{"sub/big": strings.Repeat("x", 2000)}
	for i := range 5 {
		files[fmt.Sprintf("many/%d", i)] = ""
	}
	s.repository("org/lib", files)
	for subdir, want := range map[string]string{"sub": "holds more than 1000 bytes", "many": "holds more than 3 files"} {
		root := newProject(t, on("org/lib", subdir, "main"), nil)
		_, err := bundler.New(root, bundler.Options{Vendor: "v", Env: s.env, Limits: bundler.Limits{Files: 3, Bytes: 1000}}).Install(t.Context())
		require.Error(t, err)
		assert.Contains(t, written(t, err), want)
	}
}

// names returns the entries of a directory and of the directories in it.
func names(t *testing.T, dir string) []string {
	t.Helper()
	one, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	two, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	require.NoError(t, err)
	return append(one, two...)
}
