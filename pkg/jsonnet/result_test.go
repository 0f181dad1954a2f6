package jsonnet_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/jsonnet"
)

func ExampleResult_Fields() {
	result := jsonnet.NewResult(map[string]any{"b.json": map[string]any{"n": 1}, "a.txt": "text"}, nil)
	for name, field := range result.Fields() {
		b, err := field.JSON()
		fmt.Printf("%s %s%v\n", name, b, err)
	}
	// Output:
	// a.txt "text"
	// <nil>
	// b.json {
	//    "n": 1
	// }
	// <nil>
}

// The texts are those of go-jsonnet.
func TestResultJSON(t *testing.T) {
	for name, program := range map[string]string{
		"null":         `null`,
		"booleans":     `[true, false]`,
		"numbers":      `[0, -0, 1, -1.5, 0.1, 1e15, 123456789012345680000, 1e-7, 1e300]`,
		"strings":      `['', 'é\u0085\u2028"\\\n\t\u0001', '<&>']`,
		"empty":        `{ a: {}, b: [], c: [{}], d: { e: [] } }`,
		"nested":       `{ b: [1, { c: 'd' }, [[2]]], a: null }`,
		"odd names":    `{ 'é"': 1, '': 2, 'a b': 3 }`,
		"string alone": `'x'`,
	} {
		t.Run(name, func(t *testing.T) {
			want, err := gojsonnet.MakeVM().EvaluateAnonymousSnippet("x", program)
			require.NoError(t, err)
			var value any
			require.NoError(t, json.Unmarshal([]byte(want), &value))
			b, err := jsonnet.NewResult(value, nil).JSON()
			require.NoError(t, err)
			assert.Equal(t, want, string(b))
		})
	}
}

func TestResultValue(t *testing.T) {
	given := map[string]any{"list": []int{1}, "big": int64(7), "half": 0.5, "none": (*string)(nil)}
	result := jsonnet.NewResult(given, nil)
	given["list"].([]int)[0] = 2
	want := map[string]any{"list": []any{1.0}, "big": 7.0, "half": 0.5, "none": nil}
	value, err := result.Value()
	require.NoError(t, err)
	assert.Equal(t, want, value)
	value.(map[string]any)["list"].([]any)[0] = 3
	value, err = result.Value()
	require.NoError(t, err)
	assert.Equal(t, want, value, "the value is a copy")

	value, err = new(jsonnet.Result).Value()
	require.NoError(t, err)
	assert.Nil(t, value, "the zero Result")
}

func TestResultText(t *testing.T) {
	s, err := jsonnet.NewResult("é\n", nil).Text()
	require.NoError(t, err)
	assert.Equal(t, "é\n", s)
	for want, value := range map[string]any{
		"null": nil, "a boolean": true, "a number": 1, "an array": []int{1}, "an object": map[string]int{},
	} {
		_, err := jsonnet.NewResult(value, nil).Text()
		assert.Equal(t, diag.Diagnostic{Problem: "want a string, got " + want}, err)
	}
}

func TestResultDecode(t *testing.T) {
	result := jsonnet.NewResult(map[string]any{"name": "a<b", "size": 3, "tags": []string{"x"}}, nil)
	var out struct {
		Name string
		Size int
		Tags []string
		Raw  json.RawMessage `json:"name"`
	}
	require.NoError(t, result.Decode(&out))
	assert.Equal(t, 3, out.Size)
	assert.Equal(t, []string{"x"}, out.Tags)
	assert.Equal(t, `"a<b"`, string(out.Raw))
	var wrong *json.UnmarshalTypeError
	require.ErrorAs(t, result.Decode(&out.Tags), &wrong)
}

func TestResultFields(t *testing.T) {
	origins := func(path ...any) []diag.Position { return []diag.Position{{File: fmt.Sprint(path...)}} }
	result := jsonnet.NewResult(map[string]any{"b": []any{"x", "y"}, "a": "z"}, origins)
	var names []string
	for name, field := range result.Fields() {
		names = append(names, name)
		for name, element := range field.Fields() {
			s, err := element.Text()
			require.NoError(t, err)
			names = append(names, name+s)
			assert.Equal(t, []diag.Position{{File: fmt.Sprint("b", map[string]int{"0": 0, "1": 1}[name], "more")}}, element.Origins("more"))
		}
	}
	assert.Equal(t, []string{"a", "b", "0x", "1y"}, names)
	assert.Equal(t, []diag.Position{{File: "a"}}, result.Origins("a"))
	for range result.Fields() {
		break
	}
	for range jsonnet.NewResult("text", nil).Fields() {
		assert.Fail(t, "a string has no fields")
	}
	assert.Nil(t, new(jsonnet.Result).Origins())
}

func TestResultRefusesValues(t *testing.T) {
	result := jsonnet.NewResult(map[string]any{"a": math.NaN()}, nil)
	_, err := result.JSON()
	require.Error(t, err)
	l, ok := diag.From(err)
	require.True(t, ok)
	assert.Contains(t, l[0].Subject, "a")
	_, textErr := result.Text()
	_, valueErr := result.Value()
	var out any
	assert.Equal(t, []error{err, err, err}, []error{textErr, valueErr, result.Decode(&out)})
}

func TestResultIsConcurrent(t *testing.T) {
	result := jsonnet.NewResult(map[string]any{"a": []any{1, "x"}}, func(...any) []diag.Position { return nil })
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			value, err := result.Value()
			assert.NoError(t, err)
			value.(map[string]any)["a"] = nil
			for _, field := range result.Fields() {
				_, err := field.JSON()
				assert.NoError(t, err)
				field.Origins(0)
			}
			assert.NoError(t, result.Decode(&value))
		})
	}
	all.Wait()
}

func TestVar(t *testing.T) {
	type got struct {
		value  any
		code   string
		isCode bool
	}
	list := []int{1}
	for name, c := range map[string]struct {
		v    jsonnet.Var
		want got
	}{
		"string": {jsonnet.String("a'b"), got{value: "a'b"}},
		"code":   {jsonnet.Code("1 + 1"), got{code: "1 + 1", isCode: true}},
		"empty":  {jsonnet.Code(""), got{isCode: true}},
		"value":  {jsonnet.Value(map[string]any{"a": list}), got{value: map[string]any{"a": []any{int64(1)}}}},
		"zero":   {jsonnet.Var{}, got{}},
	} {
		list[0] = 1
		t.Run(name, func(t *testing.T) {
			list[0] = 2
			value, code, isCode, err := c.v.Get()
			require.NoError(t, err)
			assert.Equal(t, c.want, got{value, code, isCode})
		})
	}
	_, _, _, err := jsonnet.Value(func() {}).Get()
	require.Error(t, err)
}

func TestLimitError(t *testing.T) {
	at := diag.Diagnostic{At: diag.Position{File: "a.jsonnet", Line: 1}, Problem: "time limit exceeded: 1s"}
	var err error = &jsonnet.LimitError{Limit: "time", Err: at}
	assert.EqualError(t, err, at.Error())
	assert.ErrorIs(t, err, jsonnet.ErrLimit)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	var d diag.Diagnostic
	require.ErrorAs(t, err, &d)
	assert.Equal(t, at, d)

	err = &jsonnet.LimitError{Limit: "memory", Err: errors.New("x")}
	assert.ErrorIs(t, err, jsonnet.ErrLimit)
	assert.NotErrorIs(t, err, context.DeadlineExceeded)
}

// A function can be tested without an evaluation.
func TestNativeAlone(t *testing.T) {
	count := jsonnet.Native{Name: "count", Params: []string{"file"}, Func: func(c jsonnet.Call, args []any) (any, error) {
		b, err := c.ReadFile(args[0].(string))
		return len(slices.Clone(b)), err
	}}
	n, err := count.Func(call{t.Context()}, []any{"x"})
	require.NoError(t, err)
	assert.Equal(t, 4, n)
}

type call struct{ ctx context.Context }

func (c call) Context() context.Context        { return c.ctx }
func (c call) ReadFile(string) ([]byte, error) { return []byte("text"), nil }
