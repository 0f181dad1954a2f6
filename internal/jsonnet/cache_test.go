package jsonnet

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The Cache frees a file that only one evaluation has used, and keeps a file that two have
// used.
func TestCacheKeeps(t *testing.T) {
	data := map[string]gojsonnet.Contents{
		"lib.libsonnet": gojsonnet.MakeContents(`{ a: 1 } + { b: 2 }`),
		"own.libsonnet": gojsonnet.MakeContents(`{ c: 1 }`),
		"one.jsonnet":   gojsonnet.MakeContents(`import 'lib.libsonnet'`),
		"two.jsonnet":   gojsonnet.MakeContents(`(import 'lib.libsonnet') + (import 'own.libsonnet') + (import 'own.libsonnet')`),
	}
	cache := NewCache(0)
	for _, file := range []string{"one.jsonnet", "two.jsonnet"} {
		r, err := cache.Eval(t.Context(), Input{File: file, Importer: Theirs(&gojsonnet.MemoryImporter{Data: data})})
		require.NoError(t, err)
		_, err = r.JSON()
		require.NoError(t, err)
	}
	runtime.GC()
	for name, kept := range map[string]bool{"lib.libsonnet": true, "own.libsonnet": false, "one.jsonnet": false, "two.jsonnet": false} {
		known := cache.programs.entries[programKey{name, data[name].String()}]
		require.NotNil(t, known, name)
		assert.Equal(t, kept, known.kept != nil, name)
		assert.Equal(t, kept, known.latest.Value() != nil, name)
	}
}

// A Cache forgets the files that were not used for the longest time, and never counts wrong.
func TestCacheForgets(t *testing.T) {
	const one = 300 + 46*1000
	for name, test := range map[string]struct {
		limit int64
		use   string
		want  string
	}{
		"all fit":               {5 * one, "abcde", "abcde"},
		"the oldest goes first": {3 * one, "abcde", "cde"},
		"a use makes it new":    {3 * one, "abcad", "acd"},
		"one is too large":      {one / 2, "ab", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := programs{limit: test.limit, entries: map[programKey]*cached{}}
			for _, c := range test.use {
				k := p.use(programKey{string(c), strings.Repeat("x", 1000)})
				p.keep(k, &compilation{})
				p.shrink()
				assert.LessOrEqual(t, p.size, test.limit)
			}
			kept, size := "", int64(0)
			for _, k := range p.entries {
				size += k.bytes()
				if k.kept != nil {
					kept += k.key.name
				}
			}
			assert.Equal(t, size, p.size)
			assert.ElementsMatch(t, strings.Split(test.want, ""), strings.Split(kept, ""))
			for k, n := p.newest, 0; ; k, n = k.older, n+1 {
				if k == nil {
					assert.Equal(t, len(p.entries), n, "linked in one direction")
					break
				}
			}
			for k, n := p.oldest, 0; ; k, n = k.newer, n+1 {
				if k == nil {
					assert.Equal(t, len(p.entries), n, "linked in the other")
					break
				}
			}
		})
	}
}

// Many versions of a library, each of which several evaluations import, take the memory of
// the limit.
func TestCacheOfManyVersions(t *testing.T) {
	const limit = 8 << 20
	library := func(version int) string {
		var b strings.Builder
		fmt.Fprintf(&b, "local version = %d;\n{\n", version)
		for i := range 400 {
			fmt.Fprintf(&b, "  f%d(a, b=%d):: { x: a + b, y: { z: [a, b, version] }, name: 'n%%d' %% a },\n", i, i)
		}
		return b.String() + "}\n"
	}
	cache := NewCache(limit)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var first uint64
	for version := range 40 {
		data := map[string]gojsonnet.Contents{
			"lib.libsonnet": gojsonnet.MakeContents(library(version)),
			"main.jsonnet":  gojsonnet.MakeContents("local l = import 'lib.libsonnet'; (l + { g:: 1 }).f7(1)"),
		}
		for range 2 {
			r, err := cache.Eval(t.Context(), Input{File: "main.jsonnet", Importer: Theirs(&gojsonnet.MemoryImporter{Data: data})})
			require.NoError(t, err)
			_, err = r.JSON()
			require.NoError(t, err)
		}
		if version == 10 {
			first = heap()
		}
	}
	assert.Less(t, heap(), first+2*limit)
	runtime.KeepAlive(cache)
}

// An evaluation waits for another one that compiles the same file as long as its context
// lasts.
func TestWaitingForCodeEnds(t *testing.T) {
	c := NewCache(0)
	key := programKey{"a", "1"}
	code := c.peek(key)
	code.busy <- struct{}{}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	cancel(cause)
	_, err := c.compileFile(ctx, key, nil, nil)
	require.Equal(t, cause, err)
	<-code.busy
	_, err = c.compileFile(t.Context(), key, nil, nil)
	require.NoError(t, err)
}

// The code of a variable is kept like that of a file.
func TestVariablesAreCompiledOnce(t *testing.T) {
	c := NewCache(0)
	for range 2 {
		v, err := c.Compile(t.Context(), Code("1 + 1").Named("<x>"))
		require.NoError(t, err)
		_, err = c.Eval(t.Context(), Input{Snippet: "function(x) x", TLAs: map[string]Variable{"x": v}})
		require.NoError(t, err)
		runtime.KeepAlive(v)
	}
	require.NotNil(t, c.programs.entries[programKey{"<x>", "1 + 1"}].kept)
	_, err := c.Compile(t.Context(), Code("1 +").Named("<x>"))
	require.ErrorContains(t, err, "<x>:1:4")
}
