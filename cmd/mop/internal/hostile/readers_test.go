package hostile

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each reader has a fuzz target, and each target limits the time for an input.
func TestReadersHaveTargets(t *testing.T) {
	g := graph(t)
	targets := fuzzTargets(t)
	for _, r := range Readers() {
		assert.True(t, g.Has(r.Func), "%s: no such function", r.Func)
		assert.Contains(t, targets, r.Target, "%s", r.Func)
		dir, _, _ := strings.Cut(r.Func, ".")
		assert.Equal(t, dir, strings.TrimSuffix(r.Target, path.Ext(r.Target)), "the target of %s", r.Func)
	}
	for name, holds := range targets {
		assert.True(t, holds, "%s: holds no pace", name)
	}
}

// fuzzTargets returns the fuzz targets, and whether each calls pace.Hold.
func fuzzTargets(t *testing.T) map[string]bool {
	t.Helper()
	targets := map[string]bool{}
	for _, pattern := range []string{"pkg/*/*_test.go", "pkg/*/internal/*/*_test.go", "internal/*/*_test.go", "internal/*/internal/*/*_test.go", "cmd/mop/*_test.go", "cmd/mop/internal/*/*_test.go"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		for _, name := range files {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			dir, err := filepath.Rel(root, filepath.Dir(name))
			require.NoError(t, err)
			for _, decl := range file.Decls {
				f, ok := decl.(*ast.FuncDecl)
				if !ok || !strings.HasPrefix(f.Name.Name, "Fuzz") {
					continue
				}
				target := filepath.ToSlash(dir) + "." + f.Name.Name
				targets[target] = false
				ast.Inspect(f, func(n ast.Node) bool {
					if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Hold" {
						targets[target] = true
					}
					return true
				})
			}
		}
	}
	return targets
}
