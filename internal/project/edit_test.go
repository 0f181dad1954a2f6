package project_test

import (
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/internal/project"
)

func TestEditSpec(t *testing.T) {
	tests := []struct {
		name, in string
		edit     func(*project.Spec)
		want     string
		changes  []project.Change
	}{
		{
			"other fields, order, numbers and escapes stay",
			`{"x": 1e400, "spec": {"injectLabels": true, "y": "\u003c", "namespace": "a"}, "kind": "Environment"}`,
			func(s *project.Spec) { s.Namespace = "b" },
			"{\n  \"x\": 1e400,\n  \"spec\": {\n    \"injectLabels\": true,\n    \"y\": \"\\u003c\",\n    \"namespace\": \"b\"\n  },\n  \"kind\": \"Environment\"\n}\n",
			[]project.Change{{"namespace", `"a"`, `"b"`}},
		},
		{
			"versions that Tanka does not know stay",
			`{"spec": {"expectVersions": {"kubernetes": "1.31"}}}`,
			func(s *project.Spec) { s.Namespace = "b" },
			"{\n  \"spec\": {\n    \"expectVersions\": {\n      \"kubernetes\": \"1.31\"\n    },\n    \"namespace\": \"b\"\n  }\n}\n",
			[]project.Change{{"namespace", `"default"`, `"b"`}},
		},
		{
			"nothing to change leaves the bytes",
			`{ "spec" :{"namespace":"a", "injectLabels": false}}`,
			func(s *project.Spec) { s.Namespace = "a" },
			`{ "spec" :{"namespace":"a", "injectLabels": false}}`,
			nil,
		},
		{
			"a zero value removes the field",
			`{"spec": {"namespace": "a", "contextNames": ["<x>"], "injectLabels": true}}`,
			func(s *project.Spec) { s.ContextNames, s.InjectLabels = nil, false },
			"{\n  \"spec\": {\n    \"namespace\": \"a\"\n  }\n}\n",
			[]project.Change{{"contextNames", `["<x>"]`, ""}, {"injectLabels", "true", ""}},
		},
		{
			"no spec", `{"kind": "Environment"}`,
			func(s *project.Spec) { s.APIServer = "https://x" },
			"{\n  \"kind\": \"Environment\",\n  \"spec\": {\n    \"apiServer\": \"https://x\"\n  }\n}\n",
			[]project.Change{{"apiServer", "", `"https://x"`}},
		},
		{
			"null spec", `{"spec": null, "kind": "Environment"}`,
			func(s *project.Spec) { s.APIServer = "x" },
			"{\n  \"spec\": {\n    \"apiServer\": \"x\"\n  },\n  \"kind\": \"Environment\"\n}\n",
			[]project.Change{{"apiServer", "", `"x"`}},
		},
		{
			"the last of equal names counts", `{"spec": {"namespace": "a"}, "Spec": {"NAMESPACE": "b", "z": 1, "namespace": "c"}}`,
			func(s *project.Spec) { s.Namespace = "d" },
			"{\n  \"Spec\": {\n    \"z\": 1,\n    \"namespace\": \"d\"\n  }\n}\n",
			[]project.Change{{"namespace", `"c"`, `"d"`}},
		},
		{
			"a deprecated field goes with its successor", `{"namespace": "old", "server": "s", "spec": {}}`,
			func(s *project.Spec) { s.APIServer = "" },
			"{\n  \"namespace\": \"old\",\n  \"spec\": {}\n}\n",
			[]project.Change{{"apiServer", `"s"`, ""}},
		},
		{
			"no namespace is not the default one", `{"spec": {"namespace": "n"}}`,
			func(s *project.Spec) { s.Namespace = "" },
			"{\n  \"spec\": {\n    \"namespace\": \"\"\n  }\n}\n",
			[]project.Change{{"namespace", `"n"`, `""`}},
		},
		{
			"an empty name", `{"spec": {"": 1}}`,
			func(s *project.Spec) { s.Namespace = "n" },
			"{\n  \"spec\": {\n    \"\": 1,\n    \"namespace\": \"n\"\n  }\n}\n",
			[]project.Change{{"namespace", `"default"`, `"n"`}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, found := project.ParseSpec("spec.json", []byte(tt.in))
			require.NoError(t, found.Err())
			tt.edit(&r.Spec)
			got, changes, err := project.EditSpec("spec.json", []byte(tt.in), r.Spec)
			require.NoError(t, err)
			assert.Equal(t, tt.want, string(got))
			assert.Equal(t, tt.changes, changes)
		})
	}
	_, _, err := project.EditSpec("x/spec.json", []byte("{"), project.Spec{})
	assert.Equal(t, "x/spec.json:1:2: unexpected end of file\n", render(t, err))
}

// FuzzEditSpec checks that an edited file has the new values and keeps all others, and that
// a second edit changes nothing.
func FuzzEditSpec(f *testing.F) {
	for _, seed := range []string{
		`{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "spec": {"namespace": "n"}}`,
		`{"spec": {"injectLabels": true, "x": [1, {}]}, "spec": {"namespace": null}, "y": "\u003c"}`,
		`{"SPEC": {"contextNames": []}, "a": 1e999}`, `{"server": "a", "namespace": "b", "team": "c"}`, `null`, `{}`, `{"spec": {"resourceDefaults": {"labels": {"a": "b"}}}}`,
	} {
		f.Add([]byte(seed), "shop", true, "ctx")
		f.Add([]byte(seed), "", false, "")
	}
	f.Fuzz(func(t *testing.T, data []byte, namespace string, inject bool, context string) {
		defer pace.Hold(t, len(data)+len(namespace)+len(context))()
		before, found := project.ParseSpec("spec.json", data)
		if found.Err() != nil {
			t.Skip()
		}
		if !utf8.ValidString(namespace) || !utf8.ValidString(context) {
			t.Skip("does not survive JSON")
		}
		want := before
		want.Spec.Namespace, want.Spec.InjectLabels, want.Spec.ContextNames = namespace, inject, nil
		if context != "" {
			want.Spec.ContextNames = []string{context}
		}
		out, _, err := project.EditSpec("spec.json", data, want.Spec)
		require.NoError(t, err)
		got, found := project.ParseSpec("spec.json", out)
		require.NoError(t, found.Err())
		assert.Equal(t, want, got)
		again, changes, err := project.EditSpec("spec.json", out, want.Spec)
		require.NoError(t, err)
		assert.Empty(t, changes)
		assert.Equal(t, out, again)
	})
}

func ExampleEditSpec() {
	text := `{"spec": {"namespace": "shop", "injectLabels": true}}`
	r, found := project.ParseSpec("spec.json", []byte(text))
	if err := found.Err(); err != nil {
		panic(err)
	}
	r.Spec.Namespace = "store"
	out, changes, err := project.EditSpec("spec.json", []byte(text), r.Spec)
	if err != nil {
		panic(err)
	}
	fmt.Print(string(out))
	for _, c := range changes {
		fmt.Println(c.Name, c.From, c.To)
	}
	// Output:
	// {
	//   "spec": {
	//     "namespace": "store",
	//     "injectLabels": true
	//   }
	// }
	// namespace "shop" "store"
}
