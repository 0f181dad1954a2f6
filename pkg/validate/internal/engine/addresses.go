package engine

import (
	"net"
	"net/netip"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"
	upstream "k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"

	"github.com/mop-platform/mop/internal/release/gates"
)

// Details turns a function that finds faults of a field into one that finds faults of a
// text.
func Details(as func(*upstream.Path, string) upstream.ErrorList) func(string) []string {
	return func(text string) []string {
		var problems []string
		for _, err := range as(nil, text) {
			problems = append(problems, err.Detail)
		}
		return slices.Compact(problems)
	}
}

// DomainPrefixedPath is a host and a path: example.com/name.
var DomainPrefixedPath = Written(Details(validation.IsDomainPrefixedPath))

// strictAddresses reports whether addresses must be written so that every program reads
// them alike. Without the gate, API servers also accept 010.1.2.3 and 10.1.2.3/8.
func (n Node) strictAddresses() bool { return n.Has(gates.StrictIPCIDRValidation) }

// IP requires an IP address and reports whether it is one.
func (n Node) IP() (net.IP, bool) {
	text, ok := n.Value.(string)
	if !ok && n.IsSet() || !n.Required() {
		return nil, false
	}
	problems := Details(func(p *upstream.Path, text string) upstream.ErrorList {
		return validation.IsValidIPForLegacyField(p, text, n.strictAddresses(), nil)
	})(text)
	n.Problems(RuleFormat, problems)
	return netutils.ParseIPSloppy(text), problems == nil
}

// CIDR requires a range of IP addresses.
func (n Node) CIDR() (*net.IPNet, bool) { return n.CIDROf(n.Text()) }

// CIDROf requires a range of IP addresses in a text that is part of the value.
func (n Node) CIDROf(text string) (*net.IPNet, bool) {
	problems := Details(func(p *upstream.Path, text string) upstream.ErrorList {
		return validation.IsValidCIDRForLegacyField(p, text, n.strictAddresses(), nil)
	})(text)
	n.Problems(RuleFormat, problems)
	_, ipNet, _ := netutils.ParseCIDRSloppy(text)
	return ipNet, problems == nil
}

// OrdinaryIP requires an address that other machines can reach
// (ValidateEndpointIP in k8s.io/kubernetes, pkg/apis/core/validation).
func OrdinaryIP(n Node) {
	if ip, ok := n.IP(); ok {
		n.Ordinary(ip)
	}
}

func (n Node) Ordinary(ip net.IP) {
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
			n.Fail(RuleValue, "want an address that is not "+special.what+", "+n.Got())
		}
	}
}

// CanonicalCIDR returns the faults of a range of addresses that must have the canonical
// form.
func CanonicalCIDR(text string) []string {
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil || prefix.Addr().Is4In6():
		return []string{"want a range of IP addresses such as 10.9.8.0/24 or 2001:db8::/64"}
	case prefix.Masked().String() != text:
		return []string{"want it written as " + prefix.Masked().String()}
	}
	return nil
}

// CanonicalIP returns the faults of an address that must have the canonical form.
func CanonicalIP(text string) []string {
	ip, err := netip.ParseAddr(text)
	switch {
	case err != nil || ip.Is4In6():
		return []string{"want an IP address such as 10.9.8.7 or 2001:db8::1"}
	case ip.String() != text:
		return []string{"want it written as " + ip.String()}
	}
	return nil
}
