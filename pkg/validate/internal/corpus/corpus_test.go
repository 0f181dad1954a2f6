package corpus_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/validate/internal/corpus"
)

func manifests(t testing.TB) []corpus.Manifest {
	t.Helper()
	all, err := corpus.Manifests(os.DirFS("../../../../" + corpus.Bases))
	require.NoError(t, err)
	return all
}

// bases is a directory with one good manifest.
func bases(manifest string) fs.FS {
	return fstest.MapFS{
		"podspecs.yaml": {Data: []byte("web: {hostname: web, subdomain: a}\n")},
		"stub.txt":      {Data: []byte("text\n")},
		"a.yaml":        {Data: []byte(manifest)},
	}
}

func TestManifests(t *testing.T) {
	all, err := corpus.Manifests(bases(`{kind: A, metadata: {name: a}, spec: {$podSpec: web, subdomain: null, number: 9007199254740993, s: {$file: stub.txt}}}`))
	require.NoError(t, err)
	assert.Equal(t, corpus.Manifest{
		How:    "A a",
		Object: json.RawMessage(`{"kind":"A","metadata":{"name":"a"},"spec":{"hostname":"web","number":9007199254740993,"s":"text"}}`),
	}, all[0])
	damaged := map[string]bool{}
	for i, m := range all {
		assert.Equal(t, i, m.ID)
		damaged[string(m.Object)] = true
	}
	assert.Len(t, damaged, len(all), "each is different")
	assert.True(t, damaged[`{"kind":"A","metadata":{"name":"a"},"spec":{"hostname":true,"number":9007199254740993,"s":"text"}}`], "another type")
}

func TestManifestsThatAreBroken(t *testing.T) {
	for name, test := range map[string]struct{ manifest, problem string }{
		"not YAML":             {"a: b: c", "a.yaml: document 1: "},
		"no pod specification": {"spec: {$podSpec: db}", `a.yaml: document 1: $podSpec: no pod specification "db"`},
		"no file":              {"spec: {$file: gone.txt}", "a.yaml: document 1: open gone.txt: "},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := corpus.Manifests(bases(test.manifest))
			assert.ErrorContains(t, err, test.problem)
		})
	}
}

func TestRecords(t *testing.T) {
	all := manifests(t)[:4]
	records := []corpus.Record{
		{Version: "1.29.15", Refusals: []string{"", "no", "a\nb", ""}},
		{Version: "1.30.1", Refusals: []string{"", "no", "", "no"}},
	}
	files, err := corpus.Files(records, all)
	require.NoError(t, err)
	dir := fstest.MapFS{}
	for name, data := range files {
		dir[name] = &fstest.MapFile{Data: data}
	}
	got, err := corpus.ReadRecords(dir, all)
	require.NoError(t, err)
	assert.Equal(t, records, got)

	_, err = corpus.ReadRecords(dir, all[:3])
	assert.ErrorContains(t, err, "1.29.gz: want the verdicts on 3 manifests")
	delete(dir, "1.29.gz")
	_, err = corpus.ReadRecords(dir, all)
	assert.ErrorContains(t, err, "1.30.gz: want what differs from nothing")
}
