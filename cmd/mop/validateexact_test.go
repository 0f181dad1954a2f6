package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/verdict"
)

// With --exact the verdicts are those of a real API server. The test needs recorded
// verdicts beside the repository, and the program of "make apiserver". The server ran
// without --allow-privileged, which is kube-apiserver's default.
func TestValidateExactCorpus(t *testing.T) {
	const corpus = "../../../shared/corpus"
	data, err := os.ReadFile(filepath.Join(corpus, "apiserver-1.29-verdicts.jsonl"))
	if err != nil {
		t.Skipf("no corpus: %v", err)
	}
	bin, err := filepath.Abs("../../bin")
	require.NoError(t, err)
	if _, err := verdict.Find(29, []string{bin}); err != nil {
		t.Skip(err)
	}
	crds, err := filepath.Abs(filepath.Join(corpus, "crds"))
	require.NoError(t, err)

	type recorded struct {
		ID      int
		Object  json.RawMessage
		Valid   bool
		Message string
	}
	var want []recorded
	var manifests bytes.Buffer
	for line := range bytes.Lines(data) {
		var r recorded
		require.NoError(t, json.Unmarshal(line, &r))
		want = append(want, r)
		manifests.Write(append(r.Object, '\n'))
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "all.json"), manifests.Bytes(), 0o666))
	var out, errs strings.Builder
	a := &app{output: newOutput(&out, &errs), dir: dir, lookupEnv: func(string) (string, bool) { return bin, true }}
	err = runValidate(t.Context(), a, nil, nil, validateOptions{jsonnet: jsonnetFlags{interpreter: defaultInterpreter}, files: []string{"all.json"}, crds: []string{crds}, exact: true, allowPrivileged: false, references: lenient, output: "json"})
	require.ErrorIs(t, err, errFindings, errs.String())

	got := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, got, len(want))
	for i, w := range want {
		var r struct{ Status string }
		require.NoError(t, json.Unmarshal([]byte(got[i]), &r))
		assert.Equal(t, w.Valid, r.Status == "valid", "%d: %s\n%s", w.ID, w.Message, got[i])
	}
}
