package emitter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	yaml2 "go.yaml.in/yaml/v2"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/emitter"
)

func TestMarshal(t *testing.T) {
	wide, exponents := emitter.Style{Wide: true}, emitter.Style{Exponents: true}
	list := map[string]any{"a": []any{1.0, []any{2.0}, map[string]any{"b": "x\ny", "c": nil}}}
	tests := []struct {
		name  string
		value any
		style emitter.Style
		want  string
	}{
		{"null", nil, wide, "null\n"},
		{"text", "a\nb", wide, "|-\n    a\n    b\n"},
		{"nothing", map[string]any{"a": map[string]any{}, "b": []any{}}, wide, "a: {}\nb: []\n"},
		{"narrow", list, emitter.Style{}, "a:\n- 1\n- - 2\n- b: |-\n    x\n    y\n  c: null\n"},
		{"wide", list, wide, "a:\n    - 1\n    - - 2\n    - b: |-\n        x\n        y\n      c: null\n"},
		{"numbers", []any{1e6, 1e21, 0.1, -1.5e-7, 1.0 << 62, 7, int64(math.MinInt64), uint64(math.MaxUint64), json.Number("12"), json.Number("18446744073709551615"), json.Number("1.50")},
			emitter.Style{}, "- 1000000\n- 1e+21\n- 0.1\n- -1.5e-07\n- 4611686018427387904\n- 7\n- -9223372036854775808\n- 18446744073709551615\n- 12\n- 18446744073709551615\n- 1.5\n"},
		{"exponents", []any{1e6, 999999.0, 10485760.0, json.Number("1e6"), 1000000}, exponents, "- 1e+06\n- 999999\n- 1.048576e+07\n- 1e+06\n- 1000000\n"},
		{"no UTF-8", map[string]any{"a\xff": "\xff\xfe"}, emitter.Style{}, "a\ufffd: \ufffd\ufffd\n"},
		{"long line", map[string]any{"a": strings.Repeat("0123456789 ", 10)}, emitter.Style{},
			"a: '0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\n  0123456789 0123456789 '\n"},
		{"long key", map[string]any{strings.Repeat("k", 129): []any{1.0}}, emitter.Style{}, "? " + strings.Repeat("k", 129) + "\n: - 1\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := emitter.Marshal(t.Context(), tt.value, tt.style)
			require.NoError(t, err)
			assert.Equal(t, tt.want, string(got))
		})
	}
}

func TestMarshalRefuses(t *testing.T) {
	for value, want := range map[any]string{
		math.Inf(1):        "+Inf: JSON has no such number",
		math.NaN():         "NaN: JSON has no such number",
		json.Number("one"): `strconv.ParseFloat: parsing "one": invalid syntax`,
		float32(1):         "want a value of JSON, got float32",
	} {
		_, err := emitter.Marshal(t.Context(), map[string]any{"a": []any{value}}, emitter.Style{})
		assert.EqualError(t, err, want)
	}
}

func ExampleMarshal() {
	text, err := emitter.Marshal(context.Background(), map[string]any{"11": "a", "1z": "b", "2z": "c", "<<": 1e6}, emitter.Style{})
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(text)
	// Output:
	// "11": a
	// 1z: b
	// 2z: c
	// "<<": 1000000
}

// BenchmarkMarshal compares with the library that writes the same bytes.
func BenchmarkMarshal(b *testing.B) {
	container := func(i int) any {
		return map[string]any{
			"name": fmt.Sprint("c", i), "image": "registry.example.com/team/app:v1.2.3", "args": []any{"--port=8080", "--level=info"},
			"resources": map[string]any{"limits": map[string]any{"cpu": "100m", "memory": "128Mi"}, "requests": map[string]any{"cpu": "100m"}},
			"ports":     []any{map[string]any{"containerPort": 8080.0, "name": "http", "protocol": "TCP"}},
		}
	}
	labels := map[string]any{"app.kubernetes.io/name": "web", "app.kubernetes.io/version": "1.2.3", "team": "shop"}
	deployment := map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "web", "namespace": "shop", "labels": labels},
		"spec": map[string]any{"replicas": 3.0, "selector": map[string]any{"matchLabels": labels}, "template": map[string]any{
			"metadata": map[string]any{"labels": labels}, "spec": map[string]any{"containers": []any{container(1), container(2), container(3)}},
		}},
	}
	data := map[string]any{}
	for i := range 50 {
		data[fmt.Sprintf("dashboard-%d.json", i)] = strings.Repeat("{ \"a\": [1, 2, 3], \"text\": \"some words\" }\n", 100)
	}
	configMap := map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "dashboards"}, "data": data}
	for name, value := range map[string]any{"deployment": deployment, "config map": configMap} {
		b.Run(name+"/yaml.v2", func(b *testing.B) {
			for b.Loop() {
				if _, err := yaml2.Marshal(value); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/emitter", func(b *testing.B) {
			for b.Loop() {
				if _, err := emitter.Marshal(b.Context(), value, emitter.Style{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A text that is much larger than its value ends with the budget.
func TestMarshalKeepsToTheBudget(t *testing.T) {
	deep := any(strings.Repeat("x\n", 1000))
	for range 9000 {
		deep = map[string]any{"a": deep}
	}
	wide := map[string]any{}
	for i := range 100_000 {
		wide[fmt.Sprintf("a\n%d", i)] = nil
	}
	for name, v := range map[string]any{"deep": deep, "escapes": []any{strings.Repeat("\x01", 60<<20)}} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := budget.New(t.Context(), budget.Limits{Memory: budget.Held() + 50<<20})
			defer stop()
			var exceeded *budget.Exceeded
			_, err := emitter.Marshal(ctx, v, emitter.Style{Wide: true})
			assert.ErrorAs(t, err, &exceeded)
		})
	}
	text, err := emitter.Marshal(t.Context(), wide, emitter.Style{})
	require.NoError(t, err)
	assert.Equal(t, 200_000, bytes.Count(text, []byte("\n")))
}
