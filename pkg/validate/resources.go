package validate

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/release/gates"
)

// What follows are the rules for the resources of containers and pods
// (k8s.io/kubernetes, pkg/apis/core/validation: ValidateResourceRequirements).

// containerResources asks for resources that a container can have.
func containerResources(n node) { resources(n, containerResourceName) }

// resources asks for requests and limits of resources that fit together.
func resources(n node, named func(string) []string) {
	limits, requests := n.field("limits"), n.field("requests")
	amounts(limits, named)
	amounts(requests, named)
	for name, request := range requests.entries() {
		limit := limits.field(name)
		_, limited := names(limits)[name]
		asked, ok1 := amount(request)
		most, ok2 := amount(limit)
		switch {
		case !limited && !overcommitted(name):
			limits.fail(ruleRequired, "want a limit for "+name+" as requested, got none")
		case !limited || !ok1 || !ok2:
		case !overcommitted(name) && asked.Cmp(most) != 0:
			request.fail(ruleConflict, fmt.Sprintf("want the limit, %s, got %s", most.String(), asked.String()))
		case asked.Cmp(most) > 0:
			request.fail(ruleConflict, fmt.Sprintf("want at most the limit, %s, got %s", most.String(), asked.String()))
		}
	}
	pages, compute := false, false
	for _, list := range []node{limits, requests} {
		for name := range names(list) {
			pages = pages || hugePages(name)
			compute = compute || name == "cpu" || name == "memory"
		}
	}
	if pages && !compute {
		n.fail(ruleConflict, "want cpu or memory beside huge pages, got none")
	}
}

// overcommitted reports whether more of a resource can be used than was asked
// for.
func overcommitted(name string) bool { return nativeResource(name) && !hugePages(name) }

// amounts asks for the amounts of a list of resources.
func amounts(n node, named func(string) []string) {
	for name, value := range n.entries() {
		value.key(named(name))
		q, ok := amount(value)
		switch {
		case !ok:
		case q.Sign() < 0:
			value.fail(ruleValue, "want no negative quantity, "+value.got())
		case integerResource(name) && q.MilliValue()%1000 != 0:
			value.fail(ruleValue, "want a whole number, "+value.got())
		case name == "memory", name == "ephemeral-storage":
			wholeBytes(value)
		case hugePages(name):
			wholePages(value, strings.TrimPrefix(name, "hugepages-"), q)
		}
	}
}

// wholePages asks for a multiple of the size of a page.
func wholePages(n node, size string, q resource.Quantity) {
	page, err := resource.ParseQuantity(size)
	if err != nil || page.Sign() <= 0 || page.MilliValue()%1000 != 0 {
		n.fail(ruleFormat, "the key: want the size of a page after hugepages-, as hugepages-2Mi")
		return
	}
	if q.Value()%page.Value() != 0 {
		n.fail(ruleValue, "want a multiple of "+size+", "+n.got())
	}
}

// amount reads a quantity of a list of resources: null is none, and what is less
// than a thousandth is rounded up (SetDefaults_ResourceList).
func amount(n node) (resource.Quantity, bool) {
	if !n.set() {
		return resource.Quantity{}, true
	}
	q, ok := n.quantity()
	if ok {
		q.RoundUp(resource.Milli)
	}
	return q, ok
}

// names returns the fields of an object.
func names(n node) map[string]any {
	m, _ := n.value.(map[string]any)
	return m
}

// resourceField asks for a resource of a container and for a divisor that it can
// be counted in (validateContainerResourceFieldSelector).
func resourceField(n node) {
	text := n.field("resource").text()
	if text == "" {
		return
	}
	fields := []string{
		"limits.cpu", "limits.memory", "limits.ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage",
	}
	if !strings.HasPrefix(text, "limits.hugepages-") && !strings.HasPrefix(text, "requests.hugepages-") {
		n.field("resource").run(oneOf(fields...))
	}
	divisors := []string{"1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"}
	if strings.HasSuffix(text, ".cpu") {
		divisors = []string{"1m", "1"}
	}
	divisor := n.field("divisor")
	q, ok := divisor.quantity()
	if !ok || q.IsZero() {
		return
	}
	for _, d := range divisors {
		if q.String() == d {
			return
		}
	}
	divisor.fail(ruleValue, "want "+diag.Alternatives(divisors)+", "+divisor.got())
}

// podResources asks for the resources of a pod as a whole, and that they are
// enough for its containers (validatePodResources). Without
// the gate they are dropped.
func podResources(n node) {
	r := n.field("resources")
	if !n.has(gates.PodLevelResources) || !r.set() {
		return
	}
	if n.field("os", "name").text() == "windows" {
		r.fail(ruleConflict, "leave it out: the os is windows")
		return
	}
	r.field("claims").run(unset("only containers have claims"))
	resources(r, func(name string) []string {
		if problems := validation.IsQualifiedName(name); problems != nil {
			return problems
		}
		if name != "cpu" && name != "memory" && !hugePages(name) {
			return []string{"want a resource of pods: cpu, memory or hugepages-SIZE"}
		}
		return nil
	})
	requestsFitPod(n, r.field("requests"))
	for _, container := range n.field("containers").items() {
		for name, limit := range container.field("resources", "limits").entries() {
			own, ok1 := amount(limit)
			most, ok2 := r.field("limits", name).quantity()
			if ok1 && ok2 && own.Cmp(most) > 0 {
				limit.fail(ruleConflict, fmt.Sprintf("want at most the limit of the pod, %s, got %s", most.String(), own.String()))
			}
		}
	}
}

// requestsFitPod asks for requests of a pod that are enough for what its
// containers request together: init containers run before the others and one by
// one, but for those that are always restarted
// (k8s.io/component-helpers, resource: AggregateContainerRequests).
func requestsFitPod(n node, requests node) {
	for name, request := range requests.entries() {
		all, ok := amount(request)
		if !ok {
			continue
		}
		var together, sidecars, most resource.Quantity
		for _, container := range n.field("containers").items() {
			together.Add(requestedOf(container, name))
		}
		for _, container := range n.field("initContainers").items() {
			q := requestedOf(container, name)
			if container.field("restartPolicy").text() == "Always" {
				together.Add(q)
				sidecars.Add(q)
				q = sidecars.DeepCopy()
			} else {
				q.Add(sidecars)
			}
			if q.Cmp(most) > 0 {
				most = q
			}
		}
		if most.Cmp(together) > 0 {
			together = most
		}
		if together.Cmp(all) > 0 {
			request.fail(ruleConflict, fmt.Sprintf("want at least what the containers request, %s, got %s", together.String(), all.String()))
		}
	}
}

// requestedOf is how much of a resource a container requests: as much as its limit
// is where a Pod does not say, though not where a template of one does not
// (SetDefaults_Pod in pkg/apis/core/v1/defaults.go).
func requestedOf(n node, name string) resource.Quantity {
	request := n.field("resources", "requests", name)
	if !request.set() && n.kind == "core.v1.Pod" {
		request = n.field("resources", "limits", name)
	}
	q, _ := request.quantity()
	return q
}

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
