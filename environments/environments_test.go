// Package environments_test tests the rendered environments: the number and the bytes of
// their objects, the connections that their policies allow, and the tables about them in
// the documents.
package environments_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/manifest"
)

var update = flag.Bool("update", false, "rewrite golden files and generated tables")

var (
	environments = []string{"dev", "staging", "production"}
	platforms    = []string{"gke", "eks", "aks", "local"}
	components   = []string{"obi", "alloy", "tempo", "mimir", "loki", "grafana"}
	namespaces   = map[string]string{"dev": "observability-dev", "staging": "observability-staging", "production": "observability"}
	// ownPlatform is the default platform of each environment.
	ownPlatform = map[string]string{"dev": "local", "staging": "eks", "production": "eks"}
)

// renderEnvironment returns the objects of an environment, on its default platform if
// platform is "".
func renderEnvironment(t *testing.T, name, platform string) []manifest.Object {
	t.Helper()
	return renderBy(t, eval.Interpreter{}, name, platform)
}

func renderBy(t *testing.T, i eval.Interpreter, name, platform string) []manifest.Object {
	t.Helper()
	p, err := project.Find(".", project.Options{})
	require.NoError(t, err)
	env, err := p.Environment(t.Context(), "environments/"+name, ".")
	require.NoError(t, err)
	o := render.Options{Interpreter: i}
	if platform != "" {
		o.TLAs = map[string]eval.Variable{"platform": eval.String(platform)}
	}
	res, err := render.New(p, o).Render(t.Context(), env.Environment)
	require.NoError(t, err)
	return res.Objects
}

func lookup[T any](t *testing.T, o manifest.Object, fields ...string) T {
	t.Helper()
	v, ok := o.Lookup(fields...)
	require.True(t, ok, "%s has no %s", o.ID(), strings.Join(fields, "."))
	typed, ok := v.(T)
	require.True(t, ok, "%s: %s is %T", o.ID(), strings.Join(fields, "."), v)
	return typed
}

// each runs f for every environment on every platform.
func each(t *testing.T, f func(t *testing.T, env string, objects []manifest.Object)) {
	for _, env := range environments {
		for _, platform := range platforms {
			t.Run(env+"/"+platform, func(t *testing.T) {
				t.Parallel()
				f(t, env, renderEnvironment(t, env, platform))
			})
		}
	}
}

func TestCensus(t *testing.T) {
	each(t, func(t *testing.T, env string, objects []manifest.Object) {
		namespace := namespaces[env]
		class := map[string]string{"dev": "mop-standard", "staging": "mop-standard", "production": "mop-fast-ssd"}[env]
		want := []string{"v1 Namespace " + namespace, "storage.k8s.io/v1 StorageClass " + class}
		for _, sa := range []string{"obi-collector", "alloy", "tempo", "mimir", "loki", "grafana"} {
			want = append(want, "v1 ServiceAccount "+namespace+"/"+sa)
		}
		for _, c := range []string{"obi", "alloy"} {
			want = append(want,
				"rbac.authorization.k8s.io/v1 ClusterRole mop-"+env+"-"+c,
				"rbac.authorization.k8s.io/v1 ClusterRoleBinding mop-"+env+"-"+c)
		}
		for _, c := range []string{"tempo", "mimir", "loki", "grafana"} {
			want = append(want,
				"rbac.authorization.k8s.io/v1 Role "+namespace+"/"+c,
				"rbac.authorization.k8s.io/v1 RoleBinding "+namespace+"/"+c)
		}
		for _, c := range append([]string{"default-deny-all"}, components...) {
			want = append(want, "networking.k8s.io/v1 NetworkPolicy "+namespace+"/"+c)
		}
		var got []string
		for _, o := range objects {
			id := o.ID()
			got = append(got, o.APIVersion()+" "+strings.Replace(id.String(), "."+id.Group, "", 1))
		}
		assert.Len(t, got, 27)
		assert.ElementsMatch(t, want, got)
	})
}

func TestLabels(t *testing.T) {
	each(t, func(t *testing.T, env string, objects []manifest.Object) {
		for _, o := range objects {
			labels := lookup[map[string]any](t, o, "metadata", "labels")
			for _, key := range []string{"name", "instance", "version", "component", "part-of", "managed-by"} {
				assert.NotEmpty(t, labels["app.kubernetes.io/"+key], "%s: %s", o.ID(), key)
			}
			// The environments of a cluster share a StorageClass.
			if o.ID().Kind != "StorageClass" {
				assert.Equal(t, "mop-"+env, labels["app.kubernetes.io/instance"], o.ID().String())
			}
		}
	})
}

func TestNoObjectIsSharedByTwoEnvironmentsButTheStorageClass(t *testing.T) {
	for _, platform := range platforms {
		t.Run(platform, func(t *testing.T) {
			seen := map[manifest.ID]manifest.Object{}
			for _, env := range environments {
				for _, o := range renderEnvironment(t, env, platform) {
					other, ok := seen[o.ID()]
					if !ok {
						seen[o.ID()] = o
						continue
					}
					assert.Equal(t, "StorageClass", o.ID().Kind, o.ID().String())
					want, err := other.YAML(t.Context())
					require.NoError(t, err)
					got, err := o.YAML(t.Context())
					require.NoError(t, err)
					assert.Equal(t, string(want), string(got), "the shared class must be one and the same")
				}
			}
		})
	}
}

// No role permits writing, reading secrets or access to the nodes.
func TestPrivileges(t *testing.T) {
	mounts := map[string]bool{"obi-collector": true, "alloy": true}
	each(t, func(t *testing.T, _ string, objects []manifest.Object) {
		for _, o := range objects {
			switch o.ID().Kind {
			case "ServiceAccount":
				assert.Equal(t, mounts[o.ID().Name], lookup[bool](t, o, "automountServiceAccountToken"), o.ID().Name)
			case "Role", "ClusterRole":
				for _, r := range rules(t, o) {
					assert.Subset(t, []string{"get", "list", "watch"}, r.Verbs, o.ID().String())
					for _, resource := range r.Resources {
						assert.NotContains(t, []string{"secrets", "nodes/proxy", "pods/exec", "pods/attach", "pods/portforward", "*"}, resource, o.ID().String())
					}
					assert.NotContains(t, r.APIGroups, "*")
				}
			}
		}
	})
}

// TestGolden compares the bytes of each environment on its default platform, and of the
// objects that differ on the other platforms.
func TestGolden(t *testing.T) {
	for _, env := range environments {
		own := renderEnvironment(t, env, "")
		golden(t, env+".yaml", own)
		ownYAML := map[manifest.ID]string{}
		for _, o := range own {
			b, err := o.YAML(t.Context())
			require.NoError(t, err)
			ownYAML[o.ID()] = string(b)
		}
		for _, platform := range platforms {
			var differing []manifest.Object
			for _, o := range renderEnvironment(t, env, platform) {
				b, err := o.YAML(t.Context())
				require.NoError(t, err)
				if ownYAML[o.ID()] != string(b) {
					differing = append(differing, o)
				}
			}
			if platform == ownPlatform[env] {
				assert.Empty(t, differing, "%s is the default platform of %s", platform, env)
				continue
			}
			golden(t, env+"."+platform+".yaml", differing)
		}
	}
	files, err := filepath.Glob("testdata/*.yaml")
	require.NoError(t, err)
	assert.Len(t, files, len(environments)*len(platforms), "a golden file that no test compares")
}

func golden(t *testing.T, name string, objects []manifest.Object) {
	t.Helper()
	var got bytes.Buffer
	require.NoError(t, manifest.WriteYAML(t.Context(), &got, objects))
	compare(t, filepath.Join("testdata", name), got.Bytes())
}

// compare compares got with a file, or writes it with -update.
func compare(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
		require.NoError(t, os.WriteFile(file, got, 0o666))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run the test with -update to write it")
	if !bytes.Equal(want, got) {
		t.Errorf("%s is not what the environment renders (-update rewrites it)\n%s", file, diff.Diff(file, want, "rendered", got))
	}
}

type rule struct {
	APIGroups       []string `json:"apiGroups"`
	Resources       []string `json:"resources"`
	NonResourceURLs []string `json:"nonResourceURLs"`
	Verbs           []string `json:"verbs"`
}

func rules(t *testing.T, role manifest.Object) []rule {
	t.Helper()
	var r struct{ Rules []rule }
	require.NoError(t, role.Decode(&r))
	return r.Rules
}

func (r rule) String() string {
	what := r.NonResourceURLs
	for _, resource := range r.Resources {
		for _, group := range r.APIGroups {
			if group != "" {
				resource += "." + group
			}
		}
		what = append(slices.Clip(what), resource)
	}
	return fmt.Sprintf("%s: %s", strings.Join(r.Verbs, ", "), strings.Join(what, ", "))
}
