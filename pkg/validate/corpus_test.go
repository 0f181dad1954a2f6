package validate_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// verdict is a manifest with the verdict of a real API server.
type verdict struct {
	ID      int
	How     string
	Object  map[string]any
	Valid   bool
	Message string
}

// corpora returns the existing files with verdicts of API servers, and the minor versions
// of these. MOP_CORPUS names a further file, and MOP_CORPUS_MINOR its version if it is not
// the default.
func corpora(t testing.TB) []corpus {
	all := []corpus{{file: "../../../shared/corpus/apiserver-1.29-verdicts.jsonl", minor: 29}}
	if file := os.Getenv("MOP_CORPUS"); file != "" {
		var minor int
		if text := os.Getenv("MOP_CORPUS_MINOR"); text != "" {
			var err error
			minor, err = strconv.Atoi(text)
			require.NoError(t, err, "MOP_CORPUS_MINOR")
		}
		all = append(all, corpus{file, schema.Minor(minor)})
	}
	return all
}

type corpus struct {
	file  string
	minor schema.Minor
}

func readVerdicts(t testing.TB, file string) []verdict {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("no corpus: %v", err)
	}
	var all []verdict
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var v verdict
		require.NoError(t, json.Unmarshal(lines.Bytes(), &v))
		all = append(all, v)
	}
	require.NoError(t, lines.Err())
	return all
}

// readCRDs reads the CustomResourceDefinitions of the corpus' custom resources.
func readCRDs(t testing.TB, pattern string) []any {
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	var all []any
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		documents, found, err := manifest.Parse(t.Context(), file, data)
		require.NoError(t, err)
		require.NoError(t, found.Err())
		for _, d := range documents {
			all = append(all, d)
		}
	}
	return all
}

// TestCorpus holds the validator against the verdicts of a real API server, each
// object alone as the server saw it.
func TestCorpus(t *testing.T) {
	for _, c := range corpora(t) {
		t.Run(filepath.Base(c.file), func(t *testing.T) {
			all := readVerdicts(t, c.file)
			v, err := validate.New(validate.Config{Release: released(c.minor), Definitions: readCRDs(t, "../../../shared/corpus/crds/*.yaml")})
			require.NoError(t, err)
			var agreed, bad, caught, good, refused int
			missed := map[string]int{}
			for _, w := range all {
				r := allResults(t, v, []validate.Object{{Value: w.Object}})[0]
				read := allResults(t, v, []validate.Object{{Value: plain.Integers(w.Object).(map[string]any)}})[0]
				assert.Equal(t, r.Findings, read.Findings, "%d %s: with numbers as files have them", w.ID, w.How)
				ok := r.Status == validate.Valid
				damage, _, _ := strings.Cut(w.How, ":")
				if ok == w.Valid {
					agreed++
				} else {
					missed[damage]++
					assert.NotEqual(t, "monitoring.coreos.com", r.ID.Group, "custom resources are checked by the server's own code: %d %s", w.ID, w.How)
					t.Logf("%d %s %s: want valid %t: %s\n\t%v", w.ID, r.ID, w.How, w.Valid, w.Message, r.Diagnostics())
				}
				switch {
				case w.Valid && !ok:
					good, refused = good+1, refused+1
				case w.Valid:
					good++
				case !ok:
					bad, caught = bad+1, caught+1
				default:
					bad++
				}
			}
			t.Logf("agreement %.2f %% of %d, %.2f %% of %d bad ones caught, %.2f %% of %d good ones refused; missed or refused by damage: %v",
				percent(agreed, len(all)), len(all), percent(caught, bad), bad, percent(refused, good), good, missed)
			assert.GreaterOrEqual(t, percent(agreed, len(all)), 92.0)
			assert.GreaterOrEqual(t, percent(caught, bad), 90.0)
			assert.LessOrEqual(t, percent(refused, good), 0.5)
		})
	}
}

// released returns the release of a minor version, "" for 0.
func released(minor schema.Minor) string {
	if minor == 0 {
		return ""
	}
	return minor.String()
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }
