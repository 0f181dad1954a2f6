// Package gojsonnet gives the importers and native functions of google/go-jsonnet to a
// [mop.VM] of package jsonnet, so that a program can change its engine first and its own
// code later:
//
//	vm, err := jsonnet.New(jsonnet.Config{
//		Importer: gojsonnet.Importer(&google.FileImporter{JPaths: []string{"lib"}}),
//		Natives:  []jsonnet.Native{gojsonnet.Native(upper)},
//	})
//
// No other package takes types of go-jsonnet.
package gojsonnet

import (
	"context"

	google "github.com/google/go-jsonnet"

	"github.com/mop-platform/mop/internal/budget"
	mop "github.com/mop-platform/mop/pkg/jsonnet"
)

// Importer returns i for a VM. It calls i for one import at a time, as go-jsonnet does, and
// for each import anew: if files are to be seen as they are now, i must not remember them,
// as [google.FileImporter] does. i cannot be stopped; a call that ends before leaves it
// behind, and the next one waits for it. Without an importer, nil, there is none for the VM
// either, which then finds no files.
func Importer(i google.Importer) mop.Importer {
	if i == nil {
		return nil
	}
	return &importer{inner: i, turn: make(chan struct{}, 1)}
}

type importer struct {
	inner google.Importer
	// turn has an element while inner is asked.
	turn chan struct{}
}

// Import implements [mop.Importer].
func (i *importer) Import(ctx context.Context, from, path string) (name string, content []byte, err error) {
	select {
	case i.turn <- struct{}{}:
	case <-ctx.Done():
		return "", nil, budget.Of(ctx).Err()
	}
	defer func() { <-i.turn }()
	contents, name, err := i.inner.Import(from, path)
	if err != nil {
		return "", nil, err
	}
	return name, contents.Data(), nil
}

// Native returns f for a VM. If f or its function is nil, [mop.New] refuses it.
func Native(f *google.NativeFunction) mop.Native {
	if f == nil {
		return mop.Native{}
	}
	n := mop.Native{Name: f.Name}
	if f.Func != nil {
		n.Func = func(_ mop.Call, args []any) (any, error) { return f.Func(args) }
	}
	for _, p := range f.Params {
		n.Params = append(n.Params, string(p))
	}
	return n
}
