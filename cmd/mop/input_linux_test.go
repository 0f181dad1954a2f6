package main

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/mop-platform/mop/internal/budget"
)

// Opening or reading a pipe to which nobody writes lasts until the budget ends. The error
// names the pipe.
func TestSilentInputIsNamed(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, unix.Mkfifo(filepath.Join(dir, "pipe.yaml"), 0o666))
	silent, _ := io.Pipe()
	a := func() *app { return &app{output: newOutput(io.Discard, io.Discard), dir: dir, lookupEnv: noVariables} }
	check := func(ctx context.Context, file string) error {
		return runValidate(ctx, a(), silent, nil, validateOptions{jsonnet: jsonnetFlags{interpreter: defaultInterpreter}, files: []string{file}, output: "text", references: lenient})
	}
	generate := func(ctx context.Context, file string) error {
		return runK8sGenerate(ctx, a(), silent, k8sGenerateOptions{version: "1.29", crds: []string{file}, out: "out"})
	}
	trace := func(ctx context.Context, file string) error {
		return runTrace(ctx, a(), silent, strings.TrimPrefix(file, "-")+":1", "", explainOptions{jsonnet: jsonnetFlags{interpreter: defaultInterpreter}, output: "text"})
	}
	for _, c := range []struct {
		name string
		run  func(context.Context, string) error
	}{{"validate", check}, {"k8s generate", generate}, {"trace", trace}} {
		for file, want := range map[string]string{"pipe.yaml": "pipe.yaml:1: time limit exceeded: 20ms", "-": "<stdin>:1: time limit exceeded: 20ms"} {
			t.Run(c.name+" "+file, func(t *testing.T) {
				ctx, stop := budget.New(t.Context(), budget.Limits{Timeout: 20 * time.Millisecond})
				defer stop()
				err := c.run(ctx, file)
				require.ErrorAs(t, err, new(*budget.Exceeded))
				require.EqualError(t, err, want)
			})
		}
	}
}
