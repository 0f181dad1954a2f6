package check_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/cmd/mop/internal/check"
	"github.com/mop-platform/mop/cmd/mop/internal/report"
	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// write writes files into a new directory.
func write(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	return dir
}

// options returns a workspace and the options of a run in dir.
func options(dir string, stdin io.Reader) (*workspace.Workspace, check.Options) {
	w := workspace.New(workspace.Settings{Dir: dir})
	return w, check.Options{
		Inputs:    inputs.Inputs{Dir: dir, Stdin: stdin},
		Selection: batch.Selection{Whole: true, Count: batch.Any},
		One: func(ctx context.Context, arg string) (batch.Asked, error) {
			e, err := w.One(ctx, arg)
			return batch.Asked{Entry: e, Selection: batch.Selection{Name: e.Name}}, err
		},
		Adapt: func() {},
	}
}

// tell describes a record.
func tell(r report.Record) string {
	if r.Unread != nil {
		return "unread " + r.Unread[0].Error()
	}
	return fmt.Sprintf("%s %s %s", r.Environment, r.ID, r.Status)
}

const object = "{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: '%s' } }"

func namespace(name string) string { return fmt.Sprintf(object, name) }

func TestEnvironments(t *testing.T) {
	files := map[string]string{
		"jsonnetfile.json":            "{}",
		"environments/a/main.jsonnet": "[" + namespace("one") + ", " + namespace("two") + "]",
		"environments/b/main.jsonnet": "error 'gone'",
		"environments/c/main.jsonnet": "{ x: " + namespace("three") + " + { metadata+: { label: 1 } } }",
		"environments/d/main.jsonnet": "{}",
		"environments/e/main.jsonnet": namespace("four"),
		"environments/e/spec.json":    `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "spec": {"expectVersions": {"kubernetes": "x"}}}`,
	}
	const one, two, broken = "environments/a Namespace one valid", "environments/a Namespace two valid", "unread environments/b: gone"
	tests := []struct {
		name     string
		args     []string
		want     []string
		selected bool
		err      string
	}{
		{"nothing", nil, nil, false, ""},
		{"one", []string{"environments/a"}, []string{one, two}, true, ""},
		{"one twice", []string{"environments/a", "environments/a"}, []string{one, two}, true, ""},
		{"in the order of arguments", []string{"environments/c", "environments/a"}, []string{"environments/c Namespace three invalid", one, two}, true, ""},
		{"a fault hides nothing", []string{"environments/b", "environments/a"}, []string{broken, one, two}, true, ""},
		{"a fault alone", []string{"environments/b"}, []string{broken}, false, ""},
		{"no objects", []string{"environments/d"}, nil, true, ""},
		{"a wrong spec", []string{"environments/e", "environments/a"}, []string{`unread spec.expectVersions.kubernetes: `, one, two}, true, ""},
		{"all", []string{"."}, []string{one, two, broken, "environments/c Namespace three invalid", `unread spec.expectVersions.kubernetes: `}, true, ""},
		{"an argument that means nothing", []string{"environments/a", "gone"}, nil, false, "gone: no such environment, directory or file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			run := check.New(options(write(t, files), nil))
			got, err := run.Environments(t.Context(), tt.args)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				assert.Empty(t, got.Records)
				return
			}
			require.NoError(t, err)
			require.Len(t, got.Records, len(tt.want))
			for i, r := range got.Records {
				assert.Contains(t, tell(r), tt.want[i])
			}
			assert.Equal(t, tt.selected, got.Selected)
			assert.Equal(t, len(tt.args) > 0, got.Project != nil)
		})
	}
}

// If the work is interrupted there are no records, because an environment that was not read
// has no fault.
func TestEnvironmentsEnd(t *testing.T) {
	for name, watch := range map[string]bool{"before the first": false, "after the first": true} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"jsonnetfile.json": "{}"}
			for i := range 64 {
				files[fmt.Sprintf("environments/%d/main.jsonnet", i)] = namespace("one")
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w, o := options(write(t, files), nil)
			if o.Watch = func(int, int) { cancel() }; !watch {
				cancel()
			}
			got, err := check.New(w, o).Environments(ctx, []string{"environments"})
			require.ErrorIs(t, err, context.Canceled)
			_, ok := diag.From(err)
			assert.False(t, ok)
			assert.Empty(t, got.Records)
		})
	}
}

// documents returns n objects in YAML. Number at is replaced by the text what.
func documents(n, at int, what string) string {
	var b strings.Builder
	for i := range n {
		if i == at {
			b.WriteString(what)
		} else {
			fmt.Fprintf(&b, "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: n%d\n", i)
		}
		b.WriteString("---\n")
	}
	return b.String()
}

// failing is a reader that ends with an error.
type failing struct{ io.Reader }

func (f failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err == io.EOF {
		err = errors.New("the disk is gone")
	}
	return n, err
}

func TestFiles(t *testing.T) {
	const wrong = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: Wrong\n"
	tests := []struct {
		name  string
		files map[string]string
		args  []string
		stdin io.Reader
		// want are parts of the lines of the output, in order. summary is a part of the
		// count.
		want    []string
		summary string
		err     string
	}{
		{"no arguments", nil, nil, nil, nil, "0 objects", ""},
		{"an empty file", map[string]string{"a.yaml": ""}, []string{"a.yaml"}, nil, nil, "0 objects", ""},
		{"only empty documents", map[string]string{"a.yaml": "---\n---\n# nothing\n"}, []string{"a.yaml"}, nil, nil, "0 objects", ""},
		{"an empty list", map[string]string{"a.yaml": "apiVersion: v1\nkind: List\nitems: []\n"}, []string{"a.yaml"}, nil, nil, "0 objects", ""},
		{"in the order of documents", map[string]string{"a.yaml": documents(300, 7, wrong) + documents(300, 250, wrong)}, []string{"a.yaml"}, nil, []string{"a.yaml:36", "a.yaml:2", "a.yaml:"}, "600 objects", ""},
		{"in the order of arguments", map[string]string{"a.yaml": wrong, "b.yaml": wrong + "  labels: 1\n"}, []string{"b.yaml", "a.yaml"}, nil, []string{"b.yaml", "b.yaml", "a.yaml"}, "2 objects", ""},
		{"a document that is none, in the middle", map[string]string{"a.yaml": documents(100, 50, "a: [\n") + wrong}, []string{"a.yaml"}, nil, []string{"a.yaml:2"}, "100 objects", ""},
		{"what is no object, in the middle", map[string]string{"a.yaml": documents(100, 50, "1\n") + wrong}, []string{"a.yaml"}, nil, []string{"want an object, got number 1", "name"}, "100 objects", ""},
		{"an item that is no object", map[string]string{"a.yaml": "apiVersion: v1\nkind: List\nitems:\n- 1\n- {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n"}, []string{"a.yaml"}, nil, []string{"items[0]: want an object, got number 1"}, "1 object:", ""},
		{"a file that is not there", map[string]string{"a.yaml": wrong}, []string{"a.yaml", "gone.yaml"}, nil, nil, "0 objects", "gone.yaml: no such file or directory"},
		{"standard input", nil, []string{"-"}, strings.NewReader(wrong), []string{"<stdin>"}, "1 object:", ""},
		{"standard input that fails", nil, []string{"-"}, failing{strings.NewReader(documents(2, 0, wrong))}, nil, "", "standard input: the disk is gone"},
		{"a definition behind its object", map[string]string{"a.yaml": "apiVersion: example.com/v1\nkind: A\nmetadata: {name: a}\nspec: {size: x}\n---\n" + definition}, []string{"a.yaml"}, nil, []string{"spec.size: "}, "2 objects", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var text bytes.Buffer
			out := report.NewOutput(&text, report.OutputOptions{Format: "text"})
			run := check.New(options(write(t, tt.files), tt.stdin))
			err := run.Files(t.Context(), nil, tt.args, out)
			if tt.err != "" {
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			_, err = out.Close()
			require.NoError(t, err)
			rest := text.String()
			for _, want := range tt.want {
				_, after, ok := strings.Cut(rest, want)
				require.True(t, ok, "no %q in:\n%s", want, rest)
				rest = after
			}
			if len(tt.want) == 0 {
				assert.Empty(t, rest)
			}
			assert.Contains(t, out.Summary(), tt.summary)
		})
	}
}

const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: as.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {kind: A, plural: as, singular: a, listKind: AList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
`

// An interrupted check returns the cause and writes nothing about the documents.
func TestFilesEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w, o := options(write(t, nil), nil)
	documents := strings.NewReader(documents(5000, -1, ""))
	// The end comes while the text is read.
	o.Inputs.Stdin = io.MultiReader(io.LimitReader(documents, 100_000), ending{cancel}, documents)
	var text bytes.Buffer
	err := check.New(w, o).Files(ctx, nil, []string{"-"}, report.NewOutput(&text, report.OutputOptions{Format: "text"}))
	require.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, text.String())
}

// ending ends a context when it is read.
type ending struct{ cancel func() }

func (e ending) Read([]byte) (int, error) {
	e.cancel()
	return 0, io.EOF
}

func TestVersions(t *testing.T) {
	record := func(minor schema.Minor) report.Record { return report.Record{Minor: minor} }
	tests := []struct {
		name    string
		asked   []schema.Minor
		records []report.Record
		files   bool
		want    []schema.Minor
	}{
		{"nothing", nil, nil, false, nil},
		{"files", nil, nil, true, []schema.Minor{release.Default}},
		{"files, asked for some", []schema.Minor{3, 4}, nil, true, []schema.Minor{3, 4}},
		{"environments", []schema.Minor{3}, []report.Record{record(5), record(4), record(5)}, false, []schema.Minor{4, 5}},
		{"unread environments", nil, []report.Record{record(0)}, false, nil},
		{"both", []schema.Minor{4}, []report.Record{record(5), record(4)}, true, []schema.Minor{4, 5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, o := options(t.TempDir(), nil)
			o.Minors = tt.asked
			assert.Equal(t, tt.want, check.New(w, o).Versions(tt.records, tt.files))
		})
	}
}
