package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/pkg/manifest"
)

// BenchmarkValidate checks 4,000 manifests, good and bad: copies of those in the tests of
// package validate and of the environments. It checks them as one file of YAML, as a file
// each, and as JSON values.
func BenchmarkValidate(b *testing.B) {
	const n = 4000
	var files []string
	for _, pattern := range []string{"../../pkg/validate/testdata/*.yaml", "../../environments/testdata/*.yaml"} {
		matches, err := filepath.Glob(pattern)
		require.NoError(b, err)
		require.NotEmpty(b, matches)
		files = append(files, matches...)
	}
	var values []any
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(b, err)
		documents, found, err := manifest.Parse(b.Context(), file, data)
		require.NoError(b, err)
		require.Empty(b, found)
		for _, d := range documents {
			values = append(values, d.Value)
		}
	}
	dir := b.TempDir()
	require.NoError(b, os.Mkdir(filepath.Join(dir, "files"), 0o777))
	var stream, lines bytes.Buffer
	for i := range n {
		text, err := yaml.Marshal(values[i%len(values)])
		require.NoError(b, err)
		line, err := json.Marshal(values[i%len(values)])
		require.NoError(b, err)
		fmt.Fprintf(&stream, "---\n%s", text)
		fmt.Fprintf(&lines, "%s\n", line)
		require.NoError(b, os.WriteFile(filepath.Join(dir, "files", fmt.Sprintf("%04d.yaml", i)), text, 0o666))
	}
	require.NoError(b, os.WriteFile(filepath.Join(dir, "all.yaml"), stream.Bytes(), 0o666))
	require.NoError(b, os.WriteFile(filepath.Join(dir, "all.jsonl"), lines.Bytes(), 0o666))
	for _, input := range []string{"all.yaml", "files", "all.jsonl"} {
		b.Run(input, func(b *testing.B) {
			for b.Loop() {
				a := &app{output: newOutput(io.Discard, io.Discard), dir: dir, lookupEnv: noVariables}
				err := runValidate(b.Context(), a, nil, nil, validateOptions{jsonnet: jsonnetFlags{interpreter: defaultInterpreter}, files: []string{input}, output: "text"})
				require.True(b, errors.Is(err, errFindings), "%v", err)
			}
		})
	}
}

// In formats that permit it, findings about a document alone are written before the next
// document arrives.
func TestValidateTellsAtOnce(t *testing.T) {
	for _, format := range []string{"text", "github"} {
		t.Run(format, func(t *testing.T) {
			input, more := io.Pipe()
			found, output := io.Pipe()
			a := &app{output: newOutput(output, io.Discard), dir: t.TempDir(), lookupEnv: noVariables}
			done := make(chan error, 1)
			go func() {
				err := runValidate(t.Context(), a, input, nil, validateOptions{jsonnet: jsonnetFlags{interpreter: defaultInterpreter}, files: []string{"-"}, output: format, references: lenient})
				output.CloseWithError(err)
				done <- err
			}()
			lines := bufio.NewScanner(found)
			for _, name := range []string{"A", "B", "C"} {
				_, err := fmt.Fprintf(more, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n---\n", name)
				require.NoError(t, err)
				require.True(t, lines.Scan(), "the finding of %s", name)
				require.Contains(t, lines.Text(), "ConfigMap "+name)
			}
			require.NoError(t, more.Close())
			require.ErrorIs(t, <-done, errFindings)
		})
	}
}

// The check of an endless stream ends with the context, and so does that of a directory of
// files. Findings that were written stay.
func TestValidateEnds(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			found, output := io.Pipe()
			a := &app{output: newOutput(output, io.Discard), dir: t.TempDir(), lookupEnv: noVariables}
			done := make(chan error, 1)
			go func() {
				err := runValidate(ctx, a, &endless{after: 5000, then: cancel}, nil, validateOptions{jsonnet: jsonnetFlags{interpreter: defaultInterpreter}, files: []string{"-"}, output: format, references: lenient})
				output.Close()
				done <- err
			}()
			told, err := io.ReadAll(found)
			require.NoError(t, err)
			require.ErrorIs(t, <-done, context.Canceled)
			require.Equal(t, format == "text", len(told) > 0)
		})
	}
}

// If the budget ends while the first document is read or checked, the error names the
// document.
func TestValidateNamesWhereItEnds(t *testing.T) {
	dir := t.TempDir()
	text := "# one\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n" + strings.Repeat("  - {name: a, image: a}\n", 20_000)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(text), 0o666))
	for _, timeout := range []time.Duration{1, 20 * time.Millisecond} {
		ctx, stop := budget.New(t.Context(), budget.Limits{Timeout: timeout})
		defer stop()
		a := &app{output: newOutput(io.Discard, io.Discard), dir: dir, lookupEnv: noVariables}
		err := runValidate(ctx, a, nil, nil, validateOptions{jsonnet: jsonnetFlags{interpreter: defaultInterpreter}, files: []string{"a.yaml"}, output: "text", references: lenient})
		require.ErrorAs(t, err, new(*budget.Exceeded))
		require.Regexp(t, `^a\.yaml:[0-9]+: time limit exceeded: `, err.Error())
	}
}

// A document that is larger than the memory limit hides no other one, in mop validate and
// in mop trace.
func TestLargeDocument(t *testing.T) {
	dir := t.TempDir()
	configMap := func(name string) string {
		return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\n---\n"
	}
	large := configMap("A") + "a: " + strings.Repeat("x", 128<<20) + "\n---\n" + configMap("B")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.yaml"), []byte(large), 0o666))
	large = ""
	for name, run := range map[string]func(context.Context, *app) error{
		"validate": func(ctx context.Context, a *app) error {
			return runValidate(ctx, a, nil, nil, validateOptions{jsonnet: jsonnetFlags{interpreter: defaultInterpreter}, files: []string{"a.yaml"}, output: "text", references: lenient})
		},
		"trace": func(ctx context.Context, a *app) error {
			return runTrace(ctx, a, nil, "a.yaml:5", "", explainOptions{jsonnet: jsonnetFlags{interpreter: defaultInterpreter}, output: "text"})
		},
		"trace behind it": func(ctx context.Context, a *app) error {
			return runTrace(ctx, a, nil, "a.yaml:8", "", explainOptions{jsonnet: jsonnetFlags{interpreter: defaultInterpreter}, output: "text"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			runtime.GC()
			ctx, stop := budget.New(t.Context(), budget.Limits{Memory: budget.Held() + 100<<20})
			defer stop()
			var out strings.Builder
			err := run(ctx, &app{output: newOutput(&out, io.Discard), dir: dir, lookupEnv: noVariables})
			switch name {
			case "validate":
				require.ErrorIs(t, err, errFindings)
				require.Regexp(t, "(?s)^a.yaml:3: ConfigMap A: .*\na.yaml:5: too large to read: memory limit exceeded: .*\na.yaml:9: ConfigMap B: ", out.String())
			case "trace":
				require.ErrorContains(t, err, "a.yaml:5: too large to read: memory limit exceeded: ")
			default:
				require.NotContains(t, err.Error(), "too large")
			}
		})
	}
}

func noVariables(string) (string, bool) { return "", false }

// endless is an endless stream of documents. It calls then at the read with number after.
type endless struct {
	n, after int
	then     func()
}

func (e *endless) Read(p []byte) (int, error) {
	if e.n++; e.n == e.after {
		e.then()
	}
	return copy(p, fmt.Sprintf("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: A%d}\n", e.n)), nil
}

// A file of many documents gives the same findings in each format as one of few. It has
// objects whose findings come in two parts, and custom resources before their definition,
// and it is checked for two versions of Kubernetes.
func TestValidateManyDocuments(t *testing.T) {
	const n = 1200
	dir := t.TempDir()
	var stream strings.Builder
	for i := range n {
		fmt.Fprintf(&stream, "---\n{apiVersion: v1, kind: Pod, metadata: {name: p%d, namespace: x}, spec: {serviceAccountName: s%d, containers: [{name: a, image: a}]}}\n", i, i)
		fmt.Fprintf(&stream, "---\n{apiVersion: example.org/v1, kind: Late, metadata: {name: l%d, namespace: x}, spec: {a: %d}}\n", i, i)
	}
	stream.WriteString(`---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: lates.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {plural: lates, singular: late, kind: Late, listKind: LateList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {a: {type: string}}}}}}
`)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "all.yaml"), []byte(stream.String()), 0o666))
	for format, want := range map[string]string{"text": "\n", "json": "\"severity\"", "junit": "<testcase ", "sarif": `"ruleId"`, "github": "::"} {
		t.Run(format, func(t *testing.T) {
			var out, messages bytes.Buffer
			a := &app{output: newOutput(&out, &messages), dir: dir, lookupEnv: noVariables}
			err := runValidate(t.Context(), a, nil, nil, validateOptions{jsonnet: jsonnetFlags{interpreter: defaultInterpreter}, files: []string{"all.yaml"}, output: format, references: lenient, versions: []string{"1.29", "1.30"}})
			require.ErrorIs(t, err, errFindings)
			found := map[string]int{"text": 8 * n, "json": 4 * n, "junit": 4*n + 2, "sarif": 4 * n, "github": 8 * n}
			require.Equal(t, found[format], strings.Count(out.String(), want))
			if format == "text" {
				require.Equal(t, "kubernetes 1.29: 2401 objects: 1201 valid, 1200 invalid, 0 of unknown kind, 0 errors; 1200 warnings\n"+
					"kubernetes 1.30: 2401 objects: 1201 valid, 1200 invalid, 0 of unknown kind, 0 errors; 1200 warnings\n", messages.String())
			}
		})
	}
}
