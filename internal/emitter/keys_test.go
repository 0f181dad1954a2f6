package emitter

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	yaml2 "go.yaml.in/yaml/v2"
	yaml3 "go.yaml.in/yaml/v3"
)

// relations are the relations of the libraries, each with the function of the library that
// writes an object.
var relations = map[string]struct {
	relation
	marshal func(any) ([]byte, error)
}{
	"yaml.v2": {relation{}, yaml2.Marshal},
	"yaml.v3": {relation{lettersFirst: true}, yaml3.Marshal},
}

// hostileKey returns a key that may differ from others within a number.
func hostileKey(r *rand.Rand) string {
	alphabets := []string{"01", "012a", "0129az-", "12za", "059Z_.~", "1é٣", "9", "٠٣1a", "10aβ."}
	alphabet := []rune(alphabets[r.IntN(len(alphabets))])
	var b strings.Builder
	for range r.IntN(6) {
		b.WriteRune(alphabet[r.IntN(len(alphabet))])
	}
	if r.IntN(8) == 0 {
		b.WriteString(strings.Repeat(string(alphabet[0]), 20))
		b.WriteRune(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

func hostileSet(r *rand.Rand, n int) []string {
	var keys []string
	for range n {
		if key := hostileKey(r); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// The relation orders any two keys as the library does.
func TestRelationIsTheLibrarys(t *testing.T) {
	for name, library := range relations {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			for range 20_000 {
				keys := hostileSet(r, 2)
				if len(keys) < 2 {
					continue
				}
				text, err := library.marshal(map[string]int{keys[0]: 0, keys[1]: 1})
				require.NoError(t, err)
				first := keys[1]
				if strings.HasSuffix(string(text), ": 1\n") {
					first = keys[0]
				}
				library.sort(keys)
				require.Equal(t, first, keys[0], "%q", keys)
			}
		})
	}
}

// The keys are sorted by the relation if it holds between every two of them, else by their
// bytes. Their order before does not matter.
func TestSortAgainstAllPairs(t *testing.T) {
	for name, library := range relations {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 4))
			circles := 0
			for range 30_000 {
				keys := hostileSet(r, 1+r.IntN(9))
				r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
				want, ok := byAllPairs(library.relation, keys)
				if !ok {
					circles++
				}
				before := slices.Clone(keys)
				library.sort(keys)
				require.Equal(t, want, keys, "%q", before)
			}
			t.Log("sets with a circle:", circles)
			assert.NotZero(t, circles)
		})
	}
}

// byAllPairs compares every two keys. If the relation has no circle, the number of keys
// before a key is different for each.
func byAllPairs(r relation, keys []string) (sorted []string, ok bool) {
	sorted = make([]string, len(keys))
	taken := make([]bool, len(keys))
	for _, a := range keys {
		before := 0
		for _, b := range keys {
			if r.compare(b, a) < 0 {
				before++
			}
		}
		if taken[before] {
			sorted = slices.Sorted(slices.Values(keys))
			return sorted, false
		}
		sorted[before], taken[before] = a, true
	}
	return sorted, true
}

func TestSort(t *testing.T) {
	tests := []struct {
		name   string
		v2, v3 []string
	}{
		{"words", []string{"apiVersion", "kind", "metadata"}, nil},
		{"letters last", []string{"a-b", "a.b", "a_b", "aB", "ab"}, nil},
		{"numbers", []string{"a1", "a2", "a10", "a100"}, nil},
		{"circle", []string{"11", "1z", "2z"}, []string{"1z", "2z", "11"}},
		{"letter behind a digit", []string{"1.5", "15", "1a"}, []string{"1a", "1.5", "15"}},
		{"no UTF-8", []string{"10", "2", "\xfe", "\xff", "\xff1"}, nil},
		{"versions", []string{"v1", "v1.9", "v1.10", "v1alpha1"}, []string{"v1", "v1alpha1", "v1.9", "v1.10"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.v3 == nil {
				tt.v3 = tt.v2
			}
			for want, r := range map[*[]string]relation{&tt.v2: {}, &tt.v3: {lettersFirst: true}} {
				keys := slices.Clone(*want)
				slices.Reverse(keys)
				r.sort(keys)
				assert.Equal(t, *want, keys)
			}
		})
	}
}

func BenchmarkSort(b *testing.B) {
	words := []string{"apiVersion", "kind", "metadata", "spec", "status", "app.kubernetes.io/name", "template", "replicas"}
	var numbers, hashes []string
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 10_000 {
		numbers = append(numbers, fmt.Sprintf("dashboard-%d.json", i))
		hashes = append(hashes, fmt.Sprintf("%08x.json", r.Uint32()))
	}
	for name, keys := range map[string][]string{"8 words": words, "10000 numbers": numbers, "10000 hashes": hashes} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				relation{}.sort(slices.Clone(keys))
			}
		})
	}
}
