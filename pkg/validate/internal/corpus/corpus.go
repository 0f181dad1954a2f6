// Package corpus has good and damaged manifests, and the verdicts of the real
// kube-apiserver of each release of Kubernetes on them.
package corpus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// Bases is the directory of the good manifests, relative to the module's root. Package
// apiservertest describes its files.
const Bases = "apiserver/apiservertest/bases"

// A Manifest is one of the corpus.
type Manifest struct {
	// ID is its place in the corpus, from 0.
	ID int
	// How is "KIND NAME" of the good manifest. For a damaged one, a space, the damage and
	// its path follow: "drop spec.containers.0.image".
	How string
	// Object is JSON.
	Object json.RawMessage
}

// Manifests makes the corpus from the good manifests of a directory: each of them, and
// copies with damage in one place. It is the same each time.
func Manifests(bases fs.FS) ([]Manifest, error) {
	good, err := read(bases)
	if err != nil {
		return nil, err
	}
	var all []Manifest
	have := map[string]bool{}
	add := func(how string, object any) error {
		text, err := json.Marshal(object)
		if !have[string(text)] {
			have[string(text)] = true
			all = append(all, Manifest{ID: len(all), How: how, Object: text})
		}
		return err
	}
	for _, object := range good {
		metadata, _ := object["metadata"].(map[string]any)
		name, ok := metadata["name"]
		if !ok {
			name = metadata["generateName"]
		}
		id := fmt.Sprint(object["kind"], " ", name)
		if err := add(id, object); err != nil {
			return nil, err
		}
		full := fmt.Sprint(object["apiVersion"], " ", id, " ")
		for _, d := range damages(full, object) {
			if !d.chosen(full) {
				continue
			}
			if err := add(id+" "+d.how(), d.apply(object)); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// read returns the good manifests. They are in all files except podspecs.yaml.
func read(bases fs.FS) ([]map[string]any, error) {
	files, err := fs.Glob(bases, "*.yaml")
	if err != nil {
		return nil, err
	}
	const shared = "podspecs.yaml"
	r := reader{files: bases}
	text, err := fs.ReadFile(bases, shared)
	if err != nil {
		return nil, err
	}
	if err := decode(text, &r.podSpecs); err != nil {
		return nil, fmt.Errorf("%s: %w", shared, err)
	}
	var all []map[string]any
	for _, file := range files {
		if file == shared {
			continue
		}
		text, err := fs.ReadFile(bases, file)
		if err != nil {
			return nil, err
		}
		for i, document := range bytes.Split(text, []byte("\n---\n")) {
			var written map[string]any
			if err := decode(document, &written); err != nil {
				return nil, fmt.Errorf("%s: document %d: %w", file, i+1, err)
			}
			expanded, err := r.expand(written)
			if err != nil {
				return nil, fmt.Errorf("%s: document %d: %w", file, i+1, err)
			}
			all = append(all, expanded.(map[string]any))
		}
	}
	return all, nil
}

// decode reads YAML with its numbers as they are written.
func decode(text []byte, into any) error {
	text, err := yaml.YAMLToJSON(text)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}

// reader puts the pieces of manifests together.
type reader struct {
	files    fs.FS
	podSpecs map[string]map[string]any
}

// expand returns a value with $podSpec and $file replaced, as package apiservertest does.
// The modules of apiserver cannot share code with this one.
func (r reader) expand(value any) (any, error) {
	switch value := value.(type) {
	case []any:
		all := make([]any, len(value))
		for i, item := range value {
			var err error
			if all[i], err = r.expand(item); err != nil {
				return nil, err
			}
		}
		return all, nil
	case map[string]any:
		if file, ok := value["$file"].(string); ok {
			text, err := fs.ReadFile(r.files, path.Clean(file))
			return strings.TrimSpace(string(text)), err
		}
		all := map[string]any{}
		name, isSpec := value["$podSpec"].(string)
		if isSpec {
			spec, ok := r.podSpecs[name]
			if !ok {
				return nil, fmt.Errorf("$podSpec: no pod specification %q", name)
			}
			maps.Copy(all, spec)
		}
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if name == "$podSpec" {
				continue
			}
			if isSpec && value[name] == nil {
				delete(all, name)
				continue
			}
			field, err := r.expand(value[name])
			if err != nil {
				return nil, err
			}
			all[name] = field
		}
		return all, nil
	}
	return value, nil
}
