package validate

import (
	"fmt"
	"strings"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	netutils "k8s.io/utils/net"

	"github.com/mop-platform/mop/pkg/message"
)

// networking adds the rules for what stands in networking.k8s.io
// (k8s.io/kubernetes, pkg/apis/networking/validation).
func networking(s table) {
	networkPolicies(s)
	ingresses(s)
	for _, version := range []string{"v1alpha1", "v1beta1", "v1"} {
		group := "networking." + version
		s.on(group+".IPAddress", field("spec", present, field("parentRef", present)))
		s.on(group+".ParentReference",
			field("group", dnsSubdomain),
			field("resource", required, pathSegment),
			field("name", required, pathSegment),
			field("namespace", pathSegment),
		)
		s.on(group+".ServiceCIDR", field("spec", field("cidrs", serviceCIDRs)))
	}
}

// networkPolicies adds the rules for NetworkPolicies.
func networkPolicies(s table) {
	s.on("networking.v1.NetworkPolicySpec", field("policyTypes", atMostItems(2), each(required, oneOf("Ingress", "Egress"))))
	s.on("networking.v1.NetworkPolicyPeer", policyPeer)
	s.on("networking.v1.NetworkPolicyPort",
		field("protocol", oneOfGiven("TCP", "UDP", "SCTP")),
		policyPorts,
	)
	s.on("networking.v1.IPBlock", ipBlock)
}

// policyPeer: a peer is of pods, of namespaces, of both, or of addresses.
func policyPeer(n node) {
	block, selectors := n.field("ipBlock").set(), n.given([]string{"podSelector", "namespaceSelector"})
	switch {
	case !block && len(selectors) == 0:
		n.fail(ruleRequired, "want one of podSelector, namespaceSelector, ipBlock, got none", "podSelector: {} is every pod")
	case block && len(selectors) > 0:
		n.fail(ruleConflict, "want ipBlock or "+strings.Join(selectors, " and ")+", got both", "make two peers of it")
	}
}

func policyPorts(n node) {
	port, end := n.field("port"), n.field("endPort")
	if text, ok := port.value.(string); ok {
		port.problems(ruleFormat, validation.IsValidPortName(text))
	}
	port.run(between(1, 65535))
	first, numeric := port.integer()
	if !end.set() {
		return
	}
	end.run(between(1, 65535))
	last, ok := end.integer()
	switch {
	case !numeric:
		end.fail(ruleConflict, "want a number as port with it, "+port.got())
	case ok && last < first:
		end.fail(ruleConflict, fmt.Sprintf("want at least port, %d, got %d", first, last))
	}
}

// ipBlock: what is taken out of a block is a part of it.
func ipBlock(n node) {
	if !n.field("cidr").required() {
		return
	}
	block, ok := n.field("cidr").cidr()
	for _, except := range n.field("except").items() {
		hole, isCIDR := except.cidr()
		if !ok || !isCIDR {
			continue
		}
		bits, _ := block.Mask.Size()
		holeBits, _ := hole.Mask.Size()
		if !block.Contains(hole.IP) || holeBits <= bits {
			except.fail(ruleConflict, "want a part of cidr, "+n.field("cidr").text()+", "+except.got())
		}
	}
}

// ingresses adds the rules for Ingresses and their classes.
func ingresses(s table) {
	s.on("networking.v1.Ingress", field("spec", required), ingressClass)
	s.on("networking.v1.IngressSpec", rulesOrBackend, field("ingressClassName", notEmpty, dnsSubdomain))
	s.on("networking.v1.IngressTLS",
		field("hosts", each(required, ingressHost)),
		field("secretName", dnsSubdomain),
	)
	s.on("networking.v1.IngressRule", field("host", ingressHost, noAddress))
	s.on("networking.v1.HTTPIngressRuleValue", field("paths", required))
	s.on("networking.v1.HTTPIngressPath",
		field("pathType", present, oneOfGiven("Exact", "ImplementationSpecific", "Prefix")),
		field("backend", present),
		ingressPath,
	)
	s.on("networking.v1.IngressBackend", exactlyOne("resource", "service"), field("resource", typedReference))
	s.on("networking.v1.IngressServiceBackend",
		field("name", required, serviceName),
		field("port", required),
	)
	s.on("networking.v1.ServiceBackendPort", servicePort)
	s.on("networking.v1.IngressClass", field("spec", required))
	s.on("networking.v1.IngressClassSpec", field("controller", required, domainPrefixedPath, atMostBytes(250)))
	s.on("networking.v1.IngressClassParametersReference", typedReference, classParameters)
}

// ingressClass: the annotation came before the field.
func ingressClass(n node) {
	const annotation = "kubernetes.io/ingress.class"
	annotations, name := n.field("metadata", "annotations"), n.field("spec", "ingressClassName")
	if class, ok := annotations.labelSet()[annotation]; ok && name.set() && class != name.text() {
		a := annotations.field(annotation)
		a.fail(ruleConflict, "want the same as spec.ingressClassName, "+a.got(), "leave it out: the field has taken its place")
	}
}

func rulesOrBackend(n node) {
	if n.field("rules").zero() && !n.field("defaultBackend").set() {
		n.fail(ruleRequired, "want rules or defaultBackend, got none")
	}
}

// ingressHost asks for a DNS name; its first part may be a *.
func ingressHost(n node) {
	if strings.Contains(n.text(), "*") {
		n.problems(ruleFormat, validation.IsWildcardDNS1123Subdomain(n.text()))
	} else {
		n.run(dnsSubdomain)
	}
}

func noAddress(n node) {
	if netutils.ParseIPSloppy(n.text()) != nil {
		n.fail(ruleFormat, "want a DNS name, no IP address, "+n.got())
	}
}

// ingressPath: paths are absolute; those that are compared with the URL's have no
// steps that it cannot have.
func ingressPath(n node) {
	path, kind := n.field("path"), n.field("pathType").text()
	text := path.text()
	if kind != "Exact" && kind != "Prefix" {
		if kind == "ImplementationSpecific" && text != "" && !strings.HasPrefix(text, "/") {
			path.fail(ruleFormat, "want an absolute path, "+path.got())
		}
		return
	}
	if !strings.HasPrefix(text, "/") {
		path.fail(ruleFormat, "want an absolute path, "+path.got())
	}
	for _, step := range []string{"//", "/./", "/../", "%2f", "%2F"} {
		if strings.Contains(text, step) {
			path.fail(ruleFormat, fmt.Sprintf("want a path without %s, %s", message.Quote(step), path.got()))
		}
	}
	for _, end := range []string{"/..", "/."} {
		if strings.HasSuffix(text, end) {
			path.fail(ruleFormat, fmt.Sprintf("want a path that does not end with %s, %s", message.Quote(end), path.got()))
		}
	}
}

// typedReference asks for a kind and a name.
func typedReference(n node) {
	if !n.set() {
		return
	}
	n.field("apiGroup").run(notEmpty, dnsSubdomain)
	n.field("kind").run(required, pathSegment)
	n.field("name").run(required, pathSegment)
}

// serviceName asks for what can be the name of a Service.
func serviceName(n node) {
	named := serviceNaming(n.release)
	n.run(written(func(name string) []string { return named(name, false) }))
}

// servicePort: a port of a Service goes by its name or its number.
func servicePort(n node) {
	name, number := n.field("name"), n.field("number")
	switch {
	case name.zero() && number.zero():
		n.fail(ruleRequired, "want name or number, got none")
	case !name.zero() && !number.zero():
		n.fail(ruleConflict, "want name or number, got both")
	}
	name.run(written(validation.IsValidPortName))
	number.run(portOrName)
}

// classParameters: the parameters of a class are the cluster's where nothing is
// said.
func classParameters(n node) {
	scope, namespace := n.field("scope"), n.field("namespace")
	scope.run(oneOfGiven("Cluster", "Namespace"))
	switch scope.text() {
	case "Namespace":
		if !namespace.set() {
			namespace.fail(ruleRequired, `is required with scope "Namespace", got none`)
		} else {
			namespace.run(notEmpty, written(func(name string) []string { return apivalidation.NameIsDNSLabel(name, false) }))
		}
	case "Cluster", "":
		namespace.run(unset(`the scope is "Cluster"`))
	}
}

// nameIsAddress is for IPAddresses, whose names are the addresses.
func nameIsAddress(name string, _ bool) []string { return canonicalIP(name) }

// serviceCIDRs: a cluster has a range of addresses of each family at most.
func serviceCIDRs(n node) {
	n.run(required, atMostItems(2), each(required, written(canonicalCIDR)))
	if list := n.list(); len(list) == 2 && netutils.IsIPv6CIDRString(list[0].text()) == netutils.IsIPv6CIDRString(list[1].text()) {
		n.fail(ruleConflict, "want one range of IPv4 and one of IPv6, "+n.got())
	}
}
