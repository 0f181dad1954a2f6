package jsonnet_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/jsonnet"
)

// numbered returns n texts with a number in each, one after another.
func numbered(n int, format, separator string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(all, separator)
}

// The parser cannot be stopped. A program that needs more memory than the limit, or much
// more time, is refused before it is parsed, at the line where it exceeds the limit.
func TestCheckMemory(t *testing.T) {
	programs := map[string]string{
		"elements":         "[\n" + strings.Repeat("1,\n", 300_000) + "]",
		"fields":           "{\n" + numbered(100_000, "a%d: 1,", "\n") + "}",
		"locals of fields": "{\n" + numbered(100_000, "local a%d = 1,", "\n") + "}",
		"comments":         "[\n" + strings.Repeat("//\n", 600_000) + "]",
		"comments /*":      "[\n" + strings.Repeat("/**/\n", 600_000) + "]",
		"lines":            "[" + strings.Repeat("\n", 2_000_000) + "]",
		"strings":          "[\n" + strings.Repeat("'',\n", 300_000) + "]",
		"objects":          "[\n" + strings.Repeat("{},\n", 300_000) + "]",
		"functions":        "[\n" + strings.Repeat("function(x) x,\n", 100_000) + "]",
		"arguments":        "f(\n" + strings.Repeat("1,\n", 300_000) + ")",
		"text":             "\n'" + strings.Repeat("x", 60_000_000) + "'",
		"verbatim text":    "\n@'" + strings.Repeat("x", 6_000_000) + "'",
		"lines of text":    "\n|||\n" + strings.Repeat(" \n", 2_000_000) + "|||",
		"a comment":        "\n//" + strings.Repeat("x", 60_000_000),
	}
	for name, code := range programs {
		t.Run(name, func(t *testing.T) {
			runtime.GC()
			ctx, stop := budget.New(t.Context(), budget.Limits{Memory: budget.Held() + 50<<20})
			defer stop()
			err := jsonnet.Check(ctx, "a.jsonnet", code)
			var spent *budget.Exceeded
			require.ErrorAs(t, err, &spent)
			assert.Equal(t, "memory", spent.What)
			var source *jsonnet.SourceError
			require.ErrorAs(t, err, &source)
			assert.Greater(t, source.Loc().Begin.Line, 1)
		})
	}
}

func TestCheckTime(t *testing.T) {
	ctx, stop := budget.New(t.Context(), budget.Limits{Timeout: time.Second})
	defer stop()
	assert.EqualError(t, jsonnet.Check(ctx, "a.jsonnet", "[\n"+strings.Repeat("1,\n", 3_000_000)+"]"), "a.jsonnet:500001:1 time limit exceeded: 1s")
}

// A program that takes go-jsonnet longer than its length suggests is refused if there is a
// limit of time, and only then.
func TestCheckVariables(t *testing.T) {
	use := numbered(4000, "a%d", "+")
	programs := map[string]string{
		"objects among variables":       "local " + numbered(4000, "a%d=1", ",") + ";\n[" + strings.Repeat("{},", 10_000) + "]",
		"functions among variables":     "local " + numbered(4000, "a%d=1", ",") + ";\n[" + strings.Repeat("function(x) 1,", 30_000) + "]",
		"locals among variables":        numbered(10_000, "local a%d=1;", "") + "\n1",
		"loops among variables":         "local " + numbered(4000, "a%d=1", ",") + ";\n[" + strings.Repeat("[1 for x in []],", 40_000) + "]",
		"objects among parameters":      "function(" + numbered(4000, "a%d", ",") + ")\n[" + strings.Repeat("{},", 10_000) + "]",
		"objects among a method's":      "{ a(" + numbered(4000, "a%d", ",") + "):\n[" + strings.Repeat("{},", 10_000) + "] }",
		"objects among a local's":       "local f(" + numbered(4000, "a%d=1", ",") + ")=\n[" + strings.Repeat("{},", 10_000) + "]; f",
		"objects among an object's":     "{" + numbered(4000, "local a%d=1", ",") + ", b: \n[" + strings.Repeat("{},", 10_000) + "]}",
		"a sum":                         "local " + numbered(4000, "a%d=1", ",") + ";\n" + use,
		"a list in lists":               "local " + numbered(4000, "a%d=1", ",") + ";\n" + strings.Repeat("[", 2400) + strings.ReplaceAll(use, "+", ",") + strings.Repeat("]", 2400),
		"fields of a list":              "local " + numbered(4000, "a%d=1", ",") + ";\n[" + strings.ReplaceAll(use, "+", ",") + "]" + strings.Repeat(".a", 2000),
		"branches":                      "local " + numbered(4000, "a%d=1", ",") + ";\n" + numbered(3000, "if a%d then ", "") + "1",
		"locals of objects in another":  "\n" + strings.Repeat("{local a=", 2300) + "1" + strings.Repeat(",b:1}", 2300),
		"variables of one local":        "local " + numbered(300_000, "a%d=1", ",") + ";\n1",
		"variables after another local": "local b = local c = 1; c, " + numbered(300_000, "a%d=1", ",") + ";\n1",
	}
	for name, code := range programs {
		t.Run(name, func(t *testing.T) {
			assert.NoError(t, jsonnet.Check(t.Context(), "a.jsonnet", code))
			ctx, stop := budget.New(t.Context(), budget.Limits{Timeout: time.Second})
			defer stop()
			err := jsonnet.Check(ctx, "a.jsonnet", code)
			require.Error(t, err)
			assert.Regexp(t, `^a.jsonnet:[12]:1 time limit exceeded: 1s$`, err.Error())
			in := jsonnet.Input{Snippet: code, SnippetName: "a.jsonnet"}
			assert.Equal(t, err.Error(), oursWithin(ctx, jsonnet.NewCache(0), in).message)
		})
	}
}

// Code that people and their programs write is far below the limits.
func TestCheckHonest(t *testing.T) {
	object := "{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c%d', namespace: ns }, data: { a: f(1), b: std.toString(2) } },"
	programs := map[string]string{
		"objects":        "local ns = 'x', f(x) = x;\n[" + numbered(5000, object, "\n") + "]",
		"variables":      numbered(1000, "local a%d = 1;", "\n") + "[" + numbered(1000, "a%d", ",") + "]",
		"functions":      numbered(2000, "local f%d(x) = x + %[1]d;", "\n") + "f1(2)",
		"variables once": "local " + numbered(5000, "a%d = 1", ",") + ";\n[" + numbered(5000, "a%d", ",") + "]",
		"a library":      "{" + numbered(3000, "local f%d(x, y=1) = { a: x, b: y },", "\n") + numbered(3000, "g%d(x):: { a+: { b: x } },", "\n") + "}",
		"a text":         "|||\n" + strings.Repeat("  some line\n", 200_000) + "|||",
		"nested":         strings.Repeat("[", 2000) + strings.Repeat("]", 2000),
	}
	ctx, stop := budget.New(t.Context(), budget.Limits{Memory: budget.Held() + 200<<20, Timeout: time.Second})
	defer stop()
	for name, code := range programs {
		t.Run(name, func(t *testing.T) { assert.NoError(t, jsonnet.Check(ctx, "a.jsonnet", code)) })
	}
}

// A budget that has ended affects only the evaluation with that budget.
func TestSpentIsNotKept(t *testing.T) {
	runtime.GC()
	cache := jsonnet.NewCache(0)
	code := "[" + strings.Repeat("'x',\n", 200_000) + "]"
	ctx, stop := budget.New(t.Context(), budget.Limits{Memory: budget.Held() + 16<<20})
	defer stop()
	got := oursWithin(ctx, cache, jsonnet.Input{File: "a.libsonnet", Importer: importerOf("a.libsonnet", "import 'b.libsonnet'", "b.libsonnet", code)})
	assert.Contains(t, got.message, "memory limit exceeded")
	got = ours(t, cache, jsonnet.Input{File: "a.libsonnet", Importer: importerOf("a.libsonnet", "import 'b.libsonnet'", "b.libsonnet", code)})
	assert.Empty(t, got.message)
}

func importerOf(files ...string) jsonnet.Importer {
	data := map[string]gojsonnet.Contents{}
	for i := 0; i < len(files); i += 2 {
		data[files[i]] = gojsonnet.MakeContents(files[i+1])
	}
	return jsonnet.Theirs(&gojsonnet.MemoryImporter{Data: data})
}
