package validate

import (
	"fmt"
	"strings"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	netutils "k8s.io/utils/net"

	"github.com/mop-platform/mop/pkg/message"
	"github.com/mop-platform/mop/pkg/release"
	"github.com/mop-platform/mop/pkg/release/changes"
	"github.com/mop-platform/mop/pkg/release/gates"
)

// services adds the rules for Services
// (k8s.io/kubernetes, pkg/apis/core/validation: ValidateServiceCreate;
// SetDefaults_Service in pkg/apis/core/v1/defaults.go; initIPFamilyFields in
// pkg/registry/core/service/storage/alloc.go).
func services(s table) {
	s.on("core.v1.Service", field("spec", required), topologyAnnotations, sourceRangesAnnotation)
	s.on("core.v1.ServiceSpec",
		field("type", oneOf("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")),
		field("selector", labelMap),
		field("sessionAffinity", oneOf("ClientIP", "None")),
		field("externalIPs", each(ordinaryIP)),
		field("internalTrafficPolicy", oneOfGiven("Cluster", "Local")),
		field("ipFamilyPolicy", oneOfGiven("SingleStack", "PreferDualStack", "RequireDualStack")),
		field("ipFamilies", each(required, oneOf("IPv4", "IPv6")), uniqueItems),
		servicePorts,
		clusterIPs,
		affinityTimeout,
		externalName,
		loadBalancer,
		externalTraffic,
		when(gates.ServiceTrafficDistribution, field("trafficDistribution", trafficDistribution)),
	)
	s.on("core.v1.ServicePort",
		field("name", dnsLabel),
		field("port", present, between(1, 65535)),
		field("protocol", oneOf("TCP", "UDP", "SCTP")),
		field("targetPort", portOrName),
		field("appProtocol", notEmpty, qualifiedName),
		field("nodePort", nodePort),
	)
}

// serviceNaming is how Services are named; newer API servers let a name begin
// with a digit.
func serviceNaming(r *release.Release) naming {
	if r.Has(gates.RelaxedServiceNameValidation) {
		return apivalidation.NameIsDNSLabel
	}
	return apivalidation.NameIsDNS1035Label
}

// headless reports whether a ServiceSpec asks for no address.
func headless(n node) bool {
	if ips := n.field("clusterIPs").list(); len(ips) > 0 {
		return len(ips) == 1 && ips[0].text() == "None"
	}
	return n.field("clusterIP").text() == "None"
}

// serviceType returns the type of a ServiceSpec.
func serviceType(n node) string {
	if t := n.field("type").text(); t != "" {
		return t
	}
	return "ClusterIP"
}

func servicePorts(n node) {
	ports, kind := n.field("ports"), serviceType(n)
	if ports.len() == 0 && !headless(n) && kind != "ExternalName" {
		ports.run(required)
	}
	ports.run(uniqueBy("name"))
	type port struct {
		protocol string
		number   int64
	}
	seen, seenNode := map[port]bool{}, map[port]bool{}
	for _, p := range ports.items() {
		if ports.len() > 1 && p.field("name").zero() {
			p.field("name").fail(ruleRequired, "is required where there are more ports, got none")
		}
		protocol := p.field("protocol").text()
		if protocol == "" {
			protocol = "TCP"
		}
		number, _ := p.field("port").integer()
		if seen[port{protocol, number}] {
			p.field("port").fail(ruleDuplicate, fmt.Sprintf("%s %d is a port before", protocol, number))
		}
		seen[port{protocol, number}] = true
		if kind == "LoadBalancer" && number == 10250 && n.has(changes.KubeletPort) {
			p.field("port").fail(ruleValue, "want a port that is not the kubelet's, got 10250")
		}
		onNode, _ := p.field("nodePort").integer()
		if onNode == 0 {
			continue
		}
		if kind == "ClusterIP" {
			p.field("nodePort").fail(ruleConflict, `leave it out: the type is "ClusterIP"`, "set type: NodePort")
		}
		if seenNode[port{protocol, onNode}] {
			p.field("nodePort").fail(ruleDuplicate, fmt.Sprintf("%s %d is a node port before", protocol, onNode))
		}
		seenNode[port{protocol, onNode}] = true
	}
}

// nodePort: the range of a cluster is a setting of its API server.
func nodePort(n node) {
	port, ok := n.integer()
	switch {
	case !ok || port == 0:
	case port < 1 || port > 65535:
		n.run(between(1, 65535))
	case port < 30000 || port > 32767:
		n.warn(ruleValue, fmt.Sprintf("want a number from 30000 to 32767 unless the API server has another --service-node-port-range, got %d", port))
	}
}

// portOrName asks for the number of a port or its name, where there is one.
func portOrName(n node) {
	if n.zero() {
		return
	}
	n.run(between(1, 65535), written(validation.IsValidPortName))
}

// clusterIPs: one address of each family, clusterIP the first of them.
func clusterIPs(n node) {
	if serviceType(n) == "ExternalName" {
		return
	}
	ip, ips, families := n.field("clusterIP"), n.field("clusterIPs"), n.field("ipFamilies")
	families.run(atMostItems(2))
	list := ips.list()
	switch {
	case len(list) == 0:
		if ip.text() != "None" && !ip.zero() {
			ip.ip()
			ofFamily(ip, families, 0)
		}
	case ip.zero():
		ip.fail(ruleRequired, "is required with clusterIPs, the first of them, "+ip.got())
	case list[0].text() != ip.text():
		list[0].fail(ruleConflict, "want the same as clusterIP, "+message.Quote(ip.text())+", "+list[0].got())
	}
	ips.run(atMostItems(2))
	for i, item := range ips.items() {
		if i == 0 && item.text() == "None" {
			if ips.len() > 1 {
				ips.fail(ruleConflict, `want "None" alone, `+ips.got())
			}
			return
		}
		if _, ok := item.ip(); ok {
			ofFamily(item, families, i)
		}
	}
	if len(list) == 2 && netutils.IsIPv6String(list[0].text()) == netutils.IsIPv6String(list[1].text()) {
		ips.fail(ruleConflict, "want one address of IPv4 and one of IPv6, "+ips.got())
	}
	if policy := n.field("ipFamilyPolicy"); policy.text() == "SingleStack" || !policy.set() && (!headless(n) || !n.field("selector").zero()) {
		for _, f := range []node{ips, families} {
			if f.len() == 2 {
				policy.fail(ruleConflict, `want "PreferDualStack" or "RequireDualStack" where there are two families, `+policy.got())
			}
		}
	}
}

// ofFamily asks for an address of the family with an index, where there is one.
func ofFamily(n node, families node, index int) {
	list := families.list()
	if index >= len(list) || n.zero() {
		return
	}
	want, v6 := list[index].text(), netutils.IsIPv6String(n.text())
	if want == "IPv4" && v6 || want == "IPv6" && !v6 {
		n.fail(ruleConflict, "want an address of "+want+" as ipFamilies says, "+n.got())
	}
}

// affinityTimeout: without the affinity or the number the API server sets what
// there is anew.
func affinityTimeout(n node) {
	if n.field("sessionAffinity").text() == "ClientIP" {
		n.field("sessionAffinityConfig", "clientIP", "timeoutSeconds").run(between(1, 86400))
	}
}

// externalName: such a Service is an alias and has no addresses.
func externalName(n node) {
	if serviceType(n) != "ExternalName" {
		return
	}
	name := n.field("externalName")
	if cname := strings.TrimSuffix(name.text(), "."); cname == "" {
		name.fail(ruleRequired, `is required with type "ExternalName", `+name.got())
	} else {
		name.problems(ruleFormat, validation.IsDNS1123Subdomain(cname))
	}
	for _, field := range []string{"clusterIP", "clusterIPs", "ipFamilies"} {
		n.field(field).run(absent(`the type is "ExternalName"`))
	}
	n.field("ipFamilyPolicy").run(unset(`the type is "ExternalName"`))
}

func loadBalancer(n node) {
	ranges, class, allocate := n.field("loadBalancerSourceRanges"), n.field("loadBalancerClass"), n.field("allocateLoadBalancerNodePorts")
	for _, r := range ranges.items() {
		r.cidrOf(strings.TrimSpace(r.text()))
	}
	switch kind := serviceType(n); kind {
	case "LoadBalancer":
		class.run(notEmpty, qualifiedName)
		fallthrough
	case "NodePort":
		if headless(n) {
			n.field("clusterIP").fail(ruleConflict, `want an address or none with type "`+kind+`", got "None"`)
		}
	}
	if serviceType(n) == "LoadBalancer" {
		return
	}
	ranges.run(absent(`the type is not "LoadBalancer"`))
	class.run(unset(`the type is not "LoadBalancer"`))
	allocate.run(unset(`the type is not "LoadBalancer"`))
}

func externalTraffic(n node) {
	kind, policy, health := serviceType(n), n.field("externalTrafficPolicy"), n.field("healthCheckNodePort")
	reachable := kind == "LoadBalancer" || kind == "NodePort" || kind == "ClusterIP" && !n.field("externalIPs").zero()
	if reachable {
		policy.run(oneOf("Cluster", "Local"))
	} else {
		policy.run(absent("nothing outside of the cluster reaches the Service"))
	}
	if kind == "LoadBalancer" && policy.text() == "Local" {
		health.run(nodePort)
	} else {
		health.run(absent(`the type is not "LoadBalancer" with externalTrafficPolicy "Local"`))
	}
}

// trafficDistribution: newer API servers know more ways.
func trafficDistribution(n node) {
	values := []string{"PreferClose"}
	if n.has(gates.PreferSameTrafficDistribution) {
		values = append(values, "PreferSameZone", "PreferSameNode")
	}
	n.run(oneOfGiven(values...))
}

// topologyAnnotations: the newer of two annotations says the same as the older.
func topologyAnnotations(n node) {
	const newer, older = "service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints"
	annotations := n.field("metadata", "annotations")
	texts := annotations.labelSet()
	if texts.Has(newer) && texts.Has(older) && texts[newer] != texts[older] {
		mode := annotations.field(newer)
		mode.fail(ruleConflict, "want the same as "+older+", "+mode.got())
	}
}

// sourceRangesAnnotation: the annotation came before the field and counts where
// there is none.
func sourceRangesAnnotation(n node) {
	const annotation = "service.beta.kubernetes.io/load-balancer-source-ranges"
	annotations, spec := n.field("metadata", "annotations"), n.field("spec")
	if !annotations.labelSet().Has(annotation) || !spec.field("loadBalancerSourceRanges").zero() {
		return
	}
	a := annotations.field(annotation)
	if serviceType(spec) != "LoadBalancer" {
		a.fail(ruleConflict, `leave it out: the type is not "LoadBalancer"`)
	}
	if text := strings.TrimSpace(a.text()); text != "" {
		for item := range strings.SplitSeq(text, ",") {
			a.cidrOf(strings.TrimSpace(item))
		}
	}
}

// endpoints adds the rules for Endpoints and EndpointSlices
// (k8s.io/kubernetes, pkg/apis/core/validation: ValidateEndpointsCreate;
// pkg/apis/discovery/validation).
func endpoints(s table) {
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
				addressOf(address, kind)
			}
		}
	}
}

// addressOf asks for an address of a family; newer API servers want one of IPv6
// in the canonical form.
func addressOf(n node, family string) {
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
