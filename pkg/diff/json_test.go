package diff_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diff"
)

// The JSON of changes and fields has stable names, and no value of a Secret.
func TestJSON(t *testing.T) {
	for name, test := range map[string]struct{ from, to, change, fields string }{
		"changed": {
			`{apiVersion: apps/v1, kind: A, metadata: {name: a, namespace: b}, spec: {x: null, xy: 1}}`,
			`{apiVersion: apps/v1, kind: A, metadata: {name: a, namespace: b}, spec: {x: 2, z: null}}`,
			`{"status": "changed", "object": {"group": "apps", "kind": "A", "namespace": "b", "name": "a"},
				"from": {"apiVersion": "apps/v1", "kind": "A", "metadata": {"name": "a", "namespace": "b"}, "spec": {"x": null, "xy": 1}},
				"to": {"apiVersion": "apps/v1", "kind": "A", "metadata": {"name": "a", "namespace": "b"}, "spec": {"x": 2, "z": null}}}`,
			`[{"path": "spec.x", "status": "changed", "from": null, "to": 2}, {"path": "spec.xy", "status": "removed", "from": 1}, {"path": "spec.z", "status": "added", "to": null}]`,
		},
		"added": {
			"", `{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {k: aHVudGVyMg==}}`,
			`{"status": "added", "object": {"kind": "Secret", "name": "a"}, "to": {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {"k": "*********"}}}`,
			`null`,
		},
		"removed": {
			`{apiVersion: v1, kind: A, metadata: {name: a}}`, "",
			`{"status": "removed", "object": {"kind": "A", "name": "a"}, "from": {"apiVersion": "v1", "kind": "A", "metadata": {"name": "a"}}}`,
			`null`,
		},
		"Secret": {
			`{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {k: hunter2, l: same}}`,
			`{apiVersion: v1, kind: Secret, metadata: {name: a}, stringData: {k: hunter3, l: same}}`,
			`{"status": "changed", "object": {"kind": "Secret", "name": "a"},
				"from": {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "stringData": {"k": "********* (before)", "l": "*********"}},
				"to": {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "stringData": {"k": "********* (after)", "l": "*********"}}}`,
			`[{"path": "stringData.k", "status": "changed", "from": "********* (before)", "to": "********* (after)", "secret": true}]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			changes := diff.Compare(objects(t, test.from), objects(t, test.to))
			got, err := json.Marshal(changes)
			require.NoError(t, err)
			assert.JSONEq(t, "["+test.change+"]", string(got))
			got, err = json.Marshal(changes[0].Fields())
			require.NoError(t, err)
			assert.JSONEq(t, test.fields, string(got))
		})
	}
	got, err := json.Marshal(diff.Change{})
	require.NoError(t, err)
	assert.JSONEq(t, `{"status": "changed", "object": {}}`, string(got))
}
