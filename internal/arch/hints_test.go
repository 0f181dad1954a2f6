package arch_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/failure"
)

// ownHints are the packages and files that may set hints themselves, and why.
var ownHints = map[string]string{
	"pkg/validate":                     "its findings have rules in the place of codes",
	"cmd/mop/internal/check/judged.go": "it tells what an API server says",
	"cmd/mop/internal/report":          "it writes the hints of others, and reads them again",
	"pkg/manifest/from.go":             "it advises Go programs, which have no input of the command",
	"internal/eval/callee.go":          "it hands on what a native function says",
}

// Code gives the values that hints name: it has each name as the key of a map.
func TestHintsNameValues(t *testing.T) {
	given := map[string]bool{}
	for _, s := range sources(t) {
		key := func(n ast.Expr) {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING && path.Dir(s.name) != "cmd/mop" {
				name, err := strconv.Unquote(lit.Value)
				require.NoError(t, err)
				given[name] = true
			}
		}
		for n := range ast.Preorder(s.file) {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				key(n.Key)
			case *ast.IndexExpr:
				key(n.Index)
			}
		}
	}
	placeholder := regexp.MustCompile(`<([a-z]+)(\.\.\.)?>`)
	for _, code := range failure.Codes() {
		for _, hint := range failure.Hints(code) {
			for _, m := range placeholder.FindAllStringSubmatch(hint, -1) {
				assert.True(t, given[m[1]], "%s: %s: nothing gives <%s>", code, hint, m[1])
			}
		}
	}
}

// One table chooses hints by the code of a failure. Only the places in ownHints set hints
// themselves.
func TestHintsStandInTheTable(t *testing.T) {
	used := map[string]bool{}
	fset := token.NewFileSet()
	for _, dir := range []string{"pkg", "internal", "cmd/mop/internal"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(root, file)
			if err != nil {
				return err
			}
			set := func(at ast.Node) {
				for place := range ownHints {
					if slash := filepath.ToSlash(name); slash == place || strings.HasPrefix(slash, place+"/") {
						used[place] = true
						return
					}
				}
				assert.Fail(t, "hints beside a problem", "%s: give it a code, and the code hints in internal/failure", fset.Position(at.Pos()))
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.KeyValueExpr:
					if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Hints" {
						set(n)
					}
				case *ast.AssignStmt:
					for _, to := range n.Lhs {
						if field, ok := to.(*ast.SelectorExpr); ok && field.Sel.Name == "Hints" {
							set(n)
						}
					}
				}
				return true
			})
			return nil
		})
		require.NoError(t, err)
	}
	for place := range ownHints {
		assert.True(t, used[place], "%s sets no hints", place)
	}
}
