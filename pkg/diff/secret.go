package diff

import (
	"maps"
	"slices"

	"github.com/mop-platform/mop/pkg/manifest"
)

// These replace the values of a Secret. masked replaces a value that is equal on both sides
// or only on one side. The others replace a value that changed, as in kubectl diff.
const (
	masked       = "*********"
	maskedBefore = masked + " (before)"
	maskedAfter  = masked + " (after)"
)

// lastApplied is the annotation in which kubectl apply keeps the whole object, with the
// values of Secrets.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// Masked returns the change with texts in the place of the values of a Secret. They tell only
// whether the value is the same in both objects. Other changes stay as they are.
func (c Change) Masked() Change {
	if !c.secret() {
		return c
	}
	from, to := fields(c.From), fields(c.To)
	for _, name := range []string{"data", "stringData"} {
		a, b := field(from, name), field(to, name)
		if from[name] != nil && a == nil || to[name] != nil && b == nil {
			// The API wants a map of values.
			maskValue(from, to, name)
			continue
		}
		for key := range a {
			maskValue(a, b, key)
		}
		for key := range b {
			if _, done := a[key]; !done {
				maskValue(a, b, key)
			}
		}
	}
	maskValue(
		field(field(from, "metadata"), "annotations"),
		field(field(to, "metadata"), "annotations"),
		lastApplied,
	)
	return Change{From: remake(c.From, from), To: remake(c.To, to)}
}

// secret reports whether one of the objects is a Secret.
func (c Change) secret() bool {
	for _, o := range []*manifest.Object{c.From, c.To} {
		if o != nil && o.ID().Group == "" && o.ID().Kind == "Secret" {
			return true
		}
	}
	return false
}

// masks reports whether the value at a path of a Secret is masked, or part of such a value.
func masks(at manifest.Path) bool {
	return at[0] == "data" || at[0] == "stringData" || slices.Equal(at, manifest.Path{"metadata", "annotations", lastApplied})
}

// fields returns a copy of o's outermost fields, nil if o is nil.
func fields(o *manifest.Object) map[string]any {
	if o == nil {
		return nil
	}
	value, _ := o.Lookup()
	m, _ := value.(map[string]any) // nil for the zero Object
	return maps.Clone(m)
}

// field replaces the object in a field by a copy and returns the copy, nil if there is
// none.
func field(parent map[string]any, name string) map[string]any {
	m, ok := parent[name].(map[string]any)
	if !ok {
		return nil
	}
	m = maps.Clone(m)
	parent[name] = m
	return m
}

// maskValue masks the values of a field that exist.
func maskValue(from, to map[string]any, name string) {
	before, inFrom := from[name]
	after, inTo := to[name]
	switch {
	case inFrom && inTo && !manifest.Equal(before, after):
		from[name], to[name] = maskedBefore, maskedAfter
	case inFrom && inTo:
		from[name], to[name] = masked, masked
	case inFrom:
		from[name] = masked
	case inTo:
		to[name] = masked
	}
}

// remake returns o with other fields.
func remake(o *manifest.Object, value map[string]any) *manifest.Object {
	if o == nil {
		return nil
	}
	// New still finds no fault: the annotation remains a string.
	out, _ := manifest.New(o.Path(), value)
	return &out
}
