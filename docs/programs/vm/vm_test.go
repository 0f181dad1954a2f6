package vm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/jsonnet"
)

var files = fstest.MapFS{"lib/services.libsonnet": {Data: []byte(`{
  of(team):: if team == '' then error 'a team has a name' else
    [{ name: team + '-web', ports: [80, std.length(std.native('system')())] }],
}`)}}

func TestServices(t *testing.T) {
	vm, err := New(files)
	require.NoError(t, err)
	var all sync.WaitGroup
	for i := range 5000 {
		team := fmt.Sprint("team", i)
		all.Go(func() {
			services, err := Services(t.Context(), vm, team, nil)
			if assert.NoError(t, err) {
				assert.Equal(t, team+"-web", services[0].Name)
			}
		})
	}
	all.Wait()
}

func TestFaults(t *testing.T) {
	vm, err := New(files)
	require.NoError(t, err)
	_, err = Services(t.Context(), vm, "", nil)
	var d diag.Diagnostic
	require.ErrorAs(t, err, &d)
	assert.Contains(t, d.Problem, "a team has a name")
	assert.Equal(t, "lib/services.libsonnet", d.At.File)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Services(ctx, vm, "a", nil)
	assert.ErrorIs(t, err, context.Canceled)

	_, err = jsonnet.New(jsonnet.Config{Natives: []jsonnet.Native{{Name: "a"}, {Name: "a"}}})
	assert.ErrorContains(t, err, `"a"`)
}

func TestTrace(t *testing.T) {
	var trace strings.Builder
	vm, err := jsonnet.New(jsonnet.Config{})
	require.NoError(t, err)
	res, err := vm.Eval(t.Context(), "a.jsonnet", `std.trace('seen', [1, 2])`, jsonnet.Args{Trace: &trace})
	require.NoError(t, err)
	text, err := res.JSON()
	require.NoError(t, err)
	assert.Equal(t, "[\n   1,\n   2\n]\n", string(text))
	assert.Contains(t, trace.String(), "seen")
	_, err = vm.Eval(t.Context(), "a.jsonnet", "{", jsonnet.Args{})
	assert.False(t, errors.Is(err, jsonnet.ErrLimit))
	var d diag.Diagnostic
	require.ErrorAs(t, err, &d)
	assert.Equal(t, diag.Position{File: "a.jsonnet", Line: 1, Column: 2}, d.At)
}
