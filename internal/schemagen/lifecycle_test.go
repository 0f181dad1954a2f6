package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLifecycleModules(t *testing.T) {
	assert.Equal(t, []string{"k8s.io/api@v0.29.6", "k8s.io/apiextensions-apiserver@v0.29.6", "k8s.io/kube-aggregator@v0.29.6"},
		lifecycleModulesOf(release{version: "v1.29.6", minor: 29}))

	releases := []release{{version: "v1.13.0", minor: 13, kinds: true}, {version: "v1.29.6", minor: 29}, {version: "v1.30.1", minor: 30}, {version: "v1.31.1", minor: 31}}
	var read []int
	for _, r := range releases {
		if hasLifecycles(r, releases) {
			read = append(read, r.minor)
		}
	}
	assert.Equal(t, []int{29, 31}, read)
}

const lifecycleSource = `package v1beta1
func (in *A) APILifecycleIntroduced() (major, minor int) { return 1, 5 }
func (in *A) APILifecycleDeprecated() (major, minor int) { return 1, 21 }
func (in *A) APILifecycleRemoved() (major, minor int) { return 1, 25 }
func (in *A) APILifecycleReplacement() schema.GroupVersionKind {
	return schema.GroupVersionKind{Group: "g", Version: "v1", Kind: "AList"}
}
func (in *AList) APILifecycleRemoved() (major, minor int) { return 1, 25 }
func (in *B) APILifecycleIntroduced() (major, minor int) { return 1, 30 }
`

func TestLifecyclesOfModule(t *testing.T) {
	dir := t.TempDir()
	pkg := filepath.Join(dir, "g", "v1beta1")
	require.NoError(t, os.MkdirAll(pkg, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(pkg, "register.go"), []byte("package v1beta1\n\nconst GroupName = \"g.io\"\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(pkg, "zz_generated.prerelease-lifecycle.go"), []byte(lifecycleSource), 0o644))
	l := lifecycles{}
	require.NoError(t, l.addModule(dir))
	assert.Equal(t, lifecycle{21, 25, gvk{"g", "v1", "AList"}}, l[gvk{"g.io", "v1beta1", "A"}])

	require.NoError(t, os.WriteFile(filepath.Join(pkg, "register.go"), []byte("package v1beta1\n"), 0o644))
	assert.ErrorContains(t, l.addModule(dir), "register.go: want a constant GroupName, got none")
}

func TestLifecyclesRefuse(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"minor", `func (in *A) APILifecycleRemoved() (major, minor int) { return x, y }`, "g/v1 A: cannot read what APILifecycleRemoved returns"},
		{"major", `func (in *A) APILifecycleDeprecated() (major, minor int) { return 2, 1 }`, "g/v1 A: cannot read what APILifecycleDeprecated returns"},
		{"replacement", `func (in *A) APILifecycleReplacement() schema.GroupVersionKind { return replacement }`, "g/v1 A: cannot read what APILifecycleReplacement returns"},
		{"empty body", `func (in *A) APILifecycleRemoved() (major, minor int) {}`, "g/v1 A: cannot read what APILifecycleRemoved returns"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.EqualError(t, lifecycles{}.addFile("g", "v1", []byte("package v1\n"+tt.in)), tt.want)
		})
	}
	assert.Error(t, lifecycles{}.addFile("g", "v1", []byte("func")))
}

// The API takes precedence over the types.
func TestLifecycleTable(t *testing.T) {
	served := table{
		{"g", "A"}: {minors: map[string][]int{"v1": {29, 30, 31}, "v1beta1": {13}, "v1beta2": {13, 29, 30, 31}, "v1alpha1": {29}, "v1alpha2": {30, 31}}},
	}
	l := lifecycles{
		{"g", "v1beta1", "A"}:     {21, 25, gvk{"", "v1", "AList"}},
		{"g", "v1beta2", "A"}:     {deprecated: 22, removed: 31},
		{"g", "v1alpha1", "A"}:    {deprecated: 30, removed: 33},
		{"g", "v1alpha2", "A"}:    {deprecated: 33, removed: 36},
		{"g", "v1beta1", "AList"}: {removed: 25},
	}
	untold, err := parseUntold(untoldFile)
	require.NoError(t, err)
	got := l.table(served, untold, 29, 31)
	_, rows, _ := strings.Cut(got, "name.\n")
	var own []string
	for row := range strings.Lines(rows) {
		if strings.HasPrefix(row, "g ") {
			own = append(own, row)
		}
	}
	assert.Equal(t, []string{
		"g A v1alpha1 deprecated=1.30 removed=1.30\n",
		"g A v1alpha2 deprecated=1.33 removed=1.36\n",
		"g A v1beta1 deprecated=1.21 removed=1.25 replacement=core/v1/A\n",
		"g A v1beta2 deprecated=1.22\n",
	}, own)
	assert.Contains(t, rows, "core Endpoints v1 deprecated=1.33 replacement=discovery.k8s.io/v1/EndpointSlice\n", "of the untold")
}

func TestUntoldRefused(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"short", "core A", `want a group, a kind, a version and facts, got "core A"`},
		{"no version", "core A v1 removed=2", `want a version 1.MINOR, got "removed=2"`},
		{"no kind", "core A v1 replacement=B", `want GROUP/VERSION/KIND, got "B"`},
		{"no such fact", "core A v1 born=1.29", `want deprecated, removed or replacement, got "born=1.29"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseUntold(tt.in)
			assert.EqualError(t, err, tt.want)
		})
	}
}
