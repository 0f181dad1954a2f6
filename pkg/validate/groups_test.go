package validate_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/page"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
	"github.com/mop-platform/mop/pkg/validate/internal/refer"
	"github.com/mop-platform/mop/pkg/validate/internal/rules"
)

// docs/rules.md has the tables of rules; -update writes them. Each definition with rules
// exists in a release.
func TestGroups(t *testing.T) {
	since := map[string]schema.Minor{}
	for _, minor := range slices.Backward(schema.Minors()) {
		document, err := schema.Open(minor)
		require.NoError(t, err)
		for _, name := range document.Names() {
			since[engine.ShortName(name)] = minor
		}
	}
	listed := func(table engine.Table) string {
		byVersion := map[string][]string{}
		for _, definition := range slices.Sorted(maps.Keys(table)) {
			first, ok := since[definition]
			assert.True(t, ok, "%s: no release has it", definition)
			at := strings.LastIndexByte(definition, '.')
			name := definition[at+1:]
			if first > release.Oldest {
				name += " (" + first.String() + ")"
			}
			byVersion[definition[:at]] = append(byVersion[definition[:at]], name)
		}
		var all []string
		for _, version := range slices.Sorted(maps.Keys(byVersion)) {
			all = append(all, "`"+version+"`: "+strings.Join(byVersion[version], ", "))
		}
		return strings.Join(all, "; ")
	}
	tabled := func(groups []rules.Group) string {
		var b strings.Builder
		b.WriteString("| rules for | definitions | source |\n| --- | --- | --- |\n")
		for _, g := range groups {
			fmt.Fprintf(&b, "| %s | %s | `%s` |\n", g.Of, listed(tableOf(g.Add)), strings.Join(g.Sources, "`; `"))
		}
		return b.String()
	}
	newest, err := release.Open(release.Newest)
	require.NoError(t, err)

	const file = "../../docs/rules.md"
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	text := string(data)
	for name, table := range map[string]string{
		"groups": tabled(rules.Groups(newest)), "warnings": tabled(rules.Warnings()), "references": listed(tableOf(refer.AddReferences)) + "\n",
	} {
		before, rest, ok := strings.Cut(text, "<!-- generated: "+name+" -->\n")
		require.True(t, ok, name)
		_, after, ok := strings.Cut(rest, "<!-- end -->\n")
		require.True(t, ok, name)
		text = before + "<!-- generated: " + name + " -->\n" + table + "<!-- end -->\n" + after
	}
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	}
	assert.Equal(t, text, string(data), "-update rewrites it")
}

func tableOf(add func(engine.Table)) engine.Table {
	t := engine.Table{}
	add(t)
	return t
}

// docs/validation.md has a table of the known controllers; -update writes it.
func TestControllerTable(t *testing.T) {
	table := "| custom resource | what its controller makes |\n| --- | --- |\n"
	for _, c := range refer.Controllers() {
		if !strings.Contains(c.Group, ".") || len(c.Makes) == 0 {
			continue
		}
		var makes []string
		for _, m := range c.Makes {
			makes = append(makes, "`"+strings.ReplaceAll(m, "|", `\|`)+"`")
		}
		table += "| `" + c.Kind + "." + c.Group + "` | " + strings.Join(makes, ", ") + " |\n"
	}
	page.Hold(t, *update, "../../docs/validation.md", "controllers", table)
}
