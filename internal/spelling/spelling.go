// Package spelling finds the words that a misspelt one may stand for.
package spelling

import (
	"slices"

	"github.com/mop-platform/mop/internal/message"
)

// Suggest returns the first result of [Nearest], or "" if there is none.
func Suggest(name string, candidates []string) string {
	if near := Nearest(name, candidates); len(near) > 0 {
		return near[0]
	}
	return ""
}

// Nearest returns the candidates, sorted, that name is most likely a misspelling of. All of
// them have the same edit distance, which is at most a third of the longer word's length.
// There are none for a name longer than [message.Short], because that is no word.
func Nearest(name string, candidates []string) []string {
	if len(name) > message.Short {
		return nil
	}
	var best []string
	var least int
	for _, c := range candidates {
		longer := max(len(name), len(c))
		if (longer-min(len(name), len(c)))*3 > longer {
			continue // the distance is at least that of the lengths
		}
		d := distance(name, c)
		if d*3 > longer || len(best) > 0 && d > least {
			continue
		}
		if d < least {
			best = nil
		}
		best, least = append(best, c), d
	}
	slices.Sort(best)
	return slices.Compact(best)
}

// distance is the optimal string alignment distance in bytes: insertions,
// deletions, substitutions and swaps of neighbours cost one each.
func distance(a, b string) int {
	before := make([]int, len(b)+1)
	previous := make([]int, len(b)+1)
	current := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous, current = previous, current, before
	}
	return previous[len(b)]
}
