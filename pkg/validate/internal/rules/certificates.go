package rules

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// podCertificates adds the rules for requests for certificates of pods. They do not check
// that a key of the older form signs the pod's UID.
func podCertificates(s engine.Table) {
	for _, version := range []string{"v1beta1", "v1"} {
		s.On("certificates."+version+".PodCertificateRequestSpec",
			engine.Field("signerName", engine.Required, signerName),
			engine.Field("podName", engine.Required, engine.DNSSubdomain),
			engine.Field("podUID", engine.Required, engine.AtMostBytes(128)),
			engine.Field("serviceAccountName", engine.Required, engine.DNSSubdomain),
			engine.Field("serviceAccountUID", engine.Required, engine.AtMostBytes(128)),
			engine.Field("nodeName", engine.Required, engine.DNSSubdomain),
			engine.Field("nodeUID", engine.Required, engine.AtMostBytes(128)),
			engine.Field("unverifiedUserAnnotations", prefixedKeys),
			certificateLifetime,
			podKey,
		)
	}
}

// prefixedKeys requires keys with a domain, which may be in upper case, and limits their
// size like that of annotations.
func prefixedKeys(n engine.Node) {
	n.Run(engine.AnnotationMap)
	for key, value := range n.Entries() {
		if !strings.Contains(key, "/") && validation.IsQualifiedName(strings.ToLower(key)) == nil {
			value.KeyProblems([]string{"want a domain and a name as example.com/name"})
		}
	}
}

// certificateLifetime: Kubernetes' own signers give no certificate for longer than a day.
func certificateLifetime(n engine.Node) {
	const hour = 60 * 60
	most := int64(91 * 24 * hour)
	domain, _, _ := strings.Cut(n.Field("signerName").Text(), "/")
	if domain == "kubernetes.io" || strings.HasSuffix(domain, ".kubernetes.io") {
		most = 24 * hour
	}
	n.Field("maxExpirationSeconds").Run(engine.Between(hour, most))
}

// podKey: a certificate request holds a public key. In an older form, the key comes with a
// proof of possession of the private key.
func podKey(n engine.Node) {
	request, key, proof := n.Field("stubPKCS10Request"), n.Field("pkixPublicKey"), n.Field("proofOfPossession")
	if !key.IsZero() || !proof.IsZero() {
		key.Run(engine.Required)
		proof.Run(engine.Required)
		request.Run(engine.Absent("there is a pkixPublicKey"))
		return
	}
	if !request.Required() {
		return
	}
	data, ok := request.Bytes()
	if !ok {
		return
	}
	const most = 10 << 10
	parsed, err := x509.ParseCertificateRequest(data)
	switch {
	case len(data) > most:
		request.Fail(engine.RuleValue, fmt.Sprintf("want at most %d bytes, got %d", most, len(data)))
	case err != nil:
		request.Fail(engine.RuleFormat, "want a certificate request (PKCS#10, DER) in base64: "+err.Error())
	case !supportedKey(parsed.PublicKey):
		request.Fail(engine.RuleValue, "want a key of Ed25519, of ECDSA with P256, P384 or P521, or of RSA with 3072 or 4096 bits")
	}
}

func supportedKey(key any) bool {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return true
	case *ecdsa.PublicKey:
		return key.Params().BitSize >= 256
	case *rsa.PublicKey:
		return key.Size() == 3072/8 || key.Size() == 4096/8
	}
	return false
}

// trustBundle requires certificates of authorities in PEM, each once
// (validateTrustBundle).
func trustBundle(n engine.Node) {
	const most = 1 << 20
	if len(n.Text()) > most {
		n.Run(engine.AtMostBytes(most))
		return
	}
	seen := map[string]int{}
	rest := []byte(n.Text())
	for i := 0; ; i++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		var problem string
		if first, ok := seen[string(block.Bytes)]; ok {
			problem = fmt.Sprintf("is the same as block %d", first)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		switch {
		case block.Type != "CERTIFICATE":
			problem = "want a CERTIFICATE, got a " + block.Type
		case len(block.Headers) > 0:
			problem = "want no headers"
		case err != nil:
			problem = "want a certificate: " + err.Error()
		case !certificate.IsCA || !certificate.BasicConstraintsValid:
			problem = "want the certificate of an authority (CA:TRUE)"
		}
		if problem != "" {
			n.Fail(engine.RuleFormat, fmt.Sprintf("PEM block %d: %s", i, problem))
		}
		seen[string(block.Bytes)] = i
	}
	if len(seen) == 0 && !n.IsZero() {
		n.Fail(engine.RuleFormat, "want certificates in PEM, got none")
	}
}
