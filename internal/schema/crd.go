package schema

import (
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// With returns the kinds of k and the kinds that the CustomResourceDefinitions among
// objects define, in their versions v1 and v1beta1. It passes over other objects, so
// callers can give all objects of an environment. If two define the same kind, the later
// one counts. Each takes precedence over k.
//
// The diagnostics are about definitions whose group, kind or scope cannot be read; these
// add nothing. Nothing else of a definition is checked.
func (k *Kinds) With(objects ...manifest.Object) (*Kinds, diag.List) {
	var found diag.List
	more := map[groupKind]kind{}
	for _, o := range objects {
		if id := o.ID(); !IsCRD(id.Group, id.Kind) {
			continue
		}
		id, defined, l := readCRD(o)
		found = append(found, l...)
		if len(l) == 0 {
			more[id] = defined
		}
	}
	if len(more) == 0 {
		return k, found
	}
	return k.extended(more), found
}

const crdGroup = "apiextensions.k8s.io"

// IsCRD reports whether a kind of a group is CustomResourceDefinition.
func IsCRD(group, kind string) bool { return group == crdGroup && kind == "CustomResourceDefinition" }

// crd is a CustomResourceDefinition that is being read
// (k8s.io/apiextensions-apiserver, pkg/apis/apiextensions/v1/types.go).
type crd struct {
	manifest.Object
	found diag.List
}

func readCRD(o manifest.Object) (groupKind, kind, diag.List) {
	c := crd{Object: o}
	id := groupKind{c.text("spec", "group"), c.text("spec", "names", "kind")}
	defined := kind{served: c.served()}
	switch scope, _ := o.Lookup("spec", "scope"); {
	case scope == "Cluster":
		defined.scope = Cluster
	case scope == "Namespaced":
		defined.scope = Namespaced
	case o.APIVersion() == crdGroup+"/v1beta1" && (scope == nil || scope == ""):
		// The API server's default, in this version alone
		// (pkg/apis/apiextensions/v1beta1/defaults.go).
		defined.scope = Namespaced
	default:
		c.report(`"Cluster" or "Namespaced"`, "spec", "scope")
	}
	return id, defined, c.found
}

// text returns the non-empty string at a path of fields, or reports that there
// is none.
func (c *crd) text(fields ...string) string {
	v, _ := c.Lookup(fields...)
	s, _ := v.(string)
	if s == "" {
		c.report("a non-empty string", fields...)
	}
	return s
}

// report reports that the value at a path of fields is not the wanted one.
func (c *crd) report(want string, fields ...string) {
	at := c.Path()
	for _, f := range fields {
		at = at.Field(f)
	}
	got := "none"
	if v, ok := c.Lookup(fields...); ok {
		got = plain.Describe(v)
	}
	c.add(at, want, got)
}

// want reports that v, the value at a path or nil if there is none, is not the wanted one.
func (c *crd) want(at manifest.Path, want string, v any) {
	got := "none"
	if v != nil {
		got = plain.Describe(v)
	}
	c.add(at, want, got)
}

func (c *crd) add(at manifest.Path, want, got string) {
	c.found = append(c.found, diag.Diagnostic{Subject: at.String(), Problem: "want " + want + ", got " + got})
}

// served returns the served versions of spec.versions or, if there are none, the one of
// spec.version, which v1beta1 has.
func (c *crd) served() []Served {
	list, _ := c.Lookup("spec", "versions")
	versions, _ := list.([]any)
	if len(versions) == 0 {
		version, _ := c.Lookup("spec", "version")
		versions = []any{map[string]any{"name": version, "served": true}}
	}
	var served []Served
	for _, v := range versions {
		version, _ := v.(map[string]any)
		if name, ok := version["name"].(string); ok && version["served"] == true {
			served = append(served, Served{Version: name})
		}
	}
	slices.SortFunc(served, func(a, b Served) int { return strings.Compare(a.Version, b.Version) })
	return served
}
