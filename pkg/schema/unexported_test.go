package schema

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	k, err := parse("# comment\n" +
		"namespaced core Pod v1=1.13,1.29-1.31\n" +
		"cluster metrics.k8s.io NodeMetrics\n" +
		"cluster g K v1=1.33 v1beta1=1.30,1.32-1.33")
	require.NoError(t, err)
	assert.Equal(t, &Kinds{
		kinds: map[groupKind]kind{
			{"", "Pod"}:                       {Namespaced, []Served{{"v1", []Minor{13, 29, 30, 31}}}},
			{"metrics.k8s.io", "NodeMetrics"}: {Cluster, nil},
			{"g", "K"}:                        {Cluster, []Served{{"v1", []Minor{33}}, {"v1beta1", []Minor{30, 32, 33}}}},
		},
		minors: []Minor{13, 29, 30, 31, 32, 33},
	}, k)
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"short line", "# a\ncluster core", `line 2: want a scope, a group and a kind, got "cluster core"`},
		{"empty line", "\n", `line 1: want a scope, a group and a kind, got ""`},
		{"scope", "Cluster core Node", `line 1: want "namespaced" or "cluster", got "Cluster"`},
		{"twice", "cluster g K\nnamespaced g K", `line 2: K stands in the table already`},
		{"no minors", "cluster g K v1", `line 1: want version=minors, got "v1"`},
		{"no version", "cluster g K =1.29", `line 1: want version=minors, got "=1.29"`},
		{"versions unsorted", "cluster g K v2=1.29 v1=1.29", `line 1: want the versions sorted, got v1 late`},
		{"version twice", "cluster g K v1=1.29 v1=1.30", `line 1: want the versions sorted, got v1 late`},
		{"major version", "cluster g K v1=2.0", `line 1: want a minor version such as 1.29, got "2.0"`},
		{"empty range", "cluster g K v1=1.29-", `line 1: want a minor version such as 1.29, got ""`},
		{"huge", "cluster g K v1=1.0-1.99999999999", `line 1: want a minor version such as 1.29, got "1.99999999999"`},
		{"range backwards", "cluster g K v1=1.30-1.29", `line 1: want minor versions ascending, got "1.30-1.29"`},
		{"ranges overlap", "cluster g K v1=1.29-1.30,1.30", `line 1: want minor versions ascending, got "1.29-1.30,1.30"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(tt.in)
			assert.EqualError(t, err, tt.want)
		})
	}
}

// resources is what an API server answers at /api/v1 and at
// /apis/GROUP/VERSION (k8s.io/apimachinery, pkg/apis/meta/v1/types.go,
// APIResourceList).
type resources struct {
	GroupVersion string
	Resources    []struct {
		// Name is the resource's, with a slash if it is a subresource.
		Name, Kind string
		Namespaced bool
	}
}

// Kubernetes' sources hold, beside the API description that the table is made
// from, what an API server of that version says of its resources. Both say the
// same. The sources are those in the Go module cache, if any.
func TestAgreesWithDiscovery(t *testing.T) {
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Skip("no Go command:", err)
	}
	sources := filepath.Join(strings.TrimSpace(string(cache)), "k8s.io", "kubernetes@")
	for _, minor := range Builtin().Versions() {
		t.Run(minor.String(), func(t *testing.T) {
			files, err := filepath.Glob(sources + "v" + minor.String() + ".*/api/discovery/api*__v*.json")
			require.NoError(t, err)
			if len(files) == 0 {
				t.Skip("its sources are not in the module cache")
			}
			want := map[string]Scope{}
			for _, file := range files {
				data, err := os.ReadFile(file)
				require.NoError(t, err)
				var r resources
				require.NoError(t, json.Unmarshal(data, &r), file)
				for _, resource := range r.Resources {
					if strings.Contains(resource.Name, "/") {
						continue
					}
					scope := Cluster
					if resource.Namespaced {
						scope = Namespaced
					}
					want[r.GroupVersion+" "+resource.Kind] = scope
				}
			}
			got := map[string]Scope{}
			for id, known := range Builtin().kinds {
				for _, s := range known.served {
					if slices.Contains(s.Minors, minor) {
						got[strings.TrimPrefix(id.group+"/"+s.Version, "/")+" "+id.kind] = known.scope
					}
				}
			}
			assert.Equal(t, want, got)
		})
	}
}

// FuzzParse holds that parsing never panics, that each line that is no comment
// gives one kind with a scope, and that versions and minors come out ascending.
func FuzzParse(f *testing.F) {
	f.Add(scopeTable)
	f.Add("cluster g K v1=1.13,1.29-1.31 v1beta1=1.29")
	f.Add("# a\nnamespaced core Pod")
	f.Fuzz(func(t *testing.T, table string) {
		k, err := parse(table)
		if err != nil {
			if k != nil || !strings.HasPrefix(err.Error(), "line ") {
				t.Fatalf("kinds %v, error %v", k, err)
			}
			return
		}
		lines := 0
		for line := range strings.Lines(table) {
			if !strings.HasPrefix(line, "#") {
				lines++
			}
		}
		require.Len(t, k.kinds, lines)
		for id, known := range k.kinds {
			require.NotEqual(t, Unknown, known.scope, id)
			for i, s := range known.served {
				require.True(t, i == 0 || known.served[i-1].Version < s.Version, id)
				require.NotEmpty(t, s.Minors, id)
				for i, m := range s.Minors {
					require.True(t, i == 0 || s.Minors[i-1] < m, id)
					require.True(t, slices.Contains(k.minors, m), id)
				}
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.SetBytes(int64(len(scopeTable)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parse(scopeTable); err != nil {
			b.Fatal(err)
		}
	}
}
