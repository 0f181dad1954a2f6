package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"sync"
	"time"

	gojsonnet "github.com/google/go-jsonnet"
	"golang.org/x/sync/errgroup"

	"github.com/mop-platform/mop/internal/jsonnet"
)

// evaluateCommand is an argument. With it this program only evaluates files, so that
// another process can measure it.
const evaluateCommand = "evaluate"

// maxStack is a depth of the stack that is enough for all programs.
const maxStack = 20_000

// evaluate evaluates the files in its arguments to JSON, as many at a time as there are
// processors. It prints the seconds for all of them together. It keeps nothing from one
// repetition to the next.
func evaluate(args []string) error {
	flags := flag.NewFlagSet(evaluateCommand, flag.ContinueOnError)
	engine := flags.String("engine", "", "mop or go-jsonnet")
	path := flags.String("path", "", "search imports in these directories, separated by colons")
	repeat := flags.Int("repeat", 1, "repeat this often")
	profile := flags.String("profile", "", "write a profile of the processor's time to `FILE`")
	heap := flags.String("heap", "", "write a profile of what is in memory at the end to `FILE`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	// mop does the same, and the other engine gains by it too.
	debug.SetGCPercent(200)
	begin := time.Now()
	var one func(file string) error
	for range *repeat {
		paths := strings.Split(*path, ":")
		switch *engine {
		case "mop":
			one = compiled(paths)
		case "go-jsonnet":
			one = interpreted(paths)
		default:
			return fmt.Errorf("-engine: want mop or go-jsonnet, got %q", *engine)
		}
		var g errgroup.Group
		g.SetLimit(runtime.GOMAXPROCS(0))
		for _, file := range flags.Args() {
			g.Go(func() error { return one(file) })
		}
		if err := g.Wait(); err != nil {
			return err
		}
	}
	fmt.Println(time.Since(begin).Seconds() / float64(*repeat))
	if *heap == "" {
		return nil
	}
	runtime.GC()
	err := writeProfile(*heap, pprof.Lookup("heap"))
	// The memory that one keeps counts too.
	runtime.KeepAlive(one)
	return err
}

func writeProfile(name string, p *pprof.Profile) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := p.WriteTo(f, 0); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// interpreted evaluates each file with a new VM.
func interpreted(paths []string) func(string) error {
	return func(file string) error {
		vm := gojsonnet.MakeVM()
		vm.MaxStack = maxStack
		vm.SetTraceOut(io.Discard)
		vm.Importer(&gojsonnet.FileImporter{JPaths: paths})
		_, err := vm.EvaluateFile(file)
		return err
	}
}

// compiled evaluates all files with one cache of compiled code.
func compiled(paths []string) func(string) error {
	cache := jsonnet.NewCache(0)
	importer := newImporter(paths)
	return func(file string) error {
		result, err := cache.Eval(context.Background(), jsonnet.Input{File: file, Importer: importer, MaxStack: maxStack})
		if err != nil {
			return err
		}
		_, err = result.JSON()
		return err
	}
}

// importer is an importer of go-jsonnet for package jsonnet. It is safe for concurrent use.
type importer struct {
	mu    sync.Mutex
	inner gojsonnet.Importer
	known map[gojsonnet.Contents]jsonnet.Contents
}

// newImporter returns an importer of files on disk with a search path.
func newImporter(paths []string) *importer {
	return &importer{inner: &gojsonnet.FileImporter{JPaths: paths}, known: map[gojsonnet.Contents]jsonnet.Contents{}}
}

func (i *importer) Import(from, path string) (jsonnet.Contents, string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	theirs, name, err := i.inner.Import(from, path)
	if err != nil {
		return jsonnet.Contents{}, "", err
	}
	ours, ok := i.known[theirs]
	if !ok {
		ours = jsonnet.MakeContentsRaw(theirs.Data())
		i.known[theirs] = ours
	}
	return ours, name, nil
}
