package jsonnet_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/jsonnet"
)

func ExampleProfile() {
	profile := jsonnet.NewProfile()
	result, err := profile.Cache().Eval(context.Background(), jsonnet.Input{
		Snippet: `local double(x) = 2 * x; [double(i) for i in [1, 2, 3]]`, SnippetName: "main.jsonnet",
	})
	if err != nil {
		panic(err)
	}
	if _, err := result.Value(); err != nil {
		panic(err)
	}
	for _, f := range profile.Report(nil).Functions {
		if f.Calls > 0 {
			fmt.Println(f, f.Calls)
		}
	}
	// Output:
	// main.jsonnet:1 double 3
}

// Evaluations at the same time share a profile, and no call is lost.
func TestProfileConcurrent(t *testing.T) {
	profile := jsonnet.NewProfile()
	in := func() jsonnet.Input {
		return jsonnet.Input{
			Snippet:     `local f(x) = x + 1, fib(n) = if n < 2 then n else fib(n - 1) + fib(n - 2); [f(i) + fib(12) for i in std.range(1, 30)]`,
			SnippetName: "main.jsonnet",
		}
	}
	want := ours(t, jsonnet.NewCache(0), in())
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { assert.Equal(t, want, ours(t, profile.Cache(), in())) })
	}
	all.Wait()
	report := profile.Report(nil)
	assert.Equal(t, 8, report.Evaluations)
	assert.Positive(t, report.Time)
	calls := map[string]int64{}
	for _, f := range report.Functions {
		calls[f.String()] = f.Calls
	}
	assert.EqualValues(t, 8*30, calls["main.jsonnet:1 f"])
	assert.EqualValues(t, 8*30*465, calls["main.jsonnet:1 fib"])
}

// A profile changes no value, no message and no trace.
func TestProfileChangesNothing(t *testing.T) {
	t.Chdir(moduleDir(t))
	files, err := filepath.Glob("testdata/*.jsonnet")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	plain, profile := jsonnet.NewCache(0), jsonnet.NewProfile()
	for _, file := range files {
		code, err := os.ReadFile(file)
		require.NoError(t, err)
		in := jsonnet.Input{
			Snippet: string(code), SnippetName: file, Importer: jsonnet.Theirs(&gojsonnet.FileImporter{}), Natives: upstreamNatives,
			ExtVars: map[string]jsonnet.Variable{"stringVar": jsonnet.String("2 + 2"), "codeVar": jsonnet.Code("3 + 3")},
		}
		assert.Equal(t, ours(t, plain, in), ours(t, profile.Cache(), in), file)
	}
}
