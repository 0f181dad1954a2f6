package refer

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// ExternalAnnotation is the annotation by which an object declares external objects:
// patterns with commas between them.
const ExternalAnnotation = "mop.dev/external"

// External is a pattern of objects that exist although they are not in the set.
type External struct {
	kind, group, namespace, name string
}

// alwaysThere are objects that every cluster has by itself (k8s.io/kubernetes,
// pkg/controlplane, plugin/pkg/auth/authorizer/rbac/bootstrappolicy,
// pkg/apis/scheduling/types.go and pkg/apis/flowcontrol/bootstrap).
var alwaysThere = []string{
	"Namespace/default", "Namespace/kube-system", "Namespace/kube-public", "Namespace/kube-node-lease",
	"Service/default/kubernetes",
	"ServiceAccount/default",
	"ConfigMap/kube-root-ca.crt", "ConfigMap/kube-system/extension-apiserver-authentication",
	"Role/kube-system/extension-apiserver-authentication-reader", "Role/kube-system/system:*", "Role/kube-public/system:*",
	"ClusterRole/cluster-admin", "ClusterRole/admin", "ClusterRole/edit", "ClusterRole/view", "ClusterRole/system:*",
	"PriorityClass/system-cluster-critical", "PriorityClass/system-node-critical",
	"PriorityLevelConfiguration/exempt", "PriorityLevelConfiguration/catch-all", "PriorityLevelConfiguration/system",
	"PriorityLevelConfiguration/node-high", "PriorityLevelConfiguration/leader-election",
	"PriorityLevelConfiguration/workload-high", "PriorityLevelConfiguration/workload-low", "PriorityLevelConfiguration/global-default",
}

// parseExternal reads KIND[.GROUP]/[NAMESPACE/]NAME, where * matches any characters except
// a slash.
func parseExternal(pattern string) (External, error) {
	kind, rest, ok := strings.Cut(pattern, "/")
	namespace, name, both := strings.Cut(rest, "/")
	if !both {
		namespace, name = "*", rest
	}
	var e External
	e.kind, e.group, _ = strings.Cut(kind, ".")
	e.namespace, e.name = namespace, name
	_, err := path.Match(pattern, "")
	if !ok || kind == "" || namespace == "" || name == "" || strings.Contains(name, "/") || err != nil {
		return External{}, fmt.Errorf("want KIND/NAME or KIND/NAMESPACE/NAME, got %s", message.Quote(pattern))
	}
	return e, nil
}

// ParseExternals returns the objects that every cluster has, and those of patterns.
func ParseExternals(patterns []string) ([]External, error) {
	var all []External
	for _, p := range slices.Concat(alwaysThere, patterns) {
		e, err := parseExternal(p)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// is reports whether the pattern matches an object. An object without a known namespace may
// be in any.
func (e External) is(id manifest.ID) bool {
	matches := func(pattern, text string) bool {
		ok, _ := path.Match(pattern, text)
		return ok
	}
	return matches(e.kind, id.Kind) && (e.group == "" || matches(e.group, id.Group)) &&
		(id.Namespace == "" || matches(e.namespace, id.Namespace)) && matches(e.name, id.Name)
}

// declared returns the patterns in the annotation of an object, which is the node, and
// warns of invalid ones.
func declared(n engine.Node) []External {
	at := n.Field("metadata", "annotations", ExternalAnnotation)
	var all []External
	for pattern := range strings.SplitSeq(at.Text(), ",") {
		if pattern = strings.TrimSpace(pattern); pattern == "" {
			continue
		}
		e, err := parseExternal(pattern)
		if err != nil {
			at.Warn(engine.RuleFormat, err.Error())
			continue
		}
		all = append(all, e)
	}
	return all
}
