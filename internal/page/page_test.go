package page

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the code in docs/go.md")

const docs = "../../docs/"

// The code in docs/go.md is that of docs/programs, which has tests. -update rewrites it.
func TestPrograms(t *testing.T) {
	text, err := os.ReadFile(docs + "go.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile(`(?m)^<!-- generated: ((\S+\.go)( \w+)+) -->$`).FindAllStringSubmatch(string(text), -1)
	assert.Len(t, blocks, 8)
	for _, block := range blocks {
		words := strings.Fields(block[1])
		Hold(t, *update, docs+"go.md", block[1], "```go\n"+declarations(t, docs+"programs/"+words[0], words[1:])+"```\n")
	}
}

// declarations returns the named declarations of a file, with their comments.
func declarations(t *testing.T, file string, names []string) string {
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, source, parser.ParseComments)
	require.NoError(t, err)
	text := func(doc *ast.CommentGroup, node ast.Node) string {
		from := node.Pos()
		if doc != nil {
			from = doc.Pos()
		}
		return string(source[fset.Position(from).Offset:fset.Position(node.End()).Offset]) + "\n"
	}
	found := map[string]string{}
	for _, d := range parsed.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			found[d.Name.Name] = text(d.Doc, d)
		case *ast.GenDecl:
			if spec, ok := d.Specs[0].(*ast.TypeSpec); ok {
				found[spec.Name.Name] = text(d.Doc, d)
			}
		}
	}
	var texts []string
	for _, name := range names {
		require.Contains(t, found, name, "%s declares no %s", file, name)
		texts = append(texts, found[name])
	}
	return strings.Join(texts, "\n")
}
