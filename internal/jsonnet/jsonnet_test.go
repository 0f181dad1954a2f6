package jsonnet_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/jsonnet"
)

func Example() {
	cache := jsonnet.NewCache(0)
	result, err := cache.Eval(context.Background(), jsonnet.Input{
		Snippet: `{ greeting: 'hello ' + std.extVar('name'), items+: [1, 2] }`, SnippetName: "main.jsonnet",
		ExtVars: map[string]jsonnet.Variable{"name": jsonnet.String("world")},
	})
	if err != nil {
		panic(err)
	}
	text, err := result.JSON()
	if err != nil {
		panic(err)
	}
	fmt.Print(string(text))
	origins, err := result.Tracer().Origins(nil, "greeting")
	if err != nil {
		panic(err)
	}
	fmt.Println(origins[0].Location.String())
	// Output:
	// {
	//    "greeting": "hello world",
	//    "items": [
	//       1,
	//       2
	//    ]
	// }
	// main.jsonnet:1:13-42
}

// Several goroutines can use one Cache.
func TestConcurrent(t *testing.T) {
	cache := jsonnet.NewCache(0)
	importer := func() jsonnet.Importer { return jsonnet.Theirs(&gojsonnet.MemoryImporter{Data: files}) }
	want := ours(t, cache, jsonnet.Input{File: "main.jsonnet", Importer: importer()})
	require.Empty(t, want.message)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				assert.Equal(t, want, ours(t, cache, jsonnet.Input{File: "main.jsonnet", Importer: importer()}))
			}
		})
	}
	all.Wait()
}

var files = map[string]gojsonnet.Contents{
	"main.jsonnet": gojsonnet.MakeContents(`
		local lib = import 'lib.libsonnet';
		{ [name]: lib.new(name) + lib.withTags(['a', 'é']) for name in ['x', 'y', 'z'] } +
		{ text: importstr 'lib.libsonnet', format: '%s-%05d' % ['é', 3], sorted: std.sort(['b', 'a', 'é']) }`),
	"lib.libsonnet": gojsonnet.MakeContents(`{
		local this = self, prefix: 'n-', greeting:: 'héllo',
		new(name): { name: this.prefix + name, first: this.greeting[1], tags: [], assert std.length(self.tags) < 5 },
		withTags(tags): { tags+: tags, count: std.length(super.tags) },
	}`),
}

// Each evaluation calls its importer, so that the importer knows which files it reads.
func TestImporterIsAsked(t *testing.T) {
	imported := map[string]int{}
	inner := jsonnet.Theirs(&gojsonnet.MemoryImporter{Data: files})
	importer := importerFunc(func(from, path string) (jsonnet.Contents, string, error) {
		imported[path]++
		return inner.Import(from, path)
	})
	cache := jsonnet.NewCache(0)
	for range 3 {
		require.Empty(t, ours(t, cache, jsonnet.Input{File: "main.jsonnet", Importer: importer}).message)
	}
	assert.Equal(t, map[string]int{"main.jsonnet": 3, "lib.libsonnet": 6}, imported)
}

type importerFunc func(from, path string) (jsonnet.Contents, string, error)

func (f importerFunc) Import(from, path string) (jsonnet.Contents, string, error) {
	return f(from, path)
}

func TestOrigins(t *testing.T) {
	code := `local base = {
  a: { b: 1 },
  list: [
    'x',
    { c: 2 },
  ],
  plain: 3,
};
base + {
  a+: { d: 4 },
  list+: ['y'],
  made: std.mapWithKey(function(k, v) v, { e: 5 }),
}
`
	cache := jsonnet.NewCache(0)
	result, err := cache.Eval(t.Context(), jsonnet.Input{Snippet: code, SnippetName: "f"})
	require.NoError(t, err)
	tests := []struct {
		name string
		path []any
		want []string
	}{
		{"a field", []any{"plain"}, []string{"f:7:10-11"}},
		{"added to", []any{"a"}, []string{"f:10:7-15 +", "f:2:6-14"}},
		{"within what is added to", []any{"a", "b"}, []string{"f:2:11-12"}},
		{"within what is added", []any{"a", "d"}, []string{"f:10:12-13"}},
		{"elements", []any{"list", 0}, []string{"f:4:5-8"}},
		{"elements that are added", []any{"list", 2}, []string{"f:11:11-14"}},
		{"deep", []any{"list", 1, "c"}, []string{"f:5:10-11"}},
		{"made by std", []any{"made", "e"}, []string{"f:12:9-51", "f:12:47-48 from"}},
		{"nowhere", []any{"none", "e"}, nil},
		{"not an array", []any{"a", 0}, nil},
		{"the whole", nil, []string{"f:(9:1)-(13:2)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			origins, err := result.Tracer().Origins(nil, tt.path...)
			require.NoError(t, err)
			var got []string
			for _, o := range origins {
				s := o.Location.String()
				switch o.Effect {
				case jsonnet.AddsTo:
					s += " +"
				case jsonnet.From:
					s += " from"
				case jsonnet.PartOf:
					s += " part"
				}
				got = append(got, s)
			}
			assert.Equal(t, tt.want, got)
		})
	}
}
