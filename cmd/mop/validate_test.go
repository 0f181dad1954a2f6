package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/mop-platform/mop/pkg/manifest"
)

// BenchmarkValidate checks 4,000 manifests, those of the tests of package
// validate and of the environments over and over, good and bad ones: as one file
// of YAML, as a file each, and as JSON values.
func BenchmarkValidate(b *testing.B) {
	const n = 4000
	var files []string
	for _, pattern := range []string{"../../pkg/validate/testdata/*.yaml", "../../environments/testdata/*.yaml"} {
		matches, err := filepath.Glob(pattern)
		require.NoError(b, err)
		require.NotEmpty(b, matches)
		files = append(files, matches...)
	}
	var values []any
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(b, err)
		documents, found, err := manifest.Parse(b.Context(), file, data)
		require.NoError(b, err)
		require.Empty(b, found)
		for _, d := range documents {
			values = append(values, d.Value)
		}
	}
	dir := b.TempDir()
	require.NoError(b, os.Mkdir(filepath.Join(dir, "files"), 0o777))
	var stream, lines bytes.Buffer
	for i := range n {
		text, err := yaml.Marshal(values[i%len(values)])
		require.NoError(b, err)
		line, err := json.Marshal(values[i%len(values)])
		require.NoError(b, err)
		fmt.Fprintf(&stream, "---\n%s", text)
		fmt.Fprintf(&lines, "%s\n", line)
		require.NoError(b, os.WriteFile(filepath.Join(dir, "files", fmt.Sprintf("%04d.yaml", i)), text, 0o666))
	}
	require.NoError(b, os.WriteFile(filepath.Join(dir, "all.yaml"), stream.Bytes(), 0o666))
	require.NoError(b, os.WriteFile(filepath.Join(dir, "all.jsonl"), lines.Bytes(), 0o666))
	for _, input := range []string{"all.yaml", "files", "all.jsonl"} {
		b.Run(input, func(b *testing.B) {
			for b.Loop() {
				a := &app{output: newOutput(io.Discard, io.Discard), dir: dir}
				err := runValidate(b.Context(), a, nil, nil, validateOptions{files: []string{input}, output: "text"})
				require.True(b, errors.Is(err, errFindings), "%v", err)
			}
		})
	}
}
