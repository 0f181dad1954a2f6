package report_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/cmd/mop/internal/report"
	"github.com/mop-platform/mop/pkg/validate"
)

// The rules of the command alone stand around those of package validate, and golden files
// have findings of them.
func TestRules(t *testing.T) {
	all := report.Declarations()
	assert.Equal(t, report.RuleInput, all[0].Rule)
	assert.Equal(t, validate.Declarations(), all[1:len(all)-1])
	assert.Equal(t, report.RuleAPIServer, all[len(all)-1].Rule)
	for rule, file := range map[validate.Rule]string{
		report.RuleInput:     "testdata/records.jsonl",
		report.RuleAPIServer: "../../testdata/script/validate_exact.txtar",
	} {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Contains(t, string(data), `"severity":"error","rule":"`+string(rule)+`"`)
	}
}

// The sources of rules exist in the modules of the command. k8s.io/kubernetes is none of
// these modules, so its files are not checked.
func TestSources(t *testing.T) {
	dirs := map[string]string{}
	for _, d := range report.Declarations() {
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
	for _, d := range report.Declarations() {
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
