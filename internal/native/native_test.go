package native_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/native"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
)

// evaluate returns the result of code with the native functions and with x as an external
// variable.
func evaluate(ctx context.Context, files *eval.Files, natives []eval.Native, code, x string) (eval.Result, error) {
	return eval.Eval(ctx, files, eval.Input{
		Snippet: "local native = std.native; local x = std.extVar('x'); " + code,
		ExtVars: map[string]eval.Variable{"x": eval.String(x)},
		Natives: natives,
	})
}

// pure evaluates code that needs no files.
func pure(t testing.TB, code, x string) (any, error) {
	t.Helper()
	p, err := project.Find(newProject(t, nil), project.Options{})
	require.NoError(t, err)
	res, err := evaluate(t.Context(), eval.NewFiles(p, 0), native.Functions(native.Options{}), code, x)
	return res.Value, err
}

// text renders the diagnostics of err.
func text(t testing.TB, err error) string {
	t.Helper()
	l, ok := diag.From(err)
	require.True(t, ok, "want diagnostics, got %v", err)
	var b strings.Builder
	require.NoError(t, diag.Write(&b, l, diag.Options{}))
	return strings.TrimSuffix(b.String(), "\n")
}

func TestText(t *testing.T) {
	tests := []struct {
		name, code, x string
		want          any
	}{
		{"parseJson", `native('parseJson')(x)`, ` {"a": [1e3, "<", null, true]} `, map[string]any{"a": []any{1000.0, "<", nil, true}}},
		{"manifestJsonFromJson", `native('manifestJsonFromJson')(x, 3)`, ` {"b":1e3,"a":["<"]} `, "{\n   \"b\": 1e3,\n   \"a\": [\n      \"<\"\n   ]\n}\n"},
		{"manifestJsonFromJson without indentation", `native('manifestJsonFromJson')(x, 0)`, `[1]`, "[\n1\n]\n"},
		{"manifestYamlFromJson", `native('manifestYamlFromJson')(x)`, `{"b": {"y": [1, {"c": "yes"}]}, "a": null}`, "a: null\nb:\n    \"y\":\n        - 1\n        - c: \"yes\"\n"},
		{"manifestYamlFromJson keeps whole numbers whole", `native('manifestYamlFromJson')(x)`, `[1000000, 123456789, -9007199254740992, 1e3, 0.5, 1e21]`,
			"- 1000000\n- 123456789\n- -9007199254740992\n- 1000\n- 0.5\n- 1e+21\n"},
		{"escapeStringRegex", `native('escapeStringRegex')(x)`, `a.b*[c]`, `a\.b\*\[c\]`},
		{"regexMatch anywhere", `native('regexMatch')('b+', x)`, `abbc`, true},
		{"regexMatch nowhere", `native('regexMatch')('^b', x)`, `abbc`, false},
		{"regexSubst", `native('regexSubst')('(a)(b)', x, '$2${1}c')`, `ab-ab`, "bac-bac"},
		{"sha256", `native('sha256')(x)`, `foo`, "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := pure(t, tt.code, tt.x)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestTextErrors(t *testing.T) {
	tests := []struct{ name, code, x, want string }{
		{"no JSON", `native('parseJson')(x)`, "{\n  \"a\": b\n}", "parseJson: line 2, column 8: invalid character 'b' looking for beginning of value"},
		{"end of JSON", `native('parseJson')(x)`, "", "parseJson: line 1, column 1: unexpected end of JSON input"},
		{"number out of range", `native('parseJson')(x)`, "1e999", "parseJson: number 1e999: out of range"},
		{"no JSON to indent", `native('manifestJsonFromJson')(x, 2)`, "[1", "manifestJsonFromJson: line 1, column 2: unexpected end of JSON input"},
		{"no JSON for YAML", `native('manifestYamlFromJson')(x)`, "[1] 2", "manifestYamlFromJson: line 1, column 5: invalid character '2' after top-level value"},
		{"negative indentation", `native('manifestJsonFromJson')('[]', -1)`, "", "manifestJsonFromJson: argument indent: want a whole number from 0 to 16, got number -1"},
		{"half an indentation", `native('manifestJsonFromJson')('[]', 1.5)`, "", "manifestJsonFromJson: argument indent: want a whole number from 0 to 16, got number 1.5"},
		{"huge indentation", `native('manifestJsonFromJson')('[]', 1e15)`, "", "manifestJsonFromJson: argument indent: want a whole number from 0 to 16, got number 1000000000000000"},
		{"bad expression to match", `native('regexMatch')('(', x)`, "", "regexMatch: error parsing regexp: missing closing ): `(`"},
		{"bad expression to replace", `native('regexSubst')('(?=a)', x, '')`, "", "regexSubst: error parsing regexp: invalid or unsupported Perl syntax: `(?=`"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := pure(t, tt.code, tt.x)
			assert.Equal(t, tt.want, text(t, err))
		})
	}
}

// Every parameter of every function is checked.
func TestWrongTypes(t *testing.T) {
	good := map[string]map[string]any{
		"parseJson":            {"json": "1"},
		"parseYaml":            {"yaml": "1"},
		"manifestJsonFromJson": {"json": "1", "indent": 2.0},
		"manifestYamlFromJson": {"json": "1"},
		"escapeStringRegex":    {"str": ""},
		"regexMatch":           {"regex": "", "string": ""},
		"regexSubst":           {"regex": "", "src": "", "repl": ""},
		"sha256":               {"str": ""},
		"helmTemplate":         {"name": "n", "chart": "c", "opts": map[string]any{}},
		"kustomizeBuild":       {"path": "p", "opts": map[string]any{}},
	}
	for _, f := range native.Functions(native.Options{}) {
		require.Len(t, f.Params, len(good[f.Name]), f.Name)
		for i, param := range f.Params {
			t.Run(f.Name+"/"+param, func(t *testing.T) {
				for _, wrong := range []struct {
					value any
					got   string
				}{
					{nil, "null"}, {true, "boolean true"}, {3.0, "number 3"}, {math.Inf(1), "number +Inf"},
					{"s", `string "s"`}, {[]any{}, "an array"}, {map[string]any{}, "an object"},
				} {
					want := "a string"
					switch good[f.Name][param].(type) {
					case string:
						if wrong.got == `string "s"` {
							continue
						}
					case float64:
						want = "a whole number from 0 to 16"
						if wrong.got == "number 3" {
							continue
						}
					case map[string]any:
						want = "an object"
						if wrong.got == "an object" {
							continue
						}
					}
					args := make([]any, len(f.Params))
					for j, p := range f.Params {
						args[j] = good[f.Name][p]
					}
					args[i] = wrong.value
					_, err := f.Func(eval.Call{}, args)
					assert.EqualError(t, err, fmt.Sprintf("argument %s: want %s, got %s", param, want, wrong.got))
				}
			})
		}
	}
}

// If the standard library has the function too, the results agree.
func TestAgreesWithStandardLibrary(t *testing.T) {
	jsons := []string{`null`, `[]`, `{}`, `[1, -2.5, 1e3, "a\u00e9\n", true, {"b": {"a": []}}]`, `"x"`, `{"z": 1, "a": {"y": [[]]}}`}
	yamls := []string{"a: 1\nb: [x, 'y', null]\n", "- 1\n- {a: b}\n", "a: |\n  text\n  more\nb: >-\n  folded\n  line\n", "x", "a: &a {b: 1}\nc: *a\n"}
	for _, x := range jsons {
		// The standard library writes [ ] for an empty array.
		t.Run(x, func(t *testing.T) {
			got, err := pure(t, `local v = std.parseJson(x); [
				native('parseJson')(x) == v,
				native('parseYaml')(x) == [v],
				native('manifestJsonFromJson')(std.manifestJsonMinified(v), 2) == std.manifestJsonEx(v, '  ', '\n') + '\n'
				  || std.length(std.findSubstr('[]', x) + std.findSubstr('{}', x)) > 0,
				native('parseYaml')(native('manifestYamlFromJson')(x)) == [v],
				std.parseYaml(native('manifestYamlFromJson')(x)) == v,
				native('sha256')(x) == std.sha256(x),
				native('regexMatch')('^' + native('escapeStringRegex')(x) + '$', x),
				native('regexSubst')(native('escapeStringRegex')('a'), x, 'b') == std.strReplace(x, 'a', 'b'),
			]`, x)
			require.NoError(t, err)
			assert.Equal(t, []any{true, true, true, true, true, true, true, true}, got)
		})
	}
	for _, x := range yamls {
		t.Run(x, func(t *testing.T) {
			got, err := pure(t, `native('parseYaml')(x) == [std.parseYaml(x)]`, x)
			require.NoError(t, err)
			assert.Equal(t, true, got)
		})
	}
}

func ExampleFunctions() {
	res, err := eval.Eval(context.Background(), eval.NewFiles(project.New(nil), 0), eval.Input{
		Snippet: `std.native('parseYaml')('a: 1\n---\nb: [yes]\n')`,
		Natives: native.Functions(native.Options{}),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(res.Value)
	// Output: [map[a:1] map[b:[yes]]]
}
