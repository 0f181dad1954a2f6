package bundler_test

import (
	"strings"
	"testing"

	"github.com/jsonnet-bundler/jsonnet-bundler/pkg/jsonnetfile"
	v1 "github.com/jsonnet-bundler/jsonnet-bundler/spec/v1"
	"github.com/jsonnet-bundler/jsonnet-bundler/spec/v1/deps"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/bundler"
	"github.com/mop-platform/mop/internal/pace"
)

func TestParseFaults(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"syntax":             {"{\n  \"version\": 1,\n}", "f:3:1: invalid character '}' looking"},
		"not JSON":           {"version: 1", "f:1:1: invalid character 'v' looking for beginning of value"},
		"cut off":            {`{"version": 1, "dependencies": [`, "f:1:33: unexpected end of file"},
		"more":               {"{}\n{}", "f:2:1: invalid character '{' after top-level value"},
		"array":              {"[]", "f:1:1: want an object"},
		"future":             {`{"version": 2}`, "f: version: want 1, got 2\n    hint: the file is for a newer jsonnet-bundler"},
		"type of version":    {`{"version": "1"}`, ""},
		"type":               {`{"version": 1, "dependencies": "x"}`, "f:1:34: dependencies: want an array, got string"},
		"no source":          {`{"version": 1, "dependencies": [` + "\n" + `  {}]}`, "f:2:3: dependencies[0]: want source.git or source.local"},
		"both":               {declaring(`{"source": {"git": {"remote": "https://github.com/a/b"}, "local": {"directory": "x"}}}`), "f:1:33: dependencies[0]: want either source.git or source.local, got both"},
		"type of a field":    {declaring(on("a/b", "", "main") + `, {"source": {"git": {"remote": 1}}}`), "f:1:164: dependencies[1].source.git.remote: want a string, got number"},
		"remote":             {declaring(dependency("nonsense", "", "main")), `f:1:33: dependencies[0].source.git.remote: want the address of a git repository, got "nonsense"` + "\n    hint: such as https://github.com/user/repository.git or ssh://git@example.com/user/repository.git"},
		"old, remote":        {`{"dependencies": [{"name": "x", "source": {"git": {"remote": "nonsense", "subdir": ""}}}]}`, `f:1:19: dependencies[0].source.git.remote: want the address of a git repository, got "nonsense"` + "\n    hint: such as https://github.com/user/repository.git or ssh://git@example.com/user/repository.git"},
		"subdir":             {declaring(on("a/b", "../../../../x", "main")), `f:1:33: dependencies[0]: want a name below the vendor directory, got "git.example.com/a/b/../../../../x"`},
		"git's own":          {declaring(on("a/b", ".git/hooks", "main")), `f:1:33: dependencies[0]: want a name below the vendor directory, got "git.example.com/a/b/.git/hooks"`},
		"legacy name":        {declaring(`{"source": {"git": {"remote": "https://github.com/a/b"}}, "name": "../../x"}`), `f:1:33: dependencies[0]: name: want the name of a file, got "../../x"`},
		"empty directory":    {declaring(`{"source": {"local": {"directory": ""}}}`), `f:1:33: dependencies[0].source.local.directory: want a directory, got ""`},
		"in a local package": {declaring(`{"source": {"local": {"directory": "x/git.example.com"}}},` + on("a/b", "", "main")), "f:1:91: git.example.com/a/b: would lie in the package git.example.com, which is a link"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := bundler.Parse("f", []byte(tt.text))
			require.Error(t, err)
			got := strings.TrimSpace(written(t, err))
			if tt.want != "" {
				assert.True(t, strings.HasPrefix(got, tt.want), "want %s\ngot  %s", tt.want, got)
			}
		})
	}
}

// theirs reads a file with jsonnet-bundler, which panics on some files of the older
// version.
func theirs(data []byte) (f v1.JsonnetFile, ok bool) {
	defer func() { ok = recover() == nil && ok }()
	f, err := jsonnetfile.Unmarshal(data)
	return f, err == nil
}

// FuzzParse checks that Parse reads a file as jsonnet-bundler does, and never panics.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "{}", "null", declaring(on("a/b", "c", "main")), declaring(`{"source": {"local": {"directory": "x"}}}`),
		`{"dependencies": [{"name": "x", "source": {"git": {"remote": "https://github.com/a/b", "subdir": "s"}}, "version": "v"}]}`,
		`{"version":1,"DEPENDENCIES":[{"source":{"git":{"remote":"git@github.com:a/b.git"}}}],"dependencies":null}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		defer pace.Hold(t, len(data))()
		got, err := bundler.Parse("f", data)
		if err != nil {
			return
		}
		if want, ok := theirs(data); ok && len(strings.TrimSpace(string(data))) > 0 {
			assert.Equal(t, want, got)
		}
		for _, name := range got.Dependencies.Keys() {
			assert.NotContains(t, strings.Split(name, "/"), "..")
			assert.False(t, strings.HasPrefix(name, "/"))
		}
	})
}

// FuzzParseURI checks that ParseURI reads an accepted address as jb does, and that the
// package stays in the vendor directory.
func FuzzParseURI(f *testing.F) {
	for _, seed := range []string{
		"github.com/grafana/jsonnet-libs/ksonnet-util@master", "https://example.com/a/b/c.git/d@v1", "git@github.com:a/b.git",
		"ssh://git@example.com/a/b.git/c/d", ".", "..", "", "github.com/a/b/../../../../x", "github.com/a/b@", "github.com/a/b@--upload-pack=x",
		"ssh://git@-oProxyCommand=x/a/b.git",
	} {
		f.Add(seed)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, uri string) {
		defer pace.Hold(t, len(uri))()
		got, err := bundler.ParseURI(dir, uri)
		if err != nil {
			return
		}
		want := deps.Parse(dir, uri)
		require.NotNil(t, want)
		assert.Equal(t, want.Name(), got.Name())
		assert.Equal(t, want.Version, got.Version)
		assert.NotContains(t, strings.Split(got.Name(), "/"), "..")
	})
}
