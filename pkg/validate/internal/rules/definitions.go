package rules

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// customResourceDefinitions adds the rules for CustomResourceDefinitions, except for those
// of the schemas in them.
func customResourceDefinitions(s engine.Table) {
	s.On("apiextensions.v1.CustomResourceDefinition", engine.Field("spec", engine.Present), func(n engine.Node) {
		spec := n.Field("spec")
		mustBeNamed(n, spec.Field("names", "plural").Text()+"."+spec.Field("group").Text(), "spec.names.plural and spec.group")
	}, communityApproval)
	s.On("apiextensions.v1.CustomResourceDefinitionSpec",
		engine.Field("group", engine.Required, definitionGroup),
		engine.Field("scope", engine.Required, engine.OneOf("Cluster", "Namespaced")),
		engine.Field("versions", engine.UniqueBy("name"), oneStorageVersion),
		engine.Field("names", engine.Present),
		engine.Field("preserveUnknownFields", engine.Absent("set x-kubernetes-preserve-unknown-fields in the schema instead")),
	)
	kindName := engine.Written(func(name string) []string { return validation.IsDNS1035Label(strings.ToLower(name)) })
	dns1035 := engine.Written(validation.IsDNS1035Label)
	s.On("apiextensions.v1.CustomResourceDefinitionNames",
		engine.Field("plural", engine.Required, dns1035),
		engine.Field("singular", dns1035),
		engine.Field("kind", engine.Required, kindName),
		engine.Field("listKind", kindName),
		engine.Field("shortNames", engine.Each(engine.Required, dns1035)),
		engine.Field("categories", engine.Each(engine.Required, dns1035)),
		func(n engine.Node) {
			if list := n.Field("listKind"); !list.IsZero() && list.Text() == n.Field("kind").Text() {
				list.Fail(engine.RuleConflict, "want another kind than that of the items, "+list.Got())
			}
		},
	)
	s.On("apiextensions.v1.CustomResourceDefinitionVersion",
		engine.Field("name", engine.Required, dns1035),
		engine.Field("schema", engine.Field("openAPIV3Schema", engine.Present)),
		deprecationWarning,
	)
	s.On("apiextensions.v1.CustomResourceColumnDefinition",
		engine.Field("name", engine.Required),
		engine.Field("type", engine.Required, engine.OneOf("integer", "number", "string", "boolean", "date")),
		engine.Field("format", engine.OneOf("int32", "int64", "float", "double", "byte", "date", "date-time", "password")),
		engine.Field("jsonPath", engine.Required, jsonPath()),
	)
	s.On("apiextensions.v1.SelectableField", engine.Field("jsonPath", engine.Required))
	s.On("apiextensions.v1.CustomResourceSubresourceScale",
		engine.Field("specReplicasPath", engine.Required, jsonPath(".spec.")),
		engine.Field("statusReplicasPath", engine.Required, jsonPath(".status.")),
		engine.Field("labelSelectorPath", jsonPath(".spec.", ".status.")),
	)
	s.On("apiextensions.v1.CustomResourceConversion", engine.Field("strategy", engine.Required, engine.OneOf("None", "Webhook")), conversion)
	s.On("apiextensions.v1.WebhookClientConfig", engine.ExactlyOne("url", "service"), engine.Field("url", webhookURL("https")))
	s.On("apiextensions.v1.ServiceReference", webhookService)
}

func definitionGroup(n engine.Node) {
	n.Run(engine.DNSSubdomain)
	if text := n.Text(); text != "" && !strings.Contains(text, ".") {
		n.Fail(engine.RuleFormat, "want a domain with a dot, "+n.Got())
	}
}

// communityApproval: a group of Kubernetes' own needs to be approved
// (pkg/apihelpers: GetAPIApprovalState).
func communityApproval(n engine.Node) {
	group := "." + n.Field("spec", "group").Text()
	if !strings.HasSuffix(group, ".k8s.io") && !strings.HasSuffix(group, ".kubernetes.io") {
		return
	}
	approval := n.Field("metadata", "annotations", "api-approved.kubernetes.io")
	text := approval.Text()
	if strings.HasPrefix(text, "unapproved") {
		return
	}
	if u, err := url.ParseRequestURI(text); err != nil || u.Host == "" || u.Scheme == "" {
		approval.Fail(engine.RuleRequired, `groups of k8s.io and kubernetes.io want the URL of an approval or a text that begins with "unapproved", `+approval.Got())
	}
}

func oneStorageVersion(n engine.Node) {
	storage := 0
	for _, version := range n.Items() {
		if version.Field("storage").Truth() {
			storage++
		}
	}
	if storage != 1 {
		n.Fail(engine.RuleConflict, fmt.Sprintf("want one version with storage: true, got %d", storage))
	}
}

// deprecationWarning: only a deprecated version has a warning, which is one line.
func deprecationWarning(n engine.Node) {
	warning := n.Field("deprecationWarning")
	if !warning.IsSet() {
		return
	}
	if !n.Field("deprecated").Truth() {
		warning.Fail(engine.RuleConflict, "leave it out: the version is not deprecated")
	}
	warning.Run(engine.NotEmpty, engine.AtMostBytes(256))
	if strings.ContainsFunc(warning.Text(), func(r rune) bool { return !unicode.IsPrint(r) }) {
		warning.Fail(engine.RuleFormat, "want printable characters, "+warning.Got())
	}
}

// jsonPath requires a path that begins with a dot, and with one of the fields under if
// there are any.
func jsonPath(under ...string) engine.Constraint {
	return func(n engine.Node) {
		text := n.Text()
		if text == "" {
			return
		}
		for _, prefix := range under {
			if strings.HasPrefix(text, prefix) {
				return
			}
		}
		if !strings.HasPrefix(text, ".") {
			n.Fail(engine.RuleFormat, `want a path that begins with ".", `+n.Got())
		} else if len(under) > 0 {
			n.Fail(engine.RuleFormat, "want a path below "+message.Alternatives(under)+", "+n.Got())
		}
	}
}

// conversion: only a strategy of Webhook has a webhook.
func conversion(n engine.Node) {
	config, versions := n.Field("webhook", "clientConfig"), n.Field("webhook", "conversionReviewVersions")
	if n.Field("strategy").Text() == "Webhook" {
		config.Run(engine.Present)
		versions.Run(engine.Required, engine.UniqueItems, reviewVersions)
		return
	}
	for _, part := range []engine.Node{config, versions} {
		if part.IsSet() && (part.Name() == "clientConfig" || !part.IsZero()) {
			part.Fail(engine.RuleConflict, "leave it out: the strategy is not Webhook")
		}
	}
}
