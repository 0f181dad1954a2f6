package apiservertest

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/apiserver"
)

// Corpus compares the server of a release with the verdicts of a real server of that
// release. The file has JSON lines with object and valid. Corpus skips the test if there is
// no file, and ignores kinds that the server does not serve.
func Corpus(t *testing.T, release apiserver.Release, file string) {
	data, err := os.Open(file)
	if err != nil {
		t.Skipf("no corpus: %v", err)
	}
	defer data.Close()
	server, err := apiserver.New(release, apiserver.Options{})
	require.NoError(t, err)

	agreed, all := 0, 0
	lines := bufio.NewScanner(data)
	lines.Buffer(nil, 1<<24)
	for line := 1; lines.Scan(); line++ {
		var want struct {
			Object  json.RawMessage
			Valid   bool
			Message string
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &want), "line %d", line)
		got := server.Create(want.Object)
		if errors.Is(got, apiserver.ErrUnknownKind) {
			continue
		}
		all++
		if (got == nil) == want.Valid {
			agreed++
			continue
		}
		t.Logf("line %d: want valid %t, %q, got %v", line, want.Valid, want.Message, got)
	}
	require.NoError(t, lines.Err())
	require.NotZero(t, all)
	t.Logf("%d of %d verdicts agree", agreed, all)
	assert.GreaterOrEqual(t, float64(agreed)/float64(all), 0.998)
}
