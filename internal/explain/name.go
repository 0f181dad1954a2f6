package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/spelling"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Name is the user's name of an object.
type Name struct{ text, kind, namespace, name string }

// ParseName parses KIND/NAME or KIND/NAMESPACE/NAME.
func ParseName(text string) (Name, error) {
	kind, name, ok := strings.Cut(text, "/")
	namespace := ""
	if before, after, three := strings.Cut(name, "/"); three {
		namespace, name = before, after
	}
	if !ok || kind == "" || name == "" || strings.Contains(name, "/") {
		return Name{}, fmt.Errorf("want KIND/NAME or KIND/NAMESPACE/NAME, got %q", text)
	}
	return Name{text, kind, namespace, name}, nil
}

// In returns the object of an environment that n names. The error is a [diag.Diagnostic]
// that suggests other objects.
func (n Name) In(environment string, objects []manifest.Object) (manifest.Object, error) {
	var found []manifest.Object
	for _, o := range objects {
		if n.matches(o) {
			found = append(found, o)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	d := diag.Diagnostic{Subject: environment}
	if len(found) > 1 {
		d.Problem = fmt.Sprintf("%s names %d objects", n.text, len(found))
		var names []string
		for _, o := range found {
			names = append(names, longName(o)+" ("+o.Path().String()+")")
		}
		d.Code, d.Values = failure.SeveralObjects, map[string]any{"names": listed(names)}
		return manifest.Object{}, d
	}
	d.Problem = fmt.Sprintf("no object is called %s", n.text)
	d.Code, d.Values = failure.NoObject, n.others(objects)
	return manifest.Object{}, d
}

func (n Name) matches(o manifest.Object) bool {
	id := o.ID()
	ofKind := strings.EqualFold(n.kind, id.Kind) || strings.EqualFold(n.kind, id.Kind+"."+id.Group)
	return ofKind && n.name == nameOf(o) && (n.namespace == "" || n.namespace == id.Namespace)
}

// nameOf returns the name of an object, or the beginning of a generated name.
func nameOf(o manifest.Object) string {
	if name := o.ID().Name; name != "" {
		return name
	}
	return o.GenerateName()
}

// longName returns a name that distinguishes an object from others.
func longName(o manifest.Object) string {
	id := o.ID()
	s := id.Kind
	if id.Group != "" {
		s += "." + id.Group
	}
	if id.Namespace != "" {
		s += "/" + id.Namespace
	}
	return s + "/" + nameOf(o)
}

// others returns values for hints with the objects that the user may mean.
func (n Name) others(objects []manifest.Object) map[string]any {
	if len(objects) == 0 {
		return nil
	}
	// The case of a kind does not matter.
	names, kinds := map[string]string{}, map[string]string{}
	var ofKind []string
	for _, o := range objects {
		id := o.ID()
		short := id.Kind + "/" + nameOf(o)
		called := []string{short, longName(o)}
		if id.Namespace != "" {
			called = append(called, id.Kind+"/"+id.Namespace+"/"+nameOf(o))
		}
		for _, name := range called {
			names[strings.ToLower(name)] = name
		}
		kinds[id.Kind] = id.Kind
		if strings.EqualFold(n.kind, id.Kind) {
			ofKind = append(ofKind, short)
		}
	}
	if s := spelling.Suggest(strings.ToLower(n.text), sortedKeys(names)); s != "" {
		return map[string]any{"near": names[s]}
	}
	if len(ofKind) > 0 {
		return map[string]any{"same": listed(slices.Compact(ofKind))}
	}
	return map[string]any{"kinds": listed(sortedKeys(kinds))}
}
