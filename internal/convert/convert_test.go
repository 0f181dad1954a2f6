package convert_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/convert"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/manifest"
)

type (
	name   string
	label  map[name]name
	number int32
	widget struct {
		APIVersion string            `json:"apiVersion"`
		Kind       string            `json:"kind"`
		Metadata   map[string]any    `json:"metadata"`
		Spec       *spec             `json:"spec,omitempty"`
		Data       map[string][]byte `json:"data,omitempty"`
	}
	spec struct {
		Size    int64     `json:"size"`
		Created time.Time `json:"created"`
	}
	loose     struct{ content map[string]any }
	panicking struct{}
	failing   struct{}
)

func (l *loose) UnstructuredContent() map[string]any { return l.content }
func (panicking) MarshalJSON() ([]byte, error)       { panic("out of order") }

var errFailing = errors.New("no text")

func (failing) MarshalText() ([]byte, error) { return nil, errFailing }

func TestValue(t *testing.T) {
	seven := 7
	var none *string
	for name, test := range map[string]struct{ value, want any }{
		"null":                      {nil, nil},
		"nil pointer":               {none, nil},
		"nil map":                   {map[string]any(nil), nil},
		"nil map of strings":        {map[string]string(nil), nil},
		"nil slice":                 {[]any(nil), nil},
		"nil unstructured":          {(*loose)(nil), nil},
		"int":                       {7, int64(7)},
		"int8":                      {int8(-7), int64(-7)},
		"named int32":               {number(7), int64(7)},
		"largest int64":             {int64(math.MaxInt64), int64(math.MaxInt64)},
		"uint64":                    {uint64(7), int64(7)},
		"uint64 beyond 63 bits":     {uint64(math.MaxUint64), float64(math.MaxUint64)},
		"float64":                   {7.0, 7.0},
		"float32":                   {float32(0.1), 0.1},
		"json.Number":               {json.Number("9007199254740993"), int64(9007199254740993)},
		"json.Number, fraction":     {json.Number("1.5"), 1.5},
		"pointer":                   {&seven, int64(7)},
		"named string":              {name("a"), "a"},
		"bytes":                     {[]byte("a"), "YQ=="},
		"array":                     {[2]int{1, 2}, []any{int64(1), int64(2)}},
		"map of strings":            {map[string]string{"a": "b"}, map[string]any{"a": "b"}},
		"named map":                 {label{"a": "b"}, map[string]any{"a": "b"}},
		"map of integers":           {map[int]string{1: "b"}, map[string]any{"1": "b"}},
		"slice of strings":          {[]string{"a"}, []any{"a"}},
		"slice of maps":             {[]map[string]any{{"a": 1}}, []any{map[string]any{"a": int64(1)}}},
		"unstructured":              {&loose{map[string]any{"a": 1}}, map[string]any{"a": int64(1)}},
		"raw message":               {json.RawMessage(`{"a": [1, 1.5, 9007199254740993]}`), map[string]any{"a": []any{int64(1), 1.5, int64(9007199254740993)}}},
		"raw message in a map":      {map[string]any{"a": json.RawMessage(`"<b>"`)}, map[string]any{"a": "<b>"}},
		"struct":                    {spec{Size: 9007199254740993}, map[string]any{"size": int64(9007199254740993), "created": "0001-01-01T00:00:00Z"}},
		"pointer to a struct":       {map[string]any{"spec": &spec{}}, map[string]any{"spec": map[string]any{"size": int64(0), "created": "0001-01-01T00:00:00Z"}}},
		"struct with bytes":         {widget{Data: map[string][]byte{"a": []byte("b")}}.Data, map[string]any{"a": "Yg=="}},
		"struct with signs of HTML": {struct{ A string }{"<&>"}, map[string]any{"A": "<&>"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, faults := convert.Value(test.value)
			require.Empty(t, faults)
			assert.Equal(t, test.want, got)
			assert.True(t, plain.Valid(got))
		})
	}
}

// An object of package manifest stands for its value, also within others.
func TestObject(t *testing.T) {
	o, err := manifest.From(map[string]any{"apiVersion": "v1", "kind": "A", "metadata": map[string]any{"name": "a"}, "n": 1})
	require.NoError(t, err)
	got, faults := convert.Value([]any{o, manifest.Object{}})
	require.Empty(t, faults)
	assert.Equal(t, []any{o.Map(), nil}, got)
}

func TestValueFaults(t *testing.T) {
	itself := map[string]any{}
	itself["a"], itself["b"] = itself, []any{itself}
	type pointer *pointer
	var loop pointer
	loop = &loop
	for name, test := range map[string]struct {
		value any
		want  string
	}{
		"channel":                    {map[string]any{"a": make(chan int)}, "a: want a value of JSON, got chan int: json: unsupported type: chan int"},
		"nil function":               {map[string]any{"a": (func())(nil)}, "a: want a value of JSON, got func(): json: unsupported type: func()"},
		"not a number":               {[]any{math.NaN()}, "[0]: want a number of JSON, got NaN"},
		"infinite float32":           {float32(math.Inf(1)), ".: want a value of JSON, got float32: json: unsupported value: +Inf"},
		"no number":                  {json.Number("0x1"), `.: want a number of JSON, got string "0x1"`},
		"text that is not UTF-8":     {map[string]any{"a": "\xff"}, "a: want text in UTF-8"},
		"key that is not UTF-8":      {map[string]string{"\xff": "a"}, "want a key in UTF-8"},
		"value that contains itself": {itself, "is nested more than 10000 deep"},
		"pointer to itself":          {loop, ".: is nested more than 10000 deep"},
		"method that panics":         {map[string]any{"a": panicking{}}, "a: want a value of JSON, got convert_test.panicking, which panics: out of order"},
		"method that fails":          {failing{}, "no text"},
		"unstructured that panics":   {&panics{}, ".: want a value of JSON, got *convert_test.panics, which panics: no content"},
		"raw message that is wrong":  {json.RawMessage(`{"a"`), ".: want a value of JSON, got json.RawMessage: unexpected EOF"},
		"raw message of two values":  {json.RawMessage(`{} {}`), ".: want a value of JSON, got json.RawMessage: more than one value"},
	} {
		t.Run(name, func(t *testing.T) {
			_, faults := convert.Value(test.value)
			require.Len(t, faults, 1)
			assert.False(t, plain.Valid(test.value))
			assert.ErrorContains(t, faults[0], test.want)
			assert.Less(t, len(faults[0].Error()), 1000)
		})
	}
}

type panics struct{}

func (*panics) UnstructuredContent() map[string]any { panic("no content") }

func TestValueTellsAllFaultsInOrder(t *testing.T) {
	_, faults := convert.Value(map[string]any{"b": math.NaN(), "a": []any{make(chan int), "\xff"}, "c": 1})
	var at []string
	for _, d := range faults {
		at = append(at, d.Subject)
	}
	assert.Equal(t, []string{"a[0]", "a[1]", "b"}, at)
}
