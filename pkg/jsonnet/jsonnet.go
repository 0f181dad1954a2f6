// Package jsonnet evaluates Jsonnet: a program and its arguments to a value.
//
//	vm, err := jsonnet.New(jsonnet.Config{Importer: jsonnet.FS(os.DirFS("."), "lib")})
//	if err != nil {
//		return err
//	}
//	args := jsonnet.Args{TLAs: map[string]jsonnet.Var{"replicas": jsonnet.Value(3)}}
//	result, err := vm.EvalFile(ctx, "main.jsonnet", args)
//	if err != nil {
//		return err
//	}
//	err = result.Decode(&out)
//
// One [VM] serves a whole program: it is safe for concurrent use, each call has arguments of
// its own, and what it keeps between calls is compiled code, within a bound. Each call reads
// the files anew.
//
// The language and its results are those of google/go-jsonnet, to the byte,
// but for one thing: std.native of a name that the [Config] does not have is an error, and
// not null. Importers and native functions for go-jsonnet work by package gojsonnet. This
// package knows nothing of projects and Kubernetes; for those see package render.
//
// Code of a caller, which is importers, file systems, natives and writers, may fail, panic
// and block: that is an error of the call, with the place in the program, and the call ends
// with its limit of time and its context nevertheless.
package jsonnet

import (
	"context"
	"io"
	"time"
)

// Args are the arguments of one evaluation. The zero Args are none.
type Args struct {
	// ExtVars are the values of std.extVar.
	ExtVars map[string]Var
	// TLAs are the arguments if the value of the program is a function; otherwise they are
	// ignored.
	TLAs map[string]Var
	// Trace receives the output of std.trace; nil discards it.
	Trace io.Writer
}

// Native is a function written in Go, which Jsonnet calls as std.native(Name)(...).
type Native struct {
	Name string
	// Params are the names of the parameters.
	Params []string
	// Func computes the result. args has an argument for each parameter; it consists of nil,
	// bool, float64, string, []any and map[string]any. The result may be any value that
	// encoding/json can marshal.
	//
	// Func must check the types of its arguments, must give equal results for equal
	// arguments and files, and may be called by several goroutines. An error is an error of
	// the program at the place of the call, with Func's error in its chain, and so is a
	// panic. Nothing waits for Func once its context has ended.
	Func func(c Call, args []any) (any, error)
}

// Call is one call of a [Native]: what this may use besides its arguments. A test of a
// Native can give one of its own.
type Call interface {
	// Context is that of the evaluation. A function that takes long must end with it.
	Context() context.Context
	// ReadFile returns the contents of a file, which is found as one that is asked for
	// itself. The evaluation depends on it as on an imported one. The error is that of the
	// importer or of the project, so that fs.ErrNotExist is found in its chain.
	ReadFile(name string) ([]byte, error)
}

// Limits are the limits of one evaluation. What other evaluations and the rest of the
// process do does not count. If a limit is exceeded, the error is a [*LimitError].
type Limits struct {
	// Time is how long the evaluation may take, with all that it waits for; 0 is no limit.
	// Its context may end it earlier.
	Time time.Duration
	// Memory is about how many bytes of strings, arrays, objects and variables the
	// evaluation may make, also of those that it does not hold any more; 0 is no limit.
	Memory int64
	// Stack is how deep calls may be nested; 0 is 500, as in go-jsonnet.
	Stack int
}

// Importer finds the files that a program imports.
type Importer interface {
	// Import returns the name and the content of the file to which path leads in the file
	// named from. from is "" for a file that the program does not import, but that
	// was asked for itself. Equal names must be equal files within an evaluation. content
	// must not be changed afterwards.
	//
	// An error is an error of the program at the place of the import, with Import's error
	// in its chain, and so is a panic; if there is no such file, the error should be
	// [io/fs.ErrNotExist]. Nothing waits for Import once ctx has ended. Import must be safe
	// for concurrent use.
	Import(ctx context.Context, from, path string) (name string, content []byte, err error)
}
