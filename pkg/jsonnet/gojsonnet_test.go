package jsonnet_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/jsonnet"
)

var calls = flag.Int("calls", 0, "compare the time of `N` calls of a VM with that of go-jsonnet's")

// platform is a program that evaluates the platform of this repository.
const platform = `
local config = import 'config.libsonnet';
local labels = import 'kubernetes/labels.libsonnet';
local namespace = import 'kubernetes/namespace.libsonnet';
local network = import 'kubernetes/network.libsonnet';
local rbac = import 'kubernetes/rbac.libsonnet';
local storage = import 'kubernetes/storage.libsonnet';
function(instance, platform='gke')
  local production = config.environments.production + { platform: platform, namespace: 'n-' + instance };
  {
    namespace: namespace.new(name=production.namespace, labels=labels.foundation(role='namespace', instance=labels.instance(production))),
    rbac: rbac.new(config=production),
    storage: storage.new(config=production),
    network: network.new(config=production),
  }
`

// template is the program of a service that has its library in it, of about 38 kB as many
// libraries are. A request asks for some of it.
func template() string {
	var code strings.Builder
	for i := range 100 {
		fmt.Fprintf(&code, `
// service%[1]d returns a Service with its labels, for one of the ports of the platform.
local service%[1]d = function(name, port=80%02[1]d, selector={}) {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: '%%s-%[1]d' %% name, labels: { app: name, part: 'part-%[1]d' } },
  spec: { ports: [{ name: 'http', port: port, targetPort: port + 1 }], selector: { app: name } + selector },
};
`, i)
	}
	return code.String() + `
function(instance, replicas=2) {
  [part.metadata.name]: part
  for part in [service1(instance), service20(instance, 99), service30(instance, selector={ a: 'b' })]
} + { replicas: replicas * std.length(instance), sum: std.foldl(function(a, b) a + b, std.range(1, replicas), 0) }
`
}

// engines are a VM and go-jsonnet's for a program: each returns the text for a TLA.
func engines(t testing.TB, code string) (ours, theirs func(instance string) string) {
	vm := newVM(t, jsonnet.Config{Importer: jsonnet.FS(os.DirFS("../.."), "lib", "vendor-jsonnet")})
	ours = func(instance string) string {
		result, err := vm.Eval(context.Background(), "main.jsonnet", code, jsonnet.Args{TLAs: map[string]jsonnet.Var{"instance": jsonnet.String(instance)}})
		require.NoError(t, err)
		b, err := result.JSON()
		require.NoError(t, err)
		return string(b)
	}
	other := gojsonnet.MakeVM()
	other.Importer(&gojsonnet.FileImporter{JPaths: []string{"../../vendor-jsonnet", "../../lib"}})
	theirs = func(instance string) string {
		other.TLAVar("instance", instance)
		s, err := other.EvaluateAnonymousSnippet("main.jsonnet", code)
		require.NoError(t, err)
		return s
	}
	return ours, theirs
}

// measured is a program that both engines evaluate, with the most of go-jsonnet's time that a
// VM may take for it.
type measured struct {
	code string
	most float64
	// part is the part of the calls that are enough, 10 for a tenth.
	part int
}

// programs are the programs to measure. For the text of the first, a VM pays once. The
// second is short; go-jsonnet's VM reads the files that it imports once and keeps their
// values.
func programs() map[string]measured {
	return map[string]measured{
		"template": {template(), 0.025, 1},
		"platform": {platform, 0.25, 10},
	}
}

// A VM gives the bytes of go-jsonnet's for other arguments in each call, in a small part of
// the time.
func TestAgainstGoJsonnet(t *testing.T) {
	for name, p := range programs() {
		t.Run(name, func(t *testing.T) {
			m := newMeter(t, p.code)
			n := max(3, *calls/p.part)
			for range n {
				m.call()
			}
			if *calls > 0 {
				t.Logf("%d calls: %v, of go-jsonnet %v: %.4f", n, m.ours, m.theirs, m.share())
				assert.LessOrEqual(t, m.share(), p.most)
			}
		})
	}
}

// BenchmarkVM measures calls with other arguments each time, and reports the share of the
// time of go-jsonnet's VM.
func BenchmarkVM(b *testing.B) {
	for name, p := range programs() {
		b.Run(name, func(b *testing.B) {
			m := newMeter(b, p.code)
			for b.Loop() {
				m.call()
			}
			b.ReportMetric(m.share(), "of-go-jsonnet")
			b.ReportMetric(float64(m.ours.Nanoseconds())/float64(m.n), "ns/mop")
			b.ReportMetric(float64(m.theirs.Nanoseconds())/float64(m.n), "ns/go-jsonnet")
		})
	}
}

// meter measures calls of both engines, which take turns.
type meter struct {
	t                    testing.TB
	n                    int
	ours, theirs         time.Duration
	evalOurs, evalTheirs func(string) string
}

func newMeter(t testing.TB, code string) *meter {
	m := &meter{t: t}
	m.evalOurs, m.evalTheirs = engines(t, code)
	return m
}

// call calls both engines with another argument than before.
func (m *meter) call() {
	instance := fmt.Sprint("i", m.n)
	begin := time.Now()
	got := m.evalOurs(instance)
	middle := time.Now()
	want := m.evalTheirs(instance)
	m.n, m.ours, m.theirs = m.n+1, m.ours+middle.Sub(begin), m.theirs+time.Since(middle)
	require.Equal(m.t, want, got)
}

// share returns the part of the time of go-jsonnet that a VM takes.
func (m *meter) share() float64 { return float64(m.ours) / float64(m.theirs) }
