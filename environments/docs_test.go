package environments_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/page"
	"github.com/mop-platform/mop/pkg/manifest"
)

const setupDoc = "../docs/infrastructure/kubernetes-setup.md"

// TestTables compares the tables of the setup document with the rendered objects. With
// -update it writes them.
func TestTables(t *testing.T) {
	for name, rows := range map[string][][]string{
		"rbac":    rbacTable(t),
		"flows":   flowTable(t),
		"storage": storageTable(t),
	} {
		page.Hold(t, *update, setupDoc, name, markdown(rows))
	}
}

// markdown returns rows as a table, the first as its head.
func markdown(rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(rows[0])
	line(slices.Repeat([]string{"---"}, len(rows[0])))
	for _, row := range rows[1:] {
		line(row)
	}
	return b.String()
}

// find returns the object with a kind and a name.
func find(t *testing.T, objects []manifest.Object, kind, name string) manifest.Object {
	t.Helper()
	i := slices.IndexFunc(objects, func(o manifest.Object) bool { return o.ID().Kind == kind && o.ID().Name == name })
	require.GreaterOrEqual(t, i, 0, "no %s %s", kind, name)
	return objects[i]
}

func rbacTable(t *testing.T) [][]string {
	rows := [][]string{{"ServiceAccount", "role", "may", "token mounted"}}
	objects := renderEnvironment(t, "production", "")
	for _, c := range components {
		account, role := c, "Role "+c
		if c == "obi" {
			account = "obi-collector"
		}
		if c == "obi" || c == "alloy" {
			role = "ClusterRole mop-production-" + c
		}
		kind, name, _ := strings.Cut(role, " ")
		var may []string
		for _, r := range rules(t, find(t, objects, kind, name)) {
			may = append(may, r.String())
		}
		if len(may) == 0 {
			may = []string{"nothing"}
		}
		mounted := "no"
		if lookup[bool](t, find(t, objects, "ServiceAccount", account), "automountServiceAccountToken") {
			mounted = "yes"
		}
		rows = append(rows, []string{"`" + account + "`", kind + " `" + name + "`", strings.Join(may, "<br>"), mounted})
	}
	return rows
}

// flowTable returns the table of flows, with which TestFlows compares the policies.
func flowTable(t *testing.T) [][]string {
	t.Helper()
	rows := [][]string{{"from", "to", "ports", "where"}}
	for _, f := range flows {
		where := "everywhere"
		if f.when != nil {
			var in []string
			for _, env := range environments {
				if f.when(env) {
					in = append(in, env)
				}
			}
			where = strings.Join(in, ", ") + " (" + f.note + ")"
		}
		var ports []string
		for _, p := range f.ports {
			ports = append(ports, p.String())
		}
		rows = append(rows, []string{ends(f.from), ends(f.to), strings.Join(ports, ", "), where})
	}
	return rows
}

func ends(names []string) string {
	text := strings.Join(names, ", ")
	text = strings.ReplaceAll(text, strings.Join(components, ", "), "each component")
	return strings.ReplaceAll(text, strings.Join(pods, ", "), "pods of all namespaces")
}

func storageTable(t *testing.T) [][]string {
	rows := [][]string{{"environment", "platform", "class", "provisioner", "parameters", "reclaim policy", "can grow"}}
	for _, env := range environments {
		for _, platform := range platforms {
			objects := renderEnvironment(t, env, platform)
			i := slices.IndexFunc(objects, func(o manifest.Object) bool { return o.ID().Kind == "StorageClass" })
			class := objects[i]
			var parameters []string
			if m, ok := class.Lookup("parameters"); ok {
				m := m.(map[string]any)
				for _, name := range slices.Sorted(maps.Keys(m)) {
					parameters = append(parameters, fmt.Sprintf("%s: %s", name, m[name]))
				}
			}
			label := platform
			if platform == ownPlatform[env] {
				label += " (default)"
			}
			grow := "no"
			if lookup[bool](t, class, "allowVolumeExpansion") {
				grow = "yes"
			}
			rows = append(rows, []string{
				env, label, class.ID().Name, "`" + lookup[string](t, class, "provisioner") + "`",
				strings.Join(parameters, "<br>"), lookup[string](t, class, "reclaimPolicy"), grow,
			})
		}
	}
	return rows
}
