package manifest

import (
	"cmp"
	"slices"
	"strings"
)

// kindOrder lists kinds before the kinds that may depend on them. It is Tanka's table
// (grafana/tanka, pkg/process/sort.go), so that Tanka and mop render a repository in the
// same order.
var kindOrder = []string{
	"Namespace",
	"NetworkPolicy",
	"ResourceQuota",
	"LimitRange",
	"PodSecurityPolicy",
	"PodDisruptionBudget",
	"ServiceAccount",
	"Secret",
	"ConfigMap",
	"StorageClass",
	"PersistentVolume",
	"PersistentVolumeClaim",
	"CustomResourceDefinition",
	"ClusterRole",
	"ClusterRoleList",
	"ClusterRoleBinding",
	"ClusterRoleBindingList",
	"Role",
	"RoleList",
	"RoleBinding",
	"RoleBindingList",
	"Service",
	"DaemonSet",
	"Pod",
	"ReplicationController",
	"ReplicaSet",
	"Deployment",
	"HorizontalPodAutoscaler",
	"StatefulSet",
	"Job",
	"CronJob",
	"Ingress",
	"APIService",
}

// Sort orders objects in place so that each can be applied after those before it. It
// compares kinds by Tanka's table, with other kinds last in alphabetical order, then
// namespace, name, generateName, API version, and finally path. The order is total: equal
// input in any order gives equal output.
func Sort(objects []Object) {
	slices.SortFunc(objects, func(a, b Object) int {
		order := cmp.Or(
			cmp.Compare(kindRank(a.id.Kind), kindRank(b.id.Kind)),
			strings.Compare(a.id.Kind, b.id.Kind),
			strings.Compare(a.id.Namespace, b.id.Namespace),
			strings.Compare(a.id.Name, b.id.Name),
			strings.Compare(a.generateName, b.generateName),
			strings.Compare(a.id.Group, b.id.Group),
			strings.Compare(a.version, b.version),
		)
		if order != 0 {
			return order
		}
		return strings.Compare(a.path.String(), b.path.String())
	})
}

func kindRank(kind string) int {
	if i := slices.Index(kindOrder, kind); i >= 0 {
		return i
	}
	return len(kindOrder)
}
