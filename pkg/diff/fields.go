package diff

import (
	"maps"
	"slices"

	"github.com/mop-platform/mop/pkg/manifest"
)

// Field is a part of an object that differs.
type Field struct {
	// Path is its path in the object. Elements of arrays have their indices.
	Path manifest.Path
	// Status says whether it changed, or is only in the later or the earlier object.
	Status Status
	// From and To are its values, nil for one that is not there: maps, slices, strings,
	// booleans, int64 for whole numbers and float64 for others. The caller owns them.
	From, To any
	// Secret says that the field belongs to the data of a Secret. From and To then are texts
	// that only tell whether the values are equal.
	Secret bool
}

// String returns the status and the path, such as "changed spec.replicas", without values.
func (f Field) String() string { return f.Status.String() + " " + f.Path.String() }

// Fields returns the smallest parts of the object that differ, in the order of their paths:
// a value that changed, or a field or an element that only one of the objects has. Elements
// of arrays are compared by their indices. It returns none for an added or removed object.
func (c Change) Fields() []Field {
	if c.From == nil || c.To == nil {
		return nil
	}
	shown := c.Masked()
	found := appendFields(nil, nil, shown.From.Map(), shown.To.Map())
	if c.secret() {
		for i := range found {
			found[i].Secret = masks(found[i].Path)
		}
	}
	return found
}

func appendFields(out []Field, at manifest.Path, from, to any) []Field {
	switch a := from.(type) {
	case map[string]any:
		b, ok := to.(map[string]any)
		if !ok {
			break
		}
		names := slices.Collect(maps.Keys(a))
		for name := range b {
			if _, both := a[name]; !both {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			before, was := a[name]
			after, is := b[name]
			out = appendField(out, at.Field(name), before, after, was, is)
		}
		return out
	case []any:
		b, ok := to.([]any)
		if !ok {
			break
		}
		for i := range max(len(a), len(b)) {
			var before, after any
			if i < len(a) {
				before = a[i]
			}
			if i < len(b) {
				after = b[i]
			}
			out = appendField(out, at.Index(i), before, after, i < len(a), i < len(b))
		}
		return out
	}
	if manifest.Equal(from, to) {
		return out
	}
	return append(out, Field{Path: at, Status: Changed, From: from, To: to})
}

// appendField is appendFields for a part that may be in one of the objects only.
func appendField(out []Field, at manifest.Path, from, to any, was, is bool) []Field {
	switch {
	case !was:
		return append(out, Field{Path: at, Status: Added, To: to})
	case !is:
		return append(out, Field{Path: at, Status: Removed, From: from})
	}
	return appendFields(out, at, from, to)
}
