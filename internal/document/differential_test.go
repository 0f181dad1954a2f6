package document_test

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	yaml2 "go.yaml.in/yaml/v2"
	yaml3 "go.yaml.in/yaml/v3"

	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/internal/specimen"
)

func checkJsonnet(t *testing.T, text string) {
	got, _, err := document.Value(t.Context(), []byte(text))
	want, wantErr := byGoJsonnet(text)
	switch {
	case specimen.Odd(text, err, wantErr), specimen.HasEnd(text), oddKeys(text):
		return
	case wantErr != nil:
		assert.Error(t, err, "%q: want %v", text, wantErr)
		return
	}
	require.NoError(t, err, "%q", text)
	assert.Equal(t, want, got, "%q", text)
}

func byGoJsonnet(text string) (any, error) {
	values := []any{}
	decoder := gojsonnet.NewYAMLToJSONDecoder(strings.NewReader(text))
	for {
		var v any
		err := decoder.Decode(&v)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	switch {
	case len(values) == 0:
		return nil, nil
	case decoder.IsStream():
		return values, nil
	}
	return values[0], nil
}

// oddKeys reports whether a text has keys that are no strings. mop keeps their text as it
// is written.
func oddKeys(text string) bool {
	for _, p := range document.Split([]byte(text)) {
		var v any
		if yaml2.Unmarshal(p.Text, &v) == nil && hasOddKeys(v) {
			return true
		}
	}
	return false
}

func hasOddKeys(v any) bool {
	switch v := v.(type) {
	case map[any]any:
		for k, e := range v {
			if _, ok := k.(string); !ok || hasOddKeys(e) {
				return true
			}
		}
	case []any:
		for _, e := range v {
			if hasOddKeys(e) {
				return true
			}
		}
	}
	return false
}

func checkTanka(t *testing.T, text string) {
	documents, err := document.YAML(t.Context(), []byte(text), document.Options{Meaning: document.Tanka, Doubles: true})
	want, wantErr := byYAML3(text)
	switch {
	case specimen.Odd(text, err, wantErr):
		return
	case wantErr != nil:
		assert.Error(t, err, "%q: want %v", text, wantErr)
		return
	}
	require.NoError(t, err, "%q", text)
	got := []any{}
	for _, d := range documents {
		got = append(got, d.Value)
	}
	assert.Equal(t, want, got, "%q", text)
}

func byYAML3(text string) (documents []any, err error) {
	documents = []any{}
	decoder := yaml3.NewDecoder(strings.NewReader(text))
	for {
		var v any
		err := decoder.Decode(&v)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, err
		}
		encoded, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		var again any
		if err := json.Unmarshal(encoded, &again); err != nil {
			return nil, err
		}
		documents = append(documents, again)
	}
}

func TestAsTheLibrariesRead(t *testing.T) {
	for _, text := range specimen.All() {
		checkJsonnet(t, text)
		checkTanka(t, text)
	}
}

// The decoder reads any text as the libraries do, or returns an error. Package kubectl of
// the command compares it with the code of kubectl.
func FuzzYAML(f *testing.F) {
	for _, text := range specimen.Texts() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer pace.Hold(t, len(text))()
		checkJsonnet(t, text)
		checkTanka(t, text)
	})
}

// The reported integers are those that encoding/json changes.
func FuzzChanged(f *testing.F) {
	for _, text := range []string{`[9007199254740993, "9007199254740993", 1e400, -9007199254740993, 9007199254740992.5]`, `{"9007199254740993": 18446744073709551615}`, `["\\", 9007199254740993]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer pace.Hold(t, len(text))()
		if !json.Valid([]byte(text)) {
			return
		}
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		var want []string
		for {
			token, err := decoder.Token()
			if err != nil {
				break
			}
			number, ok := token.(json.Number)
			if !ok || strings.ContainsAny(number.String(), ".eE") {
				continue
			}
			x, err := number.Float64()
			if err == nil && math.Abs(x) >= 1<<53 && digits(x) != strings.TrimPrefix(number.String(), "-") {
				want = append(want, number.String())
			}
		}
		var got []string
		for _, i := range document.Changed([]byte(text)) {
			got = append(got, i.Text)
		}
		assert.Equal(t, want, got)
	})
}

// digits returns the digits of a whole number, without its sign.
func digits(x float64) string { return strconv.FormatFloat(math.Abs(x), 'f', 0, 64) }
