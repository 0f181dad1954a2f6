package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/native"
	"github.com/mop-platform/mop/internal/page"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// yamlRows are texts that readers of YAML read differently, by the table of docs/yaml.md.
var yamlRows = []struct {
	table string
	texts []string
}{
	{"scalars", []string{
		"a: yes", "a: on", "a: y", "a: no", "a: off", "a: n", "a: True", "a: 'yes'", "a: ~", "a: null", "a:", "a: ''",
		"a: 2024-01-01", "a: 2024-01-01T10:00:00+02:00", "a: !!timestamp 2024-01-01", "a: 2024-13-01",
		"a: 017", "a: 08", "a: 0o17", "a: 0x1f", "a: 0b101", "a: 1_000", "a: +1", "a: -0", "a: 1e3", "a: 1.0", "a: 1.50", "a: .5", "a: 1:20", "a: .inf", "a: -.inf", "a: .nan", "a: 1e400",
		"a: !!str 1", "a: !!int '1'", "a: !!float 1", "a: !!int x", "a: !!bool yes", "a: !!binary aGk=", "a: !!binary //4=", "a: !!set {b, c}", "a: !x b", "a: !x {b: 1}",
	}},
	{"keys", []string{
		"on: 1", "yes: 1\non: 2\ny: 3", "true: 1\n'true': 2", "8080: a", "1.10: a", "0x1f: a", "1: a\n'1': b", "2024-01-01: a", "~: a", "? [a]\n: b", "a: 1\nb: 2\na: 3", "a: {b: 1, b: 2}",
	}},
	{"structure", []string{
		"a: &x [1]\nb: *x", "a: &x 1\nb: &x 2\nc: *x", "a: *x", "a: &x [*x]", "&k a: 1\nb: *k",
		"a: &x {b: 1}\nc: {<<: *x, b: 2}", "a: &x {b: 1}\nc: {b: 2, <<: *x}", "a: &x {b: 1}\nc: {<<: *x, <<: {b: 3}}", "a: {<<: [{b: 1}, {b: 2, c: 3}]}", "a: {'<<': {b: 1}}", "a: {<<: b}", "a: &x {b: 1}\nc: {<<: *x, b: 2, b: 3}",
	}},
	{"text", []string{
		"a:\tb", "a:\n\tb: c", "\ta: b", "a: |\n  b", "a: |\r\n  b\r\nc: d\r\n", "\ufeffa: b", "a: \xff", "a: \x01", "a: \"\\x01\"", "\xff\xfea\x00:\x00",
		"a: b: c", "a: [b", "{a: 1}\nb: 2",
	}},
	{"documents", []string{
		"---\na: 1\n---\na: 2\n", "a: 1\n---\n", "---\n---\na: 1\n", "# a\n---\na: 1\n", "a: 1\n...\n---\na: 2\n", "a: 1\n...\na: 2\n", "--- {a: 1}\n", "a: 1\n---# b\na: 2\n", "%YAML 1.1\n---\na: yes\n", "# a\n", "",
	}},
	{"integers", []string{
		"a: 9007199254740992", "a: 9007199254740993", "a: -9007199254740993", "a: '9007199254740993'", "a: 0x20000000000001", "a: 9223372036854775807", "a: 9223372036854775808", "a: 18446744073709551615", "a: 18446744073709551616",
	}},
}

// yamlReaders reads texts with all readers of YAML in mop.
type yamlReaders struct {
	t       *testing.T
	root    string
	project *project.Project
	natives []eval.Native
}

func newYAMLReaders(t *testing.T) *yamlReaders {
	if runtime.GOOS == "windows" {
		t.Skip("the helm of this test is a shell script")
	}
	r := &yamlReaders{t: t, root: t.TempDir()}
	for name, text := range map[string]string{"jsonnetfile.json": "{}", "c/Chart.yaml": "", "c/kustomization.yaml": ""} {
		file := filepath.Join(r.root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
	}
	// mop would encode a text that is given as the chart's values, so a program prints it.
	program := filepath.Join(r.root, "cat.sh")
	require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\ncat '"+r.root+"/c/a.yaml'\n"), 0o777))
	var err error
	r.project, err = project.Find(r.root, project.Options{})
	require.NoError(t, err)
	r.natives = native.Functions(native.Options{Helm: program, Kustomize: program, Files: r.project, Environ: []string{"PATH=/usr/bin:/bin"}})
	return r
}

// files returns the values that validate -f, diff and --crd read from a text.
func (r *yamlReaders) files(text string) string {
	documents, found, err := manifest.Parse(r.t.Context(), "a.yaml", []byte(text))
	require.NoError(r.t, err)
	if found != nil {
		return yamlFaults(found)
	}
	values := []any{}
	for _, d := range documents {
		values = append(values, d.Value)
	}
	return r.shown(values)
}

// jsonnet returns the value of an expression. c/a.yaml contains the text.
func (r *yamlReaders) jsonnet(text, expr string) string {
	require.NoError(r.t, os.WriteFile(filepath.Join(r.root, "c/a.yaml"), []byte(text), 0o666))
	var warned diag.List
	res, err := eval.Eval(r.t.Context(), eval.NewFiles(r.project, 0), eval.Input{
		Snippet: expr, Dir: ".", Natives: r.natives, Warn: func(d diag.Diagnostic) { warned = append(warned, d) },
	})
	if err != nil {
		found, ok := diag.From(err)
		require.True(r.t, ok, "%v", err)
		return yamlFaults(found)
	}
	shown := r.shown(res.Value)
	if warned != nil {
		shown += ", warning"
	}
	return shown
}

func (r *yamlReaders) shown(v any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	require.NoError(r.t, encoder.Encode(v))
	return "`" + strings.ReplaceAll(strings.TrimSpace(b.String()), "|", `\|`) + "`"
}

// yamlFaults returns the text of faults without the differences between readers.
func yamlFaults(found diag.List) string {
	var faults []string
	for _, d := range found {
		problem := d.Problem
		for _, prefix := range []string{"failed to parse YAML: ", "parseYaml: ", "helmTemplate: output of cat.sh template a c: ", "kustomizeBuild: output of cat.sh build c: "} {
			problem = strings.TrimPrefix(problem, prefix)
		}
		if d.At.Line > 0 && d.Subject != "" {
			problem = d.Subject + ": " + problem
		}
		if d.At.Line > 0 {
			problem = fmt.Sprintf("line %d: %s", d.At.Line, problem)
		}
		for _, o := range d.Origins {
			if o.File == d.At.File {
				problem += fmt.Sprintf(", first in line %d", o.Line)
			}
		}
		faults = append(faults, problem)
	}
	return "error: " + strings.ReplaceAll(strings.Join(faults, "; "), "|", `\|`)
}

// code returns a text for a cell of a table.
func code(text string) string {
	if text == "" {
		return "nothing"
	}
	quoted := strconv.Quote(text)
	quoted = strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
	return "`" + strings.ReplaceAll(quoted, "|", `\|`) + "`"
}

// These expressions return the documents in the output of a program. Empty ones are left
// out.
const (
	helmDocuments      = `std.objectValues(std.native('helmTemplate')('a', './c', { calledFrom: 'a.jsonnet', nameFormat: '{{ printf "%v" . }}' }))`
	kustomizeDocuments = `std.objectValues(std.native('kustomizeBuild')('./c', { calledFrom: 'a.jsonnet', nameFormat: '{{ printf "%v" . }}' }))`
)

// TestYAMLTables compares the tables of docs/yaml.md with the readers, and the readers of
// manifests with each other. With -update it writes the tables.
func TestYAMLTables(t *testing.T) {
	r := newYAMLReaders(t)
	for _, rows := range yamlRows {
		table := "| text | manifests | `std.parseYaml` | `parseYaml` |\n| --- | --- | --- | --- |\n"
		if rows.table == "integers" {
			table = "| text | files | `yaml:`, `yaml-stream:` | `helmTemplate`, `kustomizeBuild` | `std.parseYaml` | `parseYaml` |\n| --- | --- | --- | --- | --- | --- |\n"
		}
		for _, text := range rows.texts {
			files := r.files(text)
			imported := r.jsonnet(text, "import 'yaml-stream:c/a.yaml'")
			printed := r.jsonnet(text, helmDocuments)
			assert.Equal(t, printed, r.jsonnet(text, kustomizeDocuments), "%q: kustomizeBuild", text)
			cells := []string{code(text), files}
			if rows.table == "integers" {
				cells = append(cells, imported, printed)
			} else {
				assert.Equal(t, files, strings.TrimSuffix(imported, ", warning"), "%q: yaml-stream:", text)
				assert.Equal(t, files, printed, "%q: helmTemplate", text)
			}
			cells = append(cells, r.jsonnet(text, "std.parseYaml(importstr 'c/a.yaml')"), r.jsonnet(text, "std.native('parseYaml')(importstr 'c/a.yaml')"))
			for i := len(cells) - 1; i > 1; i-- {
				if strings.HasPrefix(cells[i], "error: ") && cells[i] == cells[i-1] {
					cells[i] = "the same"
				}
			}
			table += "| " + strings.Join(cells, " | ") + " |\n"
		}
		page.Hold(t, *update, "../../docs/yaml.md", rows.table, table)
	}
}
