package diff_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diff"
)

func TestFields(t *testing.T) {
	const head = "apiVersion: v1\nkind: %s\nmetadata: {name: a}\n"
	for name, test := range map[string]struct {
		kind, from, to string
		want           []string
	}{
		"value":            {"A", "spec: {replicas: 1}", "spec: {replicas: 2}", []string{"changed spec.replicas: 1 → 2"}},
		"type":             {"A", "spec: {replicas: 1}", "spec: {replicas: [1]}", []string{"changed spec.replicas: 1 → [1]"}},
		"number and text":  {"A", "spec: {replicas: 1}", "spec: {replicas: '1'}", []string{"changed spec.replicas: 1 → 1"}},
		"added field":      {"A", "spec: {}", "spec: {b: {c: 1}, a: null}", []string{"added spec.a: <nil> → <nil>", "added spec.b: <nil> → map[c:1]"}},
		"removed field":    {"A", "spec: {b: 1}", "spec: {}", []string{"removed spec.b: 1 → <nil>"}},
		"elements":         {"A", "spec: [1, {a: 1}, 3]", "spec: [1, {a: 2}]", []string{"changed spec[1].a: 1 → 2", "removed spec[2]: 3 → <nil>"}},
		"more elements":    {"A", "spec: [1]", "spec: [1, 2]", []string{"added spec[1]: <nil> → 2"}},
		"version":          {"A", "apiVersion: v2", "x: 1", []string{"changed apiVersion: v2 → v1", "added x: <nil> → 1"}},
		"data of a secret": {"Secret", "data: {a: c2VjcmV0, b: bW9yZQ==, d: c2VjcmV0}", "data: {a: Y2hhbmdlZA==, b: bW9yZQ==, c: bmV3}", []string{"changed data.a: ********* (before) → ********* (after)", "added data.c: <nil> → *********", "removed data.d: ********* → <nil>"}},
	} {
		t.Run(name, func(t *testing.T) {
			text := func(spec string) string {
				if name == "version" && spec == "apiVersion: v2" {
					return "apiVersion: v2\nkind: A\nmetadata: {name: a}\n"
				}
				return fmt.Sprintf(head, test.kind) + spec + "\n"
			}
			changes := diff.Compare(objects(t, text(test.from)), objects(t, text(test.to)))
			require.Len(t, changes, 1)
			var got []string
			for _, f := range changes[0].Fields() {
				got = append(got, fmt.Sprintf("%v: %v → %v", f, f.From, f.To))
				assert.Equal(t, test.kind == "Secret", f.Secret)
			}
			assert.Equal(t, test.want, got)
			assert.Equal(t, "changed "+test.kind+" a", changes[0].String())
		})
	}
}

func TestFieldsOfOneSide(t *testing.T) {
	a := objects(t, "apiVersion: v1\nkind: A\nmetadata: {name: a}\n")
	added, removed := diff.Compare(nil, a)[0], diff.Compare(a, nil)[0]
	assert.Empty(t, added.Fields())
	assert.Empty(t, removed.Fields())
	assert.Equal(t, "added A a, removed A a", fmt.Sprintf("%v, %v", added, removed))
}

// The caller owns the values of a field, whose whole numbers are integers.
func TestFieldsAreCopies(t *testing.T) {
	from := objects(t, "{apiVersion: v1, kind: A, metadata: {name: a}}")
	to := objects(t, "{apiVersion: v1, kind: A, metadata: {name: a}, spec: {replicas: 1, ratio: 0.5}}")
	field := diff.Compare(from, to)[0].Fields()[0]
	assert.Equal(t, map[string]any{"replicas": int64(1), "ratio": 0.5}, field.To)
	field.To.(map[string]any)["replicas"] = "two"
	v, _ := to[0].Lookup("spec", "replicas")
	assert.NotEqual(t, "two", v)
}

// Only the data of a Secret is marked.
func TestFieldsOfASecret(t *testing.T) {
	text := "{apiVersion: v1, kind: Secret, type: %[1]s, metadata: {name: a, labels: {data: %[1]s}, annotations: {note: %[1]s, kubectl.kubernetes.io/last-applied-configuration: %[1]s}}, data: {x: %[1]s}, stringData: {k: %[1]s}}"
	var marked, others []string
	for _, f := range diff.Compare(objects(t, fmt.Sprintf(text, "a")), objects(t, fmt.Sprintf(text, "b")))[0].Fields() {
		if f.Secret {
			marked = append(marked, f.Path.String())
		} else {
			others = append(others, f.Path.String())
		}
	}
	assert.Equal(t, []string{"data.x", `metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]`, "stringData.k"}, marked)
	assert.Equal(t, []string{"metadata.annotations.note", "metadata.labels.data", "type"}, others)
}
