package rules

import (
	"fmt"
	"strings"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	netutils "k8s.io/utils/net"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// networking adds the rules for the kinds of networking.k8s.io.
func networking(s engine.Table) {
	networkPolicies(s)
	ingresses(s)
	for _, version := range []string{"v1alpha1", "v1beta1", "v1"} {
		group := "networking." + version
		s.On(group+".IPAddress", engine.Field("spec", engine.Present, engine.Field("parentRef", engine.Present)))
		s.On(group+".ParentReference",
			engine.Field("group", engine.DNSSubdomain),
			engine.Field("resource", engine.Required, engine.PathSegment),
			engine.Field("name", engine.Required, engine.PathSegment),
			engine.Field("namespace", engine.PathSegment),
		)
		s.On(group+".ServiceCIDR", engine.Field("spec", engine.Field("cidrs", serviceCIDRs)))
	}
}

// networkPolicies adds the rules for NetworkPolicies.
func networkPolicies(s engine.Table) {
	s.On("networking.v1.NetworkPolicySpec", engine.Field("policyTypes", engine.AtMostItems(2), engine.Each(engine.Required, engine.OneOf("Ingress", "Egress"))))
	s.On("networking.v1.NetworkPolicyPeer", policyPeer)
	s.On("networking.v1.NetworkPolicyPort",
		engine.Field("protocol", engine.OneOfGiven("TCP", "UDP", "SCTP")),
		policyPorts,
	)
	s.On("networking.v1.IPBlock", ipBlock)
}

// policyPeer: a peer is pods, namespaces, both, or addresses.
func policyPeer(n engine.Node) {
	block, selectors := n.Field("ipBlock").IsSet(), n.Given([]string{"podSelector", "namespaceSelector"})
	switch {
	case !block && len(selectors) == 0:
		n.Fail(engine.RuleRequired, "want one of podSelector, namespaceSelector, ipBlock, got none", "podSelector: {} is every pod")
	case block && len(selectors) > 0:
		n.Fail(engine.RuleConflict, "want ipBlock or "+strings.Join(selectors, " and ")+", got both", "make two peers of it")
	}
}

func policyPorts(n engine.Node) {
	port, end := n.Field("port"), n.Field("endPort")
	if text, ok := port.Value.(string); ok {
		port.Problems(engine.RuleFormat, validation.IsValidPortName(text))
	}
	port.Run(engine.Between(1, 65535))
	first, numeric := port.Integer()
	if !end.IsSet() {
		return
	}
	end.Run(engine.Between(1, 65535))
	last, ok := end.Integer()
	switch {
	case !numeric:
		end.Fail(engine.RuleConflict, "want a number as port with it, "+port.Got())
	case ok && last < first:
		end.Fail(engine.RuleConflict, fmt.Sprintf("want at least port, %d, got %d", first, last))
	}
}

// ipBlock: the exceptions of a block are parts of it.
func ipBlock(n engine.Node) {
	if !n.Field("cidr").Required() {
		return
	}
	block, ok := n.Field("cidr").CIDR()
	for _, except := range n.Field("except").Items() {
		hole, isCIDR := except.CIDR()
		if !ok || !isCIDR {
			continue
		}
		bits, _ := block.Mask.Size()
		holeBits, _ := hole.Mask.Size()
		if !block.Contains(hole.IP) || holeBits <= bits {
			except.Fail(engine.RuleConflict, "want a part of cidr, "+n.Field("cidr").Text()+", "+except.Got())
		}
	}
}

// ingresses adds the rules for Ingresses and their classes.
func ingresses(s engine.Table) {
	s.On("networking.v1.Ingress", engine.Field("spec", engine.Required), ingressClass)
	s.On("networking.v1.IngressSpec", rulesOrBackend, engine.Field("ingressClassName", engine.NotEmpty, engine.DNSSubdomain))
	s.On("networking.v1.IngressTLS",
		engine.Field("hosts", engine.Each(engine.Required, ingressHost)),
		engine.Field("secretName", engine.DNSSubdomain),
	)
	s.On("networking.v1.IngressRule", engine.Field("host", ingressHost, noAddress))
	s.On("networking.v1.HTTPIngressRuleValue", engine.Field("paths", engine.Required))
	s.On("networking.v1.HTTPIngressPath",
		engine.Field("pathType", engine.Present, engine.OneOfGiven("Exact", "ImplementationSpecific", "Prefix")),
		engine.Field("backend", engine.Present),
		ingressPath,
	)
	s.On("networking.v1.IngressBackend", engine.ExactlyOne("resource", "service"), engine.Field("resource", typedReference))
	s.On("networking.v1.IngressServiceBackend",
		engine.Field("name", engine.Required, serviceName),
		engine.Field("port", engine.Required),
	)
	s.On("networking.v1.ServiceBackendPort", servicePort)
	s.On("networking.v1.IngressClass", engine.Field("spec", engine.Required))
	s.On("networking.v1.IngressClassSpec", engine.Field("controller", engine.Required, engine.DomainPrefixedPath, engine.AtMostBytes(250)))
	s.On("networking.v1.IngressClassParametersReference", typedReference, classParameters)
}

// ingressClass: the annotation came before the field.
func ingressClass(n engine.Node) {
	const annotation = "kubernetes.io/ingress.class"
	annotations, name := n.Field("metadata", "annotations"), n.Field("spec", "ingressClassName")
	if class, ok := annotations.Labels()[annotation]; ok && name.IsSet() && class != name.Text() {
		a := annotations.Field(annotation)
		a.Fail(engine.RuleConflict, "want the same as spec.ingressClassName, "+a.Got(), "leave it out: the field has taken its place")
	}
}

func rulesOrBackend(n engine.Node) {
	if n.Field("rules").IsZero() && !n.Field("defaultBackend").IsSet() {
		n.Fail(engine.RuleRequired, "want rules or defaultBackend, got none")
	}
}

// ingressHost requires a DNS name; its first part may be a *.
func ingressHost(n engine.Node) {
	if strings.Contains(n.Text(), "*") {
		n.Problems(engine.RuleFormat, validation.IsWildcardDNS1123Subdomain(n.Text()))
	} else {
		n.Run(engine.DNSSubdomain)
	}
}

func noAddress(n engine.Node) {
	if netutils.ParseIPSloppy(n.Text()) != nil {
		n.Fail(engine.RuleFormat, "want a DNS name, no IP address, "+n.Got())
	}
}

// ingressPath: paths are absolute. Those that are compared with the path of a URL have no
// steps that it cannot have.
func ingressPath(n engine.Node) {
	path, kind := n.Field("path"), n.Field("pathType").Text()
	text := path.Text()
	if kind != "Exact" && kind != "Prefix" {
		if kind == "ImplementationSpecific" && text != "" && !strings.HasPrefix(text, "/") {
			path.Fail(engine.RuleFormat, "want an absolute path, "+path.Got())
		}
		return
	}
	if !strings.HasPrefix(text, "/") {
		path.Fail(engine.RuleFormat, "want an absolute path, "+path.Got())
	}
	for _, step := range []string{"//", "/./", "/../", "%2f", "%2F"} {
		if strings.Contains(text, step) {
			path.Fail(engine.RuleFormat, fmt.Sprintf("want a path without %s, %s", message.Quote(step), path.Got()))
		}
	}
	for _, end := range []string{"/..", "/."} {
		if strings.HasSuffix(text, end) {
			path.Fail(engine.RuleFormat, fmt.Sprintf("want a path that does not end with %s, %s", message.Quote(end), path.Got()))
		}
	}
}

// typedReference requires a kind and a name.
func typedReference(n engine.Node) {
	if !n.IsSet() {
		return
	}
	n.Field("apiGroup").Run(engine.NotEmpty, engine.DNSSubdomain)
	n.Field("kind").Run(engine.Required, engine.PathSegment)
	n.Field("name").Run(engine.Required, engine.PathSegment)
}

// serviceName requires a possible name of a Service.
func serviceName(n engine.Node) {
	named := serviceNaming(n.Release)
	n.Run(engine.Written(func(name string) []string { return named(name, false) }))
}

// servicePort: a port of a Service is given by its name or its number.
func servicePort(n engine.Node) {
	name, number := n.Field("name"), n.Field("number")
	switch {
	case name.IsZero() && number.IsZero():
		n.Fail(engine.RuleRequired, "want name or number, got none")
	case !name.IsZero() && !number.IsZero():
		n.Fail(engine.RuleConflict, "want name or number, got both")
	}
	name.Run(engine.Written(validation.IsValidPortName))
	number.Run(portOrName)
}

// classParameters: by default the parameters of a class are in the cluster's scope.
func classParameters(n engine.Node) {
	scope, namespace := n.Field("scope"), n.Field("namespace")
	scope.Run(engine.OneOfGiven("Cluster", "Namespace"))
	switch scope.Text() {
	case "Namespace":
		if !namespace.IsSet() {
			namespace.Fail(engine.RuleRequired, `is required with scope "Namespace", got none`)
		} else {
			namespace.Run(engine.NotEmpty, engine.Written(func(name string) []string { return apivalidation.NameIsDNSLabel(name, false) }))
		}
	case "Cluster", "":
		namespace.Run(engine.Unset(`the scope is "Cluster"`))
	}
}

// nameIsAddress is for IPAddresses, whose names are the addresses.
func nameIsAddress(name string, _ bool) []string { return engine.CanonicalIP(name) }

// serviceCIDRs: a cluster has a range of addresses of each family at most.
func serviceCIDRs(n engine.Node) {
	n.Run(engine.Required, engine.AtMostItems(2), engine.Each(engine.Required, engine.Written(engine.CanonicalCIDR)))
	if list := n.List(); len(list) == 2 && netutils.IsIPv6CIDRString(list[0].Text()) == netutils.IsIPv6CIDRString(list[1].Text()) {
		n.Fail(engine.RuleConflict, "want one range of IPv4 and one of IPv6, "+n.Got())
	}
}
