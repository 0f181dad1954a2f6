package environments_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/manifest"
)

// policy has the fields of a NetworkPolicy of networking.k8s.io/v1 that decide whether a
// connection is allowed.
type policy struct {
	Metadata struct{ Namespace string }
	Spec     struct {
		PodSelector selector
		PolicyTypes []string
		Ingress     []struct {
			From  []peer
			Ports []policyPort
		}
		Egress []struct {
			To    []peer
			Ports []policyPort
		}
	}
}

type selector struct{ MatchLabels map[string]string }

type peer struct {
	PodSelector       *selector
	NamespaceSelector *selector
	IPBlock           *struct {
		CIDR   netip.Prefix
		Except []netip.Prefix
	}
}

type policyPort struct {
	Protocol string
	Port     int
}

// endpoint is one end of a connection: a pod, or an address outside of the pod network.
type endpoint struct {
	name            string
	namespace       string // "" for an address
	labels          map[string]string
	namespaceLabels map[string]string
	address         netip.Addr
}

func (e endpoint) isPod() bool { return e.namespace != "" }

// policies returns the NetworkPolicies among objects.
func policies(t *testing.T, objects []manifest.Object) []policy {
	t.Helper()
	var out []policy
	for _, o := range objects {
		if o.ID().Kind == "NetworkPolicy" {
			var p policy
			require.NoError(t, o.Decode(&p))
			out = append(out, p)
		}
	}
	return out
}

// allowed reports whether a connection is allowed at both ends (Kubernetes documentation,
// Concepts, Network Policies). If policies of a direction select a pod, it may only have
// connections in that direction that one of them allows. A pod that no policy selects, and
// an address, may have all connections.
func allowed(ps []policy, from, to endpoint, port policyPort) bool {
	return direction(ps, "Egress", from, to, port) && direction(ps, "Ingress", to, from, port)
}

func direction(ps []policy, kind string, self, other endpoint, port policyPort) bool {
	isolated := false
	for _, p := range ps {
		if !self.isPod() || p.Metadata.Namespace != self.namespace || !p.Spec.PodSelector.matches(self.labels) || !contains(p.Spec.PolicyTypes, kind) {
			continue
		}
		isolated = true
		if kind == "Egress" {
			for _, r := range p.Spec.Egress {
				if peersMatch(r.To, self.namespace, other) && portsMatch(r.Ports, port) {
					return true
				}
			}
			continue
		}
		for _, r := range p.Spec.Ingress {
			if peersMatch(r.From, self.namespace, other) && portsMatch(r.Ports, port) {
				return true
			}
		}
	}
	return !isolated
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

func (s selector) matches(labels map[string]string) bool {
	for k, v := range s.MatchLabels {
		if labels[k] != v {
			return false
		}
	}
	return true
}

// peersMatch reports whether one of the peers matches e. An empty list matches everybody.
func peersMatch(peers []peer, namespace string, e endpoint) bool {
	for _, p := range peers {
		if p.matches(namespace, e) {
			return true
		}
	}
	return len(peers) == 0
}

func (p peer) matches(namespace string, e endpoint) bool {
	if p.IPBlock != nil {
		if !e.address.IsValid() || !p.IPBlock.CIDR.Contains(e.address) {
			return false
		}
		for _, except := range p.IPBlock.Except {
			if except.Contains(e.address) {
				return false
			}
		}
		return true
	}
	switch {
	case !e.isPod():
		return false
	case p.NamespaceSelector == nil && e.namespace != namespace:
		return false
	case p.NamespaceSelector != nil && !p.NamespaceSelector.matches(e.namespaceLabels):
		return false
	}
	return p.PodSelector == nil || p.PodSelector.matches(e.labels)
}

func portsMatch(ports []policyPort, port policyPort) bool {
	for _, p := range ports {
		if p.Protocol == port.Protocol && (p.Port == 0 || p.Port == port.Port) {
			return true
		}
	}
	return len(ports) == 0
}
