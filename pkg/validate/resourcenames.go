package validate

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// What follows are the names of resources as cpu and memory
// (k8s.io/kubernetes, pkg/apis/core/helper and validateResourceName of
// pkg/apis/core/validation).

// resourceName says what is wrong with the name of a resource: one of
// Kubernetes' own, or one with a prefix.
func resourceName(name string) []string {
	if problems := validation.IsQualifiedName(name); problems != nil {
		return problems
	}
	if !strings.Contains(name, "/") && name != "storage" && !quotaResource(name) {
		return []string{"want a resource of Kubernetes or one with a prefix as example.com/name"}
	}
	return nil
}

// containerResourceName says what is wrong with the name of a resource that a
// container is to have.
func containerResourceName(name string) []string {
	if problems := resourceName(name); problems != nil {
		return problems
	}
	if !strings.Contains(name, "/") {
		if !slices.Contains([]string{"cpu", "memory", "ephemeral-storage"}, name) && !hugePages(name) {
			return []string{"want a resource of containers: cpu, memory, ephemeral-storage, hugepages-SIZE or one with a prefix"}
		}
		return nil
	}
	if !nativeResource(name) && !extendedResource(name) {
		return []string{"want a resource that a quota can name, without requests. before it and at most 54 characters before the slash"}
	}
	return nil
}

// quotaResource reports whether a quota can limit a resource of Kubernetes.
func quotaResource(name string) bool {
	if integerKinds[name] || name == "requests.storage" || hugePages(name) || strings.HasPrefix(name, "requests.hugepages-") {
		return true
	}
	compute, ok := strings.CutPrefix(name, "requests.")
	if !ok {
		compute = strings.TrimPrefix(name, "limits.")
	}
	return slices.Contains([]string{"cpu", "memory", "ephemeral-storage"}, compute)
}

// integerKinds are the resources that are numbers of objects.
var integerKinds = map[string]bool{
	"pods": true, "services": true, "replicationcontrollers": true, "resourcequotas": true, "secrets": true, "configmaps": true,
	"persistentvolumeclaims": true, "services.nodeports": true, "services.loadbalancers": true,
}

// integerResource reports whether there are only whole numbers of a resource.
func integerResource(name string) bool { return integerKinds[name] || extendedResource(name) }

// hugePages reports whether a resource is a size of huge pages.
func hugePages(name string) bool { return strings.HasPrefix(name, "hugepages-") }

// nativeResource reports whether a resource is one of Kubernetes.
func nativeResource(name string) bool {
	return !strings.Contains(name, "/") || strings.Contains(name, "kubernetes.io/")
}

// extendedResource reports whether a resource is none of Kubernetes, but one
// that a device plugin offers.
func extendedResource(name string) bool {
	return !nativeResource(name) && !strings.HasPrefix(name, "requests.") && validation.IsQualifiedName("requests."+name) == nil
}
