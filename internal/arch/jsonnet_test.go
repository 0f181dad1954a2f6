package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The first word in the name of a file of package jsonnet is its group. The groups that
// evaluate must use no declaration of the group compile; the cache of compiled code may.
func TestRoomsOfTheEngine(t *testing.T) {
	files, err := filepath.Glob(root + "/internal/jsonnet/*.go")
	require.NoError(t, err)
	room := func(file string) string {
		name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".go"), "_")
		return name
	}
	declared := map[string]bool{}
	named := map[string][]*ast.Ident{}
	fset := token.NewFileSet()
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, file, nil, 0)
		require.NoError(t, err)
		switch room(file) {
		case "compile":
			for name := range f.Scope.Objects {
				declared[name] = true
			}
		case "std", "eval", "node", "value", "trace":
			named[file] = f.Unresolved
		}
	}
	require.NotEmpty(t, declared)
	require.NotEmpty(t, named)
	for _, idents := range named {
		for _, ident := range idents {
			assert.False(t, declared[ident.Name], "%s: %s is one of compile_", fset.Position(ident.Pos()), ident.Name)
		}
	}
}
