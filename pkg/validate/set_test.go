package validate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// objects reads the documents of a file.
func objects(t testing.TB, file, text string) []validate.Object {
	documents, found, err := manifest.Parse(t.Context(), file, []byte(text))
	require.NoError(t, err)
	require.NoError(t, found.Err())
	var all []validate.Object
	for _, d := range documents {
		all = append(all, validate.Object{Value: d})
	}
	return all
}

// problems returns the findings of all results, one a line, without their paths.
func problems(results []validate.Result) string {
	var b strings.Builder
	for _, r := range results {
		for _, f := range r.Findings {
			fmt.Fprintf(&b, "%s %s: %s\n", r.ID.Name, f.Severity, f.Problem)
		}
	}
	return b.String()
}

func TestExternal(t *testing.T) {
	pod := objects(t, "a.yaml", `{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: web}, spec: {serviceAccountName: grafana,
		priorityClassName: high, containers: [{name: a, image: a, envFrom: [{secretRef: {name: s3-blocks}}, {secretRef: {name: s3-rules}}]}]}}`)
	const (
		blocks  = "a warning: no Secret web/s3-blocks among the objects\n"
		rules   = "a warning: no Secret web/s3-rules among the objects\n"
		class   = "a warning: no PriorityClass.scheduling.k8s.io high among the objects\n"
		account = "a warning: no ServiceAccount web/grafana among the objects\n"
	)
	tests := []struct {
		name     string
		patterns []string
		want     string
	}{
		{"none", nil, blocks + rules + class + account},
		{"a name", []string{"Secret/s3-blocks"}, rules + class + account},
		{"names", []string{"Secret/s3-*"}, class + account},
		{"with the namespace", []string{"Secret/web/s3-blocks"}, rules + class + account},
		{"with a namespace", []string{"Secret/w*/s3-*"}, class + account},
		{"another namespace", []string{"Secret/db/*"}, blocks + rules + class + account},
		{"another kind", []string{"ConfigMap/*"}, blocks + rules + class + account},
		{"a group", []string{"PriorityClass.scheduling.k8s.io/high"}, blocks + rules + account},
		{"another group", []string{"PriorityClass.example.org/high"}, blocks + rules + class + account},
		{"several", []string{"PriorityClass/*", "ServiceAccount/grafana", "Secret/*"}, ""},
		{"all", []string{"*/*"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := validate.New(validate.Config{External: tt.patterns})
			require.NoError(t, err)
			assert.Equal(t, tt.want, problems(allResults(t, v, pod)))
		})
	}
}

func TestExternalRefuses(t *testing.T) {
	for _, pattern := range []string{"", "Secret", "Secret/", "/a", "Secret//a", "Secret/a/", "Secret/a/b/c", "Secret/[a"} {
		t.Run(pattern, func(t *testing.T) {
			_, err := validate.New(validate.Config{External: []string{pattern}})
			assert.EqualError(t, err, fmt.Sprintf("external: want KIND/NAME or KIND/NAMESPACE/NAME, got %q", pattern))
		})
	}
}

// Objects with a generated name are no duplicates. For duplicates in larger values, the
// message names both places.
func TestDuplicates(t *testing.T) {
	v, err := validate.New(validate.Config{})
	require.NoError(t, err)
	value := func(metadata map[string]any) map[string]any {
		return map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
	}
	generated, named := value(map[string]any{"generateName": "a-"}), value(map[string]any{"name": "a"})
	at := diag.Position{File: "environments/dev/main.jsonnet"}
	assert.Empty(t, problems(allResults(t, v, []validate.Object{{Value: generated}, {Value: generated}})))
	assert.Equal(t, "a warning: is there twice: at environments/dev/main.jsonnet: a.b and at environments/dev/main.jsonnet: c[1]\n",
		problems(allResults(t, v, []validate.Object{
			{Source: at, Path: manifest.Path{"a", "b"}, Value: named},
			{Source: at, Path: manifest.Path{"c", 1}, Value: named},
		})))
}

// The order of the objects changes no findings, except which of two equal ones comes later.
func TestOrderOfObjectsDoesNotMatter(t *testing.T) {
	v, err := validate.New(validate.Config{})
	require.NoError(t, err)
	all := objects(t, "a.yaml", `
{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a, envFrom: [{secretRef: {name: b}}, {secretRef: {name: c}}]}]}}
---
{apiVersion: v1, kind: Secret, metadata: {name: b}}
---
{apiVersion: v1, kind: Service, metadata: {name: d}, spec: {selector: {app: a}, ports: [{port: 1}]}}
`)
	results := allResults(t, v, all)
	slices.Reverse(all)
	reversed := allResults(t, v, all)
	slices.Reverse(reversed)
	for i := range results {
		// Functions cannot be compared.
		results[i].Object.Origins, reversed[i].Object.Origins = nil, nil
	}
	assert.Equal(t, results, reversed)
	assert.Equal(t, "a warning: no Secret c among the objects\nd warning: selects no pod among those of the objects\n", problems(results))
}
