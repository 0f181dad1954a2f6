package validate

import (
	"github.com/mop-platform/mop/pkg/release/changes"
	"github.com/mop-platform/mop/pkg/release/gates"
	"k8s.io/apimachinery/pkg/util/validation"
	netutils "k8s.io/utils/net"
)

// endpoints adds the rules for Endpoints and EndpointSlices
// (k8s.io/kubernetes, pkg/apis/core/validation: ValidateEndpointsCreate;
// pkg/apis/discovery/validation).
func (s table) endpoints() {
	s.on("core.v1.EndpointSubset",
		someAddress,
		field("ports", namedPorts),
	)
	s.on("core.v1.EndpointAddress",
		field("ip", ordinaryIP),
		field("hostname", dnsLabel),
		field("nodeName", nodeName),
	)
	s.on("core.v1.EndpointPort",
		field("name", dnsLabel),
		field("port", present, between(1, 65535)),
		field("protocol", oneOf("TCP", "UDP", "SCTP")),
		field("appProtocol", notEmpty, qualifiedName),
	)

	s.on("discovery.v1.EndpointSlice",
		field("addressType", required, oneOf("IPv4", "IPv6", "FQDN")),
		field("endpoints", atMostItems(1000)),
		field("ports", atMostItems(20000), uniqueNames),
		sliceAddresses,
	)
	s.on("discovery.v1.Endpoint",
		field("addresses", required, atMostItems(100)),
		field("hostname", notEmpty, dnsLabel),
		field("nodeName", nodeName),
		field("hints", hints),
	)
	s.on("discovery.v1.EndpointPort",
		field("name", dnsLabel),
		field("protocol", oneOfGiven("TCP", "UDP", "SCTP")),
		field("appProtocol", notEmpty, qualifiedName),
	)
}

// nodeName asks for the name of a node, where the field is set.
func nodeName(n node) { n.run(notEmpty, dnsSubdomain) }

func someAddress(n node) {
	if n.field("addresses").zero() && n.field("notReadyAddresses").zero() {
		n.fail(ruleRequired, "want addresses or notReadyAddresses, got none")
	}
}

func namedPorts(n node) {
	if n.len() > 1 {
		n.run(each(field("name", required)))
	}
}

// uniqueNames asks for items with names that differ; no name is one, too.
func uniqueNames(n node) {
	seen := map[string]bool{}
	for _, item := range n.items() {
		name := item.field("name")
		if seen[name.text()] {
			name.fail(ruleDuplicate, "want a name that no item before has, "+name.got())
		}
		seen[name.text()] = true
	}
}

// sliceAddresses: the addresses of a slice are of one type.
func sliceAddresses(n node) {
	kind := n.field("addressType").text()
	for _, endpoint := range n.field("endpoints").items() {
		for _, address := range endpoint.field("addresses").items() {
			switch kind {
			case "FQDN":
				address.run(required, written(details(validation.IsFullyQualifiedDomainName)))
			case "IPv4", "IPv6":
				address.addressOf(kind)
			}
		}
	}
}

// addressOf asks for an address of a family; newer API servers want one of IPv6
// in the canonical form.
func (n node) addressOf(family string) {
	ip, ok := n.ip()
	switch {
	case !ok:
	case family == "IPv6" != netutils.IsIPv6(ip):
		n.fail(ruleConflict, "want an address of "+family+" as addressType says, "+n.got())
	default:
		if family == "IPv6" && n.has(changes.CanonicalIPv6) {
			n.problems(ruleFormat, canonicalIP(n.text()))
		}
		n.ordinary(ip)
	}
}

func hints(n node) {
	n.run(
		field("forZones", atMostItems(8), uniqueNames, each(field("name", written(validation.IsValidLabelValue)))),
		when(gates.PreferSameTrafficDistribution, field("forNodes", atMostItems(8), uniqueBy("name"), each(field("name", required, dnsSubdomain)))),
	)
}
