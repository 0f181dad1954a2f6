package report_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/cmd/mop/internal/report"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

var update = flag.Bool("update", false, "write what the tests expect")

// records returns one record of each sort.
func records() []report.Record {
	object := func(at diag.Position, path manifest.Path, kind, name string) validate.Result {
		return validate.Result{
			Object: validate.Object{Source: at, Path: path, Value: map[string]any{"kind": kind}},
			ID:     manifest.ID{Group: "apps", Kind: kind, Namespace: "shop", Name: name}, APIVersion: "apps/v1",
		}
	}
	dev := diag.Position{File: "environments/dev/main.jsonnet"}
	valid := object(dev, manifest.Path{"web", "deployment"}, "Deployment", "web")
	warned := object(diag.Position{File: "a b.yaml", Line: 1}, nil, "DaemonSet", "agent")
	warned.Findings = []validate.Finding{
		{Severity: diag.Warning, Rule: validate.RuleReference, Path: manifest.Path{"spec"}, Problem: "no Secret s"},
	}
	invalid := object(diag.Position{File: "a b.yaml", Line: 7}, manifest.Path{"items", 1}, "StatefulSet", "db")
	invalid.Status = validate.Invalid
	invalid.Findings = []validate.Finding{
		{Severity: diag.Error, Rule: validate.RuleType, Path: manifest.Path{"spec", "replicas"}, Problem: `want a whole number, got string "<3>"`, Hints: []string{"remove the quotes"}},
		{Severity: diag.Error, Rule: validate.RuleUnknownField, Path: manifest.Path{"spec", "a/b"}, Problem: "no such field, 100%"},
		{Severity: diag.Warning, Rule: validate.RuleDeprecated, Problem: "will go in 1.99"},
	}
	nameless := validate.Result{
		Object: validate.Object{Source: diag.Position{File: "<stdin>", Line: 3}, Value: map[string]any{"kind": 3.0}},
		Status: validate.Invalid,
		Findings: []validate.Finding{
			{Severity: diag.Error, Rule: validate.RuleType, Path: manifest.Path{"kind"}, Problem: "want a non-empty string, got number 3"},
		},
	}
	unknown := object(diag.Position{File: "/crs/c.json", Line: 1}, nil, "Gizmo", "g")
	unknown.Status = validate.UnknownKind
	located := object(dev, manifest.Path{"web", "service"}, "Service", "web")
	located.Status = validate.Invalid
	located.Findings = []validate.Finding{
		{Severity: diag.Error, Rule: validate.RuleValue, Path: manifest.Path{"spec", "type"}, Problem: "no such type",
			Origins: []diag.Position{{File: "lib/web.libsonnet", Line: 12, Column: 7}, {File: "lib/base.libsonnet", Line: 3, Column: 1}}},
	}
	broken := object(diag.Position{File: "/crs/c.json", Line: 2}, nil, "Gadget", "g")
	broken.Status = validate.Broken
	broken.Findings = []validate.Finding{{Severity: diag.Error, Rule: validate.RuleCRD, Problem: "its definition is wrong"}}
	return []report.Record{
		{Result: valid, Environment: "environments/dev", Minor: 29},
		report.Unreadable(diag.Position{File: "environments/prod/main.jsonnet"}, "environments/prod", diag.List{{
			Subject: "environments/prod", Problem: "no name given",
			Origins: []diag.Position{{File: "lib/web.libsonnet", Line: 3, Column: 9}, {File: "environments/prod/main.jsonnet", Line: 1}},
		}}),
		{Result: warned, Minor: 29},
		{Result: invalid, Minor: 29},
		report.Unreadable(diag.Position{File: "a b.yaml"}, "", diag.List{{At: diag.Position{File: "a b.yaml", Line: 9}, Problem: `key "a" is set twice`}}),
		{Result: nameless, Minor: 29},
		{Result: unknown, Minor: 29},
		{Result: broken, Minor: 29},
		{Result: located, Environment: "environments/dev", Minor: 29},
	}
}

func TestWrite(t *testing.T) {
	for name, writer := range map[string]func(io.Writer) report.Writer{
		"records.txt":        func(w io.Writer) report.Writer { return report.Text(w, report.Options{}) },
		"records.jsonl":      report.JSON,
		"records.xml":        report.JUnit,
		"records.sarif":      func(w io.Writer) report.Writer { return report.SARIF(w, report.Options{Version: "1.2.3"}) },
		"records.github.txt": func(w io.Writer) report.Writer { return report.GitHub(w, report.Options{}) },
	} {
		t.Run(name, func(t *testing.T) {
			hold(t, "testdata/"+name, written(t, writer, records()))
			if none := written(t, writer, nil); none != "" {
				hold(t, "testdata/no-"+name, none)
			}
		})
	}
}

// written returns the output of a writer for records.
func written(t *testing.T, writer func(io.Writer) report.Writer, records []report.Record) string {
	t.Helper()
	var b bytes.Buffer
	w := writer(&b)
	for _, r := range records {
		require.NoError(t, w.Write(r))
	}
	require.NoError(t, w.Close())
	return b.String()
}

// hold compares a text with a golden file.
func hold(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

func TestCounts(t *testing.T) {
	all := records()
	all[0].Minor = 37
	var counts report.Counts
	for _, r := range all {
		counts.Add(r)
	}
	summaries := counts.Summaries()
	assert.Equal(t, []report.Summary{
		{Minor: 29, Valid: 1, Invalid: 3, UnknownKind: 1, Broken: 1, Warnings: 2},
		{Minor: 37, Valid: 1},
	}, summaries)
	assert.Equal(t, 6, summaries[0].Objects())
	assert.Equal(t, 2, counts.Unread)
}

// If records are about several versions of Kubernetes, findings name the version.
func TestSeveralVersions(t *testing.T) {
	all := records()[2:4]
	all[0].Minor = 37
	assert.Equal(t, "a b.yaml:1: kubernetes 1.37: DaemonSet.apps shop/agent: spec: warning: no Secret s", all[0].Diagnostics(true)[0].Error())
	gitHub := func(w io.Writer) report.Writer { return report.GitHub(w, report.Options{Several: true}) }
	assert.Contains(t, written(t, gitHub, all[:2]), "::warning file=a b.yaml,line=1,title=kubernetes 1.37%3A DaemonSet.apps shop/agent::spec: no Secret s\n")
}
