package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// indexFile is the name of the file in the directory that holds its index.
const indexFile = "manifest.json"

// index tells for each exported file, by its path below the directory, the
// entrypoint that it comes from.
type index map[string]string

// readIndex returns the index of dir, and whether there is one. The error is a
// [diag.List] if the file cannot be understood.
func readIndex(dir string) (x index, known bool, err error) {
	name := filepath.Join(dir, indexFile)
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	x, found := parseIndex(data)
	for i := range found {
		found[i].At.File = name
		found[i].Hints = []string{"repair it, or remove it if no file of earlier exports is to be removed"}
	}
	return x, true, found.Err()
}

// parseIndex parses an index. The diagnostics have positions without a file.
func parseIndex(data []byte) (index, diag.List) {
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		d := diag.Diagnostic{Problem: err.Error()}
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			d.At.Line = bytes.Count(data[:syntax.Offset], []byte("\n")) + 1
		}
		return nil, diag.List{d}
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return nil, diag.List{{Problem: "want an object, got " + manifest.Describe(value)}}
	}
	x := index{}
	var found diag.List
	for _, file := range slices.Sorted(maps.Keys(fields)) {
		entrypoint, ok := fields[file].(string)
		if !ok {
			found = append(found, diag.Diagnostic{Subject: fmt.Sprintf("%q", file), Problem: "want a string, " + manifest.Got(fields, file)})
			continue
		}
		// Tanka writes the name as the format gives it, "./a.yaml" or "/a.yaml".
		clean := path.Clean(file)
		if path.IsAbs(clean) {
			clean = clean[1:]
		}
		if clean == "." || !filepath.IsLocal(filepath.FromSlash(clean)) {
			found = append(found, diag.Diagnostic{Subject: fmt.Sprintf("%q", file), Problem: "want a path below the directory"})
			continue
		}
		x[clean] = entrypoint
	}
	return x, found
}

// has reports whether a file comes from entrypoint.
func (x index) has(entrypoint string) bool {
	for _, e := range x {
		if e == entrypoint {
			return true
		}
	}
	return false
}

// write writes the index into dir as Tanka does: sorted, indented by four
// spaces, without a final newline. An empty one is only written over another.
func (x index) write(dir string, known bool) error {
	if len(x) == 0 && !known {
		return nil
	}
	data, err := json.MarshalIndent(x, "", "    ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, indexFile), data, 0o644)
}
