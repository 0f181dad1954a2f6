package environments_test

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/manifest"
)

// flow is a row of the table of flows. Each endpoint of from may open connections to each of
// to on these ports.
type flow struct {
	from, to []string
	ports    []policyPort
	// when reports whether an environment has the flow; nil means that all have it.
	when func(env string) bool
	// note describes the condition of when.
	note string
}

func tcp(ports ...int) []policyPort { return portsOf("TCP", ports) }

func both(ports ...int) []policyPort { return append(portsOf("UDP", ports), portsOf("TCP", ports)...) }

func portsOf(protocol string, ports []int) []policyPort {
	var out []policyPort
	for _, p := range ports {
		out = append(out, policyPort{protocol, p})
	}
	return out
}

func notDev(env string) bool { return env != "dev" }

const (
	replicas = "several replicas"
	s3       = "storage on S3"
)

// pods stand for the pods of all namespaces.
var pods = []string{"application", "kube-dns", "ingress controller"}

// flows are the connections that the environments must allow; they may allow no others. The
// list repeats the libraries on purpose.
var flows = []flow{
	{from: components, to: []string{"kube-dns", "node-local dns"}, ports: both(53)},
	{from: append([]string{"obi"}, pods...), to: []string{"alloy"}, ports: tcp(4317, 4318)},
	{from: []string{"alloy"}, to: pods, ports: []policyPort{{"TCP", 0}}},
	// Alloy is a pod itself, so the two rows above about all pods allow this.
	{from: []string{"alloy"}, to: []string{"alloy"}, ports: tcp(4317, 4318)},
	{from: []string{"obi", "alloy"}, to: []string{"api server"}, ports: tcp(443, 6443)},
	{from: []string{"alloy"}, to: []string{"node"}, ports: tcp(10250)},
	{from: []string{"alloy"}, to: []string{"tempo"}, ports: tcp(4317, 3200)},
	{from: []string{"alloy"}, to: []string{"mimir"}, ports: tcp(8080)},
	{from: []string{"alloy"}, to: []string{"loki"}, ports: tcp(3100)},
	{from: []string{"alloy"}, to: []string{"obi"}, ports: tcp(9090)},
	{from: []string{"alloy"}, to: []string{"grafana"}, ports: tcp(3000)},
	{from: []string{"grafana"}, to: []string{"tempo"}, ports: tcp(3200)},
	{from: []string{"grafana"}, to: []string{"mimir"}, ports: tcp(8080)},
	{from: []string{"grafana"}, to: []string{"loki"}, ports: tcp(3100)},
	{from: []string{"ingress controller"}, to: []string{"grafana"}, ports: tcp(3000)},
	{from: []string{"tempo"}, to: []string{"mimir"}, ports: tcp(8080)},
	{from: []string{"tempo"}, to: []string{"tempo"}, ports: tcp(7946, 9095), when: notDev, note: replicas},
	{from: []string{"mimir"}, to: []string{"mimir"}, ports: tcp(7946, 9095), when: notDev, note: replicas},
	{from: []string{"loki"}, to: []string{"loki"}, ports: tcp(7946, 9095), when: notDev, note: replicas},
	{from: []string{"alloy"}, to: []string{"alloy"}, ports: tcp(12345), when: notDev, note: replicas},
	{from: []string{"grafana"}, to: []string{"grafana"}, ports: both(9094), when: notDev, note: replicas},
	{from: []string{"grafana"}, to: []string{"database"}, ports: tcp(5432), when: notDev, note: replicas},
	{from: []string{"tempo", "mimir", "loki"}, to: []string{"object storage"}, ports: tcp(443), when: notDev, note: s3},
}

// outsiders are the endpoints that are no components. Their addresses distinguish the CIDR
// lists of the configuration.
var outsiders = []endpoint{
	{name: "kube-dns", namespace: "kube-system", labels: map[string]string{"k8s-app": "kube-dns"}},
	{name: "application", namespace: "shop", labels: map[string]string{"app": "web"}},
	{name: "ingress controller", namespace: "ingress-nginx", labels: map[string]string{"app": "controller"}},
	{name: "node-local dns", address: netip.MustParseAddr("169.254.20.10")},
	{name: "api server", address: netip.MustParseAddr("34.1.2.3")},
	{name: "node", address: netip.MustParseAddr("100.64.1.2")},
	{name: "database", address: netip.MustParseAddr("10.1.2.3")},
	{name: "object storage", address: netip.MustParseAddr("52.1.2.3")},
	{name: "metadata service", address: netip.MustParseAddr("169.254.169.254")},
}

// overlaps reports whether a connection is allowed because CIDR lists of the configuration
// overlap. A policy cannot distinguish the API server's address from object storage, nor a
// node from a database on a private network.
func overlaps(env string, f, t string, p policyPort) bool {
	public := slices.Contains([]string{"api server", "object storage", "node", "database", "node-local dns"}, t)
	private := slices.Contains([]string{"node", "database"}, t)
	switch {
	case slices.Contains([]string{"obi", "alloy"}, f):
		return public && slices.Contains(tcp(443, 6443), p) || f == "alloy" && private && p == policyPort{"TCP", 10250}
	case slices.Contains([]string{"tempo", "mimir", "loki"}, f):
		return notDev(env) && public && p == policyPort{"TCP", 443}
	}
	return false
}

func endpoints(env string) []endpoint {
	namespace := namespaces[env]
	var out []endpoint
	for _, c := range components {
		out = append(out, endpoint{name: c, namespace: namespace, labels: map[string]string{
			"app.kubernetes.io/name": c, "app.kubernetes.io/instance": "mop-" + env, "app.kubernetes.io/version": "any",
		}})
	}
	// Pods in the namespace that are no components, or have another instance's labels, may
	// have no connections.
	out = append(out,
		endpoint{name: "stranger", namespace: namespace, labels: map[string]string{"app": "stranger"}},
		endpoint{name: "impostor", namespace: namespace, labels: map[string]string{"app.kubernetes.io/name": "grafana", "app.kubernetes.io/instance": "other"}},
	)
	out = append(out, outsiders...)
	for i, e := range out {
		out[i].namespaceLabels = map[string]string{"kubernetes.io/metadata.name": e.namespace}
	}
	return out
}

// probes returns the ports to try: all ports in the table, their neighbours, and some
// unused ports.
func probes() []policyPort {
	var out []policyPort
	for _, f := range flows {
		for _, p := range f.ports {
			if p.Port != 0 {
				out = append(out, both(p.Port, p.Port+1)...)
			}
		}
	}
	out = append(out, both(22, 80, 2379, 6060, 9009, 9411, 50055)...)
	slices.SortFunc(out, func(a, b policyPort) int {
		return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.Protocol, b.Protocol))
	})
	return slices.Compact(out)
}

func expected(env, from, to string, p policyPort) bool {
	for _, f := range flows {
		if f.when != nil && !f.when(env) || !slices.Contains(f.from, from) || !slices.Contains(f.to, to) {
			continue
		}
		for _, fp := range f.ports {
			if fp.Protocol == p.Protocol && (fp.Port == 0 || fp.Port == p.Port) {
				return true
			}
		}
	}
	return overlaps(env, from, to, p)
}

// TestFlows tries every pair of endpoints on every port. The policies allow exactly the
// connections in the table.
func TestFlows(t *testing.T) {
	each(t, func(t *testing.T, env string, objects []manifest.Object) {
		ps := policies(t, objects)
		require.Len(t, ps, 7)
		tried := 0
		for _, from := range endpoints(env) {
			for _, to := range endpoints(env) {
				if !involvesComponent(from) && !involvesComponent(to) {
					continue
				}
				for _, p := range probes() {
					tried++
					want := expected(env, from.name, to.name, p)
					if got := allowed(ps, from, to, p); got != want {
						t.Errorf("%s -> %s %s %d: want allowed %t, got %t", from.name, to.name, p.Protocol, p.Port, want, got)
					}
				}
			}
		}
		assert.Greater(t, tried, 10000)
	})
}

// TestPeers tests that no policy has a peer that the API server refuses or that means
// everybody: an empty peer, an empty list of peers, or an address block beside a selector
// (kubernetes, pkg/apis/networking/validation/validation.go).
func TestPeers(t *testing.T) {
	each(t, func(t *testing.T, _ string, objects []manifest.Object) {
		for _, p := range policies(t, objects) {
			var lists [][]peer
			for _, r := range p.Spec.Ingress {
				lists = append(lists, r.From)
			}
			for _, r := range p.Spec.Egress {
				lists = append(lists, r.To)
			}
			for _, list := range lists {
				assert.NotEmpty(t, list)
				for _, p := range list {
					selects := p.PodSelector != nil || p.NamespaceSelector != nil
					assert.NotEqual(t, selects, p.IPBlock != nil, "%+v", p)
				}
			}
		}
	})
}

// involvesComponent reports whether e is a pod in the platform's namespace.
func involvesComponent(e endpoint) bool {
	return slices.Contains(components, e.name) || e.name == "stranger" || e.name == "impostor"
}

func (p policyPort) String() string {
	if p.Port == 0 {
		return "any " + p.Protocol
	}
	return fmt.Sprintf("%d/%s", p.Port, p.Protocol)
}
