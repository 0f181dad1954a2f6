package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/apiserver/testserver"
)

// manifests is the file with the manifests for all releases.
const manifests = "apiserver-1.29-verdicts.jsonl"

// recordedLength is the length to which recorded messages are cut, in characters.
const recordedLength = 600

// Corpus asks the server for its verdicts on the manifests of the corpus. They equal the
// recorded verdicts of its release, if there are any, and the verdicts of mop validate
// --exact. For built-in kinds the program that mop asks uses the same words.
func Corpus(t *testing.T, r Release) {
	got := r.verdicts(t)
	t.Run("recorded", func(t *testing.T) {
		file := filepath.Join(*corpus, "apiserver-"+r.Version+"-verdicts.jsonl")
		if _, err := os.Stat(file); err != nil {
			t.Skip(err)
		}
		recorded := read(t, file)
		require.Len(t, got, len(recorded))
		for i, want := range recorded {
			assert.Equal(t, want.Valid, got[i].Valid, "%d: want %q, got %q", i, want.Message, got[i].Message)
			if len([]rune(want.Message)) < recordedLength {
				assert.Equal(t, words(want.Message), words(got[i].Message), "%d: want %q, got %q", i, want.Message, got[i].Message)
			}
		}
	})
	t.Run("mop", func(t *testing.T) {
		valid := r.validity(t, "--allow-privileged=false", "-f", objectsFile(t, got), "--crd", abs(t, filepath.Join(*corpus, "crds")))
		require.Len(t, valid, len(got))
		for i, want := range got {
			assert.Equal(t, want.Valid, valid[i], "%d: %s", want.ID, want.Message)
		}
	})
	t.Run("program", func(t *testing.T) { r.agrees(t, got) })
}

// verdicts returns the verdicts of a server of the release on the manifests of the corpus.
func (r Release) verdicts(t *testing.T) []verdict {
	t.Helper()
	all := read(t, filepath.Join(*corpus, manifests))
	c := connect(t, testserver.Start(t, r.Run))
	c.makeAccount(t)
	c.define(t, filepath.Join(*corpus, "crds"))
	c.judge(t, all)
	return all
}

func read(t *testing.T, file string) []verdict {
	t.Helper()
	data, err := os.Open(file)
	if err != nil {
		t.Skipf("no corpus: %v", err)
	}
	defer data.Close()
	var all []verdict
	lines := bufio.NewScanner(data)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var v verdict
		require.NoError(t, json.Unmarshal(lines.Bytes(), &v), "line %d", len(all)+1)
		all = append(all, v)
	}
	require.NoError(t, lines.Err())
	require.NotEmpty(t, all)
	return all
}

// objectsFile writes the objects of verdicts into a file and returns its name.
func objectsFile(t *testing.T, verdicts []verdict) string {
	t.Helper()
	var all bytes.Buffer
	for _, v := range verdicts {
		all.Write(append(v.Object, '\n'))
	}
	file := filepath.Join(t.TempDir(), "all.json")
	require.NoError(t, os.WriteFile(file, all.Bytes(), 0o666))
	return file
}

func abs(t *testing.T, file string) string {
	t.Helper()
	absolute, err := filepath.Abs(file)
	require.NoError(t, err)
	return absolute
}
