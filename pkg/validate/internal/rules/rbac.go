package rules

import (
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

const rbacGroup = "rbac.authorization.k8s.io"

// rbac adds the rules for roles and their bindings.
func rbac(s engine.Table) {
	s.On("rbac.v1.PolicyRule", engine.Field("verbs", engine.Required), policyRule)
	s.On("rbac.v1.Role", engine.Field("rules", engine.Each(
		engine.Field("nonResourceURLs", engine.Absent("a Role grants nothing outside of its namespace; a ClusterRole may")),
	)))
	s.On("rbac.v1.AggregationRule", engine.Field("clusterRoleSelectors", engine.Required))

	s.On("rbac.v1.RoleRef",
		engine.Field("apiGroup", engine.OneOf(rbacGroup)),
		engine.Field("kind", engine.Required),
		engine.Field("name", engine.Required, engine.PathSegment),
	)
	s.On("rbac.v1.RoleBinding", engine.Field("roleRef", engine.Field("kind", engine.OneOf("Role", "ClusterRole"))))
	s.On("rbac.v1.ClusterRoleBinding",
		engine.Field("roleRef", engine.Field("kind", engine.OneOf("ClusterRole"))),
		engine.Field("subjects", engine.Each(clusterWideSubject)),
	)
	s.On("rbac.v1.Subject",
		engine.Field("name", engine.Required),
		engine.Field("kind", engine.Required, engine.OneOf("ServiceAccount", "User", "Group")),
		subject,
	)
}

// policyRule: a rule is about resources or about URLs that are no resources.
func policyRule(n engine.Node) {
	if urls := n.Field("nonResourceURLs"); !urls.IsZero() {
		for _, name := range []string{"apiGroups", "resources", "resourceNames"} {
			n.Field(name).Run(engine.Absent("the rule has nonResourceURLs; write two rules"))
		}
		return
	}
	for _, name := range []string{"apiGroups", "resources"} {
		n.Field(name).Run(engine.Required)
	}
}

// subject: the group of a subject follows from its kind.
func subject(n engine.Node) {
	group := n.Field("apiGroup")
	switch n.Field("kind").Text() {
	case "ServiceAccount":
		n.Field("name").Run(engine.DNSSubdomain)
		group.Run(engine.Absent("a ServiceAccount is of the core group"))
	case "User", "Group":
		group.Run(engine.OneOf(rbacGroup))
	}
}

func clusterWideSubject(n engine.Node) {
	if n.Field("kind").Text() == "ServiceAccount" {
		n.Field("namespace").Run(engine.Required)
	}
}
