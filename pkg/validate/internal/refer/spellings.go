package refer

import (
	"math/bits"

	"github.com/mop-platform/mop/pkg/manifest"
)

// candidate is a name of an object that exists or is made. It is prepared for the search for
// similar names.
type candidate struct {
	name, namespace string
	letters         letters
}

// letters are the letters of a word, each as one of 64 bits.
type letters uint64

func lettersOf(word string) (l letters) {
	for i := range len(word) {
		l |= 1 << (word[i] & 63)
	}
	return l
}

// mayBeLike is false for words that [spelling.Suggest] cannot confuse. Suggest allows changes
// up to a third of the longer word's length, and each change adds or removes one letter.
func mayBeLike(a string, lettersOfA letters, b string, lettersOfB letters) bool {
	longer, shorter := max(len(a), len(b)), min(len(a), len(b))
	most := longer / 3
	return longer-shorter <= most &&
		bits.OnesCount64(uint64(lettersOfA&^lettersOfB)) <= most && bits.OnesCount64(uint64(lettersOfB&^lettersOfA)) <= most
}

// readSpellings returns the names of the objects, and of those that are made, by
// their kinds.
func (s *Set) readSpellings() map[GroupKind][]candidate {
	all := map[GroupKind][]candidate{}
	enter := func(kind GroupKind, name, namespace string) {
		all[kind] = append(all[kind], candidate{name, namespace, lettersOf(name)})
	}
	for kind, members := range s.byKind {
		for _, i := range members {
			id := s.members[i].ID
			enter(kind, id.Name, id.Namespace)
		}
	}
	for key, makings := range s.made.names {
		for _, m := range makings {
			enter(GroupKind{key.group, key.kind}, key.name, m.namespace)
		}
	}
	return all
}

// mostAlike is the most names that may be like a missing one. With more, none is suggested.
const mostAlike = 1000

// spelledLike returns the names that the user may mean instead of an object's name. It
// compares kinds, namespaces and letters. It returns none if there are too many.
func (l *looking) spelledLike(id manifest.ID) []string {
	var names []string
	letters := lettersOf(id.Name)
	spellings := l.spellings()[GroupKind{id.Group, id.Kind}]
	for i := range spellings {
		other := &spellings[i]
		if mayBeLike(id.Name, letters, other.name, other.letters) && sameNamespace(other.namespace, id.Namespace) {
			if names = append(names, other.name); len(names) > mostAlike {
				names = nil
				break
			}
		}
	}
	l.work(1 + len(spellings)/8 + 8*len(names))
	return names
}
