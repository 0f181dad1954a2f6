package syntax_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"
	"github.com/google/go-jsonnet/toolutils"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/internal/syntax"
)

// reference is an import as go-jsonnet's parser has it.
type reference struct {
	kind         syntax.Kind
	path         string
	line, column int
}

// parsed returns the imports in the tree of a program, sorted by their places. ok is false
// if text is no program.
func parsed(text string) (found []reference, ok bool) {
	if jsonnet.CheckNesting("a.jsonnet", text) != nil {
		return nil, false
	}
	node, err := gojsonnet.SnippetToAST("a.jsonnet", text)
	if err != nil {
		return nil, false
	}
	var visit func(ast.Node)
	visit = func(node ast.Node) {
		add := func(kind syntax.Kind, file *ast.LiteralString) {
			found = append(found, reference{kind, file.Value, node.Loc().Begin.Line, node.Loc().Begin.Column})
		}
		switch node := node.(type) {
		case nil:
			return
		case *ast.Import:
			add(syntax.Import, node.File)
		case *ast.ImportStr:
			add(syntax.ImportStr, node.File)
		case *ast.ImportBin:
			add(syntax.ImportBin, node.File)
		}
		for _, child := range toolutils.Children(node) {
			visit(child)
		}
	}
	visit(node)
	// Desugaring copies code.
	slices.SortFunc(found, func(a, b reference) int {
		if a.line != b.line {
			return a.line - b.line
		}
		return a.column - b.column
	})
	return slices.Compact(found), true
}

func lexed(text string) ([]reference, error) {
	all, err := syntax.Imports(text)
	var found []reference
	for _, r := range all {
		before := text[:r.Offset]
		found = append(found, reference{r.Kind, r.Path, 1 + strings.Count(before, "\n"), len(before) - strings.LastIndexByte(before, '\n')})
	}
	return found, err
}

// programs calls f with all available Jsonnet: that of the repository, with its scripts of
// tests, and that of go-jsonnet and its linter.
func programs(t testing.TB, f func(name, text string)) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/google/go-jsonnet").Output()
	require.NoError(t, err)
	for _, dir := range []string{root, strings.TrimSpace(string(out))} {
		err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			switch filepath.Ext(name) {
			case ".jsonnet", ".libsonnet", ".json", ".input", ".golden", ".txtar":
			default:
				return nil
			}
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			f(name, string(data))
			if filepath.Ext(name) == ".txtar" {
				for _, file := range txtar.Parse(data).Files {
					f(name+" "+file.Name, string(file.Data))
				}
			}
			return nil
		})
		require.NoError(t, err)
	}
}

// Imports finds the same imports as the parser in all available programs.
func TestImportsOfPrograms(t *testing.T) {
	checked, imports := 0, 0
	programs(t, func(name, text string) {
		want, ok := parsed(text)
		if !ok {
			return
		}
		checked++
		imports += len(want)
		got, err := lexed(text)
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	})
	t.Logf("%d programs, %d imports", checked, imports)
	assert.Greater(t, checked, 1000)
	assert.Greater(t, imports, 1000)
}

// Imports also finds the same imports as the parser in generated programs with parts that
// can hide imports.
func TestImportsOfGenerated(t *testing.T) {
	parts := []string{
		"import 'a'", `import"b\n\"'"`, "importstr @'c''d'", "importbin |||\n  e\n    f\n\n|||", "import /* 'x' */ 'g'",
		`"import 'x'"`, `'\' import "x"'`, `@"\" `, `@'it''s import "x"'`, "|||\n import 'x'\n||||||\n\t|||\n|||[0]", "|||-\n  ||| import 'x'\n |||",
		"1.5e-3", "{ importx: 1, local import_ = 'import' + self.importx, a+: 2, b::import 'h' }", "[x for x in [import 'i'] if x != 'import']",
		"if true then import 'j' else error 'import'", "std.length('import')", "function(import1='import') import 'k'",
	}
	separators := []string{"+", " + ", "\n+ // import 'x'\n", " /* import 'x' */ + ", "+# import 'x'\n", "==", "<", "\t%\r\n"}
	random := rand.New(rand.NewPCG(1, 2))
	checked := 0
	for range 3000 {
		text := ""
		for i := range 1 + random.IntN(8) {
			if i > 0 {
				text += separators[random.IntN(len(separators))]
			}
			text += "(" + parts[random.IntN(len(parts))] + ")"
		}
		want, ok := parsed(text)
		if !ok {
			continue
		}
		checked++
		got, err := lexed(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	assert.Greater(t, checked, 1000)
}

func TestImports(t *testing.T) {
	tests := []struct{ name, text, want, err string }{
		{name: "none", text: `{ a: 1 }`},
		{name: "each kind", text: `[import 'a', importstr "b", importbin @'c']`, want: "import a;importstr b;importbin c"},
		{name: "no space", text: `import'a'+import"b"+import@"c"+import|||` + "\n d\n|||", want: "import a;import b;import c;import d\n"},
		{name: "a comment between", text: "import /* 'no' */ // 'no'\n# 'no'\n'a'", want: "import a"},
		{name: "in comments", text: "// import 'a'\n# import 'a'\n/* import 'a'\n */ 1"},
		{name: "in strings", text: `"import 'a'" + 'import "a"' + @'import "a"' + @"it''s import 'a'" + 'it\'s import "a"'`},
		{name: "in a text block", text: "|||\n  import 'a'\n\n  import 'b'\n||| + |||-\n\timport 'c'\n||| + import 'd'", want: "import d"},
		{name: "part of a word", text: `local imports = 1, _import = 2, import2 = 3; [imports, _import, import2, { importstring: 1 }.importstring]`},
		{name: "escapes", text: `import '\u0061\/b\\c\"\ud83d\ude00'`, want: `import a/b\c"😀`},
		{name: "doubled quotes", text: `import @'a''b"c' + import @"a""b'c"`, want: `import a'b"c;import a"b'c`},
		{name: "a block's ends", text: "import |||\n\n\n    a\n      b\n\n    c\n  ||| + importstr |||-\n  d\n|||", want: "import \n\na\n  b\n\nc\n;importstr d"},
		{name: "after signs", text: `a+import'b'//import 'c'` + "\n" + `+1|||` + "\n x\n" + `|||+-import 'd'`, want: "import b;import d"},
		{name: "no program", text: `{ a: import 'a' b: }`, want: "import a"},
		{name: "bytes that are no character", text: "import '\xd6\xd6' + importstr @'\xd6'", want: "import \ufffd\ufffd;importstr \xd6"},
		{name: "after numbers", text: `[1.5e+3,1_000,0,2E-1]+import 'a'`, want: "import a"},

		{name: "computed", text: `import 'a' + import b`, err: "want a string after the import, which cannot be computed"},
		{name: "nothing", text: `import`, err: "want a string after the import, which cannot be computed"},
		{name: "string without end", text: `import 'a`, err: "string without its closing quote"},
		{name: "escape at the end", text: `import 'a\`, err: "string without its closing quote"},
		{name: "no escape", text: `import '\x'`, err: "no such escape"},
		{name: "half a character", text: `import '\ud83d'`, err: `want four hexadecimal digits after \u, or two halves of a surrogate pair`},
		{name: "few digits", text: `import '\u12'`, err: `want four hexadecimal digits after \u, or two halves of a surrogate pair`},
		{name: "no quote", text: `import @a`, err: "want a quote after @"},
		{name: "comment without end", text: `import 'a' /* `, err: "comment without its */"},
		{name: "block without new line", text: `import ||| a`, err: "want a new line after |||"},
		{name: "block without indentation", text: "import |||\na\n|||", err: "want the first line of the text block to be indented"},
		{name: "block without end", text: "import |||\n a\n", err: "text block without its closing |||"},
		{name: "block with another end", text: "import |||\n a\nb\n", err: "text block without its closing |||"},
		{name: "number", text: `import 'a' + 1.`, err: "want a digit in the number"},
		{name: "bracket too many", text: `{ a: import 'a' }}`, err: "bracket that closes nothing"},
		{name: "bracket of another kind", text: `{ a: import 'a' ]`, err: "bracket that closes nothing"},
		{name: "bracket too few", text: `{ a: [import 'a' ]`, err: "bracket that nothing closes"},
		{name: "no token", text: `import 'a' + é`, err: `no token begins with 'é'`},
	}
	kinds := map[syntax.Kind]string{syntax.Import: "import", syntax.ImportStr: "importstr", syntax.ImportBin: "importbin"}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found, err := syntax.Imports(tt.text)
			if tt.err != "" {
				require.EqualError(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			var got []string
			for _, r := range found {
				got = append(got, kinds[r.Kind]+" "+r.Path)
			}
			assert.Equal(t, tt.want, strings.Join(got, ";"))
		})
	}
}

// The tokens of any text follow one another. Only white space and comments are between
// them. If the text is a program, Imports finds the same imports as the parser.
func FuzzImports(f *testing.F) {
	n := 0
	programs(f, func(_, text string) {
		if n++; n%7 == 0 && len(text) < 4000 && strings.Contains(text, "import") {
			f.Add(text)
		}
	})
	for _, text := range []string{"import |||\n\n \t\n  a\n|||", `@"a""`, `'\ud800\udc00'`, "1_0.0e+1", "$==-1", "a||||||\n b\n|||", "/*/ import 'a' */ 1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer pace.Hold(t, len(text))()
		l := syntax.NewLexer(text)
		for end := 0; ; {
			token, err := l.Next()
			if err != nil {
				break
			}
			if token.Begin < end || token.End > len(text) || token.Kind != syntax.EOF && token.End == token.Begin {
				t.Fatalf("%q: token %+v after %d", text, token, end)
			}
			if end = token.End; token.Kind == syntax.EOF {
				break
			}
		}
		want, ok := parsed(text)
		if !ok {
			return
		}
		got, err := lexed(text)
		require.NoError(t, err, "%q", text)
		require.Equal(t, want, got, "%q", text)
	})
}

func BenchmarkImports(b *testing.B) {
	var texts []string
	programs(b, func(_, text string) { texts = append(texts, text) })
	size := 0
	for _, text := range texts {
		size += len(text)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		for _, text := range texts {
			_, _ = syntax.Imports(text)
		}
	}
}
