package arch_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.*?) *$`)
	fence   = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	code    = regexp.MustCompile("`[^`\n]*`")
	mark    = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// TestLinks tests that the targets of links in documents exist: files of the repository,
// and headings in them. It does not test links to other sites.
func TestLinks(t *testing.T) {
	documents := map[string]string{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		if base := d.Name(); d.IsDir() && (base == "testdata" || base == "vendor-jsonnet" || base == "bin" || strings.HasPrefix(base, ".") && p != root) {
			return fs.SkipDir
		}
		if filepath.Ext(p) == ".md" {
			text, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			documents[filepath.ToSlash(name)] = fence.ReplaceAllString(string(text), "")
		}
		return nil
	})
	require.NoError(t, err)
	require.Contains(t, documents, "README.md")
	links := 0
	for name, text := range documents {
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(text, ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			links++
			file, anchor, _ := strings.Cut(m[1], "#")
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			_, err := os.Stat(filepath.Join(root, filepath.FromSlash(target)))
			if assert.NoError(t, err, "%s links to %s", name, m[1]) && anchor != "" {
				assert.Contains(t, anchors(documents[target]), anchor, "%s links to %s", name, m[1])
			}
		}
	}
	assert.NotZero(t, links)
}

// anchors returns the anchors that GitHub makes for the headings of a document.
func anchors(text string) []string {
	var all []string
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		all = append(all, strings.ReplaceAll(mark.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return all
}
