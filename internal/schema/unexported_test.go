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

	"github.com/mop-platform/mop/internal/pace"
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
		{"major version", "cluster g K v1=2.0", `line 1: want a minor version 1.NUMBER, got "2.0"`},
		{"empty range", "cluster g K v1=1.29-", `line 1: want a minor version 1.NUMBER, got ""`},
		{"huge", "cluster g K v1=1.0-1.99999999999", `line 1: want a minor version 1.NUMBER, got "1.99999999999"`},
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

// resources is the answer of an API server at /api/v1 and at /apis/GROUP/VERSION
// (k8s.io/apimachinery, pkg/apis/meta/v1/types.go, APIResourceList).
type resources struct {
	GroupVersion string
	Resources    []struct {
		// Name is the name of the resource, with a slash for a subresource.
		Name, Kind string
		Namespaced bool
	}
}

// Kubernetes' sources have the API description that the table is made from, and the lists
// of resources that an API server of that version returns. Both agree. The sources are
// those in the Go module cache, if any.
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

// Every kind has a schema in each minor version that serves it, with the fields
// that all objects have.
func TestBuiltinKindsHaveSchemas(t *testing.T) {
	for _, minor := range Minors() {
		doc, err := Open(minor)
		require.NoError(t, err)
		for id, known := range Builtin().kinds {
			for _, served := range known.served {
				if !slices.Contains(served.Minors, minor) {
					continue
				}
				s, ok := doc.Kind(id.group, served.Version, id.kind)
				require.True(t, ok, "%v %s in %s", id, served.Version, minor)
				for _, field := range []string{"apiVersion", "kind", "metadata"} {
					_, ok := s.Property(field)
					assert.True(t, ok, "%s of %v %s in %s", field, id, served.Version, minor)
				}
			}
		}
	}
}

// encodedDefinitions is the file that internal/schemagen writes in its tests, too.
const encodedDefinitions = "" +
	"\x02\x1d\x1e" + // 1.29 and 1.30
	"\x0d" + "\x04type" + "\x06object" + "\x0bdescription" + "\x0aproperties" + "\x01b" + "\x04$ref" + "\x01c" +
	"\x1fx-kubernetes-group-version-kind" + "\x00" + "\x02v1" + "\x01A" + "\x06string" + "\x01a" +
	// a, in the first of them: type, description, properties, kinds.
	"\x0c\x01\x10" + "\x04" + "\x00\x01" + "\x02\x01" + "\x03\x01" + "\x04\x01\x05\x06" + "\x07\x01\x08\x09\x0a" +
	// c, in both: type.
	"\x06\x03\x03" + "\x01\x00\x0b"

func TestDecoder(t *testing.T) {
	d := newDecoder([]byte(encodedDefinitions))
	require.NoError(t, d.err)
	assert.Equal(t, []Minor{29, 30}, d.minors)
	doc := d.definitions(29)
	require.NoError(t, d.err)
	a := &Schema{
		Name:        "a",
		Type:        "object",
		Properties:  []Property{{"b", &Schema{Ref: "c", document: doc}}},
		Kinds:       []GVK{{"", "v1", "A"}},
		document:    doc,
		description: 1,
	}
	assert.Equal(t, map[string]*Schema{"a": a, "c": {Name: "c", Type: "string", document: doc}}, doc.definitions)
	assert.Equal(t, map[GVK]*Schema{{"", "v1", "A"}: a}, doc.kinds)
	assert.Equal(t, []string{"a", "c"}, doc.Names())

	d = newDecoder([]byte(encodedDefinitions))
	doc = d.definitions(30)
	require.NoError(t, d.err)
	assert.Equal(t, []string{"c"}, doc.Names(), "those of other versions are passed over")
}

func TestDecoderErrors(t *testing.T) {
	const head = "\x01\x1d" + "\x05" + "\x01a" + "\x01b" + "\x04type" + "\x0aproperties" + "\x05items"
	tests := []struct{ name, in, want string }{
		{"nothing", "", "want a number, got none"},
		{"no strings", "\x01\x1d", "want a number, got none"},
		{"half a number", "\x01\x80", "want a number, got none"},
		{"a number too large", "\x01\xff\xff\xff\xff\xff\x01\x00", "want a number, got none"},
		{"a string cut off", "\x01\x1d\x01\x05type", "want 5 bytes or more, got 4"},
		{"more minors than bytes", "\x09\x1d\x1e", "want 9 bytes or more, got 2"},
		{"no such string", head + "\x05\x01\x01\x00", "want one of 5 strings, got number 5"},
		{"a schema cut off", head + "\x00\x01\x00", "want a number, got none"},
		{"size beyond the end", head + "\x00\x02\x09\x00", "want 9 bytes or more, got 1"},
		{"no keyword", head + "\x00\x01\x02\x01\x01", `want a keyword, got "b"`},
		{"definition twice", head + "\x00\x01\x01\x00" + "\x00\x01\x01\x00", "want the names sorted, got a late"},
		{"definitions unsorted", head + "\x01\x01\x01\x00" + "\x00\x01\x01\x00", "want the names sorted, got a late"},
		{"property twice", head + "\x00\x01\x07\x01\x03\x02\x01\x00\x01\x00", "want the properties sorted, got b late"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDecoder([]byte(tt.in))
			d.minors = []Minor{29}
			d.definitions(29)
			assert.EqualError(t, d.err, tt.want)
		})
	}
}

// FuzzDecoder checks that decoding never panics, and that definitions and kinds are found,
// and properties by their names.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte(encodedDefinitions))
	f.Fuzz(func(t *testing.T, file []byte) {
		defer pace.Hold(t, len(file))()
		header := newDecoder(file)
		for _, m := range header.minors[:min(2, len(header.minors))] {
			d := newDecoder(file)
			doc := d.definitions(m)
			if d.err != nil {
				continue
			}
			require.Len(t, doc.definitions, len(doc.names))
			for _, name := range doc.names {
				s, ok := doc.Definition(name)
				require.True(t, ok, name)
				for _, k := range s.Kinds {
					_, ok := doc.Kind(k.Group, k.Version, k.Kind)
					require.True(t, ok, k)
				}
				for _, p := range s.Properties {
					found, ok := s.Property(p.Name)
					require.True(t, ok, p.Name)
					require.Same(t, p.Schema, found)
				}
			}
		}
	})
}

// FuzzParse checks that parsing never panics, that each line that is no comment gives one
// kind with a scope, and that versions and minors are ascending.
func FuzzParse(f *testing.F) {
	f.Add(scopeTable)
	f.Add("cluster g K v1=1.13,1.29-1.31 v1beta1=1.29")
	f.Add("# a\nnamespaced core Pod")
	f.Fuzz(func(t *testing.T, table string) {
		defer pace.Hold(t, len(table))()
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
