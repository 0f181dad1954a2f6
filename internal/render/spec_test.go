package render

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mop-platform/mop/internal/project"
)

// TestSpecFields checks that each field of a spec is in the table of those that change
// objects, or in the list here of those that do not.
func TestSpecFields(t *testing.T) {
	got := []string{
		// These say where the objects go, and by which program.
		"apiServer", "contextNames", "diffStrategy", "applyStrategy", "exportJsonnetImplementation",
		// The source of the label that injectLabels sets, and the required versions.
		"tankaEnvLabelFromFields", "expectVersions",
	}
	for _, f := range specFields() {
		got = append(got, f.name)
	}
	var want []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[project.Spec]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		want = append(want, name)
	}
	assert.ElementsMatch(t, want, got)
}
