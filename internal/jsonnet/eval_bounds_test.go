package jsonnet_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/jsonnet"
)

// endlessPrograms never end by themselves. The tests also write their results as JSON if
// they have some.
var endlessPrograms = map[string]string{
	"tail recursion":            `local f(n) = f(n + 1) tailstrict; f(0)`,
	"recursion":                 `local f(n) = 1 + f(n + 1); f(0)`,
	"recursion that branches":   `local f(n) = f(n + 1) + f(n + 1); local g(n) = if n == 0 then 1 else g(n - 1) + g(n - 1); g(300)`,
	"loops in loops":            `local r = std.range(0, 10000); std.length([1 for a in r for b in r for c in r])`,
	"loops that give nothing":   `local r = std.range(0, 10000); [1 for a in r for b in r for c in r if false]`,
	"loop of arrays":            `local r = std.range(0, 1000); std.length([[y for y in r] == [y for y in r] for a in r for b in r if [y for y in r] != r])`,
	"foldl":                     `local r = std.range(0, 5000); std.foldl(function(a, b) std.foldl(function(c, d) std.foldl(function(e, f) e + f, r, 0), r, 0), r, 0)`,
	"foldr":                     `local r = std.range(0, 5000); std.foldr(function(a, b) std.foldr(function(c, d) std.foldr(function(e, f) e + f, r, 0), r, 0), r, 0)`,
	"ranges":                    `[std.range(i, 1000000) for i in std.range(0, 1000000)]`,
	"repeat":                    `[std.length(std.repeat([i], 1000000)) for i in std.range(0, 1000000)]`,
	"repeat of text":            `[std.length(std.repeat('%d' % i, 10000000)) for i in std.range(0, 1000000)]`,
	"join":                      `local r = std.makeArray(100000, function(i) 'x'); [std.length(std.join(', ', r)) for i in std.range(0, 1000000)]`,
	"join of arrays":            `local r = std.makeArray(100000, function(i) [i]); [std.length(std.join([1], r)) for i in std.range(0, 1000000)]`,
	"sort":                      `local r = std.makeArray(100000, function(i) (i * 7919) % 100003); [std.sort(r)[i] for i in std.range(0, 100000)]`,
	"sort of texts":             `local r = std.makeArray(100000, function(i) std.md5('' + i)); [std.sort(r)[i] for i in std.range(0, 100000)]`,
	"sort with keys":            `local r = std.range(0, 100000); [std.sort(r, function(x) [-x, 'a'])[i] for i in r]`,
	"sort of long texts":        `local x = std.repeat('x', 1000000); local r = std.makeArray(3000, function(i) x + i); [std.sort(r)[i] for i in std.range(0, 100000)]`,
	"set":                       `local r = std.makeArray(100000, function(i) -i); [std.length(std.set(r)) + std.length(std.setUnion(std.set(r), std.set(r))) for i in r]`,
	"uniq":                      `local r = std.range(0, 1000000); [std.length(std.uniq(r)) for i in r]`,
	"format":                    `local r = std.range(0, 100000); [std.length('%d %s' % [i, r]) for i in r]`,
	"long format":               `local f = std.repeat('%d', 100000), r = std.range(1, 100000); [std.length(f % r) for i in r]`,
	"padding":                   `[std.length('%100000000d' % i) for i in std.range(0, 100000)]`,
	"parseJson":                 `local t = '[' + std.join(',', std.makeArray(500000, function(i) '1')) + ']'; [std.length(std.parseJson(t)) for i in std.range(0, 1000000)]`,
	"parseYaml":                 `local t = std.join('', std.makeArray(50000, function(i) '- a\n')); [std.length(std.parseYaml(t)) for i in std.range(0, 1000000)]`,
	"parseYaml of documents":    `local t = std.join('', std.makeArray(50000, function(i) '---\na: 1\n')); [std.length(std.parseYaml(t)) for i in std.range(0, 1000000)]`,
	"parseHex":                  `local t = std.repeat('0', 10000000); [std.parseHex(t) for i in std.range(0, 1000000)]`,
	"base64":                    `local t = std.repeat('x', 10000000); [std.length(std.base64Decode(std.base64(t))) for i in std.range(0, 100000)]`,
	"base64 of bytes":           `local t = std.repeat([1], 1000000); [std.length(std.base64DecodeBytes(std.base64(t))) for i in std.range(0, 100000)]`,
	"md5":                       `local t = std.repeat('x', 10000000); [std.md5(t) for i in std.range(0, 100000)]`,
	"sha3":                      `local t = std.repeat('x', 5000000); [std.sha3(t) for i in std.range(0, 100000)]`,
	"bytes":                     `local t = std.repeat('x', 1000000); [std.length(std.decodeUTF8(std.encodeUTF8(t))) for i in std.range(0, 100000)]`,
	"findSubstr":                `local t = std.repeat('x', 1000000); [std.findSubstr('xx', t) for i in std.range(0, 100000)]`,
	"findSubstr of long":        `local t = std.repeat('x', 1000000); [std.findSubstr(std.repeat('x', 500000) + 'y', t) for i in std.range(0, 100000)]`,
	"split":                     `local t = std.repeat('a,', 500000); [std.length(std.split(t, ',')) for i in std.range(0, 100000)]`,
	"splitLimitR":               `local t = std.repeat('a,', 500000); [std.length(std.splitLimitR(t, ',', -1)) for i in std.range(0, 100000)]`,
	"strReplace":                `local t = std.repeat('a,', 5000000); [std.length(std.strReplace(t, 'a', 'bcd')) for i in std.range(0, 100000)]`,
	"strip":                     `local t = std.repeat('a', 5000000); [std.stripChars(t, 'xyza') for i in std.range(0, 100000)]`,
	"case":                      `local t = std.repeat('a', 10000000); [std.length(std.asciiUpper(t)) for i in std.range(0, 100000)]`,
	"escape":                    `local t = std.repeat('<"$', 1000000); [std.length(std.escapeStringXML(t) + std.escapeStringJson(t) + std.escapeStringBash(t)) for i in std.range(0, 100000)]`,
	"characters":                `local t = std.repeat('é', 1000000); [std.length(std.stringChars(t)) for i in std.range(0, 100000)]`,
	"slice of text":             `local t = std.repeat('é', 1000000); [std.length(t[0:1000000:2]) for i in std.range(0, 100000)]`,
	"slice":                     `local t = std.range(0, 1000000); [std.length(t[0:1000000:2]) for i in t]`,
	"reverse":                   `local t = std.range(0, 1000000); [std.reverse(t)[0] for i in t]`,
	"removeAt":                  `std.length(std.foldl(function(a, b) std.removeAt(a, 0), std.range(0, 900000), std.range(0, 1000000)))`,
	"flattenArrays":             `local t = std.makeArray(1000000, function(i) [i]); [std.length(std.flattenArrays(t)) for i in t]`,
	"flatMap":                   `local t = std.range(0, 1000000); [std.length(std.flatMap(function(x) [x, x], t)) for i in t]`,
	"deepJoin":                  `local a = std.foldl(function(a, b) [a, a], std.range(0, 100), ''); std.deepJoin(a)`,
	"prune":                     `std.prune(std.foldl(function(a, b) [a, a], std.range(0, 100), 1))`,
	"member":                    `local t = std.range(0, 1000000); [std.member(t, -1) || std.contains(t, -1) for i in t]`,
	"count":                     `local t = std.range(0, 1000000); [std.count(t, -1) + std.length(std.find(-1, t)) for i in t]`,
	"sum":                       `local t = std.range(0, 1000000); [std.sum(t) + std.avg(t) + std.minArray(t) + std.maxArray(t) for i in t]`,
	"all":                       `local t = std.makeArray(1000000, function(i) true); [std.all(t) && !std.any(std.map(function(x) !x, t)) for i in t]`,
	"manifestJson":              `local a = std.foldl(function(a, b) [a, a], std.range(0, 100), 1); std.manifestJson(a)`,
	"manifestYamlDoc":           `local a = std.foldl(function(a, b) [a, a], std.range(0, 100), 1); std.manifestYamlDoc(a)`,
	"manifestYamlStream":        `local a = std.foldl(function(a, b) [a, a], std.range(0, 100), 1); std.manifestYamlStream([a])`,
	"manifestToml":              `local a = std.foldl(function(a, b) { a: a, b: a }, std.range(0, 100), 1); std.manifestToml({ a: a })`,
	"manifestToml of arrays":    `local a = std.foldl(function(a, b) [a, a], std.range(0, 100), 1); std.manifestToml({ a: a })`,
	"manifestPython":            `local a = std.foldl(function(a, b) [a, a], std.range(0, 100), 1); std.manifestPython(a)`,
	"manifestIni":               `local a = std.range(0, 100000), o = { ['' + k]: a for k in std.range(0, 100) }; std.manifestIni({ main: o, sections: { a: o } })`,
	"manifestXmlJsonml":         `local a = std.foldl(function(a, b) ['a', a, a], std.range(0, 100), ['x']); std.manifestXmlJsonml(a)`,
	"texts of values":           `local a = std.foldl(function(a, b) [a, a], std.range(0, 100), 1); '' + a`,
	"wide output":               `local a = std.foldl(function(a, b) [a, a], std.range(0, 100), 1); a`,
	"output of objects":         `local a = std.foldl(function(a, b) { a: a, b: a }, std.range(0, 100), 1); a`,
	"output of texts":           `local t = std.repeat('x', 1000000); [t + i for i in std.range(0, 1000000)]`,
	"deep output":               `local a = [a]; a`,
	"deep output of objects":    `local a = { a: a }; a`,
	"deep manifestJson":         `local a = [a]; std.manifestJson(a)`,
	"deep manifestYamlDoc":      `local a = [a]; std.manifestYamlDoc(a)`,
	"deep manifestToml":         `local a = { a: a }; std.manifestToml(a)`,
	"deep manifestToml, arrays": `local a = [a]; std.manifestToml({ a: a })`,
	"deep equality":             `local a = std.foldl(function(a, b) { a: a, b: a }, std.range(0, 100), 1), b = std.foldl(function(a, b) { a: a, b: a }, std.range(0, 100), 1); a == b`,
	"equality of long texts":    `local f(i) = std.repeat('x', 1000000) + std.repeat('x', 1000000); local a = f(1), b = f(2); std.all([a == b for i in std.range(0, 100000)])`,
	"comparison of long texts":  `local f(i) = std.repeat('x', 10000000) + std.repeat('x', 1000000); local a = f(1), b = f(2); std.all([a <= b for i in std.range(0, 100000)])`,
	"comparison":                `local a = std.foldl(function(a, b) [a, a], std.range(0, 100), 1); a < std.foldl(function(a, b) [a, a], std.range(0, 100), 1)`,
	"many layers":               `local o = std.foldl(function(a, i) a + { x: super.x + 1 }, std.range(1, 1000000), { x: 0 }); o.x`,
	"many layers with +:":       `local o = std.foldl(function(a, i) a + { x+: 1, y+: { z+: 1 } }, std.range(1, 1000000), { x: 0 }); o`,
	"many fields":               `local o = { ['x' + i]: i for i in std.range(1, 100000) }; std.foldl(function(a, i) a + o, std.range(1, 1000), {}).x1`,
	"objects read step by step": `local o = { ['x' + i]: i for i in std.range(1, 1000) }; std.foldl(function(a, i) (if a.x1 > 0 then a else {}) + { ['x' + i]: 1 }, std.range(1, 1000000), o)`,
	"removed keys":              `local o = { ['x' + i]: i for i in std.range(1, 100000) }; std.length(std.foldl(function(a, i) std.objectRemoveKey(a, 'x' + i), std.range(1, 100000), o))`,
	"objectFields":              `local o = { ['x' + i]: i for i in std.range(1, 100000) }; [std.length(std.objectFields(o + { ['y' + i]: 1 })) for i in std.range(1, 1000000)]`,
	"objectValues":              `local o = { ['x' + i]: i for i in std.range(1, 100000) }; [std.length(std.objectValues(o)) + std.length(std.objectKeysValues(o)) for i in std.range(1, 1000000)]`,
	"mapWithKey":                `local o = { ['x' + i]: i for i in std.range(1, 100000) }; [std.length(std.mapWithKey(function(k, v) v, o)) for i in std.range(1, 1000000)]`,
	"mergePatch":                `local o = { ['x' + i]: i for i in std.range(1, 100000) }; [std.length(std.mergePatch(o, o)) for i in std.range(1, 1000000)]`,
	"deep mergePatch":           `local a = { a: a }; std.mergePatch(a, a)`,
	"text step by step":         `std.length(std.foldl(function(a, i) if a[0] == 'x' then a + 'x' else a, std.range(1, 10000000), std.repeat('x', 100000)))`,
	"array step by step":        `std.length(std.foldl(function(a, i) a + [i], std.range(1, 10000000), []))`,
	"doubling":                  `std.length(std.foldl(function(a, i) if i % 2 == 0 then a + a else a[:1000], std.range(1, 10000000), std.range(1, 1000000)))`,
	"import in a loop":          `std.length([import 'lib.libsonnet' for a in std.range(0, 10000) for b in std.range(0, 10000) if (importstr 'lib.libsonnet') != '' && (importbin 'lib.libsonnet') != []])`,
	"assertions":                `local r = std.range(0, 1000000); [{ assert self.a == 1, a: 1 }.a for i in r for j in r]`,
	"an endless assertion":      `{ assert std.length([1 for a in std.range(0, 10000) for b in std.range(0, 100000)]) > 0, a: 1 }`,
	"errors with long texts":    `error std.foldl(function(a, b) [a, a], std.range(0, 100), 1)`,
	"a chain of names":          `local o = { [std.foldl(function(a, i) a + i, std.range(0, 1000), '') + i]: i for i in std.range(0, 100000) }; o`,
	"arguments by default":      `local f(n, a=f(n + 1), b=f(n + 2)) = if n > 300 then 1 else a + b; f(0)`,
	"natives in natives":        `local f(n) = std.foldl(function(a, i) a + f(n - 1), std.range(1, 100), 0); f(100)`,
	"makeArray of makeArray":    `std.makeArray(100000, function(i) std.makeArray(100000, function(j) i * j))`,
	"trace":                     `local r = std.range(0, 100000); std.length([std.trace('x', i) for i in r for j in r if std.trace('y', true)])`,
}

// cancelAfter is the time after which an endless program is cancelled. "make check" gives
// the programs more time, so that all of them reach their repeated part.
var cancelAfter = flag.Duration("cancel-after", 20*time.Millisecond, "cancel endless programs after this long")

// soon is the time in which an evaluation must end after its context. It takes 50 ms on an
// idle machine.
const soon = time.Second

// TestCancelled checks that any evaluation ends soon after its context.
func TestCancelled(t *testing.T) {
	worst, of := time.Duration(0), ""
	for _, name := range slices.Sorted(maps.Keys(endlessPrograms)) {
		late := cancelled(t, name)
		for try := 0; late > soon && try < 3; try++ {
			// The machine may be busy.
			late = min(late, cancelled(t, name))
		}
		if late > 50*time.Millisecond {
			t.Logf("%s: ended %v late", name, late.Round(time.Millisecond))
		}
		if late > worst {
			worst, of = late, name
		}
		assert.Less(t, late, soon, name)
	}
	t.Logf("the last to end, %q, did %v after its context", of, worst.Round(time.Millisecond))
}

// cancelled evaluates an endless program. It returns how long after its context the
// evaluation ended.
func cancelled(t *testing.T, name string) (late time.Duration) {
	ctx, stop := budget.New(t.Context(), budget.Limits{Memory: 3 << 30})
	defer stop()
	ctx, cancel := context.WithTimeoutCause(ctx, *cancelAfter, errCancelled)
	defer cancel()
	in := jsonnet.Input{
		Snippet: endlessPrograms[name], SnippetName: name, MaxStack: 100_000,
		Importer: jsonnet.Theirs(&gojsonnet.MemoryImporter{Data: files}),
	}
	r, err := jsonnet.NewCache(0).Eval(ctx, in)
	if err == nil {
		_, err = r.JSON()
	}
	deadline, _ := ctx.Deadline()
	late = time.Since(deadline)
	var spent *budget.Exceeded
	assert.True(t, errors.Is(err, errCancelled) || errors.As(err, &spent) || isStackError(err), "%s: %v", name, err)
	return late
}

var errCancelled = errors.New("cancelled by the test")

func isStackError(err error) bool {
	return err != nil && outcomeOf("", err).message == "max stack frames exceeded."
}

// deepPrograms would fill Go's own stack without a limit. MANY is a million for the whole
// stack, and a part of it for a part.
var deepPrograms = map[string]string{
	"function":            `local f(n) = 1 + f(n - 1); f(1)`,
	"locals":              `local f(n) = local x = n - 1, y = f(x); 1 + y; f(1)`,
	"default":             `local f(n, x=y, y=f(n - 1)) = x + 1; f(1)`,
	"tailstrict":          `local f(n) = 1 + (if true then 1 + (local z = 1; 1 + f(n - 1) tailstrict) else 3); f(1) tailstrict`,
	"chain of elements":   `local a = std.makeArray(MANY, function(i) if i == 0 then 0 else 1 + a[i - 1]); a[std.length(a) - 1]`,
	"chain of fields":     `local o(n) = { local x = self.y, y: o(n - 1).z + 1, z: x }; o(1).z`,
	"super":               `std.foldl(function(a, i) a + { x: super.x + 1 }, std.range(1, MANY), { x: 0 }).x`,
	"+:":                  `std.foldl(function(a, i) a + { x+: { y+: 1 } }, std.range(1, MANY), { x: { y: 0 } }).x.y`,
	"in super":            `local f(n) = ({} + { x: f(n - 1).x in super }); f(1).x`,
	"comparison":          `local b = [b]; b < [b]`,
	"equality":            `local b = { x: b }; b == { x: b }`,
	"text":                `'' + std.foldl(function(a, i) [a], std.range(1, MANY), 1)`,
	"python":              `local b = [b]; std.manifestPython(b)`,
	"xml":                 `local b = ['a', b]; std.manifestXmlJsonml(b)`,
	"prune":               `local b = [b]; std.prune(b)`,
	"deepJoin":            `local b = [b]; std.deepJoin(b)`,
	"flattenDeepArray":    `local b = [b]; std.flattenDeepArray(b)`,
	"foldl":               `local g = std.foldl, f(n) = g(function(a, i) f(n - 1) + 1, [1], 0); f(1)`,
	"sort":                `local f(n) = std.sort([[f(n - 1)], [f(n - 1)]]); f(1)`,
	"keys":                `local f(n) = std.setUnion([1, 2], [1], function(x) f(n - 1)); f(1)`,
	"format":              `local f(n) = '%s %c' % [f(n - 1), 1]; f(1)`,
	"join":                `local f(n) = std.join(',', [f(n - 1)]); f(1)`,
	"written in Jsonnet":  `local f(n) = std.split(f(n - 1), 1); f(1)`,
	"comprehensions":      `local f(n) = [x for y in [1] for z in [2] for x in f(n - 1) if true]; f(1)`,
	"objects":             `local f(n) = { [x]: 1 for x in [f(n - 1)] }; f(1)`,
	"assertions":          `local f(n) = { assert f(n - 1).x == 1, x: 1 }; f(1).x`,
	"names":               `local f(n) = { [f(n - 1)]: 1 }; f(1)`,
	"errors":              `local f(n) = error f(n - 1); f(1)`,
	"nested sums":         `local f(n) = ` + strings.Repeat("1 + (", 300) + `f(n - 1)` + strings.Repeat(")", 300) + `; f(1)`,
	"nested sums, more":   `local f(n) = ` + strings.Repeat("1 + (", 2000) + `f(n - 1)` + strings.Repeat(")", 2000) + `; f(1)`,
	"nested conditionals": `local f(n) = ` + strings.Repeat("if true then (1 + ", 300) + `f(n - 1)` + strings.Repeat(")", 300) + `; f(1)`,
	"signs":               `local f(n) = ` + strings.Repeat("-", 2000) + `f(n - 1); f(1)`,
	"nested calls":        `local g(x) = x, f(n) = ` + strings.Repeat("g(", 400) + `f(n - 1)` + strings.Repeat(")", 400) + `; f(1)`,
	"nested indexes":      `local o = { a: 'a' }, f(n) = ` + strings.Repeat("o[", 1000) + `f(n - 1)` + strings.Repeat("]", 1000) + `; f(1)`,
	"long sums":           `local f(n) = f(n - 1)` + strings.Repeat(" + 1", 10_000) + `; f(1)`,
	"many locals":         `local f(n) = ` + strings.Repeat("local x = n; ", 1_000) + `f(n - 1); f(1) + 1`,
}

// hugePrograms would fill the memory without a limit.
var hugePrograms = map[string]string{
	"array of thunks":         `std.makeArray(1e9, function(i) i)`,
	"many arrays of thunks":   `std.makeArray(1e6, function(i) std.makeArray(1e6, function(j) j))`,
	"range":                   `std.range(1, 2e9)`,
	"ranges kept":             `local r = [std.range(i, i + 100000) for i in std.range(1, 100000)]; std.sum([x[0] for x in r])`,
	"text":                    `std.repeat('xyz', 2e9)`,
	"texts kept":              `local t = [std.repeat('x', 1e7) for i in std.range(1, 100000)]; std.sum([std.length(x) for x in t]) + std.length(t[0])`,
	"fields":                  `{ ['x' + i]: i for i in std.range(1, 10000000) }`,
	"objects":                 `local o = [{ a: i, b: { c: i }, d: [i] } for i in std.range(1, 20000000)]; std.sum([x.a + x.b.c + x.d[0] for x in o])`,
	"objects of many fields":  `local o = { ['x' + i]: i for i in std.range(1, 1000) }; local all = [o { y: i } for i in std.range(1, 1000000)]; std.sum([x.y + x.x1 for x in all])`,
	"array doubled":           `std.foldl(function(a, i) a + a, std.range(1, 100), [1])`,
	"text doubled":            `std.length(std.manifestJson(std.foldl(function(a, i) a + a, std.range(1, 100), 'x')))`,
	"nested repeat":           `std.repeat([std.repeat([std.repeat([1], 10000)], 10000)], 10000)`,
	"arrays in arrays":        `local a = std.foldl(function(a, i) [a, a], std.range(1, 60), 1); a`,
	"list":                    `local f(n, l) = f(n + 1, [n, l]) tailstrict; f(0, null)`,
	"list of objects":         `local f(n, l) = f(n + 1, { n: n, l: l }) tailstrict; f(0, null)`,
	"thunks":                  `local f(n, l) = if n < 0 then l else f(n + 1, l + 1) tailstrict; std.foldl(function(a, i) function() a() + 1, std.range(1, 100000000), function() 0)()`,
	"layers doubled":          `std.foldl(function(a, i) a + a, std.range(1, 100), { x: 1 }).x`,
	"layers":                  `std.length(std.foldl(function(a, i) a + { x: i }, std.range(1, 30000000), {}))`,
	"pieces of text":          `std.length(std.foldl(function(a, i) a + 'a piece of some hundred bytes, since shorter ones are copied when they are added to one another, as here', std.range(1, 30000000), ''))`,
	"texts put together":      `local t = std.repeat('x', 1000000); [t + i for i in std.range(1, 100000)]`,
	"output":                  `local t = std.repeat('x', 1000000); [t for i in std.range(1, 100000)]`,
	"output of manifestation": `local t = std.repeat('x', 1000000); std.manifestYamlDoc([t for i in std.range(1, 100000)])`,
	"escaped":                 `std.length(std.foldl(function(a, i) std.escapeStringJson(a), std.range(1, 100), '"'))`,
	"parsed":                  `std.makeArray(100, function(i) std.parseJson('[' + std.join(',', std.repeat(['1'], 5000000)) + ']'))`,
	"split":                   `[std.split(std.repeat(',', 10000000), ',') for i in std.range(1, 100)]`,
	"characters":              `[std.stringChars(std.repeat('é', 5000000)) for i in std.range(1, 100)]`,
	"slices":                  `local r = std.range(0, 1000000); local s = [r[0:1000000:2] for i in r]; std.sum([x[0] for x in s])`,
	"base64":                  `std.length(std.foldl(function(a, i) std.base64(a), std.range(1, 200), 'xxx'))`,
	"format":                  `std.length(std.foldl(function(a, i) '%s%s' % [a, a], std.range(1, 100), 'x'))`,
	"join":                    `std.length(std.foldl(function(a, i) std.join(a, [a, a, a]), std.range(1, 100), 'x'))`,
	"flatMap of text":         `local t = std.repeat('x', 100000); std.length(std.flatMap(function(c) t, t))`,
	"flattenDeepArray":        `std.length(std.flattenDeepArray(std.foldl(function(a, i) [a, a], std.range(1, 60), 1)))`,
	"replace":                 `std.length(std.foldl(function(a, i) std.strReplace(a, 'x', 'xx'), std.range(1, 100), 'x'))`,
	"variables":               `std.length(std.foldl(function(a, i) function(x) [a, x], std.range(1, 100000000), 1)(1))`,
}

// A Cache and its compiled files are usable after any failure. After a budget has ended, a
// Result returns the same error or the value, never a part of it.
func TestAfterFailure(t *testing.T) {
	cache := jsonnet.NewCache(0)
	data := map[string]gojsonnet.Contents{
		"lib.libsonnet":  gojsonnet.MakeContents(`{ f(n):: if n == 0 then 0 else 1 + self.f(n - 1), a: std.foldl(function(a, b) a + b, std.range(0, 1000), 0), b: std.manifestYamlDoc([self.a]) }`),
		"deep.libsonnet": gojsonnet.MakeContents(strings.Repeat("[", 100_000)),
	}
	eval := func(ctx context.Context, code string, in jsonnet.Input) (string, error) {
		in.Snippet, in.SnippetName, in.Importer = code, "main.jsonnet", jsonnet.Theirs(&gojsonnet.MemoryImporter{Data: data})
		r, err := cache.Eval(ctx, in)
		if err != nil {
			return "", err
		}
		text, err := r.JSON()
		if err != nil {
			_, again := r.Value()
			assert.Equal(t, err, again)
			// The tracer may have no time left, but it must not panic.
			_, _ = r.Tracer().Origins(nil, "a")
		}
		return string(text), err
	}
	fine := func() {
		text, err := eval(t.Context(), `local lib = import 'lib.libsonnet'; [lib.f(20), lib.a, lib.b]`, jsonnet.Input{})
		require.NoError(t, err)
		assert.Equal(t, "[\n   20,\n   500500,\n   \"- 500500\"\n]\n", text)
	}
	cancelled, cancel := context.WithCancelCause(t.Context())
	cancel(errCancelled)
	within := func(l budget.Limits) context.Context {
		ctx, stop := budget.New(t.Context(), l)
		t.Cleanup(stop)
		return ctx
	}
	ended := func(err error, want string) {
		var spent *budget.Exceeded
		assert.ErrorAs(t, err, &spent)
		assert.EqualError(t, spent, want)
		// The time may be over before the program runs.
		assert.True(t, errors.As(err, new(*jsonnet.Error)) || errors.As(err, new(*jsonnet.SourceError)), "%T", err)
	}
	for range 3 {
		_, err := eval(t.Context(), `(import 'lib.libsonnet').f(1e6)`, jsonnet.Input{})
		assert.True(t, isStackError(err), err)
		fine()
		_, err = eval(within(budget.Limits{Timeout: time.Millisecond}), `{ a: (import 'lib.libsonnet').f(1e6) }`, jsonnet.Input{MaxStack: 1e6})
		ended(err, "time limit exceeded: 1ms")
		fine()
		_, err = eval(within(budget.Limits{Memory: 1 << 30}), `[(import 'lib.libsonnet').a, std.range(1, 20000000)]`, jsonnet.Input{})
		ended(err, "memory limit exceeded: 1 GiB")
		fine()
		_, err = eval(cancelled, `local f(n) = f(n + 1) tailstrict; f((import 'lib.libsonnet').a)`, jsonnet.Input{})
		assert.ErrorIs(t, err, errCancelled)
		fine()
		_, err = eval(within(budget.Limits{Memory: 1 << 30}), `{ assert std.length(std.range(1, 20000000)) > 0, a: 1 }`, jsonnet.Input{})
		ended(err, "memory limit exceeded: 1 GiB")
		_, err = eval(t.Context(), `import 'deep.libsonnet'`, jsonnet.Input{})
		assert.ErrorContains(t, err, "nested too deeply")
		fine()
	}
}

const childVariable = "JSONNET_TEST_CHILD"

// TestMain evaluates one program if a test has started this process for it.
func TestMain(m *testing.M) {
	limits := os.Getenv(childVariable)
	if limits == "" {
		debug.SetGCPercent(400) // Collections take a third of the time otherwise.
		os.Exit(m.Run())
	}
	numbers := strings.Fields(limits)
	maxStack, _ := strconv.Atoi(numbers[0])
	maxMemory, _ := strconv.ParseUint(numbers[1], 10, 64)
	part, _ := strconv.Atoi(numbers[3])
	debug.SetMaxStack(mostStackOfGo / part)
	in := jsonnet.OnPartOfStack(jsonnet.Input{Snippet: os.Args[1], SnippetName: "program.jsonnet", MaxStack: maxStack}, part)
	ctx, stop := budget.New(context.Background(), budget.Limits{Memory: maxMemory, Timeout: time.Minute})
	defer stop()
	r, err := jsonnet.NewCache(0).Eval(ctx, in)
	made := err == nil
	switch {
	case !made:
	case numbers[2] == "value":
		_, err = r.Value()
	default:
		_, err = r.JSON()
	}
	if err == nil {
		os.Exit(0)
	}
	o := outcomeOf("", err)
	fmt.Printf("%t\n%s\n%s", made, o.message, traceText(o.trace[max(0, len(o.trace)-1):]))
	os.Exit(0)
}

// mostStackOfGo is the size of a stack at which Go ends a process, by default.
const mostStackOfGo = 1_000_000_000

// inChild evaluates a program in a process of its own, with a limit of memory that protects
// the machine. Its stack is the nth part of the usual one. inChild returns the message and
// the place of the error. made tells that there was a result, which could not be written.
func inChild(t *testing.T, code string, maxStack int, maxMemory uint64, result string, n int) (message, place string, made bool) {
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -v 6000000; exec "$0" "$1"`, os.Args[0], code)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %d %s %d", childVariable, maxStack, maxMemory, result, n))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%.2000s", stderr.String())
	first, rest, _ := strings.Cut(string(out), "\n")
	message, place, _ = strings.Cut(rest, "\n")
	return message, place, first == "true"
}

// wholeStack makes each deep program fill all of the stack. "make check" does so.
var wholeStack = flag.Bool("whole-stack", false, "let each deep program fill the whole stack of Go")

// onWholeStack are the deep programs that always run on the whole stack: those that take
// most of it in relation to the evaluator's estimate, and those whose text takes a large
// part of it to parse. The evaluator's bound and Go's limit are smaller for the others, by
// the same factor.
var onWholeStack = []string{"keys", "prune", "nested sums, more", "nested indexes"}

// TestDeep checks that any deep recursion ends with an error, and does not end the process.
func TestDeep(t *testing.T) {
	t.Parallel()
	for name, code := range deepPrograms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := 16
			if *wholeStack || slices.Contains(onWholeStack, name) {
				n = 1
			}
			message, place, _ := inChild(t, strings.ReplaceAll(code, "MANY", strconv.Itoa(1_000_000/n)), 100_000_000, 3<<30, "json", n)
			assert.Equal(t, "max stack frames exceeded.", message)
			assert.NotEmpty(t, place)
		})
	}
}

// TestHuge checks that a program that fills the memory ends with an error that has a place,
// and does not end the process.
func TestHuge(t *testing.T) {
	t.Parallel()
	for name, code := range hugePrograms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, result := range []string{"json", "value"} {
				message, place, made := inChild(t, code, 1000, 60<<20, result, 1)
				assert.Regexp(t, `^memory limit exceeded: `, message, result)
				assert.Contains(t, place, "program.jsonnet:1:", result)
				if !made || name == "output" {
					// The process for the other result would do the same. One text in many
					// places is small until it is written.
					break
				}
			}
		})
	}
}
