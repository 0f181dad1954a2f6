// Schemagen writes the data on Kubernetes of internal/schema and internal/release. Run it in the
// module's root with "make schemas". It writes five files into these packages:
//
//   - scope.txt: whether each kind of the API of Kubernetes is namespaced, and which minor
//     versions serve which of its versions;
//   - lifecycle.txt: which versions of kinds are deprecated or removed, since when, and
//     their replacements;
//   - definitions.gz: the schemas of objects and their parts;
//   - descriptions.gz: the descriptions in these schemas, in their own file because they
//     are large and rarely needed;
//   - gates.txt: the feature gates of the API server, with their stages and defaults by
//     minor version.
//
// versions.txt lists the versions of Kubernetes that are read. The descriptions of their
// APIs come from the Go module k8s.io/kubernetes, the lifecycles from the modules with the
// types, and the gates from their tables in Go. The Go command downloads these modules, so
// a second run works offline, and the checksum database makes every run read the same
// bytes. The modules need not be dependencies of this one.
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

// compress returns data compressed by gzip.
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
	// kinds says that it is read only for its kinds, some of which are gone.
	kinds bool
	// exact says that apiserver/ has a program for it.
	exact bool
}

// parseVersions reads a file like versions.txt. Each line is a comment, empty, or a version
// with "kinds", "exact" or nothing after it. The minor versions must ascend.
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

// generate returns the contents of each file before compression, by its path in the module,
// for the given releases. The Go command runs in the environment env.
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
		"internal/schema/scope.txt":       []byte(t.String()),
		"internal/schema/lifecycle.txt":   []byte(ends.table(t, untold, g.minors[0], g.minors[len(g.minors)-1])),
		"internal/schema/definitions.gz":  d.bytes(),
		"internal/schema/descriptions.gz": descriptions,
		"internal/release/gates.txt":      []byte(g.text(releases)),
	}, err
}

// readAPI returns the description of the API of a version of Kubernetes.
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

// download downloads a module and returns its directory in the Go command's cache.
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
