package patch_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// apply applies a unified diff of one file to text. It checks that hunks have the place and
// length that they state, that their context is in the text, and that no two of them meet.
func apply(t *testing.T, text, unified string) string {
	t.Helper()
	if unified == "" {
		return text
	}
	in := strings.SplitAfter(text, "\n")
	in = in[:len(in)-1]
	lines := strings.SplitAfter(unified, "\n")
	lines = lines[2 : len(lines)-1]
	var out []string
	at := 0
	for len(lines) > 0 {
		var from, fromCount, to, toCount int
		_, err := fmt.Sscanf(lines[0], "@@ -%d,%d +%d,%d @@\n", &from, &fromCount, &to, &toCount)
		require.NoError(t, err)
		lines = lines[1:]
		if fromCount > 0 {
			from--
		}
		if toCount > 0 {
			to--
		}
		require.True(t, from > at || at == 0, "hunks meet")
		out = append(out, in[at:from]...)
		require.Len(t, out, to)
		at = from
		for fromCount > 0 || toCount > 0 {
			op, rest := lines[0][0], lines[0][1:]
			lines = lines[1:]
			if op != '+' {
				require.Equal(t, in[at], rest)
				at++
				fromCount--
			}
			if op != '-' {
				out = append(out, rest)
				toCount--
			}
		}
		require.Zero(t, fromCount)
		require.Zero(t, toCount)
	}
	return strings.Join(append(out, in[at:]...), "")
}
