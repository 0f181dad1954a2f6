package jsonnet_test

import (
	"flag"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/jsonnet"
)

var versions = flag.Int("versions", 40, "evaluate `N` versions of a library")

// held returns how many bytes the process holds, without garbage.
func held() int64 {
	var m runtime.MemStats
	for range 2 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A VM keeps the code of all versions of a library, of programs and of arguments within its
// bound.
func TestMemoryDoesNotGrow(t *testing.T) {
	const cache = 8 << 20
	fsys := fstest.MapFS{}
	vm := newVM(t, jsonnet.Config{Importer: jsonnet.FS(fsys), Cache: cache})
	var library strings.Builder
	for i := range 500 {
		fmt.Fprintf(&library, "  f%[1]d(x):: { a: x, b: [x, 'value %[1]d'], c: if x == 1 then self.a else null },\n", i)
	}
	require.Greater(t, library.Len(), 38_000)
	begin := held()
	for version := range *versions {
		fsys["lib.libsonnet"] = &fstest.MapFile{Data: fmt.Appendf(nil, "{\n  version: %d,\n%s}\n", version, library.String())}
		for range 2 {
			args := jsonnet.Args{TLAs: map[string]jsonnet.Var{"x": jsonnet.Code(fmt.Sprintf("{ version: %d }", version))}}
			result, err := vm.Eval(t.Context(), "main.jsonnet", fmt.Sprintf("function(x) (import 'lib.libsonnet').f7(x) { program: %d }", version), args)
			require.NoError(t, err)
			var out struct{ A struct{ Version int } }
			require.NoError(t, result.Decode(&out))
			require.Equal(t, version, out.A.Version)
		}
	}
	grown := held() - begin
	t.Logf("%d KiB more than before", grown>>10)
	assert.Less(t, grown, int64(2*cache))
	runtime.KeepAlive(vm)
}
