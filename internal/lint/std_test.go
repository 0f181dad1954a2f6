package lint_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/lint"
)

// lintLines returns the findings about an array of expressions, by expression.
func lintLines(t *testing.T, expressions []string) map[string][]string {
	t.Helper()
	p := tree(map[string]string{"a.jsonnet": "[\n" + strings.Join(expressions, ",\n") + "]\n"})
	found, err := lint.New(p, lint.Options{}).File(t.Context(), "a.jsonnet")
	require.NoError(t, err)
	out := map[string][]string{}
	for _, d := range found {
		e := expressions[d.At.Line-2]
		out[e] = append(out[e], d.Problem)
	}
	return out
}

// evaluate evaluates code with our own engine.
func evaluate(t *testing.T, cache *jsonnet.Cache, code string) (string, error) {
	t.Helper()
	r, err := cache.Eval(t.Context(), jsonnet.Input{SnippetName: "a", Snippet: code})
	if err != nil {
		return "", err
	}
	text, err := r.JSON()
	return string(text), err
}

// functions returns the names of the functions of std, except internal ones.
func functions(t *testing.T) []string {
	t.Helper()
	text, err := evaluate(t, jsonnet.NewCache(0), "[f for f in std.objectFieldsAll(std) if !std.member('$_', f[0]) && std.isFunction(std[f])]")
	require.NoError(t, err)
	var names []string
	require.NoError(t, json.Unmarshal([]byte(text), &names))
	require.NotEmpty(t, names)
	return names
}

// parameters are the names of parameters of functions of std, and plausible other names.
var parameters = strings.Fields(`a arr arr1 arrs b c c_document_end chars conf count default elem end f filter_func
	fname from func haystack hidden i inc_hidden indent indent_array_in_object index indexable ini init input keyF
	key key_val_sep len map_func max maxsplits maxVal min minVal n newline o obj onEmpty pat patch quote_keys r rest
	s sep step str str1 str2 str_ sz target to v val vals value what x y`)

// loose are the functions with other parameters in their signatures than in the linter,
// which then accepts any.
var loose = []string{"clamp", "reverse"}

// The linter knows the functions of std and their parameters.
func TestStandardParameters(t *testing.T) {
	const no = "function has no parameter "
	var calls, names []string
	for _, f := range functions(t) {
		names = append(names, "std."+f)
		if slices.Contains(loose, f) {
			assert.Empty(t, lintLines(t, []string{"std." + f + "(no=1)"}))
			continue
		}
		for _, p := range parameters {
			calls = append(calls, fmt.Sprintf("std.%s(%s=1)", f, p))
		}
	}
	require.Empty(t, lintLines(t, names), "the linter does not know these functions: add the type of the result to their signatures in internal/jsonnet")
	linted := lintLines(t, calls)
	cache := jsonnet.NewCache(0)
	for _, call := range calls {
		_, err := evaluate(t, cache, call)
		refused := err != nil && strings.Contains(err.Error(), no)
		problems := strings.Join(linted[call], "; ")
		assert.Equal(t, refused, strings.Contains(problems, no), "%s: %s", call, problems)
	}
}

// calls are calls of functions of std with results that are not empty.
var calls = strings.Split(strings.TrimSpace(`
std.abs(1)
std.all([true])
std.any([true])
std.asciiLower('a')
std.assertEqual(1, 1)
std.avg([1])
std.base64('a')
std.base64Decode('YQ==')
std.base64DecodeBytes('YQ==')
std.char(65)
std.clamp(1, 2, 3)
std.codepoint('a')
std.contains([1], 1)
std.count([1], 1)
std.decodeUTF8([65])
std.deepJoin(['a', ['b']])
std.encodeUTF8('a')
std.endsWith('a', 'a')
std.equals(1, 1)
std.equalsIgnoreCase('a', 'A')
std.escapeStringBash('a')
std.escapeStringDollars('a')
std.escapeStringJson('a')
std.escapeStringPython('a')
std.escapeStringXML('a')
std.filter(function(x) true, [1])
std.filterMap(function(x) true, function(x) x, [1])
std.find(1, [1])
std.findSubstr('a', 'a')
std.flatMap(function(x) [x], [1])
std.flatMap(function(x) x, 'a')
std.flattenArrays([[1]])
std.flattenDeepArray([[1]])
std.foldl(function(a, b) a + b, [1], 1)
std.foldr(function(a, b) a + b, [1], 1)
std.format('a', [])
std.get({ a: 1 }, 'a')
std.hypot(1, 1)
std.id(1)
std.isArray(1)
std.isEmpty('a')
std.isEven(1)
std.join(',', ['a'])
std.join([1], [[1]])
std.length('a')
std.lines(['a'])
std.log2(2)
std.lstripChars('a', 'b')
std.makeArray(1, function(i) i)
std.manifestIni({ sections: { a: { b: 1 } } })
std.manifestJson({})
std.manifestJsonEx({}, ' ')
std.manifestJsonMinified({})
std.manifestPython({})
std.manifestPythonVars({ a: 1 })
std.manifestToml({ a: 1 })
std.manifestTomlEx({ a: 1 }, ' ')
std.manifestXmlJsonml(['a'])
std.manifestYamlDoc({})
std.manifestYamlStream([1])
std.map(function(x) x, [1])
std.mapWithIndex(function(i, x) x, [1])
std.mapWithKey(function(k, v) v, { k: 1 })
std.maxArray([1])
std.md5('a')
std.member([1], 1)
std.mergePatch({ k: 1 }, {})
std.minArray(['a'])
std.mod(5, 3)
std.mod('%s', 1)
std.objectFields({ a: 1 })
std.objectHas({ a: 1 }, 'a')
std.objectKeysValues({ a: 1 })
std.objectRemoveKey({ a: 1, k: 1 }, 'a')
std.objectValues({ a: 1 })
std.parseInt('1')
std.parseJson('[1]')
std.parseYaml('{k: 1}')
std.pi
std.pow(1, 2)
std.prune([1])
std.prune({ k: 1 })
std.range(1, 2)
std.remove([1, 2], 1)
std.removeAt([1, 2], 0)
std.repeat('a', 2)
std.repeat([1], 2)
std.resolvePath('a/b', 'c')
std.reverse([1])
std.round(1.5)
std.set([1])
std.setDiff([1], [])
std.setInter([1], [1])
std.setMember(1, [1])
std.setUnion([1], [])
std.sha256('a')
std.sign(1)
std.slice('abc', 0, 2, 1)
std.slice([1], 0, 1, 1)
std.sort([1])
std.split('a,b', ',')
std.splitLimit('a,b', ',', 1)
std.splitLimitR('a,b', ',', 1)
std.startsWith('a', 'a')
std.strReplace('a', 'b', 'c')
std.stringChars('ab')
std.stripChars('a', 'b')
std.substr('abc', 0, 1)
std.sum([1])
std.toString(1)
std.trace('a', { k: 1 })
std.trim('a')
std.type(1)
std.uniq([1])
std.xor(true, false)
std.xnor(true, true)
`), "\n")

// A valid use of the result of a function of std is no finding.
func TestStandardResults(t *testing.T) {
	uses := map[string]string{"boolean": "!%s", "number": "-%s", "string": "%s[0]", "array": "%s[0]", "object": "%s['k']"}
	cache := jsonnet.NewCache(0)
	var expressions []string
	for _, call := range calls {
		kind, err := evaluate(t, cache, "std.type("+call+")")
		require.NoError(t, err, call)
		use := fmt.Sprintf(uses[strings.Trim(kind, "\"\n")], call)
		_, err = evaluate(t, cache, use)
		require.NoError(t, err, use)
		expressions = append(expressions, use)
	}
	assert.Empty(t, lintLines(t, expressions))
}
