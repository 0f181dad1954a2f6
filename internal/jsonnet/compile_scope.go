package jsonnet

import "slices"

// scope is a unit during its compilation.
type scope struct {
	// group has the variables that the unit captures, together with other units made in the
	// same place.
	group *group
	// names are the visible variables, the innermost first. visible finds them by name if
	// they are many.
	names   *name
	visible map[string]*name
	// slots is the number of slots in use, most the highest so far.
	slots, most int
	// nesting is the number of expressions around the current one, height the highest so far.
	nesting, height int
}

// name is a variable of a scope.
type name struct {
	text  string
	slot  int
	outer *name
	// hides is the variable of the same name that was visible before, if there are many.
	hides *name
}

// fewNames is the number of names up to which a search is faster than a map.
const fewNames = 64

// group is a set of units that share an env.
type group struct {
	// captures is separate because the nodes keep it, but not the rest.
	*captures
	// outer is the scope in which the env is made; nil for that of a file.
	outer *scope
	// index finds variables of the env by name.
	index map[string]int
	// object is set for the units of an object literal, which find self in their frame. Its
	// locals come first in the env.
	object bool
	locals int
}

func newGroup(outer *scope) *group {
	return &group{captures: &captures{}, outer: outer, index: map[string]int{}}
}

// declare makes a variable visible and returns its slot.
func (s *scope) declare(text string) int {
	slot := s.slots
	s.slots++
	s.most = max(s.most, s.slots)
	s.names = &name{text: text, slot: slot, outer: s.names}
	switch {
	case s.visible != nil:
		s.show(s.names)
	case s.slots > fewNames:
		s.visible = map[string]*name{}
		var all []*name
		for n := s.names; n != nil; n = n.outer {
			all = append(all, n)
		}
		for _, n := range slices.Backward(all) {
			s.show(n)
		}
	}
	return slot
}

func (s *scope) show(n *name) { n.hides, s.visible[n.text] = s.visible[n.text], n }

// lookUp returns a variable of the scope itself, nil if there is none.
func (s *scope) lookUp(text string) *name {
	if s.visible != nil {
		return s.visible[text]
	}
	for n := s.names; n != nil; n = n.outer {
		if n.text == text {
			return n
		}
	}
	return nil
}

// mark and reset delimit the region in which variables are visible.
func (s *scope) mark() (names *name, slots int) { return s.names, s.slots }

func (s *scope) reset(names *name, slots int) {
	if s.visible != nil {
		for n := s.names; n != names; n = n.outer {
			s.visible[n.text] = n.hides
		}
	}
	s.names, s.slots = names, slots
}

// resolve returns the place of a variable. It captures a variable from around the scope.
func (s *scope) resolve(text string) (ref, bool) {
	if n := s.lookUp(text); n != nil {
		return ref(n.slot), true
	}
	g := s.group
	if i, ok := g.index[text]; ok {
		return ref(-i - 1), true
	}
	if g.outer == nil {
		return 0, false
	}
	r, ok := g.outer.resolve(text)
	if !ok {
		return 0, false
	}
	i := g.locals + len(g.refs)
	g.refs = append(g.refs, r)
	g.index[text] = i
	return ref(-i - 1), true
}

// bound reports whether the program declares a variable. It captures nothing.
func (s *scope) bound(text string) bool {
	for ; s != nil; s = s.group.outer {
		if s.lookUp(text) != nil {
			return true
		}
		if _, ok := s.group.index[text]; ok {
			return true
		}
	}
	return false
}

// useSelf notes that the code needs self, and so does the code around it up to the object
// that is self.
func (s *scope) useSelf() {
	for ; s != nil && !s.group.object; s = s.group.outer {
		s.group.self = true
	}
}
