package validate

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/pkg/diag"
)

// customResourceDefinitions adds the rules for CustomResourceDefinitions, but for those of the
// schemas in them (k8s.io/apiextensions-apiserver,
// pkg/apis/apiextensions/validation).
func customResourceDefinitions(s table) {
	s.on("apiextensions.v1.CustomResourceDefinition", field("spec", present), func(n node) {
		spec := n.field("spec")
		mustBeNamed(n, spec.field("names", "plural").text()+"."+spec.field("group").text(), "spec.names.plural and spec.group")
	}, communityApproval)
	s.on("apiextensions.v1.CustomResourceDefinitionSpec",
		field("group", required, definitionGroup),
		field("scope", required, oneOf("Cluster", "Namespaced")),
		field("versions", uniqueBy("name"), oneStorageVersion),
		field("names", present),
		field("preserveUnknownFields", absent("set x-kubernetes-preserve-unknown-fields in the schema instead")),
	)
	kindName := written(func(name string) []string { return validation.IsDNS1035Label(strings.ToLower(name)) })
	dns1035 := written(validation.IsDNS1035Label)
	s.on("apiextensions.v1.CustomResourceDefinitionNames",
		field("plural", required, dns1035),
		field("singular", dns1035),
		field("kind", required, kindName),
		field("listKind", kindName),
		field("shortNames", each(required, dns1035)),
		field("categories", each(required, dns1035)),
		func(n node) {
			if list := n.field("listKind"); !list.zero() && list.text() == n.field("kind").text() {
				list.fail(ruleConflict, "want another kind than that of the items, "+list.got())
			}
		},
	)
	s.on("apiextensions.v1.CustomResourceDefinitionVersion",
		field("name", required, dns1035),
		field("schema", field("openAPIV3Schema", present)),
		deprecationWarning,
	)
	s.on("apiextensions.v1.CustomResourceColumnDefinition",
		field("name", required),
		field("type", required, oneOf("integer", "number", "string", "boolean", "date")),
		field("format", oneOf("int32", "int64", "float", "double", "byte", "date", "date-time", "password")),
		field("jsonPath", required, jsonPath()),
	)
	s.on("apiextensions.v1.SelectableField", field("jsonPath", required))
	s.on("apiextensions.v1.CustomResourceSubresourceScale",
		field("specReplicasPath", required, jsonPath(".spec.")),
		field("statusReplicasPath", required, jsonPath(".status.")),
		field("labelSelectorPath", jsonPath(".spec.", ".status.")),
	)
	s.on("apiextensions.v1.CustomResourceConversion", field("strategy", required, oneOf("None", "Webhook")), conversion)
	s.on("apiextensions.v1.WebhookClientConfig", exactlyOne("url", "service"), field("url", webhookURL("https")))
	s.on("apiextensions.v1.ServiceReference", webhookService)
}

func definitionGroup(n node) {
	n.run(dnsSubdomain)
	if text := n.text(); text != "" && !strings.Contains(text, ".") {
		n.fail(ruleFormat, "want a domain with a dot, "+n.got())
	}
}

// communityApproval: a group of Kubernetes' own needs to be approved
// (pkg/apihelpers: GetAPIApprovalState).
func communityApproval(n node) {
	group := "." + n.field("spec", "group").text()
	if !strings.HasSuffix(group, ".k8s.io") && !strings.HasSuffix(group, ".kubernetes.io") {
		return
	}
	approval := n.field("metadata", "annotations", "api-approved.kubernetes.io")
	text := approval.text()
	if strings.HasPrefix(text, "unapproved") {
		return
	}
	if u, err := url.ParseRequestURI(text); err != nil || u.Host == "" || u.Scheme == "" {
		approval.fail(ruleRequired, `groups of k8s.io and kubernetes.io want the URL of an approval or a text that begins with "unapproved", `+approval.got())
	}
}

func oneStorageVersion(n node) {
	storage := 0
	for _, version := range n.items() {
		if version.field("storage").truth() {
			storage++
		}
	}
	if storage != 1 {
		n.fail(ruleConflict, fmt.Sprintf("want one version with storage: true, got %d", storage))
	}
}

// deprecationWarning: a warning is one line about a version that is deprecated.
func deprecationWarning(n node) {
	warning := n.field("deprecationWarning")
	if !warning.set() {
		return
	}
	if !n.field("deprecated").truth() {
		warning.fail(ruleConflict, "leave it out: the version is not deprecated")
	}
	warning.run(notEmpty, atMostBytes(256))
	if strings.ContainsFunc(warning.text(), func(r rune) bool { return !unicode.IsPrint(r) }) {
		warning.fail(ruleFormat, "want printable characters, "+warning.got())
	}
}

// jsonPath asks for a path that begins with a dot, and with one of some fields
// where there are any.
func jsonPath(under ...string) constraint {
	return func(n node) {
		text := n.text()
		if text == "" {
			return
		}
		for _, prefix := range under {
			if strings.HasPrefix(text, prefix) {
				return
			}
		}
		if !strings.HasPrefix(text, ".") {
			n.fail(ruleFormat, `want a path that begins with ".", `+n.got())
		} else if len(under) > 0 {
			n.fail(ruleFormat, "want a path below "+diag.Alternatives(under)+", "+n.got())
		}
	}
}

// conversion: only a strategy of Webhook has a webhook.
func conversion(n node) {
	config, versions := n.field("webhook", "clientConfig"), n.field("webhook", "conversionReviewVersions")
	if n.field("strategy").text() == "Webhook" {
		config.run(present)
		versions.run(required, uniqueItems, reviewVersions)
		return
	}
	for _, part := range []node{config, versions} {
		if part.set() && (part.name() == "clientConfig" || !part.zero()) {
			part.fail(ruleConflict, "leave it out: the strategy is not Webhook")
		}
	}
}
