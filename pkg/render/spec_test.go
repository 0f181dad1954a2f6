package render

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mop-platform/mop/pkg/project"
)

// TestSpecFields holds that each field of a spec changes objects by the table or is
// known not to.
func TestSpecFields(t *testing.T) {
	got := []string{
		// Where the objects go, and what does that.
		"apiServer", "contextNames", "diffStrategy", "applyStrategy", "exportJsonnetImplementation",
		// What injectLabels makes the label of, and which versions there must be.
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
