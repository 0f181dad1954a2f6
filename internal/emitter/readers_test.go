package emitter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	goccy "github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
	yaml2 "go.yaml.in/yaml/v2"
	yaml3 "go.yaml.in/yaml/v3"
	sigs "sigs.k8s.io/yaml"

	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/emitter"
	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/internal/specimen"
)

// readers read YAML that mop writes, and return a document as JSON text. goccy/go-yaml is a
// dependency of this test alone. Only its parser is no translation of libyaml.
var readers = map[string]func(text []byte) (string, error){
	"yaml.v2": func(text []byte) (string, error) {
		var v any
		if err := yaml2.Unmarshal(text, &v); err != nil {
			return "", err
		}
		return toJSON(v)
	},
	"yaml.v3": func(text []byte) (string, error) {
		var v any
		if err := yaml3.Unmarshal(text, &v); err != nil {
			return "", err
		}
		return toJSON(v)
	},
	"sigs.k8s.io/yaml": func(text []byte) (string, error) {
		out, err := sigs.YAMLToJSONStrict(text)
		if err != nil {
			return "", err
		}
		return again(out)
	},
	"goccy/go-yaml": func(text []byte) (string, error) {
		var v any
		if err := goccy.Unmarshal(text, &v); err != nil {
			return "", err
		}
		return toJSON(v)
	},
	// Package kubectl of the command has the code of kubectl itself read what mop writes.
	"like kubectl": func(text []byte) (string, error) {
		if bytes.Contains(text, []byte("\n---")) {
			return "", errors.New("want one document")
		}
		if bytes.HasPrefix(bytes.TrimLeftFunc(text, unicode.IsSpace), []byte("{")) {
			return again(text)
		}
		out, err := sigs.YAMLToJSON(text)
		if err != nil {
			return "", err
		}
		return again(out)
	},
	"mop, as manifests":      ours(document.Kubernetes),
	"mop, as std.parseYaml":  ours(document.Jsonnet),
	"mop, as Tanka's native": ours(document.Tanka),
}

func ours(meaning document.Meaning) func([]byte) (string, error) {
	return func(text []byte) (string, error) {
		documents, err := document.YAML(context.Background(), text, document.Options{Meaning: meaning})
		if err != nil {
			return "", err
		}
		if len(documents) != 1 {
			return "", fmt.Errorf("want one document, got %d", len(documents))
		}
		return toJSON(documents[0].Value)
	}
}

// toJSON returns a value of any of the readers as JSON. Keys that are no strings are an
// error.
func toJSON(v any) (string, error) {
	var plain func(v any) (any, error)
	plain = func(v any) (any, error) {
		switch v := v.(type) {
		case map[any]any:
			out := map[string]any{}
			for k, e := range v {
				key, ok := k.(string)
				if !ok {
					return nil, fmt.Errorf("key %v is a %T", k, k)
				}
				var err error
				if out[key], err = plain(e); err != nil {
					return nil, err
				}
			}
			return out, nil
		case map[string]any:
			for k, e := range v {
				var err error
				if v[k], err = plain(e); err != nil {
					return nil, err
				}
			}
			return v, nil
		case []any:
			for i, e := range v {
				var err error
				if v[i], err = plain(e); err != nil {
					return nil, err
				}
			}
			return v, nil
		case nil, bool, string, int, int64, uint64, float64:
			return v, nil
		}
		return nil, fmt.Errorf("%v is a %T", v, v)
	}
	v, err := plain(v)
	if err != nil {
		return "", err
	}
	out, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return again(out)
}

// again brings JSON into one form.
func again(text []byte) (string, error) {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return "", err
	}
	out, err := json.Marshal(v)
	return string(out), err
}

// around returns values that contain a text in a place of each kind.
func around(s string) []any {
	return []any{
		map[string]any{"a": s},
		map[string]any{s: 1},
		map[string]any{"a": []any{s, s}, "b": []any{[]any{s, 1}, []any{[]any{s}}}},
		map[string]any{s: map[string]any{s: true}},
		map[string]any{"a": []any{map[string]any{s: nil}, map[string]any{"a": s, "b": []any{s}}}},
		map[string]any{s: []any{0.5}},
		map[string]any{"a": s, "b": map[string]any{"c": s, "d": map[string]any{"e": s}}},
		[]any{map[string]any{s: []any{}}, map[string]any{s: []any{map[string]any{s: 1}}}},
	}
}

var libraries = []struct {
	name    string
	style   emitter.Style
	marshal func(any) ([]byte, error)
}{
	{"yaml.v2", emitter.Style{}, yaml2.Marshal},
	{"yaml.v3", emitter.Style{Wide: true}, yaml3.Marshal},
}

func marshal(t testing.TB, v any, style emitter.Style) []byte {
	t.Helper()
	text, err := emitter.Marshal(t.Context(), v, style)
	require.NoError(t, err)
	return text
}

// misreaders returns the readers that do not read text as v, by name, with their results.
func misreaders(t testing.TB, v any, text []byte) map[string]string {
	want, err := toJSON(v)
	require.NoError(t, err)
	found := map[string]string{}
	for name, read := range readers {
		got, err := read(text)
		switch {
		case err != nil:
			found[name] = err.Error()
		case got != want:
			found[name] = got
		}
	}
	return found
}

// all makes the tests compare as many texts as "make check" does.
var all = flag.Bool("all", false, "compare all generated texts, and not the first twentieth")

// share returns how many of n generated texts are compared.
func share(n int) int {
	if *all {
		return n
	}
	return n / 20
}

// Every reader reads a hundred thousand keys and values back unchanged.
func TestReadersAgree(t *testing.T) {
	t.Parallel()
	const perDocument = 20
	r := rand.New(rand.NewPCG(1, 2))
	for i := range share(100_000 / (2 * perDocument)) {
		object, list := map[string]any{}, []any{}
		for len(object) < perDocument {
			s, key := specimen.Generate(r), specimen.Generate(r)
			switch r.IntN(4) {
			case 0:
				object[key] = s
			case 1:
				object[key] = []any{s}
			case 2:
				object[key] = map[string]any{specimen.Generate(r): s}
			default:
				object[key] = []any{map[string]any{specimen.Generate(r): s}, []any{r.NormFloat64() * 1e6}}
			}
		}
		for range perDocument {
			list = append(list, specimen.Generate(r))
		}
		object["list"] = list
		library := libraries[i%len(libraries)]
		library.style.Exponents = i%3 == 0
		text := marshal(t, object, library.style)
		if found := misreaders(t, object, text); len(found) > 0 {
			for name, got := range found {
				t.Errorf("%s reads otherwise: %s", name, got)
			}
			t.Fatalf("%s", text)
		}
	}
}

// If every reader reads a library's text as the value, the bytes are the library's.
// Otherwise the bytes differ, and every reader reads them as the value.
func TestBytesAreTheLibrarys(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	texts := slices.Concat(specimen.Pieces(), []string{"", "\n\n\n", "  \n", "0o17", "a<<", "1e3", "-0b1", "0b-1", "+.INF", ".5", "2001-1-1 1:2:3", "key: value", "a #b"})
	for range share(4000) {
		texts = append(texts, specimen.Generate(r))
	}
	for _, s := range texts {
		holdLibrarys(t, s)
	}
}

func holdLibrarys(t testing.TB, s string) {
	// Some readers agree by chance on separators in a text of several lines.
	byChance := strings.ContainsAny(s, "\u2028\u2029") && strings.Contains(s, "\n")
	for _, v := range around(s) {
		for _, library := range libraries {
			theirs, err := library.marshal(v)
			require.NoError(t, err)
			ours := marshal(t, v, library.style)
			if bytes.Equal(theirs, ours) {
				continue
			}
			require.Empty(t, misreaders(t, v, ours), "ours, not %s's:\n%s", library.name, ours)
			if !byChance {
				require.NotEmpty(t, misreaders(t, v, theirs), "%s writes\n%sand we\n%s", library.name, theirs, ours)
			}
		}
	}
}

func FuzzMarshal(f *testing.F) {
	for _, s := range specimen.Pieces() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		defer pace.Hold(t, len(s))()
		if !utf8.ValidString(s) {
			t.Skip("the libraries write it as !!binary")
		}
		holdLibrarys(t, s)
	})
}
