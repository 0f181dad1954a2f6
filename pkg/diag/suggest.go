package diag

import "github.com/mop-platform/mop/pkg/message"

// Suggest returns the candidate that name is most likely a misspelling of, or
// "" where none is near enough: the edit distance may be a third of the longer
// word's length. Of several equally near ones the first in order of the
// alphabet is chosen. What is longer than [message.Short] is no word.
func Suggest(name string, candidates []string) string {
	best, bestDistance := "", -1
	if len(name) > message.Short {
		return best
	}
	for _, c := range candidates {
		if (max(len(name), len(c))-min(len(name), len(c)))*3 > max(len(name), len(c)) {
			continue // the distance is at least that of the lengths
		}
		d := distance(name, c)
		if d*3 <= max(len(name), len(c)) && (bestDistance < 0 || d < bestDistance || d == bestDistance && c < best) {
			best, bestDistance = c, d
		}
	}
	return best
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
