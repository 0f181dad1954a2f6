package validate

import (
	"github.com/mop-platform/mop/pkg/validate/internal/refer"
)

// ExternalAnnotation is the annotation in which an object declares that objects that it
// refers to come from elsewhere: patterns as in [Options.External], with commas between
// them.
const ExternalAnnotation = refer.ExternalAnnotation

// CheckExternal returns an error about the first pattern that cannot be one of
// [Options.External].
func CheckExternal(patterns []string) error {
	_, err := refer.ParseExternals(patterns)
	return err
}

// Controller says what the controller of a kind makes for each object of it.
type Controller struct {
	// Group and Kind are those of the objects. Kind "*" is any kind of the group
	// that has no entry of its own.
	Group, Kind string
	// Makes are the objects that it makes, as KIND[.GROUP]/NAME, in the namespace of the
	// object. In NAME, * stands for any characters, and {name} for the object's name.
	// {spec.a.*.b|name} stands for the strings in a field, of each item if a step is *; if
	// there is no such string, it stands for the part after the bar.
	Makes []string
	// Pods says that the controller runs pods.
	Pods bool
}

// Controllers returns the known controllers of widespread kinds. For other kinds, package
// validate guesses from the names in their objects.
func Controllers() []Controller {
	var all []Controller
	for _, c := range refer.Controllers() {
		all = append(all, Controller(c))
	}
	return all
}
