package e2e

import (
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/mop-platform/mop/apiserver/testserver"
)

//go:embed testdata
var testdata embed.FS

// CustomResources asks the server for its verdicts on custom resources with many kinds of
// fields, and on definitions with defaults. mop validate agrees with all of them.
func CustomResources(t *testing.T, r Release) {
	c := connect(t, testserver.Start(t, r.Run))
	definition, err := testdata.ReadFile("testdata/definition.yaml")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "definition.yaml"), definition, 0o666))
	c.define(t, dir)

	t.Run("objects", func(t *testing.T) {
		var all []verdict
		for i, line := range dataLines(t, "testdata/objects.txt") {
			object := fmt.Sprintf("apiVersion: example.dev/v1\nkind: Sample\nmetadata: {name: n%d}\nspec: %s\n", i, line)
			all = append(all, verdict{ID: i, How: line, Object: toJSON(t, object)})
		}
		c.judge(t, all)
		r.agreesOffline(t, all, "--crd", dir)
	})
	t.Run("definitions", func(t *testing.T) {
		crd := schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}
		var all []verdict
		for i, line := range dataLines(t, "testdata/definitions.txt") {
			text := strings.ReplaceAll(`{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: as.group.example.dev}, spec: {
  group: group.example.dev, names: {kind: A, plural: as, singular: a, listKind: AList}, scope: Namespaced,
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {v: SCHEMA}}}}}}]}}`,
				"SCHEMA", line)
			v := verdict{ID: i, How: line, Object: toJSON(t, strings.ReplaceAll(text, "group.example", fmt.Sprintf("group%d.example", i)))}
			if err := c.create(crd, "", v.Object, metav1.DryRunAll); err != nil {
				v.Message = err.Error()
			}
			v.Valid = v.Message == ""
			all = append(all, v)
		}
		r.agreesOffline(t, all)
	})
}

// agreesOffline compares mop validate, without the program of the release, with the
// verdicts of the server.
func (r Release) agreesOffline(t *testing.T, want []verdict, flags ...string) {
	t.Helper()
	out := mop(t, append([]string{"validate", "--kubernetes-version", r.Version, "-o", "json", "-f", objectsFile(t, want)}, flags...)...)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.Len(t, lines, len(want))
	for i, w := range want {
		var record struct{ Status string }
		require.NoError(t, json.Unmarshal([]byte(lines[i]), &record))
		assert.Equal(t, w.Valid, record.Status == "valid", "%s: the server says %q, mop %s", w.How, w.Message, lines[i])
	}
}

// dataLines returns the lines of a file without comments.
func dataLines(t *testing.T, file string) []string {
	t.Helper()
	data, err := testdata.ReadFile(file)
	require.NoError(t, err)
	var all []string
	for _, line := range strings.Split(string(data), "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			all = append(all, line)
		}
	}
	require.NotEmpty(t, all)
	return all
}

func toJSON(t *testing.T, text string) []byte {
	t.Helper()
	manifest, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err)
	return manifest
}
