package refer

import (
	"cmp"
	"hash/maphash"
	"slices"
	"sync"
)

// mention is a hash of a string in a field of an object, which may be a name. A hash is
// enough: objects have many strings, and few are looked up.
type mention uint64

// longestName is the longest possible name of an object.
const longestName = 253

// mentioning makes mentions.
type mentioning struct{ seed maphash.Seed }

func (m mentioning) of(text string) mention { return mention(maphash.String(m.seed, text)) }

// in returns the mentions in the fields of a custom object, except the fields that all
// objects have.
func (m mentioning) in(object map[string]any) []mention {
	var all []mention
	var read func(value any)
	read = func(value any) {
		switch value := value.(type) {
		case string:
			if value != "" && len(value) <= longestName {
				all = append(all, m.of(value))
			}
		case []any:
			for _, item := range value {
				read(item)
			}
		case map[string]any:
			for _, field := range value {
				read(field)
			}
		}
	}
	for name, field := range object {
		if !slices.Contains([]string{"apiVersion", "kind", "metadata", "status"}, name) {
			read(field)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// mentions are the mentions of the members of a set.
type mentions struct {
	mentioning
	sort sync.Once
	all  []mentioned
}

type mentioned struct {
	what mention
	by   int32
}

func newMentions(m mentioning) *mentions { return &mentions{mentioning: m} }

func (m *mentions) add(by int, all []mention) {
	for _, what := range all {
		m.all = append(m.all, mentioned{what, int32(by)})
	}
}

func compareMentioned(a, b mentioned) int {
	return cmp.Or(cmp.Compare(a.what, b.what), cmp.Compare(a.by, b.by))
}

func (m *mentions) sorted() []mentioned {
	m.sort.Do(func() { slices.SortFunc(m.all, compareMentioned) })
	return m.all
}

// of returns the members that mention a text, ascending.
func (m *mentions) of(text string) []int {
	what, all := m.mentioning.of(text), m.sorted()
	first, _ := slices.BinarySearchFunc(all, mentioned{what, 0}, compareMentioned)
	var by []int
	for _, one := range all[first:] {
		if one.what != what {
			break
		}
		by = append(by, int(one.by))
	}
	return by
}

// has reports whether a member mentions a text.
func (m *mentions) has(by int, text string) bool {
	_, ok := slices.BinarySearchFunc(m.sorted(), mentioned{m.mentioning.of(text), int32(by)}, compareMentioned)
	return ok
}
