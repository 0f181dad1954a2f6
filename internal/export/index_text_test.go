package export

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The text is that of Tanka, which uses encoding/json.
func TestIndexText(t *testing.T) {
	for _, x := range []Index{
		{},
		{"a.yaml": {Entrypoint: "e"}},
		{"b/<&>.yaml": {Entrypoint: "é\u2028"}, "a\"\\.yaml": {Entrypoint: "e"}, "a\xff.yaml": {Entrypoint: "e", Environment: "x"}, "": {}},
	} {
		entrypoints := map[string]string{}
		for file, s := range x {
			entrypoints[file] = s.Entrypoint
		}
		want, err := json.MarshalIndent(entrypoints, "", "    ")
		require.NoError(t, err)
		assert.Equal(t, string(want), string(x.text(slices.Sorted(maps.Keys(x)))))
	}
}
