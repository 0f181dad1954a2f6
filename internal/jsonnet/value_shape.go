package jsonnet

import (
	"slices"
	"strings"

	"github.com/google/go-jsonnet/ast"
)

// shape says which fields a sequence of layers has, and where each is defined. Objects made
// of the same shared tables share a shape.
type shape struct {
	entries []entry
	// index finds entries by name. It is nil for a single layer, because the layer's table
	// finds them.
	index map[string]int
	// all and visible are indices of entries, in the order of their names.
	all, visible []int
	// slots is the number of fields of all layers together.
	slots    int
	asserted bool
	// shared is set if all tables are shared.
	shared bool
}

// entry is a name and the fields that define it, the most derived first. gone marks a name
// that a restriction hides.
type entry struct {
	name  string
	hide  ast.ObjectFieldHide
	gone  bool
	where []place
}

// place is a field in a layer of an object, and its slot among the values.
type place struct{ layer, field, slot int }

func singleShape(t *fieldTable) *shape {
	n := len(t.fields)
	s := &shape{entries: make([]entry, n), all: make([]int, n), slots: n, asserted: len(t.asserts) > 0, shared: t.shared}
	places := make([]place, n)
	for i, f := range t.fields {
		places[i] = place{0, i, i}
		s.entries[i] = entry{name: f.name, hide: f.hide, where: places[i : i+1 : i+1]}
		s.all[i] = i
	}
	s.order()
	return s
}

// order sorts the entries in all by name, and finds the visible ones.
func (s *shape) order() {
	slices.SortFunc(s.all, func(a, b int) int { return strings.Compare(s.entries[a].name, s.entries[b].name) })
	s.visible = s.all
	for i, e := range s.all {
		if s.entries[e].hide == ast.ObjectFieldHidden {
			s.visible = slices.Clone(s.all[:i])
			for _, e := range s.all[i:] {
				if s.entries[e].hide != ast.ObjectFieldHidden {
					s.visible = append(s.visible, e)
				}
			}
			return
		}
	}
}

type shapePair struct{ left, right *shape }

// mostShared is the number of layers up to which shapes of sums are kept for other objects.
// Programs that build an object step by step do not need them.
const mostShared = 40

func mergedShape(layers []*layer) *shape {
	s := &shape{shared: true}
	total := 0
	restricted := false
	for _, l := range layers {
		if l.fields == nil {
			restricted, s.shared = true, false
			continue
		}
		total += len(l.fields.fields)
		s.asserted = s.asserted || len(l.fields.asserts) > 0
		s.shared = s.shared && l.fields.shared
	}
	s.index = make(map[string]int, total)
	s.entries = make([]entry, 0, total)
	for i, l := range layers {
		if l.fields == nil {
			continue
		}
		for j := range l.fields.fields {
			name := l.fields.fields[j].name
			e, ok := s.index[name]
			if !ok {
				e = len(s.entries)
				s.index[name] = e
				s.entries = append(s.entries, entry{name: name})
			}
			s.entries[e].where = append(s.entries[e].where, place{i, j, s.slots})
			s.slots++
		}
	}
	if restricted {
		visibility := visibilities(layers)
		for i := range s.entries {
			e := &s.entries[i]
			hide, ok := visibility[e.name]
			e.hide, e.gone = hide, !ok
		}
	} else {
		for i := range s.entries {
			s.entries[i].inherit(layers)
		}
	}
	s.all = make([]int, 0, len(s.entries))
	for i := range s.entries {
		if !s.entries[i].gone {
			s.all = append(s.all, i)
		}
	}
	s.order()
	return s
}

// inherit sets the visibility to that of the most derived field that declares one.
func (e *entry) inherit(layers []*layer) {
	e.hide = ast.ObjectFieldInherit
	for _, w := range e.where {
		if hide := layers[w.layer].fields.fields[w.field].hide; hide != ast.ObjectFieldInherit {
			e.hide = hide
			return
		}
	}
}

// visibilities returns the names of an object with restrictions, and their visibility. It
// goes from the least to the most derived layer. A restriction replaces the layers that it
// restricts.
func visibilities(layers []*layer) map[string]ast.ObjectFieldHide {
	var parts []*layer
	for i := 0; i < len(layers); i++ {
		parts = append(parts, layers[i])
		if layers[i].fields == nil {
			i += layers[i].special.span
		}
	}
	all := map[string]ast.ObjectFieldHide{}
	set := func(name string, hide ast.ObjectFieldHide) {
		if _, ok := all[name]; !ok || hide != ast.ObjectFieldInherit {
			all[name] = hide
		}
	}
	for _, l := range slices.Backward(parts) {
		if l.fields == nil {
			for name, hide := range l.special.kept {
				set(name, hide)
			}
		} else {
			for i := range l.fields.fields {
				set(l.fields.fields[i].name, l.fields.fields[i].hide)
			}
		}
	}
	return all
}
