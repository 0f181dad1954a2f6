package manifest_test

import (
	"bytes"
	"encoding/json"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	kjson "sigs.k8s.io/json"

	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, file, in string
		want           []string
	}{
		{"nothing", "a.yaml", "", nil},
		{"one document", "a.yaml", "a: 1\n", []string{`a.yaml:1: {"a":1}`}},
		{"several", "a.yaml", "a: 1\n---\nb: 2\n--- # c\n\n# d\nc: 3", []string{`a.yaml:1: {"a":1}`, `a.yaml:3: {"b":2}`, `a.yaml:7: {"c":3}`}},
		{"empty ones", "a.yaml", "---\n---\n# nothing\n---\nnull\n---\na: 1\n---\n", []string{`a.yaml:7: {"a":1}`}},
		{"end of a document", "a.yaml", "a: 1\n...\n---\nb: 2\n", []string{`a.yaml:1: {"a":1}`, `a.yaml:4: {"b":2}`}},
		{"no marker after the end", "a.yaml", "a: 1\n...\n# c\nb: 2\n... # d\n...\n", []string{`a.yaml:1: {"a":1}`, `a.yaml:4: {"b":2}`}},
		{"other line breaks", "a.yaml", "a: 1\r---\rb: 2\r", []string{
			`a.yaml:1: the end of a document is not marked on a line of its own: want lines that end in LF or CRLF`,
		}},
		{"content beside the marker", "a.yaml", "--- {a: 1}\n---\t[2]\n", []string{`a.yaml:1: {"a":1}`, `a.yaml:2: [2]`}},
		{"directives", "a.yaml", "%YAML 1.1\n---\na: 1\n", []string{`a.yaml:1: {"a":1}`}},
		{"Windows", "a.yaml", "\ufeff---\r\na: 1\r\n---\r\nb: 2\r\n", []string{`a.yaml:1: {"a":1}`, `a.yaml:4: {"b":2}`}},
		{"not a marker", "a.yaml", "a: |\n  ---\n  x\nb: ---x\n", []string{`a.yaml:1: {"a":"---\nx\n","b":"---x"}`}},
		{"types as in kubectl", "a.yaml", "{a: yes, b: 0644, c: 1e3, d: 2001-01-01, 5: e}", []string{`a.yaml:1: {"5":"e","a":true,"b":420,"c":1000,"d":"2001-01-01"}`}},
		{"key set twice", "a.yaml", "---\nx: 1\n---\na: 1\nb:\n  c: 1\n  c: 2\na: 3\n", []string{
			`a.yaml:2: {"x":1}`, `a.yaml:7: key "c" is set twice`, `a.yaml:8: key "a" is set twice`,
		}},
		{"keys beside a merge", "a.yaml", "a: &a {x: 1, v: 1}\nb: {<<: *a, v: 2}\nc:\n  <<: [*a, {x: 3}]\n  z: 3\n", []string{
			`a.yaml:1: {"a":{"v":1,"x":1},"b":{"v":2,"x":1},"c":{"v":1,"x":1,"z":3}}`,
		}},
		{"key set twice beside a merge", "a.yaml", "a: &a {x: 1}\nb:\n  <<: *a\n  x: 2\n  x: 3\n", []string{`a.yaml:5: key "x" is set twice`}},
		{"syntax", "a.yaml", "a: [\n---\nb: 2\n---\nc:\n\t- d\n", []string{
			`a.yaml:3: {"b":2}`,
			`a.yaml:1: did not find expected node content`,
			`a.yaml:6: found character that cannot start any token`,
		}},
		{"not a number of JSON", "a.yaml", "\n---\n\na: .nan\n", []string{`a.yaml:4: .nan: JSON has no such number`}},
		{"unknown anchor", "a.yaml", "a: *b\n", []string{`a.yaml:1: no anchor "b" before this`}},

		{"JSON", "a.json", " \n{\"a\": \"\\ud83d\\ude00\"}\nnull [1] ", []string{`a.json:2: {"a":"😀"}`, `a.json:3: [1]`}},
		{"nothing in JSON", "a.json", " \n", nil},
		{"key set twice in JSON", "a.json", "{}\n{\"a\": [{\"b\": 1,\n\"b\": 2}]}\n[3]", []string{
			`a.json:1: {}`, `a.json:4: [3]`, `a.json:3: a[0].b: is set twice`,
		}},
		{"syntax in JSON", "a.json", "{\"a\": 1}\n{\n  a: 1\n}", []string{
			`a.json:1: {"a":1}`, `a.json:3: invalid character 'a' looking for beginning of object key string`,
		}},
		{"number in JSON", "a.json", "[1e400]", []string{`a.json:1: json: cannot unmarshal number 1e400 into Go value of type float64`}},
		{"end of JSON", "a.json", "{\n\"a\": ", []string{`a.json:2: unexpected end of file`}},
		{"JSON lines", "a.jsonl", "{\"a\": 1}\n{\"b\": 2}\n", []string{`a.jsonl:1: {"a":1}`, `a.jsonl:2: {"b":2}`}},
		{"JSON without a name", "<stdin>", "{\"a\": 1}{\"b\": 2}\n[3]", []string{`<stdin>:1: {"a":1}`, `<stdin>:1: {"b":2}`, `<stdin>:2: [3]`}},
		{"YAML without a name", "<stdin>", "{\"a\": 1}\n---\nb: yes\n", []string{`<stdin>:1: {"a":1}`, `<stdin>:3: {"b":true}`}},
		{"keys that are equal", "a.yaml", "\n1: a\n\"1\": b\n", []string{`a.yaml:3: key "1" is set twice`}},
		{"colons in JSON", "a.json", `{"a:\\": [":\"", {"b": {}}], "c": {}}`, []string{`a.json:1: {"a:\\":[":\"",{"b":{}}],"c":{}}`}},
		{"JSON in YAML", "a.yml", "{\n\t\"a\": [1, true, null]\n}\n", []string{`a.yml:1: {"a":[1,true,null]}`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			documents, found, err := manifest.Parse(t.Context(), tt.file, []byte(tt.in))
			require.NoError(t, err)
			var got []string
			for _, d := range documents {
				text, err := json.Marshal(d.Value)
				require.NoError(t, err)
				got = append(got, d.At.String()+": "+string(text))
			}
			for _, d := range found {
				got = append(got, d.Error())
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

// Aliases cannot turn a small file into a large value.
func TestParseAliases(t *testing.T) {
	text := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 9 {
		a, b := string(rune('0'+i)), string(rune('1'+i))
		text += "a" + b + ": &a" + b + " [" + strings.Repeat("*a"+a+", ", 9) + "*a" + a + "]\n"
	}
	documents, found, err := manifest.Parse(t.Context(), "a.yaml", []byte(text))
	require.NoError(t, err)
	assert.Empty(t, documents)
	require.Len(t, found, 1)
	assert.Equal(t, "a.yaml:6: aliases expand to more than 1054276 values and bytes of text", found[0].Error())
}

// Parse reads what WriteYAML writes.
func TestParseWritten(t *testing.T) {
	in := []manifest.Object{
		object(t, `{apiVersion: v1, kind: Pod, metadata: {name: "yes"}, spec: {a: [1.5, 1000000, null, "---\nx"]}}`),
		object(t, `{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {"1": "2"}}`),
	}
	var b bytes.Buffer
	require.NoError(t, manifest.WriteYAML(t.Context(), &b, in))
	documents, found, err := manifest.Parse(t.Context(), "a.yaml", b.Bytes())
	require.NoError(t, err)
	require.Empty(t, found)
	require.Len(t, documents, len(in))
	for i, d := range documents {
		want, _ := in[i].Lookup()
		assert.Equal(t, plain.Integers(want), d.Value)
	}
}

// FuzzParse checks that every document and every fault has a line of the file, that faults
// have one line of text, and that values are JSON.
func FuzzParse(f *testing.F) {
	f.Add([]byte("a: 1\n---\nb: [2, {c: d}]\n"), false)
	f.Add([]byte("%YAML 1.1\n---\n- &a b\n- *a\n...\n--- |\n x\n"), false)
	f.Add([]byte("a: 1\na: 2\n? [b]\n: c\n"), false)
	f.Add([]byte(`{"a": [1, {"b": null}], "a": 2} [3] x`), true)
	f.Fuzz(func(t *testing.T, data []byte, isJSON bool) {
		defer pace.Hold(t, len(data))()
		name := "a.yaml"
		if isJSON {
			name = "a.json"
		}
		documents, found, err := manifest.Parse(t.Context(), name, data)
		require.NoError(t, err)
		last := 2 + bytes.Count(data, []byte("\n"))
		line := 1
		for _, d := range documents {
			require.Equal(t, name, d.At.File)
			require.GreaterOrEqual(t, d.At.Line, line)
			line = d.At.Line
			require.LessOrEqual(t, line, last)
			encoded, err := json.Marshal(d.Value)
			require.NoError(t, err)
			var again any
			require.NoError(t, json.Unmarshal(encoded, &again))
			require.NotNil(t, again)
		}
		for _, d := range found {
			require.GreaterOrEqual(t, d.At.Line, 1)
			require.LessOrEqual(t, d.At.Line, last)
			require.NotEmpty(t, d.Problem)
			require.NotContains(t, d.Error(), "\n")
		}
		if len(data) < math.MaxInt16 && isJSON && json.Valid(data) && len(found) == 0 {
			var want any
			if kjson.UnmarshalCaseSensitivePreserveInts(data, &want) == nil && want != nil {
				require.Len(t, documents, 1)
				require.Equal(t, plain.Integers(want), documents[0].Value)
			}
		}
	})
}

func TestFind(t *testing.T) {
	yaml := "# c\na: 1\n---\n# c\nkind: List\nitems:\n- x:\n    y: |\n      1\n      2\n- x: {y: [1,\n    2]}\nz: *missing\n"
	yaml = strings.Replace(yaml, "*missing", "&m {n: 1}\nw: *m", 1)
	for _, test := range []struct {
		name, file, text string
		document         int
		path             string
		want             int
	}{
		{"the whole", "a.yaml", yaml, 1, "", 5},
		{"first document", "a.yaml", yaml, 0, "a", 2},
		{"field", "a.yaml", yaml, 1, "items", 6},
		{"element", "a.yaml", yaml, 1, "items[1]", 11},
		{"block of text", "a.yaml", yaml, 1, "items[0].x.y", 8},
		{"within brackets", "a.yaml", yaml, 1, "items[1].x.y[1]", 12},
		{"missing: what is around it", "a.yaml", yaml, 1, "items[0].x.none.at.all", 7},
		{"nothing around it", "a.yaml", yaml, 1, "none", 5},
		{"behind an alias", "a.yaml", yaml, 1, "w.n", 14},
		{"JSON", "a.json", "\n{\n\t\"a\": {\n\"b\": \"/\"}}\n{\"c\":\n[\n1]}", 0, "a.b", 4},
		{"second JSON value", "a.json", "\n{\n\t\"a\": {\n\"b\": \"/\"}}\n{\"c\":\n[\n1]}", 1, "c[0]", 7},
		{"JSON that is no YAML", "a.json", "{\n\"a\": \"\\ud83d\\ude00\"}", 0, "a", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			documents, found, err := manifest.Parse(t.Context(), test.file, []byte(test.text))
			require.NoError(t, err)
			require.Empty(t, found)
			var path manifest.Path
			if test.path != "" {
				var err error
				path, err = manifest.ParsePath(test.path)
				require.NoError(t, err)
			}
			assert.Equal(t, diag.Position{File: test.file, Line: test.want}, documents[test.document].Find(path))
		})
	}
	assert.Equal(t, diag.Position{File: "a"}, manifest.Document{At: diag.Position{File: "a"}}.Find(manifest.Path{"x"}))
}

// Faults at many deep places take the memory of the places, not of all the paths to them.
func TestDeepFaults(t *testing.T) {
	text := strings.Repeat("[", 4000) + "{" + strings.Repeat(`"a":1,`, 6000) + `"a":1}` + strings.Repeat("]", 4000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, found, err := manifest.Parse(t.Context(), "a.json", []byte(text))
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	assert.Len(t, found, 6000)
	assert.Equal(t, strings.Repeat("[0]", 4000)+".a", found[0].Subject)
	assert.Equal(t, "a", found[5999].Subject)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(100<<20), "bytes allocated on the way")
}
