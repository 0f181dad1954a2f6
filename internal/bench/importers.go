package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// importersProject generates a project of n environments with many imports. Each
// environment has its own files, each of which imports the next. It also imports the
// library of its team, one of twenty, from the search path, and the library for Kubernetes'
// objects. The function returns the directory, and the names of a file that one environment
// imports and of a file that all import.
func (b *bench) importersProject(n int) (dir, leaf, shared string, err error) {
	const teams = 20
	dir = filepath.Join(b.dir, "importers")
	files := map[string]string{
		"jsonnetfile.json":   "{}\n",
		"lib/k.libsonnet":    "import '" + library() + "/main.libsonnet'\n",
		"lib/site.libsonnet": siteLibrary,
		"lib/app.libsonnet":  appLibrary,
	}
	for i := range teams {
		team := fmt.Sprintf("lib/team%02d/", i)
		files[team+"main.libsonnet"] = "(import 'site.libsonnet') + (import './apps.libsonnet') + { app: import 'app.libsonnet' }\n"
		files[team+"apps.libsonnet"] = "local k = import 'k.libsonnet';\n" + fields(40, "k.core.v1.configMap.new('app%d', { team: '"+team+"' })")
	}
	for i := range n {
		env := fmt.Sprintf("environments/e%03d/", i)
		files[env+"main.jsonnet"] = fmt.Sprintf(`local k = import 'k.libsonnet';

(import 'team%02d/main.libsonnet') + (import './config.libsonnet') + {
  namespace: k.core.v1.namespace.new('team-%d'),
}
`, i%teams, i)
		files[env+"config.libsonnet"] = "(import './leaf.libsonnet') + " + fields(60, "'value %d of "+env+"'")
		files[env+"leaf.libsonnet"] = "{ leaf: true }\n"
		files[env+"spec.json"] = fmt.Sprintf(`{ "apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "spec": { "namespace": "team-%d" } }
`, i)
	}
	if err := writeFiles(dir, files); err != nil {
		return "", "", "", err
	}
	vendor := filepath.Join(dir, "vendor")
	if _, err := os.Stat(vendor); err != nil {
		if err := os.CopyFS(vendor, os.DirFS(b.library)); err != nil {
			return "", "", "", err
		}
	}
	return dir, fmt.Sprintf("environments/e%03d/leaf.libsonnet", n/2), "lib/k.libsonnet", nil
}

// fields returns an object of n fields. value is a format for the number of the field.
func fields(n int, value string) string {
	var b strings.Builder
	b.WriteString("{\n")
	for i := range n {
		fmt.Fprintf(&b, "  key%d: "+value+",\n", i, i)
	}
	return b.String() + "}\n"
}

// importers measures how fast mop finds the environments that import a file, compared with
// tk if the PATH has it. Their starts take different times, which are measured too and
// subtracted.
func (b *bench) importers() (string, error) {
	const n = 400
	dir, leaf, shared, err := b.importersProject(n)
	if err != nil {
		return "", err
	}
	start := process{args: []string{b.mop, "version"}, dir: dir}
	ask := func(program, file string) process {
		return process{args: []string{program, "tool", "importers", file}, dir: dir}
	}
	processes := []process{start, ask(b.mop, leaf), ask(b.mop, shared)}
	tk, err := exec.LookPath("tk")
	if err == nil {
		processes = append(processes, process{args: []string{tk, "--version"}, dir: dir}, ask(tk, leaf), ask(tk, shared))
	}
	often := *b
	often.rounds *= 3
	found, err := often.measure(processes...)
	if err != nil {
		return "", err
	}
	var t markdown
	t.row("", "tk", "mop", "mop's share", "to reach")
	t.line(5)
	for i, row := range []struct{ what, goal string }{
		{"to start", ""}, {fmt.Sprintf("a file that one of %d environments imports", n), "1.5"}, {"a file that all import", "0.5"},
	} {
		ours, theirs, share := found[i].cpu, "", ""
		if i > 0 {
			ours -= found[0].cpu
		}
		if tk != "" {
			cpu := found[3+i].cpu
			if i > 0 {
				cpu -= found[3].cpu
			}
			theirs, share = seconds(cpu), ratio(cpu, ours)
		}
		t.row(row.what, theirs, seconds(ours), share, row.goal)
	}
	return t.String() + "\nProcessor time of `tool importers FILE`, without that to start.\n", nil
}
