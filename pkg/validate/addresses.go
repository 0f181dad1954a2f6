package validate

import (
	"net"
	"net/netip"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"
	upstream "k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"

	"github.com/mop-platform/mop/pkg/release/gates"
)

// details makes a function that tells what is wrong with a text of one that
// tells what is wrong with a field.
func details(as func(*upstream.Path, string) upstream.ErrorList) func(string) []string {
	return func(text string) []string {
		var problems []string
		for _, err := range as(nil, text) {
			problems = append(problems, err.Detail)
		}
		return slices.Compact(problems)
	}
}

// domainPrefixedPath is a host and a path: example.com/name.
var domainPrefixedPath = written(details(validation.IsDomainPrefixedPath))

// strictAddresses reports whether addresses must be written so that every
// program reads them alike. Without the gate, API servers take 010.1.2.3 and
// 10.1.2.3/8, too.
func (n node) strictAddresses() bool { return n.has(gates.StrictIPCIDRValidation) }

// ip asks for an IP address and reports whether it is one.
func (n node) ip() (net.IP, bool) {
	text, ok := n.value.(string)
	if !ok && n.set() || !n.required() {
		return nil, false
	}
	problems := details(func(p *upstream.Path, text string) upstream.ErrorList {
		return validation.IsValidIPForLegacyField(p, text, n.strictAddresses(), nil)
	})(text)
	n.problems(ruleFormat, problems)
	return netutils.ParseIPSloppy(text), problems == nil
}

// cidr asks for a range of IP addresses.
func (n node) cidr() (*net.IPNet, bool) { return n.cidrOf(n.text()) }

// cidrOf asks for a range of IP addresses in a text that is part of the value.
func (n node) cidrOf(text string) (*net.IPNet, bool) {
	problems := details(func(p *upstream.Path, text string) upstream.ErrorList {
		return validation.IsValidCIDRForLegacyField(p, text, n.strictAddresses(), nil)
	})(text)
	n.problems(ruleFormat, problems)
	_, ipNet, _ := netutils.ParseCIDRSloppy(text)
	return ipNet, problems == nil
}

// ordinaryIP asks for an address that other machines can reach
// (ValidateEndpointIP in k8s.io/kubernetes, pkg/apis/core/validation).
func ordinaryIP(n node) {
	if ip, ok := n.ip(); ok {
		n.ordinary(ip)
	}
}

func (n node) ordinary(ip net.IP) {
	for _, special := range []struct {
		is   bool
		what string
	}{
		{ip.IsUnspecified(), "the unspecified address"},
		{ip.IsLoopback(), "in the loopback range"},
		{ip.IsLinkLocalUnicast(), "in the link-local range"},
		{ip.IsLinkLocalMulticast(), "in the link-local multicast range"},
	} {
		if special.is {
			n.fail(ruleValue, "want an address that is not "+special.what+", "+n.got())
		}
	}
}

// canonicalCIDR tells what is wrong with a range of addresses that must be
// written in one way only.
func canonicalCIDR(text string) []string {
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil || prefix.Addr().Is4In6():
		return []string{"want a range of IP addresses such as 10.9.8.0/24 or 2001:db8::/64"}
	case prefix.Masked().String() != text:
		return []string{"want it written as " + prefix.Masked().String()}
	}
	return nil
}

// canonicalIP tells what is wrong with an address that must be written in one
// way only.
func canonicalIP(text string) []string {
	ip, err := netip.ParseAddr(text)
	switch {
	case err != nil || ip.Is4In6():
		return []string{"want an IP address such as 10.9.8.7 or 2001:db8::1"}
	case ip.String() != text:
		return []string{"want it written as " + ip.String()}
	}
	return nil
}
