package render_test

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

func files(texts map[string]string) *project.Project {
	m := fstest.MapFS{}
	for name, text := range texts {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return project.New(m)
}

func find(t *testing.T, p *project.Project, name string) project.Environment {
	t.Helper()
	m, err := p.Environment(t.Context(), name, ".")
	require.NoError(t, err)
	return m.Environment
}

func TestRender(t *testing.T) {
	p := files(map[string]string{
		"lib/pod.libsonnet":             `function(name) { apiVersion: 'v1', kind: 'Pod', metadata: { name: name } }`,
		"environments/dev/main.jsonnet": `local pod = import 'pod.libsonnet'; function(last='z') { pods: [pod(last), pod('a')], ns: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } } }`,
	})
	r := render.New(p, render.Options{TLAs: map[string]eval.Variable{"last": eval.String("b")}})
	res, err := r.Render(t.Context(), find(t, p, "dev"))
	require.NoError(t, err)
	var ids []string
	for _, o := range res.Objects {
		ids = append(ids, o.ID().String()+" at "+o.Path().String())
	}
	assert.Equal(t, []string{"Namespace n at ns", "Pod a at pods[1]", "Pod b at pods[0]"}, ids)
	assert.Equal(t, []string{"environments/dev/main.jsonnet", "lib/pod.libsonnet"}, res.Read.Files)
}

// Render reports all faults, with the file, and returns no objects.
func TestRenderFaults(t *testing.T) {
	p := files(map[string]string{"bad/main.jsonnet": `{ a: 1, b: [null], c: { kind: 'Pod' }, d: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } } }`})
	res, err := render.New(p, render.Options{}).Render(t.Context(), find(t, p, "bad"))
	assert.Empty(t, res)
	l, ok := diag.From(err)
	require.True(t, ok)
	var b strings.Builder
	require.NoError(t, diag.Write(&b, l, diag.Options{}))
	assert.Equal(t, `a: want an object, got number 1
    bad/main.jsonnet:1:6
    hint: hide what is no Kubernetes object with a double colon (::)
b[0]: want an object, got null
    bad/main.jsonnet:1:13
    hint: leave the element out where the condition is false, as [x for x in xs if x != null] does
c.apiVersion: want a non-empty string, got none
    bad/main.jsonnet:1:23
c.metadata: want an object, got none
    bad/main.jsonnet:1:23
`, b.String())
}

func TestRenderIsDeterministic(t *testing.T) {
	p := files(map[string]string{"x/main.jsonnet": `{ ['k%d' % i]: { apiVersion: 'v%d' % (i % 3), kind: 'Pod', metadata: { generateName: 'a' } } for i in std.range(1, 50) }`})
	var first []byte
	for range 10 {
		res, err := render.New(p, render.Options{}).Render(t.Context(), find(t, p, "x"))
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, manifest.WriteYAML(t.Context(), &b, res.Objects))
		if first == nil {
			first = b.Bytes()
		}
		require.Equal(t, string(first), b.String())
	}
}

func TestRenderCancelled(t *testing.T) {
	p := files(map[string]string{"x/main.jsonnet": `{}`})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := render.New(p, render.Options{}).Render(ctx, find(t, p, "x"))
	assert.ErrorIs(t, err, context.Canceled)
}

// Programs that render must not link the Kubernetes modules.
func TestLinksNoKubernetes(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	for _, pkg := range strings.Fields(string(out)) {
		assert.False(t, strings.HasPrefix(pkg, "k8s.io/"), pkg)
	}
}

func Example() {
	p, err := project.Find("../..", project.Options{})
	if err != nil {
		panic(err)
	}
	env, err := p.Environment(context.Background(), "environments/production", ".")
	if err != nil {
		panic(err)
	}
	r := render.New(p, render.Options{TLAs: map[string]eval.Variable{"platform": eval.String("gke")}})
	res, err := r.Render(context.Background(), env.Environment)
	if err != nil {
		panic(err)
	}
	for _, o := range res.Objects {
		if id := o.ID(); id.Kind == "StorageClass" {
			provisioner, _ := o.Lookup("provisioner")
			fmt.Println(id, provisioner)
		}
	}
	// Output: StorageClass.storage.k8s.io mop-fast-ssd pd.csi.storage.gke.io
}
