package rules

import (
	"fmt"
	"strings"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	netutils "k8s.io/utils/net"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/release/changes"
	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// services adds the rules for Services.
func services(s engine.Table) {
	s.On("core.v1.Service", engine.Field("spec", engine.Required), topologyAnnotations, sourceRangesAnnotation)
	s.On("core.v1.ServiceSpec",
		engine.Field("type", engine.OneOf("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")),
		engine.Field("selector", engine.LabelMap),
		engine.Field("sessionAffinity", engine.OneOf("ClientIP", "None")),
		engine.Field("externalIPs", engine.Each(engine.OrdinaryIP)),
		engine.Field("internalTrafficPolicy", engine.OneOfGiven("Cluster", "Local")),
		engine.Field("ipFamilyPolicy", engine.OneOfGiven("SingleStack", "PreferDualStack", "RequireDualStack")),
		engine.Field("ipFamilies", engine.Each(engine.Required, engine.OneOf("IPv4", "IPv6")), engine.UniqueItems),
		servicePorts,
		clusterIPs,
		affinityTimeout,
		externalName,
		loadBalancer,
		externalTraffic,
		engine.When(gates.ServiceTrafficDistribution, engine.Field("trafficDistribution", trafficDistribution)),
	)
	s.On("core.v1.ServicePort",
		engine.Field("name", engine.DNSLabel),
		engine.Field("port", engine.Present, engine.Between(1, 65535)),
		engine.Field("protocol", engine.OneOf("TCP", "UDP", "SCTP")),
		engine.Field("targetPort", portOrName),
		engine.Field("appProtocol", engine.NotEmpty, engine.QualifiedName),
		engine.Field("nodePort", nodePort),
	)
}

// serviceNaming is how Services are named; newer API servers let a name begin
// with a digit.
func serviceNaming(r *release.Release) engine.Naming {
	if r.Has(gates.RelaxedServiceNameValidation) {
		return apivalidation.NameIsDNSLabel
	}
	return apivalidation.NameIsDNS1035Label
}

// headless reports whether a ServiceSpec asks for no address.
func headless(n engine.Node) bool {
	if ips := n.Field("clusterIPs").List(); len(ips) > 0 {
		return len(ips) == 1 && ips[0].Text() == "None"
	}
	return n.Field("clusterIP").Text() == "None"
}

// serviceType returns the type of a ServiceSpec.
func serviceType(n engine.Node) string {
	if t := n.Field("type").Text(); t != "" {
		return t
	}
	return "ClusterIP"
}

func servicePorts(n engine.Node) {
	ports, kind := n.Field("ports"), serviceType(n)
	if ports.Len() == 0 && !headless(n) && kind != "ExternalName" {
		ports.Run(engine.Required)
	}
	ports.Run(engine.UniqueBy("name"))
	type port struct {
		protocol string
		number   int64
	}
	seen, seenNode := map[port]bool{}, map[port]bool{}
	for _, p := range ports.Items() {
		if ports.Len() > 1 && p.Field("name").IsZero() {
			p.Field("name").Fail(engine.RuleRequired, "is required where there are more ports, got none")
		}
		protocol := p.Field("protocol").Text()
		if protocol == "" {
			protocol = "TCP"
		}
		number, _ := p.Field("port").Integer()
		if seen[port{protocol, number}] {
			p.Field("port").Fail(engine.RuleDuplicate, fmt.Sprintf("%s %d is a port before", protocol, number))
		}
		seen[port{protocol, number}] = true
		if kind == "LoadBalancer" && number == 10250 && n.Has(changes.KubeletPort) {
			p.Field("port").Fail(engine.RuleValue, "want a port that is not the kubelet's, got 10250")
		}
		onNode, _ := p.Field("nodePort").Integer()
		if onNode == 0 {
			continue
		}
		if kind == "ClusterIP" {
			p.Field("nodePort").Fail(engine.RuleConflict, `leave it out: the type is "ClusterIP"`, "set type: NodePort")
		}
		if seenNode[port{protocol, onNode}] {
			p.Field("nodePort").Fail(engine.RuleDuplicate, fmt.Sprintf("%s %d is a node port before", protocol, onNode))
		}
		seenNode[port{protocol, onNode}] = true
	}
}

// nodePort: the range of a cluster is a setting of its API server.
func nodePort(n engine.Node) {
	port, ok := n.Integer()
	switch {
	case !ok || port == 0:
	case port < 1 || port > 65535:
		n.Run(engine.Between(1, 65535))
	case port < 30000 || port > 32767:
		n.Warn(engine.RuleValue, fmt.Sprintf("want a number from 30000 to 32767 unless the API server has another --service-node-port-range, got %d", port))
	}
}

// portOrName requires the number or the name of a port, if there is one.
func portOrName(n engine.Node) {
	if n.IsZero() {
		return
	}
	n.Run(engine.Between(1, 65535), engine.Written(validation.IsValidPortName))
}

// clusterIPs: there is one address of each family, and clusterIP is the first of them.
func clusterIPs(n engine.Node) {
	if serviceType(n) == "ExternalName" {
		return
	}
	ip, ips, families := n.Field("clusterIP"), n.Field("clusterIPs"), n.Field("ipFamilies")
	families.Run(engine.AtMostItems(2))
	list := ips.List()
	switch {
	case len(list) == 0:
		if ip.Text() != "None" && !ip.IsZero() {
			ip.IP()
			ofFamily(ip, families, 0)
		}
	case ip.IsZero():
		ip.Fail(engine.RuleRequired, "is required with clusterIPs, the first of them, "+ip.Got())
	case list[0].Text() != ip.Text():
		list[0].Fail(engine.RuleConflict, "want the same as clusterIP, "+message.Quote(ip.Text())+", "+list[0].Got())
	}
	ips.Run(engine.AtMostItems(2))
	for i, item := range ips.Items() {
		if i == 0 && item.Text() == "None" {
			if ips.Len() > 1 {
				ips.Fail(engine.RuleConflict, `want "None" alone, `+ips.Got())
			}
			return
		}
		if _, ok := item.IP(); ok {
			ofFamily(item, families, i)
		}
	}
	if len(list) == 2 && netutils.IsIPv6String(list[0].Text()) == netutils.IsIPv6String(list[1].Text()) {
		ips.Fail(engine.RuleConflict, "want one address of IPv4 and one of IPv6, "+ips.Got())
	}
	if policy := n.Field("ipFamilyPolicy"); policy.Text() == "SingleStack" || !policy.IsSet() && (!headless(n) || !n.Field("selector").IsZero()) {
		for _, f := range []engine.Node{ips, families} {
			if f.Len() == 2 {
				policy.Fail(engine.RuleConflict, `want "PreferDualStack" or "RequireDualStack" where there are two families, `+policy.Got())
			}
		}
	}
}

// ofFamily requires an address of the family with an index, if there is one.
func ofFamily(n engine.Node, families engine.Node, index int) {
	list := families.List()
	if index >= len(list) || n.IsZero() {
		return
	}
	want, v6 := list[index].Text(), netutils.IsIPv6String(n.Text())
	if want == "IPv4" && v6 || want == "IPv6" && !v6 {
		n.Fail(engine.RuleConflict, "want an address of "+want+" as ipFamilies says, "+n.Got())
	}
}

// affinityTimeout: without the affinity or the number, the API server replaces the config.
func affinityTimeout(n engine.Node) {
	if n.Field("sessionAffinity").Text() == "ClientIP" {
		n.Field("sessionAffinityConfig", "clientIP", "timeoutSeconds").Run(engine.Between(1, 86400))
	}
}

// externalName: such a Service is an alias and has no addresses.
func externalName(n engine.Node) {
	if serviceType(n) != "ExternalName" {
		return
	}
	name := n.Field("externalName")
	if cname := strings.TrimSuffix(name.Text(), "."); cname == "" {
		name.Fail(engine.RuleRequired, `is required with type "ExternalName", `+name.Got())
	} else {
		name.Problems(engine.RuleFormat, validation.IsDNS1123Subdomain(cname))
	}
	for _, field := range []string{"clusterIP", "clusterIPs", "ipFamilies"} {
		n.Field(field).Run(engine.Absent(`the type is "ExternalName"`))
	}
	n.Field("ipFamilyPolicy").Run(engine.Unset(`the type is "ExternalName"`))
}

func loadBalancer(n engine.Node) {
	ranges, class, allocate := n.Field("loadBalancerSourceRanges"), n.Field("loadBalancerClass"), n.Field("allocateLoadBalancerNodePorts")
	for _, r := range ranges.Items() {
		r.CIDROf(strings.TrimSpace(r.Text()))
	}
	switch kind := serviceType(n); kind {
	case "LoadBalancer":
		class.Run(engine.NotEmpty, engine.QualifiedName)
		fallthrough
	case "NodePort":
		if headless(n) {
			n.Field("clusterIP").Fail(engine.RuleConflict, `want an address or none with type "`+kind+`", got "None"`)
		}
	}
	if serviceType(n) == "LoadBalancer" {
		return
	}
	ranges.Run(engine.Absent(`the type is not "LoadBalancer"`))
	class.Run(engine.Unset(`the type is not "LoadBalancer"`))
	allocate.Run(engine.Unset(`the type is not "LoadBalancer"`))
}

func externalTraffic(n engine.Node) {
	kind, policy, health := serviceType(n), n.Field("externalTrafficPolicy"), n.Field("healthCheckNodePort")
	reachable := kind == "LoadBalancer" || kind == "NodePort" || kind == "ClusterIP" && !n.Field("externalIPs").IsZero()
	if reachable {
		policy.Run(engine.OneOf("Cluster", "Local"))
	} else {
		policy.Run(engine.Absent("nothing outside of the cluster reaches the Service"))
	}
	if kind == "LoadBalancer" && policy.Text() == "Local" {
		health.Run(nodePort)
	} else {
		health.Run(engine.Absent(`the type is not "LoadBalancer" with externalTrafficPolicy "Local"`))
	}
}

// trafficDistribution: newer API servers know more values.
func trafficDistribution(n engine.Node) {
	values := []string{"PreferClose"}
	if n.Has(gates.PreferSameTrafficDistribution) {
		values = append(values, "PreferSameZone", "PreferSameNode")
	}
	n.Run(engine.OneOfGiven(values...))
}

// topologyAnnotations: the newer of two annotations must be equal to the older one.
func topologyAnnotations(n engine.Node) {
	const newer, older = "service.kubernetes.io/topology-mode", "service.kubernetes.io/topology-aware-hints"
	annotations := n.Field("metadata", "annotations")
	texts := annotations.Labels()
	if texts.Has(newer) && texts.Has(older) && texts[newer] != texts[older] {
		mode := annotations.Field(newer)
		mode.Fail(engine.RuleConflict, "want the same as "+older+", "+mode.Got())
	}
}

// sourceRangesAnnotation: the annotation came before the field, and counts if the field is
// absent.
func sourceRangesAnnotation(n engine.Node) {
	const annotation = "service.beta.kubernetes.io/load-balancer-source-ranges"
	annotations, spec := n.Field("metadata", "annotations"), n.Field("spec")
	if !annotations.Labels().Has(annotation) || !spec.Field("loadBalancerSourceRanges").IsZero() {
		return
	}
	a := annotations.Field(annotation)
	if serviceType(spec) != "LoadBalancer" {
		a.Fail(engine.RuleConflict, `leave it out: the type is not "LoadBalancer"`)
	}
	if text := strings.TrimSpace(a.Text()); text != "" {
		for item := range strings.SplitSeq(text, ",") {
			a.CIDROf(strings.TrimSpace(item))
		}
	}
}

// endpoints adds the rules for Endpoints and EndpointSlices.
func endpoints(s engine.Table) {
	s.On("core.v1.EndpointSubset",
		someAddress,
		engine.Field("ports", namedPorts),
	)
	s.On("core.v1.EndpointAddress",
		engine.Field("ip", engine.OrdinaryIP),
		engine.Field("hostname", engine.DNSLabel),
		engine.Field("nodeName", nodeName),
	)
	s.On("core.v1.EndpointPort",
		engine.Field("name", engine.DNSLabel),
		engine.Field("port", engine.Present, engine.Between(1, 65535)),
		engine.Field("protocol", engine.OneOf("TCP", "UDP", "SCTP")),
		engine.Field("appProtocol", engine.NotEmpty, engine.QualifiedName),
	)

	s.On("discovery.v1.EndpointSlice",
		engine.Field("addressType", engine.Required, engine.OneOf("IPv4", "IPv6", "FQDN")),
		engine.Field("endpoints", engine.AtMostItems(1000)),
		engine.Field("ports", engine.AtMostItems(20000), uniqueNames),
		sliceAddresses,
	)
	s.On("discovery.v1.Endpoint",
		engine.Field("addresses", engine.Required, engine.AtMostItems(100)),
		engine.Field("hostname", engine.NotEmpty, engine.DNSLabel),
		engine.Field("nodeName", nodeName),
		engine.Field("hints", hints),
	)
	s.On("discovery.v1.EndpointPort",
		engine.Field("name", engine.DNSLabel),
		engine.Field("protocol", engine.OneOfGiven("TCP", "UDP", "SCTP")),
		engine.Field("appProtocol", engine.NotEmpty, engine.QualifiedName),
	)
}

// nodeName requires the name of a node, if the field is set.
func nodeName(n engine.Node) { n.Run(engine.NotEmpty, engine.DNSSubdomain) }

func someAddress(n engine.Node) {
	if n.Field("addresses").IsZero() && n.Field("notReadyAddresses").IsZero() {
		n.Fail(engine.RuleRequired, "want addresses or notReadyAddresses, got none")
	}
}

func namedPorts(n engine.Node) {
	if n.Len() > 1 {
		n.Run(engine.Each(engine.Field("name", engine.Required)))
	}
}

// uniqueNames requires items with different names; only one may have none.
func uniqueNames(n engine.Node) {
	seen := map[string]bool{}
	for _, item := range n.Items() {
		name := item.Field("name")
		if seen[name.Text()] {
			name.Fail(engine.RuleDuplicate, "want a name that no item before has, "+name.Got())
		}
		seen[name.Text()] = true
	}
}

// sliceAddresses: the addresses of a slice are of one type.
func sliceAddresses(n engine.Node) {
	kind := n.Field("addressType").Text()
	for _, endpoint := range n.Field("endpoints").Items() {
		for _, address := range endpoint.Field("addresses").Items() {
			switch kind {
			case "FQDN":
				address.Run(engine.Required, engine.Written(engine.Details(validation.IsFullyQualifiedDomainName)))
			case "IPv4", "IPv6":
				addressOf(address, kind)
			}
		}
	}
}

// addressOf requires an address of a family; newer API servers want one of IPv6
// in the canonical form.
func addressOf(n engine.Node, family string) {
	ip, ok := n.IP()
	switch {
	case !ok:
	case family == "IPv6" != netutils.IsIPv6(ip):
		n.Fail(engine.RuleConflict, "want an address of "+family+" as addressType says, "+n.Got())
	default:
		if family == "IPv6" && n.Has(changes.CanonicalIPv6) {
			n.Problems(engine.RuleFormat, engine.CanonicalIP(n.Text()))
		}
		n.Ordinary(ip)
	}
}

func hints(n engine.Node) {
	n.Run(
		engine.Field("forZones", engine.AtMostItems(8), uniqueNames, engine.Each(engine.Field("name", engine.Written(validation.IsValidLabelValue)))),
		engine.When(gates.PreferSameTrafficDistribution, engine.Field("forNodes", engine.AtMostItems(8), engine.UniqueBy("name"), engine.Each(engine.Field("name", engine.Required, engine.DNSSubdomain)))),
	)
}
