package jsonnet_test

import (
	"context"
	"maps"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/jsonnet"
)

// What fills the memory reaches the limit of one evaluation too, long before the memory of
// the process is full.
func TestHugeReachesTheLimitOfOneEvaluation(t *testing.T) {
	const limit = 32 << 20
	programs := maps.Clone(hugePrograms)
	programs["unions"] = `local r = std.range(0, 100000); local s = [std.setUnion(r, r) for i in r]; std.sum([x[0] for x in s])`
	programs["arrays in a row"] = `local r = std.range(0, 100000); std.length([x for i in r for x in r])`
	for name, code := range programs {
		t.Run(name, func(t *testing.T) {
			ctx, stop := budget.New(t.Context(), budget.Limits{Memory: budget.Held() + 10*limit})
			defer stop()
			r, err := jsonnet.NewCache(0).Eval(ctx, jsonnet.Input{Snippet: code, SnippetName: "program.jsonnet", MaxStack: 1000, MaxMade: limit})
			if err == nil {
				_, err = r.JSON()
			}
			var spent *budget.Exceeded
			require.ErrorAs(t, err, &spent)
			assert.Equal(t, budget.Allocation, spent.What, err)
			assert.ErrorContains(t, err, "allocation limit exceeded: 32 MiB")
		})
	}
}

// The estimate of what an evaluation makes is near to what Go's runtime counts.
func TestMadeIsNearTheTruth(t *testing.T) {
	for name, code := range map[string]string{
		"numbers in arrays": `std.foldl(function(a, i) a + i, std.makeArray(200000, function(i) i * 2), 0)`,
		"objects":           `std.foldl(function(a, i) a + i.b.c, [{ a: i, b: { c: i }, d: [i] } for i in std.range(1, 50000)], 0)`,
		"sums of objects":   `std.foldl(function(a, i) a + i.c, [{ a: i, b:: 1, c: self.a } + { b: 2, d: super.a } for i in std.range(1, 30000)], 0)`,
		"calls":             `local f(n) = if n == 0 then 0 else local m = n - 1; f(m) tailstrict; f(200000)`,
		"texts":             `std.length(std.join('', ['some text, and %d' % i for i in std.range(1, 50000)]))`,
		"manifest":          `std.length(std.manifestYamlDoc([{ a: i, b: ['text ' + i] } for i in std.range(1, 20000)]))`,
		"parsed":            `std.length(std.parseJson(std.manifestJson([{ a: i, b: ['text ' + i] } for i in std.range(1, 20000)])))`,
		"sorted":            `std.length(std.sort([-i for i in std.range(1, 50000)]))`,
	} {
		t.Run(name, func(t *testing.T) {
			in := jsonnet.Input{Snippet: code, SnippetName: "program.jsonnet", MaxStack: 1000}
			least := func(limit int64) bool {
				in.MaxMade = limit
				r, err := jsonnet.NewCache(0).Eval(context.Background(), in)
				if err == nil {
					_, err = r.JSON()
				}
				return err == nil
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			require.True(t, least(0))
			runtime.ReadMemStats(&after)
			truth := int64(after.TotalAlloc - before.TotalAlloc)
			assert.False(t, least(truth/4), "it makes %s", budget.Bytes(uint64(truth)))
			assert.True(t, least(truth*3), "it makes %s", budget.Bytes(uint64(truth)))
		})
	}
}
