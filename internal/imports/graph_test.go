package imports_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/imports"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
)

// A graph finds the entrypoints of a file by tokens, and the lists of entrypoints are made
// by the parser. For each file, both give the same entrypoints. The files of the projects
// import, shadow and lack one another, in any place of the search path, by any kind of
// import, through links and patterns.
func TestGraphIsAsTheLists(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			root := filepath.Join(t.TempDir(), "project")
			names := randomProject(t, root, rand.New(rand.NewPCG(seed, 0)))
			p, err := project.Find(root, project.Options{ImportDirs: []string{filepath.Join(root, "../outside")}})
			require.NoError(t, err)
			entries, err := p.Environments(t.Context(), ".")
			require.NoError(t, err)
			r := render.New(p, render.Options{TLAs: map[string]eval.Variable{
				"file": eval.CodeFile("lib/b.libsonnet"), "code": eval.Code("import 'd1/a.libsonnet'"), "text": eval.String("import 'no.libsonnet'"),
			}})
			g, err := imports.Scan(t.Context(), p, r, entries)
			require.NoError(t, err)
			require.Len(t, g.Entries(), len(entries))
			lists := make([]imports.Entry, len(entries))
			for i, entry := range entries {
				lists[i], err = imports.Of(t.Context(), p, r, entry)
				require.NoError(t, err)
				for _, list := range [][]string{lists[i].Files, lists[i].Missing} {
					for _, name := range list {
						for ; name != "." && path.Base(name) != ".."; name = path.Dir(name) {
							names = append(names, name)
						}
					}
				}
			}
			slices.Sort(names)
			names = slices.Compact(names)
			dependents := 0
			for _, name := range names {
				var want, got []string
				for i, entry := range entries {
					if lists[i].DependsOn(name) {
						want = append(want, entry.Dir)
					}
				}
				for _, entry := range importers(t, g, name) {
					got = append(got, entry.Dir)
				}
				assert.Equal(t, want, got, name)
				dependents += len(want)
			}
			assert.Positive(t, dependents)
		})
	}
}

// randomProject writes a project. It returns names of files that the project has or could
// have.
func randomProject(t *testing.T, root string, random *rand.Rand) (names []string) {
	bases := []string{"a.libsonnet", "b.libsonnet", "c.libsonnet", "d1/a.libsonnet", "d1/b.libsonnet", "text.txt"}
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	code := func() string {
		var b strings.Builder
		b.WriteString("[\n  // import 'not.libsonnet'\n")
		for range random.IntN(4) {
			switch random.IntN(9) {
			case 0:
				fmt.Fprintf(&b, "  importstr '%s',\n", pick(bases))
			case 1:
				fmt.Fprintf(&b, "  importbin @'./%s',\n", pick(bases))
			case 2:
				fmt.Fprintf(&b, "  import '../%s',\n", pick(bases[:5]))
			case 3:
				fmt.Fprintf(&b, "  import 'glob-import:%s',\n", pick([]string{"d1/*.libsonnet", "*.json", "**/x.libsonnet"}))
			case 4:
				fmt.Fprintf(&b, "  import 'yaml:%s',\n", pick(bases))
			case 5:
				b.WriteString("  import 'tk',\n")
			default:
				fmt.Fprintf(&b, "  (import '%s'),\n", pick(bases[:5]))
			}
		}
		return b.String() + "]\n"
	}
	write := func(name, text string) {
		p := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(p), 0o777))
		require.NoError(t, os.WriteFile(p, []byte(text), 0o666))
	}
	write("jsonnetfile.json", "{}")
	write("../outside/README.md", "")
	var dirs []string
	for i := range 2 + random.IntN(4) {
		dir := fmt.Sprintf("envs/e%d", i)
		write(dir+"/main.jsonnet", code())
		if random.IntN(2) == 0 {
			write(dir+"/spec.json", `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment"}`)
		}
		dirs = append(dirs, dir)
		for _, below := range []string{"vendor", "vendor-jsonnet"} {
			if random.IntN(4) == 0 {
				dirs = append(dirs, path.Join(dir, below))
			}
		}
	}
	// Imports of all entrypoints search these directories.
	dirs = append(dirs, "../outside", "lib", "vendor", "vendor-jsonnet", "envs")
	for _, dir := range dirs {
		for _, base := range bases {
			name := path.Join(dir, base)
			names = append(names, name)
			switch random.IntN(6) {
			case 0, 1:
				write(name, code())
			case 2:
				if random.IntN(3) == 0 {
					// A directory is no file.
					require.NoError(t, os.MkdirAll(filepath.Join(root, name), 0o777))
				}
			}
		}
	}
	for _, link := range []string{"envs/e0/link", "lib/c.libsonnet", "envs/e1/vendor", "linked"} {
		target := pick([]string{"lib", "vendor/a.libsonnet", "nowhere", "vendor"})
		if rel, err := filepath.Rel(path.Dir(link), target); err == nil && random.IntN(2) == 0 {
			// An existing file stays.
			_ = os.Symlink(rel, filepath.Join(root, link))
		}
	}
	return append(names, "envs/e0/d1/x.libsonnet", "envs/e1/new.json", "README.md", "lib", "vendor", "envs/e0/vendor", "linked")
}
