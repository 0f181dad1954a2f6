package validate

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	netutils "k8s.io/utils/net"

	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/message"
)

// cluster adds the rules for what is a cluster's own: nodes, services of its API
// and certificates.
func cluster(s table) {
	nodes(s)
	apiServices(s)
	certificates(s)
}

// nodes adds the rules for Nodes
// (k8s.io/kubernetes, pkg/apis/core/validation: ValidateNode).
func nodes(s table) {
	s.on("core.v1.NodeSpec", field("taints", distinctTaints), podCIDRs)
	s.on("core.v1.Taint",
		field("key", required, qualifiedName),
		field("value", written(validation.IsValidLabelValue)),
		field("effect", required, oneOf("NoSchedule", "PreferNoSchedule", "NoExecute")),
	)
	s.on("core.v1.NodeStatus", func(n node) {
		for _, name := range []string{"capacity", "allocatable"} {
			for key, value := range n.field(name).entries() {
				value.run(resourceAmount(key))
			}
		}
	})
}

func distinctTaints(n node) {
	seen := map[[2]string]int{}
	for i, taint := range n.items() {
		key := [2]string{taint.field("key").text(), taint.field("effect").text()}
		if first, ok := seen[key]; ok {
			taint.fail(ruleDuplicate, fmt.Sprintf("has the same key and effect as item %d", first))
			continue
		}
		seen[key] = i
	}
}

// podCIDRs: a node has one range for each family of addresses. podCIDR is the
// first of them; where it is not, the others do not count
// (pkg/apis/core/v1/conversion.go: Convert_v1_NodeSpec_To_core_NodeSpec).
func podCIDRs(n node) {
	one, all := n.field("podCIDR"), n.field("podCIDRs")
	var first string
	if list, _ := all.value.([]any); len(list) > 0 {
		first, _ = list[0].(string)
	}
	if one.text() != "" && one.text() != first {
		one.run(ipRange)
		if all.len() > 0 {
			all.warn(ruleConflict, "does not count: the first of them is not podCIDR, which is "+manifest.Describe(one.value))
		}
		return
	}
	families := map[bool]bool{}
	for _, item := range all.items() {
		item.run(required, ipRange)
		family := netutils.IsIPv6CIDRString(item.text())
		if families[family] {
			item.fail(ruleConflict, "want one range for each family of addresses, "+item.got())
		}
		families[family] = true
	}
}

func ipRange(n node) {
	if !n.zero() {
		n.cidr()
	}
}

// apiServices adds the rules for APIServices
// (k8s.io/kube-aggregator, pkg/apis/apiregistration/validation).
func apiServices(s table) {
	s.on("apiregistration.v1.APIService", field("spec", present), func(n node) {
		spec := n.field("spec")
		mustBeNamed(n, spec.field("version").text()+"."+spec.field("group").text(), "spec.version and spec.group")
	})
	s.on("apiregistration.v1.APIServiceSpec",
		field("group", dnsSubdomain),
		field("version", required, written(validation.IsDNS1035Label)),
		field("groupPriorityMinimum", between(1, 20000)),
		field("versionPriority", between(1, 1000)),
		apiService,
	)
}

func apiService(n node) {
	if n.field("group").zero() && n.field("version").text() != "v1" {
		n.field("group").run(required)
	}
	service, bundle, insecure := n.field("service"), n.field("caBundle"), n.field("insecureSkipTLSVerify")
	if !service.set() {
		bundle.run(absent("the API server itself serves what has no service"))
		insecure.run(absent("the API server itself serves what has no service"))
		return
	}
	service.run(field("namespace", required), field("name", required), field("port", between(1, 65535)))
	if insecure.truth() && !bundle.zero() {
		insecure.fail(ruleConflict, "leave it out: there is a caBundle")
	}
}

// mustBeNamed asks for a name that follows from the object's spec.
func mustBeNamed(n node, want, source string) {
	if !n.field("spec").set() {
		return
	}
	for _, field := range []string{"name", "generateName"} {
		if name := n.field("metadata", field); name.text() != "" && name.text() != want {
			name.fail(ruleValue, fmt.Sprintf("want %s, which follows from %s, %s", message.Quote(want), source, name.got()))
		}
	}
}

// certificates adds the rules for requests for certificates and for bundles of
// them (k8s.io/kubernetes, pkg/apis/certificates/validation).
func certificates(s table) {
	s.on("certificates.v1.CertificateSigningRequest", field("spec", present))
	s.on("certificates.v1.CertificateSigningRequestSpec",
		field("request", certificateRequest),
		field("usages", required, each(required, oneOf(keyUsages...)), uniqueItems),
		field("signerName", required, signerName, func(n node) {
			if n.text() == "kubernetes.io/legacy-unknown" {
				n.fail(ruleValue, "want another signer, "+n.got())
			}
		}),
		field("expirationSeconds", atLeast(600)),
	)
	for _, version := range []string{"v1alpha1", "v1beta1", "v1"} {
		s.on("certificates."+version+".ClusterTrustBundle", field("spec", present), bundleNamed)
		s.on("certificates."+version+".ClusterTrustBundleSpec", field("signerName", signerName), field("trustBundle", required, trustBundle))
	}
}

// keyUsages are what a certificate can be for.
var keyUsages = []string{
	"signing", "digital signature", "content commitment", "key encipherment", "key agreement", "data encipherment",
	"cert sign", "crl sign", "encipher only", "decipher only", "any", "server auth", "client auth", "code signing",
	"email protection", "s/mime", "ipsec end system", "ipsec tunnel", "ipsec user", "timestamping", "ocsp signing",
	"microsoft sgc", "netscape sgc",
}

// certificateRequest asks for a request as openssl req makes it, in PEM.
func certificateRequest(n node) {
	data, ok := n.bytes()
	if n.set() && !ok {
		return
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "CERTIFICATE REQUEST" {
		n.fail(ruleFormat, "want a PEM block of type CERTIFICATE REQUEST in base64")
		return
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err == nil {
		err = request.CheckSignature()
	}
	if err != nil {
		n.fail(ruleFormat, "want a certificate request: "+err.Error())
	}
}

// signerName asks for the name of a signer: a domain and a path
// (pkg/apis/core/validation/names.go: ValidateSignerName).
var signerName = written(func(name string) []string {
	domain, path, ok := strings.Cut(name, "/")
	if !ok || strings.Contains(path, "/") {
		return []string{"want a domain and a path as example.com/name"}
	}
	labels := strings.Split(domain, ".")
	if len(labels) < 2 || len(domain) > validation.DNS1123SubdomainMaxLength {
		return []string{"want a domain of two or more parts before the slash"}
	}
	for _, label := range labels {
		if problems := validation.IsDNS1123Label(label); problems != nil {
			return problems
		}
	}
	for _, label := range strings.Split(path, ".") {
		if problems := validation.IsDNS1123Subdomain(label); problems != nil {
			return problems
		}
	}
	if most := 2*validation.DNS1123SubdomainMaxLength + validation.DNS1123LabelMaxLength + 2; len(name) > most {
		return []string{validation.MaxLenError(most)}
	}
	return nil
})

// bundleNamed: the name of a bundle of a signer begins with the signer's.
func bundleNamed(n node) {
	signer, name := n.field("spec", "signerName").text(), n.field("metadata", "name")
	rest := name.text()
	if signer != "" {
		prefix := strings.ReplaceAll(signer, "/", ":") + ":"
		var ok bool
		if rest, ok = strings.CutPrefix(rest, prefix); !ok && !name.zero() {
			name.fail(ruleFormat, fmt.Sprintf("want a name that begins with %s, which follows from spec.signerName, %s", message.Quote(prefix), name.got()))
			return
		}
	}
	if !name.zero() {
		name.problems(ruleFormat, slices.Compact(validation.IsDNS1123Subdomain(rest)))
	}
}
