package schema

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLifecycle(t *testing.T) {
	tests := []struct {
		name string
		of   GVK
		want Lifecycle
		ok   bool
	}{
		{"gone", GVK{"policy", "v1beta1", "PodDisruptionBudget"},
			Lifecycle{21, 25, GVK{"policy", "v1", "PodDisruptionBudget"}}, true},
		{"types gone too", GVK{"autoscaling", "v2beta2", "HorizontalPodAutoscaler"},
			Lifecycle{23, 26, GVK{"autoscaling", "v2", "HorizontalPodAutoscaler"}}, true},
		{"never in one of the versions read", GVK{"discovery.k8s.io", "v1beta1", "EndpointSlice"},
			Lifecycle{21, 25, GVK{"discovery.k8s.io", "v1", "EndpointSlice"}}, true},
		{"gone earlier than its types said", GVK{"networking.k8s.io", "v1alpha1", "ServiceCIDR"}, Lifecycle{30, 31, GVK{}}, true},
		{"gone and never deprecated", GVK{"scheduling.k8s.io", "v1alpha1", "Workload"}, Lifecycle{Removed: 36}, true},
		{"stated by its strategy alone", GVK{"", "v1", "Endpoints"},
			Lifecycle{Deprecated: 33, Replacement: GVK{"discovery.k8s.io", "v1", "EndpointSlice"}}, true},
		{"a list is no replacement", GVK{"networking.k8s.io", "v1beta1", "IngressClass"},
			Lifecycle{19, 22, GVK{"networking.k8s.io", "v1", "IngressClass"}}, true},
		{"here to stay", GVK{"apps", "v1", "Deployment"}, Lifecycle{}, false},
		{"unknown", GVK{"example.org", "v1", "Deployment"}, Lifecycle{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Builtin().Lifecycle(tt.of)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.ok, ok)
		})
	}
	_, ok := new(Kinds).Lifecycle(GVK{"", "v1", "Endpoints"})
	assert.False(t, ok, "the zero Kinds knows none")
}

// A version of a kind is served up to the minor version that removes it.
func TestLifecyclesAgreeWithServed(t *testing.T) {
	k := Builtin()
	newest := slices.Max(k.Versions())
	for v, l := range lifecycles() {
		assert.Contains(t, k.kinds, groupKind{v.Group, v.Kind})
		assert.NotEqual(t, Lifecycle{}, l, v)
		for m := Minor(29); m <= newest; m++ {
			if l.Removed != 0 && l.Removed <= m {
				assert.False(t, k.Serves(v, m), "%v in %v", v, m)
			}
		}
		if l.Removed > newest {
			assert.True(t, k.Serves(v, newest), v)
		}
	}
}

func TestInstead(t *testing.T) {
	tests := []struct {
		name string
		of   GVK
		on   Minor
		want GVK
	}{
		{"replacement", GVK{"extensions", "v1beta1", "Ingress"}, 29, GVK{"networking.k8s.io", "v1", "Ingress"}},
		{"replacement of a replacement", GVK{"flowcontrol.apiserver.k8s.io", "v1beta1", "FlowSchema"}, 37, GVK{"flowcontrol.apiserver.k8s.io", "v1", "FlowSchema"}},
		{"the replacement while it is there", GVK{"flowcontrol.apiserver.k8s.io", "v1beta1", "FlowSchema"}, 31, GVK{"flowcontrol.apiserver.k8s.io", "v1beta3", "FlowSchema"}},
		{"the replacement is still to come", GVK{"storage.k8s.io", "v1alpha1", "VolumeAttributesClass"}, 32, GVK{"storage.k8s.io", "v1beta1", "VolumeAttributesClass"}},
		{"another version of the kind", GVK{"events.k8s.io", "v1beta1", "Event"}, 29, GVK{"events.k8s.io", "v1", "Event"}},
		{"nothing", GVK{"policy", "v1beta1", "PodSecurityPolicy"}, 29, GVK{}},
		{"nothing, by way of a replacement", GVK{"extensions", "v1beta1", "PodSecurityPolicy"}, 29, GVK{}},
		{"unknown", GVK{"example.org", "v1", "A"}, 29, GVK{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Builtin().Instead(tt.of, tt.on)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.want != GVK{}, ok)
		})
	}
}

func TestAt(t *testing.T) {
	k, err := parse("namespaced g B v1=1.29 v1alpha1=1.29-1.30 v1beta1=1.29 v1beta10=1.29 v2=1.29\nnamespaced core A v1=1.30\ncluster g A v1=1.29\ncluster m N")
	require.NoError(t, err)
	assert.Equal(t, []GVK{{"g", "v1", "A"}, {"g", "v2", "B"}, {"g", "v1", "B"}, {"g", "v1beta10", "B"}, {"g", "v1beta1", "B"}, {"g", "v1alpha1", "B"}}, k.At(29))
	assert.Equal(t, []GVK{{"", "v1", "A"}, {"g", "v1alpha1", "B"}}, k.At(30))
}

func TestParseLifecycles(t *testing.T) {
	got, err := parseLifecycles("# comment\ncore A v1 deprecated=1.33 replacement=core/v2/B\ng C v1beta1 removed=1.40\n")
	require.NoError(t, err)
	assert.Equal(t, map[GVK]Lifecycle{
		{"", "v1", "A"}:       {Deprecated: 33, Replacement: GVK{"", "v2", "B"}},
		{"g", "v1beta1", "C"}: {Removed: 40},
	}, got)

	tests := []struct{ name, in, want string }{
		{"no fact", "# a\ncore A v1", `line 2: want a group, a kind, a version and a fact, got "core A v1"`},
		{"another fact", "core A v1 added=1.2", `line 1: want deprecated=, removed= or replacement=, got "added=1.2"`},
		{"no minor", "core A v1 removed=2", `line 1: want a minor version 1.NUMBER, got "2"`},
		{"replacement", "core A v1 replacement=g/v1", `line 1: want GROUP/VERSION/KIND, got "g/v1"`},
		{"twice", "g A v1 removed=1.2\ng A v1 removed=1.2", `line 2: g/v1 A stands in the table already`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseLifecycles(tt.in)
			assert.EqualError(t, err, tt.want)
		})
	}
}
