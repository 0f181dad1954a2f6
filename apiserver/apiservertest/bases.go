package apiservertest

import (
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/mop-platform/mop/apiserver"
)

// bases are valid manifests with most fields of every kind. core.yaml and groups.yaml are
// for all releases, and a file named after a release is only for that one.
//
// In a manifest, an object with the field $podSpec stands for the pod specification of that
// name in podspecs.yaml. The object's other fields replace those of the specification; null
// removes one. An object with the field $file stands for the text of that file.
//
//go:embed bases
var bases embed.FS

// A Base is one of the valid manifests.
type Base struct {
	// ID is "KIND NAME".
	ID string
	// Manifest is JSON.
	Manifest []byte
	// own says that it is only for one release.
	own bool
}

// ReadBases returns the manifests for all releases, then those for the release with a name.
func ReadBases(t *testing.T, name string) []Base {
	t.Helper()
	var podSpecs map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(readBase(t, "podspecs.yaml")), &podSpecs))
	var all []Base
	for _, file := range []string{"core.yaml", "groups.yaml", name + ".yaml"} {
		if _, err := fs.Stat(bases, "bases/"+file); err != nil {
			continue
		}
		for _, document := range strings.Split(readBase(t, file), "\n---\n") {
			var manifest map[string]any
			require.NoError(t, yaml.Unmarshal([]byte(document), &manifest), file)
			text, err := json.Marshal(expand(t, podSpecs, manifest))
			require.NoError(t, err)
			metadata := manifest["metadata"].(map[string]any)
			id, ok := metadata["name"].(string)
			if !ok {
				id, _ = metadata["generateName"].(string)
			}
			all = append(all, Base{ID: manifest["kind"].(string) + " " + id, Manifest: text, own: file == name+".yaml"})
		}
	}
	return all
}

// Bases tests that the server of a release creates the valid manifests, except those in
// refused, each "KIND NAME". It ignores kinds that the server does not serve. The release
// must create all manifests that are only for it.
func Bases(t *testing.T, release apiserver.Release, name string, refused ...string) {
	server, err := apiserver.New(release, apiserver.Options{})
	require.NoError(t, err)
	var got []string
	created := 0
	for _, base := range ReadBases(t, name) {
		err := server.Create(base.Manifest)
		switch {
		case err == nil:
			created++
		case base.own:
			assert.NoError(t, err, base.ID)
		case !errors.Is(err, apiserver.ErrUnknownKind):
			t.Logf("%s: %v", base.ID, err)
			got = append(got, base.ID)
		}
	}
	t.Logf("%d manifests", created)
	assert.ElementsMatch(t, refused, got)
}

func readBase(t *testing.T, name string) string {
	t.Helper()
	data, err := bases.ReadFile("bases/" + name)
	require.NoError(t, err)
	return string(data)
}

// expand returns a value with $podSpec and $file replaced.
func expand(t *testing.T, podSpecs map[string]any, value any) any {
	t.Helper()
	switch value := value.(type) {
	case []any:
		all := make([]any, len(value))
		for i, item := range value {
			all[i] = expand(t, podSpecs, item)
		}
		return all
	case map[string]any:
		if file, ok := value["$file"].(string); ok {
			return strings.TrimSpace(readBase(t, file))
		}
		all := map[string]any{}
		if name, ok := value["$podSpec"].(string); ok {
			spec, ok := podSpecs[name].(map[string]any)
			require.True(t, ok, "no pod specification %q", name)
			for name, field := range spec {
				all[name] = field
			}
		}
		_, isSpec := value["$podSpec"]
		for name, field := range value {
			switch {
			case name == "$podSpec":
			case isSpec && field == nil:
				delete(all, name)
			default:
				all[name] = expand(t, podSpecs, field)
			}
		}
		return all
	}
	return value
}
