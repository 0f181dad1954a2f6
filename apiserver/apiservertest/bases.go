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

// bases are valid manifests with most fields of every kind: core.yaml and
// groups.yaml of all releases, one named after a release of that alone.
//
// In a manifest, an object with the field $podSpec stands for the pod
// specification of that name in podspecs.yaml, with the object's other fields in
// place of its own, of which null takes one away; one with $file stands for the
// text of that file.
//
//go:embed bases
var bases embed.FS

// Bases holds the server of a release to create the valid manifests. But for
// those of its own, the release may refuse some, which are written
// "KIND NAME"; kinds that it does not serve are passed over.
func Bases(t *testing.T, release apiserver.Release, name string, refused ...string) {
	server, err := apiserver.New(release, apiserver.Options{})
	require.NoError(t, err)
	var podSpecs map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(readBase(t, "podspecs.yaml")), &podSpecs))

	var got []string
	created := 0
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
			id = manifest["kind"].(string) + " " + id
			err = server.Create(text)
			switch {
			case err == nil:
				created++
			case file == name+".yaml":
				assert.NoError(t, err, "%s: %s", file, id)
			case !errors.Is(err, apiserver.ErrUnknownKind):
				t.Logf("%s: %s: %v", file, id, err)
				got = append(got, id)
			}
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

// expand returns a value with what $podSpec and $file stand for.
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
