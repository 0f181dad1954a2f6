package rules

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	netutils "k8s.io/utils/net"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// cluster adds the rules for objects of a cluster itself: nodes, services of its API and
// certificates.
func cluster(s engine.Table) {
	nodes(s)
	apiServices(s)
	certificates(s)
}

// nodes adds the rules for Nodes
// (k8s.io/kubernetes, pkg/apis/core/validation: ValidateNode).
func nodes(s engine.Table) {
	s.On("core.v1.NodeSpec", engine.Field("taints", distinctTaints), podCIDRs)
	s.On("core.v1.Taint",
		engine.Field("key", engine.Required, engine.QualifiedName),
		engine.Field("value", engine.Written(validation.IsValidLabelValue)),
		engine.Field("effect", engine.Required, engine.OneOf("NoSchedule", "PreferNoSchedule", "NoExecute")),
	)
	s.On("core.v1.NodeStatus", func(n engine.Node) {
		for _, name := range []string{"capacity", "allocatable"} {
			for key, value := range n.Field(name).Entries() {
				value.Run(resourceAmount(key))
			}
		}
	})
}

func distinctTaints(n engine.Node) {
	seen := map[[2]string]int{}
	for i, taint := range n.Items() {
		key := [2]string{taint.Field("key").Text(), taint.Field("effect").Text()}
		if first, ok := seen[key]; ok {
			taint.Fail(engine.RuleDuplicate, fmt.Sprintf("has the same key and effect as item %d", first))
			continue
		}
		seen[key] = i
	}
}

// podCIDRs: a node has one range for each family of addresses. podCIDR is the first of
// them; if it is another range, podCIDRs does not count (pkg/apis/core/v1/conversion.go:
// Convert_v1_NodeSpec_To_core_NodeSpec).
func podCIDRs(n engine.Node) {
	one, all := n.Field("podCIDR"), n.Field("podCIDRs")
	var first string
	if list, _ := all.Value.([]any); len(list) > 0 {
		first, _ = list[0].(string)
	}
	if one.Text() != "" && one.Text() != first {
		one.Run(ipRange)
		if all.Len() > 0 {
			all.Warn(engine.RuleConflict, "does not count: the first of them is not podCIDR, which is "+plain.Describe(one.Value))
		}
		return
	}
	families := map[bool]bool{}
	for _, item := range all.Items() {
		item.Run(engine.Required, ipRange)
		family := netutils.IsIPv6CIDRString(item.Text())
		if families[family] {
			item.Fail(engine.RuleConflict, "want one range for each family of addresses, "+item.Got())
		}
		families[family] = true
	}
}

func ipRange(n engine.Node) {
	if !n.IsZero() {
		n.CIDR()
	}
}

// apiServices adds the rules for APIServices
// (k8s.io/kube-aggregator, pkg/apis/apiregistration/validation).
func apiServices(s engine.Table) {
	s.On("apiregistration.v1.APIService", engine.Field("spec", engine.Present), func(n engine.Node) {
		spec := n.Field("spec")
		mustBeNamed(n, spec.Field("version").Text()+"."+spec.Field("group").Text(), "spec.version and spec.group")
	})
	s.On("apiregistration.v1.APIServiceSpec",
		engine.Field("group", engine.DNSSubdomain),
		engine.Field("version", engine.Required, engine.Written(validation.IsDNS1035Label)),
		engine.Field("groupPriorityMinimum", engine.Between(1, 20000)),
		engine.Field("versionPriority", engine.Between(1, 1000)),
		apiService,
	)
}

func apiService(n engine.Node) {
	if n.Field("group").IsZero() && n.Field("version").Text() != "v1" {
		n.Field("group").Run(engine.Required)
	}
	service, bundle, insecure := n.Field("service"), n.Field("caBundle"), n.Field("insecureSkipTLSVerify")
	if !service.IsSet() {
		bundle.Run(engine.Absent("the API server itself serves what has no service"))
		insecure.Run(engine.Absent("the API server itself serves what has no service"))
		return
	}
	service.Run(engine.Field("namespace", engine.Required), engine.Field("name", engine.Required), engine.Field("port", engine.Between(1, 65535)))
	if insecure.Truth() && !bundle.IsZero() {
		insecure.Fail(engine.RuleConflict, "leave it out: there is a caBundle")
	}
}

// mustBeNamed requires a name that follows from the object's spec.
func mustBeNamed(n engine.Node, want, source string) {
	if !n.Field("spec").IsSet() {
		return
	}
	for _, field := range []string{"name", "generateName"} {
		if name := n.Field("metadata", field); name.Text() != "" && name.Text() != want {
			name.Fail(engine.RuleValue, fmt.Sprintf("want %s, which follows from %s, %s", message.Quote(want), source, name.Got()))
		}
	}
}

// certificates adds the rules for requests for certificates and for bundles of
// them (k8s.io/kubernetes, pkg/apis/certificates/validation).
func certificates(s engine.Table) {
	s.On("certificates.v1.CertificateSigningRequest", engine.Field("spec", engine.Present))
	s.On("certificates.v1.CertificateSigningRequestSpec",
		engine.Field("request", certificateRequest),
		engine.Field("usages", engine.Required, engine.Each(engine.Required, engine.OneOf(keyUsages...)), engine.UniqueItems),
		engine.Field("signerName", engine.Required, signerName, func(n engine.Node) {
			if n.Text() == "kubernetes.io/legacy-unknown" {
				n.Fail(engine.RuleValue, "want another signer, "+n.Got())
			}
		}),
		engine.Field("expirationSeconds", engine.AtLeast(600)),
	)
	for _, version := range []string{"v1alpha1", "v1beta1", "v1"} {
		s.On("certificates."+version+".ClusterTrustBundle", engine.Field("spec", engine.Present), bundleNamed)
		s.On("certificates."+version+".ClusterTrustBundleSpec", engine.Field("signerName", signerName), engine.Field("trustBundle", engine.Required, trustBundle))
	}
}

// keyUsages are the possible uses of a certificate.
var keyUsages = []string{
	"signing", "digital signature", "content commitment", "key encipherment", "key agreement", "data encipherment",
	"cert sign", "crl sign", "encipher only", "decipher only", "any", "server auth", "client auth", "code signing",
	"email protection", "s/mime", "ipsec end system", "ipsec tunnel", "ipsec user", "timestamping", "ocsp signing",
	"microsoft sgc", "netscape sgc",
}

// certificateRequest requires a request in PEM, as openssl req makes it.
func certificateRequest(n engine.Node) {
	data, ok := n.Bytes()
	if n.IsSet() && !ok {
		return
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "CERTIFICATE REQUEST" {
		n.Fail(engine.RuleFormat, "want a PEM block of type CERTIFICATE REQUEST in base64")
		return
	}
	request, err := x509.ParseCertificateRequest(block.Bytes)
	if err == nil {
		err = request.CheckSignature()
	}
	if err != nil {
		n.Fail(engine.RuleFormat, "want a certificate request: "+err.Error())
	}
}

// signerName requires the name of a signer: a domain and a path
// (pkg/apis/core/validation/names.go: ValidateSignerName).
var signerName = engine.Written(func(name string) []string {
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
func bundleNamed(n engine.Node) {
	signer, name := n.Field("spec", "signerName").Text(), n.Field("metadata", "name")
	rest := name.Text()
	if signer != "" {
		prefix := strings.ReplaceAll(signer, "/", ":") + ":"
		var ok bool
		if rest, ok = strings.CutPrefix(rest, prefix); !ok && !name.IsZero() {
			name.Fail(engine.RuleFormat, fmt.Sprintf("want a name that begins with %s, which follows from spec.signerName, %s", message.Quote(prefix), name.Got()))
			return
		}
	}
	if !name.IsZero() {
		name.Problems(engine.RuleFormat, slices.Compact(validation.IsDNS1123Subdomain(rest)))
	}
}
