package validate_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/validate"
)

// Every rule is declared, with a sentence.
func TestRules(t *testing.T) {
	source, err := os.ReadFile("result.go")
	require.NoError(t, err)
	declared := len(regexp.MustCompile(`(?m)^\tRule\w+ +(Rule)? += `).FindAll(source, -1))
	assert.Len(t, validate.Rules(), declared)
	seen := map[validate.Rule]bool{}
	for _, d := range validate.Declarations() {
		assert.False(t, seen[d.Rule], "%s is declared twice", d.Rule)
		seen[d.Rule] = true
		assert.Regexp(t, `^[A-Z].*\.$`, d.Holds, d.Rule)
		assert.Equal(t, d.Holds, d.Rule.Description())
		assert.Equal(t, len(d.Sources) > 0, d.Since != 0, d.Rule)
	}
	assert.Empty(t, validate.Rule("other").Description())
}

// The sources of rules exist in the modules of the command. k8s.io/kubernetes is none of
// these modules, so its files are not checked.
func TestSources(t *testing.T) {
	dirs := map[string]string{}
	for _, d := range validate.Declarations() {
		for _, s := range d.Sources {
			if !strings.HasPrefix(s.File, "k8s.io/kubernetes/") {
				dirs[path.Dir(s.File)] = ""
			}
		}
	}
	args := []string{"list", "-find", "-f", "{{.ImportPath}} {{.Dir}}"}
	for dir := range dirs {
		args = append(args, dir)
	}
	out, err := exec.Command("go", args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	for line := range strings.Lines(string(out)) {
		name, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		dirs[name] = dir
	}
	for _, d := range validate.Declarations() {
		for _, s := range d.Sources {
			dir, ok := dirs[path.Dir(s.File)]
			if !ok {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, path.Base(s.File)), nil, parser.SkipObjectResolution)
			require.NoError(t, err, d.Rule)
			for _, function := range s.Functions {
				assert.True(t, slices.ContainsFunc(file.Decls, func(decl ast.Decl) bool { return called(decl) == function }), "%s has no %s", s.File, function)
			}
		}
	}
}

// called returns the name of a function, or TYPE.METHOD for a method.
func called(decl ast.Decl) string {
	f, ok := decl.(*ast.FuncDecl)
	if !ok {
		return ""
	}
	if f.Recv == nil {
		return f.Name.Name
	}
	on := f.Recv.List[0].Type
	if star, ok := on.(*ast.StarExpr); ok {
		on = star.X
	}
	if name, ok := on.(*ast.Ident); ok {
		return name.Name + "." + f.Name.Name
	}
	return ""
}
