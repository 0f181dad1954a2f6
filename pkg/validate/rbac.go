package validate

const rbacGroup = "rbac.authorization.k8s.io"

// rbac adds the rules for roles and what binds them
// (k8s.io/kubernetes, pkg/apis/rbac/validation).
func rbac(s table) {
	s.on("rbac.v1.PolicyRule", field("verbs", required), policyRule)
	s.on("rbac.v1.Role", field("rules", each(
		field("nonResourceURLs", absent("a Role grants nothing outside of its namespace; a ClusterRole may")),
	)))
	s.on("rbac.v1.AggregationRule", field("clusterRoleSelectors", required))

	s.on("rbac.v1.RoleRef",
		field("apiGroup", oneOf(rbacGroup)),
		field("kind", required),
		field("name", required, pathSegment),
	)
	s.on("rbac.v1.RoleBinding", field("roleRef", field("kind", oneOf("Role", "ClusterRole"))))
	s.on("rbac.v1.ClusterRoleBinding",
		field("roleRef", field("kind", oneOf("ClusterRole"))),
		field("subjects", each(clusterWideSubject)),
	)
	s.on("rbac.v1.Subject",
		field("name", required),
		field("kind", required, oneOf("ServiceAccount", "User", "Group")),
		subject,
	)
}

// policyRule: a rule is about resources or about URLs that are none.
func policyRule(n node) {
	if urls := n.field("nonResourceURLs"); !urls.zero() {
		for _, name := range []string{"apiGroups", "resources", "resourceNames"} {
			n.field(name).run(absent("the rule has nonResourceURLs; write two rules"))
		}
		return
	}
	for _, name := range []string{"apiGroups", "resources"} {
		n.field(name).run(required)
	}
}

// subject: the group of a subject follows from its kind.
func subject(n node) {
	group := n.field("apiGroup")
	switch n.field("kind").text() {
	case "ServiceAccount":
		n.field("name").run(dnsSubdomain)
		group.run(absent("a ServiceAccount is of the core group"))
	case "User", "Group":
		group.run(oneOf(rbacGroup))
	}
}

func clusterWideSubject(n node) {
	if n.field("kind").text() == "ServiceAccount" {
		n.field("namespace").run(required)
	}
}
