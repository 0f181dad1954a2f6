package project_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"

	"github.com/mop-platform/mop/internal/project"
)

func TestUninstalled(t *testing.T) {
	git := func(remote, subdir, name string) string {
		return `{"name": "` + name + `", "source": {"git": {"remote": "` + remote + `", "subdir": "` + subdir + `"}}, "version": "main"}`
	}
	libs := git("https://github.com/grafana/jsonnet-libs.git", "ksonnet-util", "")
	tests := []struct {
		name, declared, locked string
		files                  []string
		importPath, want       string
	}{
		{"declared", libs, "", nil, "github.com/grafana/jsonnet-libs/ksonnet-util/k.libsonnet", "github.com/grafana/jsonnet-libs/ksonnet-util"},
		{"locked", "", libs, nil, "github.com/grafana/jsonnet-libs/ksonnet-util/k.libsonnet", "github.com/grafana/jsonnet-libs/ksonnet-util"},
		{"short name", libs, "", nil, "ksonnet-util/k.libsonnet", "github.com/grafana/jsonnet-libs/ksonnet-util"},
		{"declared name", git("https://github.com/grafana/jsonnet-libs.git", "ksonnet-util", "util"), "", nil, "util/k.libsonnet", "github.com/grafana/jsonnet-libs/ksonnet-util"},
		{"no short names", libs + `], "legacyImports": false, "x": [`, "", nil, "ksonnet-util/k.libsonnet", ""},
		{"short names of what is locked", "", libs, nil, "ksonnet-util/k.libsonnet", "github.com/grafana/jsonnet-libs/ksonnet-util"},
		{"whole repository", git("https://github.com/org/repo", "", ""), "", nil, "github.com/org/repo/a/b.libsonnet", "github.com/org/repo"},
		{"by ssh", git("ssh://git@git.example.com/org/repo.git", "/dir", ""), "", nil, "git.example.com/org/repo/dir/a.libsonnet", "git.example.com/org/repo/dir"},
		{"by scp", git("git@git.example.com:org/repo.git", "", ""), "", nil, "git.example.com/org/repo/a.libsonnet", "git.example.com/org/repo"},
		{"local", `{"source": {"local": {"directory": "../web"}}}`, "", nil, "web/a.libsonnet", "web"},
		{"installed", libs, "", []string{"vendor/github.com/grafana/jsonnet-libs/ksonnet-util/a"}, "github.com/grafana/jsonnet-libs/ksonnet-util/k.libsonnet", ""},
		{"installed elsewhere", libs, "", []string{"vendor-jsonnet/github.com/grafana/jsonnet-libs/ksonnet-util/a"}, "github.com/grafana/jsonnet-libs/ksonnet-util/k.libsonnet", ""},
		{"another is installed", libs, "", []string{"vendor/github.com/grafana/jsonnet-libs/other/a"}, "github.com/grafana/jsonnet-libs/ksonnet-util/k.libsonnet", "github.com/grafana/jsonnet-libs/ksonnet-util"},
		{"the longest name", git("https://github.com/org/repo", "", "") + "," + git("https://github.com/org/repo", "dir", ""), "", []string{"vendor/github.com/org/repo/a"}, "github.com/org/repo/dir/b", "github.com/org/repo/dir"},
		{"a name that goes on", libs, "", nil, "ksonnet-utils/k.libsonnet", ""},
		{"the package itself", libs, "", nil, "ksonnet-util", ""},
		{"a local package without a name", `{"source": {"local": {"directory": ".."}}}`, "", nil, "../k.libsonnet", ""},
		{"a package without a source", `{"version": "1"}`, "", nil, "/k.libsonnet", ""},
		{"nothing", "", "", nil, "k.libsonnet", ""},
		{"no JSON", "{", libs, nil, "ksonnet-util/k.libsonnet", "github.com/grafana/jsonnet-libs/ksonnet-util"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for name, text := range map[string]string{"jsonnetfile.json": tt.declared, "jsonnetfile.lock.json": tt.locked} {
				fsys[name] = &fstest.MapFile{Data: []byte(`{"version": 1, "dependencies": [` + text + `]}`)}
			}
			for _, name := range tt.files {
				fsys[name] = &fstest.MapFile{}
			}
			assert.Equal(t, tt.want, project.New(fsys).Uninstalled(t.Context(), tt.importPath))
		})
	}
}

func TestUninstalledWithoutFiles(t *testing.T) {
	assert.Empty(t, project.New(fstest.MapFS{}).Uninstalled(t.Context(), "a/b"))
}
