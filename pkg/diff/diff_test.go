package diff_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/mop-platform/mop/pkg/diff"
	"github.com/mop-platform/mop/pkg/manifest"
)

// objects returns the objects of a stream of YAML documents.
func objects(t *testing.T, stream string) []manifest.Object {
	t.Helper()
	var out []manifest.Object
	for i, text := range strings.Split(stream, "---\n") {
		if strings.TrimSpace(text) == "" {
			continue
		}
		var v map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(text), &v))
		o, l := manifest.New(manifest.Path{i}, v)
		require.Empty(t, l)
		out = append(out, o)
	}
	return out
}

func TestPairs(t *testing.T) {
	const (
		pod   = "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: x}}\n---\n"
		other = "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: z}}\n---\n"
		moved = "{apiVersion: x.io/v1, kind: Pod, metadata: {name: a, namespace: x}}\n---\n"
		newer = "{apiVersion: v2, kind: Pod, metadata: {name: a, namespace: x}}\n---\n"
		order = "{metadata: {namespace: x, name: a}, kind: Pod, apiVersion: v1}\n---\n"
		job1  = "{apiVersion: batch/v1, kind: Job, metadata: {generateName: a-}, spec: 1}\n---\n"
		job2  = "{apiVersion: batch/v1, kind: Job, metadata: {generateName: a-}, spec: 2}\n---\n"
		job3  = "{apiVersion: batch/v1, kind: Job, metadata: {generateName: a-}, spec: 3}\n---\n"
		job4  = "{apiVersion: batch/v1, kind: Job, metadata: {generateName: b-}, spec: 1}\n---\n"
		named = "{apiVersion: batch/v1, kind: Job, metadata: {name: a, generateName: a-}}\n---\n"
		kept  = "{apiVersion: batch/v1, kind: Job, metadata: {name: a, generateName: b-}}\n---\n"
	)
	tests := []struct {
		name, from, to string
		want           []string
	}{
		{"nothing", "", "", nil},
		{"equal", pod, pod, []string{"1 equal"}},
		{"order of fields", pod, order, []string{"1 equal"}},
		{"order of objects", pod + other, other + pod, []string{"2 equal"}},
		{"added", "", pod, []string{"added Pod x/a"}},
		{"removed", pod, "", []string{"removed Pod x/a"}},
		{"version of the API", pod, newer, []string{"changed Pod x/a"}},
		{"namespace", pod, other, []string{"removed Pod x/a", "added Pod z/a"}},
		{"group", pod, moved, []string{"removed Pod x/a", "added Pod.x.io x/a"}},
		{"generated names by content", job1 + job2, job2 + job1, []string{"2 equal"}},
		{"generated names by content, then order", job1 + job2, job3 + job1, []string{"changed Job.batch ", "1 equal"}},
		{"generated names, one more", job1, job2 + job3 + job1, []string{"added Job.batch ", "added Job.batch ", "1 equal"}},
		{"generated names, one less", job1 + job2 + job3, job4, []string{"removed Job.batch ", "removed Job.batch ", "removed Job.batch ", "added Job.batch "}},
		{"generateName beside a name", named, kept, []string{"changed Job.batch a"}},
		{"written twice", pod + newer, pod, []string{"removed Pod x/a", "1 equal"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, list(objects(t, tt.from), objects(t, tt.to)))
		})
	}
}

// list describes a comparison.
func list(from, to []manifest.Object) []string {
	var out []string
	equal := len(to)
	for _, c := range diff.Compare(from, to) {
		o := c.To
		if o == nil {
			o = c.From
		}
		out = append(out, c.Status().String()+" "+o.ID().String())
		if c.Status() != diff.Removed {
			equal--
		}
	}
	if equal > 0 {
		out = append(out, fmt.Sprint(equal, " equal"))
	}
	return out
}

// random returns objects of few identities and contents, so that all kinds of pairs occur.
// Each identity occurs once, unless its name is generated.
func random(t *testing.T, r *rand.Rand) []manifest.Object {
	t.Helper()
	var out []manifest.Object
	for _, kind := range []string{"Pod", "Secret", "Service"} {
		for _, name := range []string{"a", "b", "g-", "g-", "g-"} {
			if r.IntN(2) == 0 {
				continue
			}
			field := "name"
			if name == "g-" {
				field = "generateName"
			}
			o, l := manifest.New(nil, map[string]any{
				"apiVersion": "v1", "kind": kind,
				"metadata": map[string]any{field: name},
				"data":     map[string]any{"x": float64(r.IntN(3)), "y": float64(r.IntN(2))},
			})
			require.Empty(t, l)
			out = append(out, o)
		}
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func TestCompareMirrors(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		a, b := random(t, r), random(t, r)
		there, back := diff.Compare(a, b), diff.Compare(b, a)
		require.Len(t, back, len(there))
		for i, c := range there {
			require.Equal(t, diff.Change{From: c.To, To: c.From}, back[i])
		}
		require.Equal(t, len(a)-count(there, diff.Removed), len(b)-count(there, diff.Added), "those in both")
	}
}

func count(changes []diff.Change, s diff.Status) int {
	return len(slices.DeleteFunc(slices.Clone(changes), func(c diff.Change) bool { return c.Status() != s }))
}

// Objects without a name of their own are paired in linear time.
func TestManyGenerated(t *testing.T) {
	var from []manifest.Object
	for i := range 20_000 {
		o, l := manifest.New(nil, map[string]any{
			"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"generateName": "x-"}, "spec": map[string]any{"n": i},
		})
		require.Empty(t, l)
		from = append(from, o)
	}
	to := slices.Clone(from)
	slices.Reverse(to)
	assert.Empty(t, diff.Compare(from, to))
}

const hidden = "{apiVersion: v1, kind: Secret, metadata: {name: a, annotations: {kubectl.kubernetes.io/last-applied-configuration: %[1]s}}, data: {x: %[1]s}, stringData: [%[1]s]}"

// No text of a change has values of Secrets, whichever side has the Secret.
func TestSecretsStay(t *testing.T) {
	before, after := objects(t, fmt.Sprintf(hidden, "hunter1")), objects(t, fmt.Sprintf(hidden, "hunter2"))
	other := objects(t, "{apiVersion: v1, kind: Pod, metadata: {name: a}}")
	var log bytes.Buffer
	logs := []*slog.Logger{slog.New(slog.NewJSONHandler(&log, nil)), slog.New(slog.NewTextHandler(&log, nil))}
	for _, c := range []diff.Change{
		{From: &before[0], To: &after[0]}, {To: &after[0]}, {From: &before[0]}, {From: &before[0], To: &other[0]}, {From: &other[0], To: &after[0]},
	} {
		for _, l := range logs {
			l.Info("x", "change", c, "fields", c.Fields())
		}
		fmt.Fprintf(&log, "%v %+v %s", c, c.Fields(), c.Fields())
		shown, err := json.Marshal(c.Masked())
		require.NoError(t, err)
		log.Write(shown)
	}
	assert.NotContains(t, log.String(), "hunter")
}

// Masking changes only copies, and masks what is masked already in the same way.
func TestMaskedIsACopy(t *testing.T) {
	before, after := objects(t, fmt.Sprintf(hidden, "hunter1")), objects(t, fmt.Sprintf(hidden, "hunter2"))
	changes := diff.Compare(before, after)
	require.Len(t, changes, 1)
	once := changes[0].Masked()
	assert.Equal(t, once.From.Map(), once.Masked().From.Map())
	assert.Equal(t, once.To.Map(), once.Masked().To.Map())
	v, _ := before[0].Lookup("data", "x")
	assert.Equal(t, "hunter1", v)
	v, _ = changes[0].To.Lookup("data", "x")
	assert.Equal(t, "hunter2", v)
}

func TestZeroValues(t *testing.T) {
	var c diff.Change
	assert.Equal(t, "changed no object", c.String())
	assert.Equal(t, diff.Changed, c.Status())
	assert.Empty(t, c.Fields())
	assert.Equal(t, c, c.Masked())
	assert.Empty(t, diff.Compare(nil, nil))

	var none manifest.Object
	changes := diff.Compare([]manifest.Object{none}, []manifest.Object{none, none})
	require.Len(t, changes, 1)
	assert.Equal(t, "added no object", changes[0].String())
	secret := objects(t, fmt.Sprintf(hidden, "hunter1"))
	assert.NotEmpty(t, diff.Change{From: &none, To: &secret[0]}.Fields())
	assert.Equal(t, "changed .", diff.Field{}.String())
}
