package patch_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/patch"
	"github.com/mop-platform/mop/pkg/manifest"
)

// unified returns the diff of two ConfigMaps with the given lines of text, the first text
// with the diff applied, and the second text.
func unified(t *testing.T, from, to []string) (lines []string, applied, want string) {
	t.Helper()
	var pair [2]manifest.Object
	var yaml [2]string
	for i, lines := range [][]string{from, to} {
		o, l := manifest.New(nil, map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "x"},
			"data": map[string]any{"text": strings.Join(lines, "\n") + "\n"},
		})
		require.Empty(t, l)
		b, err := o.YAML(t.Context())
		require.NoError(t, err)
		pair[i], yaml[i] = o, string(b)
	}
	var b bytes.Buffer
	require.NoError(t, patch.Compare(pair[:1], pair[1:]).WriteUnified(t.Context(), &b, patch.Options{}))
	return strings.Split(b.String(), "\n"), apply(t, yaml[0], b.String()), yaml[1]
}

func count(lines []string, prefix string) int {
	n := 0
	for _, l := range lines {
		if strings.HasPrefix(l, prefix) {
			n++
		}
	}
	return n
}

// Texts without a common line take no more work than reading them. A text may have more
// different lines than Unicode has characters in its first plane.
func TestLargeTexts(t *testing.T) {
	const n = 70_000
	numbered := func(prefix string) []string {
		lines := make([]string, n)
		for i := range lines {
			lines[i] = fmt.Sprint(prefix, i)
		}
		return lines
	}
	t.Run("nothing in common", func(t *testing.T) {
		lines, got, want := unified(t, numbered("a"), numbered("b"))
		assert.True(t, got == want)
		assert.Equal(t, n, count(lines, "-    "))
		assert.Equal(t, n, count(lines, "+    "))
	})
	t.Run("one line inserted", func(t *testing.T) {
		from := numbered("a")
		to := append(append(from[:n-2:n-2], "new"), from[n-2:]...)
		lines, got, want := unified(t, from, to)
		assert.True(t, got == want)
		assert.Zero(t, count(lines, "-    "))
		assert.Equal(t, 1, count(lines, "+    "))
	})
	t.Run("ends swapped", func(t *testing.T) {
		from := numbered("a")
		to := append([]string{from[n-1]}, from[:n-1]...)
		lines, got, want := unified(t, from, to)
		assert.True(t, got == want)
		assert.Equal(t, 1, count(lines, "-    "))
		assert.Equal(t, 1, count(lines, "+    "))
	})
}

// A diff is the shortest one even if few lines are unique.
func TestShortest(t *testing.T) {
	port := func(n int) []string { return []string{"- port", "  " + fmt.Sprint(n), "  protocol: TCP"} }
	var from, to []string
	for i := range 300 {
		from = append(from, port(i%7)...)
		if i%10 != 0 {
			to = append(to, port(i%7)...)
		}
	}
	lines, got, want := unified(t, from, to)
	assert.Equal(t, want, got)
	assert.Equal(t, 90, count(lines, "-    "))
	assert.Zero(t, count(lines, "+    "))
}

// Texts with many lines in another order are divided, and take no longer than their size
// allows.
func TestShuffledTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	shuffled := func(n, different int) (from, to []string) {
		for i := range n {
			from = append(from, fmt.Sprint(i%different))
		}
		to = slices.Clone(from)
		random.Shuffle(n, func(i, j int) { to[i], to[j] = to[j], to[i] })
		return from, to
	}
	for _, different := range []int{3, 1000, 100_000} {
		from, to := shuffled(100_000, different)
		_, got, want := unified(t, from, to)
		assert.True(t, got == want, different)
	}
	// A text of that size with few changes still has the shortest diff.
	from, _ := shuffled(100_000, 100_000)
	to := slices.Clone(from)
	to[10], to[50_000] = "x", "y"
	lines, got, want := unified(t, from, slices.Delete(to, 99_000, 99_002))
	assert.True(t, got == want)
	assert.Equal(t, 4, count(lines, "-    "))
	assert.Equal(t, 2, count(lines, "+    "))
}

func TestDiffEnds(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(io.ErrClosedPipe)
	object := func(text string) []manifest.Object {
		o, l := manifest.New(nil, map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "x"}, "data": map[string]any{"text": strings.Repeat(text, 100_000)},
		})
		require.Empty(t, l)
		return []manifest.Object{o}
	}
	r := patch.Compare(object("a\n"), object("b\n"))
	var b bytes.Buffer
	for _, err := range []error{r.WriteUnified(ctx, &b, patch.Options{}), r.WriteSummary(ctx, &b, patch.Options{}), r.WriteJSON(ctx, &b, patch.Options{})} {
		assert.ErrorIs(t, err, io.ErrClosedPipe)
		assert.ErrorContains(t, err, "ConfigMap x: ")
	}
	assert.Empty(t, b.String())
}
