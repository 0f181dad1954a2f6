package render_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

func TestRead(t *testing.T) {
	objects, found, err := read(t, "a.yaml", strings.NewReader(`apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Pod, metadata: {name: a}}
- {apiVersion: v1, kind: Pod, metadata: {name: b}}
---
# nothing
---
apiVersion: v1
kind: Service
metadata: {}
---
apiVersion: v1
kind: Service
kind: Pod
---
{apiVersion: v1, kind: Service, metadata: {name: c}}
`))
	require.NoError(t, err)
	var got []string
	for _, o := range objects {
		got = append(got, o.ID().String())
	}
	assert.Equal(t, []string{"Pod a", "Pod b", "Service c"}, got)
	assert.Equal(t, diag.List{
		{
			Subject: "metadata.name", Problem: "want a non-empty string, got none",
			Code:    failure.NoName,
			Origins: []diag.Position{{File: "a.yaml", Line: 9}},
		},
		{At: diag.Position{File: "a.yaml", Line: 15}, Problem: `key "kind" is set twice`, Origins: []diag.Position{{File: "a.yaml", Line: 14}}},
	}, found)
}

// Lists in lists are searched to a depth that nothing has but an attack.
func TestReadNestedLists(t *testing.T) {
	nested := func(n int) string {
		return strings.Repeat(`{"apiVersion":"v1","kind":"List","items":[`, n) + `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}` + strings.Repeat("]}", n)
	}
	objects, found, err := read(t, "a.json", strings.NewReader(nested(100)))
	require.NoError(t, err)
	assert.Empty(t, found)
	assert.Len(t, objects, 1)
	objects, found, err = read(t, "a.json", strings.NewReader(nested(3000)))
	require.NoError(t, err)
	assert.Empty(t, objects)
	require.Len(t, found, 1)
	assert.Equal(t, "lists in lists, more than 100 deep", found[0].Problem)
}

func read(t *testing.T, file string, r io.Reader) (objects []manifest.Object, found diag.List, err error) {
	t.Helper()
	found, err = render.Read(t.Context(), file, r, func(o manifest.Object, _ diag.Position) { objects = append(objects, o) })
	return objects, found, err
}
