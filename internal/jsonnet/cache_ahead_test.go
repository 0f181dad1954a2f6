package jsonnet_test

import (
	"errors"
	"maps"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/jsonnet"
)

// aheadImporter records the files for which it is asked.
type aheadImporter struct {
	files map[string]string
	// meet is a file whose Import waits until ReadAhead has been called for it.
	meet string

	mu              sync.Mutex
	imported, ahead map[string]bool
	met             chan struct{}
}

func (i *aheadImporter) Import(_, path string) (jsonnet.Contents, string, error) {
	i.mu.Lock()
	i.imported[path] = true
	i.mu.Unlock()
	if path == i.meet {
		<-i.met
	}
	text, ok := i.files[path]
	if !ok {
		return jsonnet.Contents{}, "", errors.New("no such file: " + path)
	}
	return jsonnet.MakeContents(text), path, nil
}

func (i *aheadImporter) ReadAhead(_, path string) (jsonnet.Contents, string, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if path == i.meet && !i.ahead[path] {
		close(i.met)
	}
	i.ahead[path] = true
	text, ok := i.files[path]
	return jsonnet.MakeContents(text), path, ok
}

func TestReadAhead(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	for name, test := range map[string]struct {
		files    map[string]string
		meet     string
		want     string
		imported []string
	}{
		"a local": {
			map[string]string{"main": `local a = import 'a', b = import 'b'; [a, b]`, "a": "1", "b": "2"},
			"b", "[\n   1,\n   2\n]\n", []string{"a", "b", "main"},
		},
		"a file of a file": {
			map[string]string{"main": `(import 'a') + 1`, "a": "local b = import 'b'; local c = import 'c'; b + c", "b": "2", "c": "3"},
			"c", "6\n", []string{"a", "b", "c", "main"},
		},
		"fields of fields": {
			map[string]string{
				"main": `local k = import 'k', new = k.apps.v1.deployment.new; new('a')`, "k": `(import 'gen') + { apps+: { more: 1 } }`,
				"gen": `{ apps: import 'apps', core: import 'broken' }`, "apps": `{ local v1 = import 'v1', v1: v1 }`,
				"v1": `{ deployment: import 'deployment', broken: import 'broken' }`, "deployment": `{ new(name): name }`,
				"broken": `{`,
			},
			"deployment", "\"a\"\n", []string{"apps", "deployment", "gen", "k", "main", "v1"},
		},
		"in vain": {
			map[string]string{"main": `local a = import 'broken', b = import 'missing'; local c = import 'c'; c`, "broken": "{", "c": "3"},
			"", "3\n", []string{"c", "main"},
		},
		"each other": {
			map[string]string{"main": `local a = import 'a'; a.x`, "a": `local main = import 'main', b = import 'b'; { x: b.y }`, "b": `local a = import 'a'; { y: 1, z: a.x }`},
			"b", "1\n", []string{"a", "b", "main"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := &aheadImporter{files: test.files, meet: test.meet, imported: map[string]bool{}, ahead: map[string]bool{}, met: make(chan struct{})}
			result, err := jsonnet.NewCache(0).Eval(t.Context(), jsonnet.Input{File: "main", Importer: i})
			require.NoError(t, err)
			got, err := result.JSON()
			require.NoError(t, err)
			assert.Equal(t, test.want, string(got))
			assert.Equal(t, test.imported, slices.Sorted(maps.Keys(i.imported)))
		})
	}
}
