package gojsonnet_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	google "github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/jsonnet/gojsonnet"
)

func upper() *google.NativeFunction {
	return &google.NativeFunction{Name: "upper", Params: ast.Identifiers{"s"}, Func: func(args []any) (any, error) {
		s, ok := args[0].(string)
		if !ok {
			return nil, errType
		}
		return strings.ToUpper(s), nil
	}}
}

var errType = errors.New("want a string")

func Example() {
	files := map[string]google.Contents{"a.libsonnet": google.MakeContents("{ name: std.native('upper')('a') }")}
	vm, err := jsonnet.New(jsonnet.Config{
		Importer: gojsonnet.Importer(&google.MemoryImporter{Data: files}),
		Natives:  []jsonnet.Native{gojsonnet.Native(upper())},
	})
	if err != nil {
		panic(err)
	}
	result, err := vm.Eval(context.Background(), "main.jsonnet", "(import 'a.libsonnet').name", jsonnet.Args{})
	if err != nil {
		panic(err)
	}
	fmt.Println(result.Text())
	// Output: A <nil>
}

// A VM finds the same files as go-jsonnet's, and has the errors of importers and natives in
// its chain.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	write("env/main.jsonnet", "(import 'a.libsonnet') + (import '../lib/b.libsonnet') { text: importstr 'a.libsonnet', file: std.thisFile }")
	write("env/a.libsonnet", "{ a: std.native('upper')('x') }")
	write("lib/b.libsonnet", "{ c: import 'c.libsonnet' }")
	write("vendor/c.libsonnet", "[1, std.native('upper')(s='y')]")
	importer := func() google.Importer { return &google.FileImporter{JPaths: []string{filepath.Join(dir, "vendor")}} }
	theirs := google.MakeVM()
	theirs.Importer(importer())
	theirs.NativeFunction(upper())
	main := filepath.Join(dir, "env/main.jsonnet")
	want, err := theirs.EvaluateFile(main)
	require.NoError(t, err)

	vm, err := jsonnet.New(jsonnet.Config{Importer: gojsonnet.Importer(importer()), Natives: []jsonnet.Native{gojsonnet.Native(upper())}})
	require.NoError(t, err)
	result, err := vm.EvalFile(t.Context(), main, jsonnet.Args{})
	require.NoError(t, err)
	b, err := result.JSON()
	require.NoError(t, err)
	assert.Equal(t, want, string(b))

	_, err = vm.Eval(t.Context(), "main.jsonnet", "std.native('upper')(1)", jsonnet.Args{})
	require.ErrorIs(t, err, errType)
	_, err = vm.Eval(t.Context(), "main.jsonnet", "import 'none'", jsonnet.Args{})
	var d diag.Diagnostic
	require.ErrorAs(t, err, &d)
	assert.Equal(t, diag.Position{File: "main.jsonnet", Line: 1, Column: 1}, d.At)
	assert.Contains(t, d.Problem, `couldn't open import "none"`)
}

type importerFunc func(from, path string) (google.Contents, string, error)

func (f importerFunc) Import(from, path string) (google.Contents, string, error) {
	return f(from, path)
}

// An importer is asked for one import at a time, and nothing waits for it longer than a call
// lasts.
func TestOneAtATime(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	importer := gojsonnet.Importer(importerFunc(func(_, path string) (google.Contents, string, error) {
		asked <- struct{}{}
		<-release
		return google.MakeContents("1"), path, nil
	}))
	done := make(chan error)
	ask := func(ctx context.Context) {
		_, _, err := importer.Import(ctx, "", "x")
		done <- err
	}
	go ask(t.Context())
	<-asked
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	go ask(ctx)
	require.ErrorIs(t, <-done, context.DeadlineExceeded)
	close(release)
	require.NoError(t, <-done)
}

// What is nil is no panic.
func TestNil(t *testing.T) {
	for _, f := range []*google.NativeFunction{nil, {Name: "f"}} {
		_, err := jsonnet.New(jsonnet.Config{Natives: []jsonnet.Native{gojsonnet.Native(f)}})
		assert.ErrorContains(t, err, "jsonnet.Config.Natives[0]: ")
	}
	assert.Nil(t, gojsonnet.Importer(nil))
	vm, err := jsonnet.New(jsonnet.Config{Importer: gojsonnet.Importer(nil)})
	require.NoError(t, err)
	_, err = vm.Eval(t.Context(), "", "import 'a'", jsonnet.Args{})
	var d diag.Diagnostic
	require.ErrorAs(t, err, &d)
	assert.NotContains(t, d.Problem, "panic")
}
