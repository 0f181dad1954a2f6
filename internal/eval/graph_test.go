package eval_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
)

// countingSource counts how often files are read and directories are listed.
type countingSource struct {
	fstest.MapFS
	mu            sync.Mutex
	reads, listed map[string]int
}

func (s *countingSource) count(in map[string]int, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in[name]++
}

func (s *countingSource) ReadFile(_ context.Context, name string) ([]byte, error) {
	s.count(s.reads, name)
	return s.MapFS.ReadFile(name)
}

func (s *countingSource) ReadDir(_ context.Context, name string) ([]fs.DirEntry, error) {
	s.count(s.listed, name)
	return s.MapFS.ReadDir(name)
}

func (s *countingSource) Glob(context.Context, string) ([]string, error) { return nil, nil }

func newCountingSource(files map[string]string) *countingSource {
	s := &countingSource{fstest.MapFS{}, sync.Mutex{}, map[string]int{}, map[string]int{}}
	for name, text := range files {
		s.MapFS[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return s
}

// Each file is read once, however many evaluations read it. Each directory is listed once,
// and nothing is asked for that it does not have.
func TestGraphReadsOnce(t *testing.T) {
	const n = 50
	files := map[string]string{
		"lib/a.libsonnet": "import 'b/b.libsonnet'", "vendor/b/b.libsonnet": "import 'c.libsonnet'", "vendor/b/c.libsonnet": "1",
	}
	var inputs []eval.Input
	for i := range n {
		dir := fmt.Sprintf("e%d", i)
		files[dir+"/main.jsonnet"] = "(import 'a.libsonnet') + import 'x/own.libsonnet'"
		files[dir+"/x/own.libsonnet"] = "importstr 'a.libsonnet'"
		inputs = append(inputs, eval.Input{File: dir + "/main.jsonnet", SearchPath: []string{dir, "lib", dir + "/vendor", "vendor"}})
	}
	source := newCountingSource(files)
	g, err := eval.NewGraph(t.Context(), eval.NewFiles(source, 0), inputs, func(string) bool { return false })
	require.NoError(t, err)
	for name := range files {
		want := 1
		if name == "lib/a.libsonnet" {
			want = 2 // as code and as text
		}
		assert.Equal(t, want, source.reads[name], name)
		delete(source.reads, name)
	}
	assert.Empty(t, source.reads, "files that do not exist")
	for name, times := range source.listed {
		assert.Equal(t, 1, times, name)
	}
	importers, err := g.Importers(t.Context(), eval.Question{
		File:    func(name string) bool { return name == "vendor/b/c.libsonnet" || name == "e7/x/own.libsonnet" },
		Missing: func(dir, file string) bool { return false },
		Glob:    func(string) bool { return false },
	})
	require.NoError(t, err)
	assert.Len(t, importers, n)
	assert.NotContains(t, importers, false)
}

// The end of the budget ends the way back from files to their readers, which is as long as
// the product of the numbers of files and evaluations.
func TestGraphQuestionCancelled(t *testing.T) {
	files := map[string]string{}
	var inputs []eval.Input
	for i := range 400 {
		dir := fmt.Sprintf("e%d", i)
		files[dir+"/main.jsonnet"] = "import 'a.libsonnet'"
		files[dir+"/a.libsonnet"] = "{}"
		inputs = append(inputs, eval.Input{File: dir + "/main.jsonnet", SearchPath: []string{dir}})
	}
	g, err := eval.NewGraph(t.Context(), eval.NewFiles(newCountingSource(files), 0), inputs, func(string) bool { return true })
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = g.Importers(ctx, eval.Question{
		File:    func(string) bool { return true },
		Missing: func(string, string) bool { return true },
		Glob:    func(string) bool { return true },
	})
	require.ErrorIs(t, err, context.Canceled)
	_, err = g.Marked(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

// A cancelled context ends the reading.
func TestGraphCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	source := newCountingSource(map[string]string{"main.jsonnet": "1"})
	cancel()
	_, err := eval.NewGraph(ctx, eval.NewFiles(source, 0), []eval.Input{{File: "main.jsonnet"}}, func(string) bool { return false })
	require.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, source.reads)
}

// A missing entrypoint, and code that has no tokens, are reported. The other dependencies
// of such evaluations are unknown.
func TestGraphBroken(t *testing.T) {
	source := newCountingSource(map[string]string{
		"a/main.jsonnet": "import 'x.libsonnet'", "a/x.libsonnet": "import 'y", "b/main.jsonnet": "importstr '../a/x.libsonnet'",
	})
	inputs := []eval.Input{{File: "a/main.jsonnet"}, {File: "b/main.jsonnet"}, {File: "c/main.jsonnet"}}
	g, err := eval.NewGraph(t.Context(), eval.NewFiles(source, 0), inputs, func(string) bool { return false })
	require.NoError(t, err)
	found, broken, err := g.Broken(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []bool{true, false, true}, broken, "text may hold anything")
	var problems []string
	for _, d := range found {
		problems = append(problems, d.Error())
	}
	assert.Equal(t, "c: import \"c/main.jsonnet\": no such file\na/x.libsonnet:1:8: Unterminated String", strings.Join(problems, "\n"))
}
