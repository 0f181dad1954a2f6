package validate_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

var update = flag.Bool("update", false, "write what the tests expect")

// TestFindings checks the objects of each testdata/*.yaml, each on its own, and compares
// the findings with the .txt beside it. The name of an object says its fault; a name that
// begins with "ok" means no finding. CustomResourceDefinitions apply to the objects of
// their file. The first line may say which version of Kubernetes they are for: # 1.33
//
// The objects of a file set_*.yaml are checked together. Objects of other files may refer
// to missing objects.
//
// The findings cover each declared rule with each declared severity, and no others.
func TestFindings(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	type sort struct {
		rule     validate.Rule
		severity diag.Severity
	}
	seen := map[sort]bool{}
	ran := 0
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			ran++
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			together := strings.HasPrefix(filepath.Base(file), "set_")
			var o validate.Config
			if !together {
				o.External = []string{"*/*"}
			}
			if release, ok := strings.CutPrefix(string(data), "# 1."); ok {
				o.Release = "1." + release[:2]
			}
			documents, found, err := manifest.Parse(t.Context(), filepath.Base(file), data)
			require.NoError(t, err)
			require.NoError(t, found.Err())
			var objects, definitions []validate.Object
			for _, d := range documents {
				value := d.Value.(map[string]any)
				o := validate.Object{Source: d.At, Value: value}
				objects = append(objects, o)
				if value["kind"] == "CustomResourceDefinition" {
					definitions = append(definitions, o)
				}
			}
			v, err := validate.New(o)
			require.NoError(t, err)
			checkAll := func(objects, definitions []validate.Object) []validate.Result {
				if together {
					return allResults(t, v, objects)
				}
				var results []validate.Result
				for _, o := range objects {
					results = append(results, allResults(t, v, append([]validate.Object{o}, definitions...))[0])
				}
				return results
			}
			results := checkAll(objects, definitions)
			for i, r := range checkAll(withFloats(objects), withFloats(definitions)) {
				assert.Equal(t, results[i].Findings, r.Findings, "line %d, with numbers as Jsonnet has them", r.Object.Source.Line)
			}
			var b bytes.Buffer
			for _, r := range results {
				line := r.Object.Source.Line
				fmt.Fprintf(&b, "line %d: %s\n", line, r.Status)
				for i, f := range r.Findings {
					seen[sort{f.Rule, f.Severity}] = true
					l := r.Diagnostics()[i : i+1]
					l[0].At, l[0].Origins = diag.Position{}, nil
					require.NoError(t, diag.Write(&b, l, diag.Options{}))
				}
				if strings.HasPrefix(r.ID.Name, "ok") {
					assert.Empty(t, r.Findings, "line %d", line)
				} else {
					assert.NotEmpty(t, r.Findings, "line %d", line)
				}
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				require.NoError(t, os.WriteFile(golden, b.Bytes(), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), b.String())
		})
	}
	if ran < len(files) {
		return // some of the files alone, by -run
	}
	declared := map[sort]bool{}
	for _, d := range validate.Declarations() {
		for _, severity := range d.Severities {
			declared[sort{d.Rule, severity}] = true
		}
	}
	assert.Equal(t, declared, seen)
}

// withFloats returns objects with numbers as from Jsonnet instead of those as from files.
func withFloats(objects []validate.Object) []validate.Object {
	all := slices.Clone(objects)
	for i, o := range all {
		all[i].Value = floats(o.Value)
	}
	return all
}

func floats(v any) any {
	switch v := v.(type) {
	case int64:
		if int64(float64(v)) == v {
			return float64(v)
		}
	case []any:
		list := slices.Clone(v)
		for i, e := range list {
			list[i] = floats(e)
		}
		return list
	case map[string]any:
		object := maps.Clone(v)
		for k, e := range object {
			object[k] = floats(e)
		}
		return object
	}
	return v
}
