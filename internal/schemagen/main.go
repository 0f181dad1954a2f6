// Schemagen writes what pkg/schema and pkg/release know of Kubernetes. Run it in the
// module's root with "make schemas". It writes five files there:
//
//   - scope.txt: for each kind of object that the API of Kubernetes has, whether
//     it is namespaced, and which minor versions serve which of its versions;
//   - lifecycle.txt: which versions of kinds are deprecated or gone, since when,
//     and what is to be used instead;
//   - definitions.gz: the schemas of objects and their parts;
//   - descriptions.gz: what these say in words, apart because it is the
//     larger part of them and seldom asked for;
//   - gates.txt: the feature gates of the API server, and how each stands in which
//     minor version.
//
// versions.txt says which versions of Kubernetes are read. Their descriptions
// of the API come from the Go module k8s.io/kubernetes, the lifecycles from the
// modules with its types, the gates from their tables in Go, by way of the Go command: its cache makes a second run
// work offline, its checksum database makes every run read the same bytes. These
// modules need not be dependencies of this one.
package main

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed versions.txt
var versionsFile string

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "schemagen:", err)
		os.Exit(2)
	}
}

func run() error {
	releases, err := parseVersions(versionsFile)
	if err != nil {
		return fmt.Errorf("versions.txt: %w", err)
	}
	files, err := generate(releases, os.Environ())
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		data := files[name]
		if filepath.Ext(name) == ".gz" {
			if data, err = compress(data); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		if err := os.WriteFile(filepath.FromSlash(name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// compress returns data in the form of gzip.
func compress(data []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

// release is a version of Kubernetes.
type release struct {
	version string // of the form v1.MINOR.PATCH
	minor   int
	// kinds tells that it is read for its kinds alone, some of which are gone.
	kinds bool
	// exact tells that apiserver/ has a program for it.
	exact bool
}

// parseVersions reads a file like versions.txt: a version a line, each of a
// greater minor version than that before, with "kinds", "exact" or nothing behind it, and comments.
func parseVersions(file string) ([]release, error) {
	var out []release
	for line := range strings.Lines(file) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		line, exact := strings.CutSuffix(line, " exact")
		line, kinds := strings.CutSuffix(line, " kinds")
		var minor, patch int
		if _, err := fmt.Sscanf(line, "v1.%d.%d", &minor, &patch); err != nil {
			return nil, fmt.Errorf("want a version v1.MINOR.PATCH, got %q", line)
		}
		if len(out) > 0 && out[len(out)-1].minor >= minor {
			return nil, fmt.Errorf("want minor versions ascending, got %s after %s", line, out[len(out)-1].version)
		}
		out = append(out, release{line, minor, kinds, exact})
	}
	return out, nil
}

// generate returns what is in each file by its path in the module, before
// compression, for the given releases. The Go command runs in the environment env.
func generate(releases []release, env []string) (map[string][]byte, error) {
	t := table{}
	d := newDefinitions()
	ends := lifecycles{}
	var g gates
	for _, r := range releases {
		api, err := readAPI(r.version, env)
		if err == nil {
			err = t.add(r.minor, api)
		}
		if err == nil && !r.kinds {
			err = d.add(r.minor, api)
		}
		if err == nil && !r.kinds {
			err = g.add(r, env)
		}
		if err == nil && hasLifecycles(r, releases) {
			err = ends.add(r, env)
		}
		if err != nil {
			return nil, fmt.Errorf("kubernetes %s: %w", r.version, err)
		}
	}
	untold, err := parseUntold(untoldFile)
	if err != nil {
		return nil, fmt.Errorf("untold.txt: %w", err)
	}
	descriptions, err := d.descriptionLines()
	return map[string][]byte{
		"pkg/schema/scope.txt":       []byte(t.String()),
		"pkg/schema/lifecycle.txt":   []byte(ends.table(t, untold, g.minors[0], g.minors[len(g.minors)-1])),
		"pkg/schema/definitions.gz":  d.bytes(),
		"pkg/schema/descriptions.gz": descriptions,
		"pkg/release/gates.txt":      []byte(g.text(releases)),
	}, err
}

// readAPI returns the description of the API of one version of Kubernetes.
func readAPI(version string, env []string) (swagger, error) {
	dir, err := download("k8s.io/kubernetes@"+version, env)
	if err != nil {
		return swagger{}, err
	}
	data, err := os.ReadFile(filepath.Join(dir, "api", "openapi-spec", "swagger.json"))
	if err != nil {
		return swagger{}, err
	}
	var s swagger
	err = json.Unmarshal(data, &s)
	return s, err
}

// download returns the directory of a module in the Go command's cache.
func download(module string, env []string) (string, error) {
	cmd := exec.Command("go", "mod", "download", "-json", module)
	cmd.Env = env
	out, err := cmd.Output()
	var m struct{ Dir, Error string }
	if json.Unmarshal(out, &m) == nil && m.Error != "" {
		// The Go command reports a failed download in its output.
		return "", errors.New(m.Error)
	}
	if err != nil {
		return "", fmt.Errorf("go mod download: %w", err)
	}
	return m.Dir, nil
}
