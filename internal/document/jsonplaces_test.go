package document_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mop-platform/mop/internal/document"
)

// An object takes the memory of its keys and its parts, and no more while it is read: a
// list has thousands of objects.
func TestJSONPlacesAllocations(t *testing.T) {
	const objects = 1000
	text := []byte("[\n" + strings.Repeat(`{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5},`+"\n", objects) + "{}]")
	allocations := testing.AllocsPerRun(5, func() { document.JSONPlaces(text).Line(objects) })
	assert.Less(t, allocations, 2.5*objects)
	assert.Equal(t, objects+2, document.JSONPlaces(text).Line(objects))
	assert.Equal(t, objects+1, document.JSONPlaces(text).Line(objects-1, "e"))
}
