package release

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/page"
	"github.com/mop-platform/mop/internal/schema"
)

// docs/releases.md says what each release brought. -update writes it and prints the section
// of the newest release, for "make schemas".
func TestReleasesDocument(t *testing.T) {
	asked := askedFor(t)
	var all strings.Builder
	all.WriteString(oldest())
	for m := Oldest + 1; m <= Newest; m++ {
		section := brought(t, m, asked)
		all.WriteString(section)
		if *update && m == Newest {
			fmt.Print(section)
		}
	}
	for _, c := range builtin().changes {
		assert.True(t, asked["changes."+c.name], "changes.txt: no rule asks for %s", c.name)
	}
	page.Hold(t, *update, "../../docs/releases.md", "releases", all.String()+"\n")
}

// askedFor returns the facts that the Go files of the other packages name, as
// gates.NAME and changes.NAME.
func askedFor(t *testing.T) map[string]bool {
	t.Helper()
	asked := map[string]bool{}
	name := regexp.MustCompile(`\b(?:gates|changes)\.[A-Z]\w*`)
	for _, dir := range []string{"internal", "pkg", "cmd"} {
		err := filepath.WalkDir("../../"+dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() && d.Name() == "release" {
				return cmp.Or(err, filepath.SkipDir)
			}
			if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			data, err := os.ReadFile(path)
			for _, fact := range name.FindAllString(string(data), -1) {
				asked[fact] = true
			}
			return err
		})
		require.NoError(t, err)
	}
	return asked
}

// oldest returns the section of the oldest release.
func oldest() string {
	on, known := 0, 0
	for _, g := range builtin().gates {
		if at := g.at(Oldest); at.stage != "" {
			known++
			if at.on {
				on++
			}
		}
	}
	text := fmt.Sprintf("\n### %s\n\nThe oldest known version: %d versions of kinds, %d gates, of which %d are on.\n\nWhat changed before:\n\n",
		Oldest, len(kindsAt(Oldest)), known, on)
	for _, c := range builtin().changes {
		if c.first != 0 && c.first <= Oldest {
			text += c.line()
		}
	}
	return text
}

// line returns a change as an item of a list.
func (c change) line() string {
	return fmt.Sprintf("- `%s`, %s: %s (`%s` in `%s`)\n", c.name, c.kind, c.what, c.function, c.file)
}

// brought returns the section of a release: its differences from the one before it.
func brought(t *testing.T, m schema.Minor, asked map[string]bool) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n", m)
	list := func(title string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(&b, "\n%s:\n\n%s", title, strings.Join(lines, ""))
		}
	}
	inline := func(title string, names []string) {
		if len(names) > 0 {
			fmt.Fprintf(&b, "\n%s: %s.\n", title, strings.Join(names, ", "))
		}
	}

	before, now := kindsAt(m-1), kindsAt(m)
	inline("Kinds that came", without(now, before))
	inline("Kinds that went", without(before, now))

	on, off, alpha, gone := []string{}, []string{}, []string{}, []string{}
	for _, g := range builtin().gates {
		name := "`" + g.name + "`"
		if asked["gates."+g.name] {
			name = "**" + name + "**"
		}
		was, is := g.at(m-1), g.at(m)
		switch {
		case is.stage == "gone" && was.stage != "gone":
			gone = append(gone, name)
		case is.on && !was.on:
			on = append(on, name)
		case was.on && !is.on:
			off = append(off, name)
		case was.stage == "" && is.stage != "":
			alpha = append(alpha, name)
		}
	}
	inline("Gates that are on now", on)
	inline("Gates that are off now", off)
	inline("Gates that came and are off", alpha)
	inline("Gates that went, and stay as they were", gone)

	var came, went []string
	for _, c := range builtin().changes {
		switch m {
		case c.first:
			came = append(came, c.line())
		case c.last + 1:
			went = append(went, c.line())
		}
	}
	list("What changed without a gate", came)
	list("What ended, without a gate", went)
	list("Fields that came, of definitions that were there", newFields(t, m))
	return b.String()
}

// at returns the standing of a gate in a release, without a stage if the gate came later.
func (g gate) at(m schema.Minor) standing {
	var at standing
	for _, s := range g.standing {
		if s.since <= m {
			at = s
		}
	}
	return at
}

func kindsAt(m schema.Minor) []string {
	var all []string
	for _, k := range schema.Builtin().At(m) {
		all = append(all, "`"+k.APIVersion()+" "+k.Kind+"`")
	}
	return all
}

// without returns the strings that are in a and not in b, sorted.
func without(a, b []string) []string {
	var left []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			left = append(left, s)
		}
	}
	slices.Sort(left)
	return left
}

func newFields(t *testing.T, m schema.Minor) []string {
	t.Helper()
	before, err := schema.Open(m - 1)
	require.NoError(t, err)
	now, err := schema.Open(m)
	require.NoError(t, err)
	fields := map[string][]string{}
	for _, name := range now.Names() {
		old, ok := before.Definition(name)
		if !ok {
			continue
		}
		s, _ := now.Definition(name)
		for _, p := range s.Properties {
			if !slices.ContainsFunc(old.Properties, func(q schema.Property) bool { return q.Name == p.Name }) {
				parts := strings.Split(name, ".")
				short := strings.Join(parts[max(0, len(parts)-3):], ".")
				fields[short] = append(fields[short], "`"+p.Name+"`")
			}
		}
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		lines = append(lines, "- `"+name+"`: "+strings.Join(fields[name], ", ")+"\n")
	}
	return lines
}
