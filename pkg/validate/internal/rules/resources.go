package rules

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// These are the rules for the resources of containers and pods (k8s.io/kubernetes,
// pkg/apis/core/validation: ValidateResourceRequirements).

// containerResources requires resources that a container can have.
func containerResources(n engine.Node) { resources(n, containerResourceName) }

// resources requires requests and limits of resources that fit together.
func resources(n engine.Node, named func(string) []string) {
	limits, requests := n.Field("limits"), n.Field("requests")
	amounts(limits, named)
	amounts(requests, named)
	for name, request := range requests.Entries() {
		limit := limits.Field(name)
		_, limited := names(limits)[name]
		asked, ok1 := amount(request)
		most, ok2 := amount(limit)
		switch {
		case !limited && !overcommitted(name):
			limits.Fail(engine.RuleRequired, "want a limit for "+name+" as requested, got none")
		case !limited || !ok1 || !ok2:
		case !overcommitted(name) && asked.Cmp(most) != 0:
			request.Fail(engine.RuleConflict, fmt.Sprintf("want the limit, %s, got %s", most.String(), asked.String()))
		case asked.Cmp(most) > 0:
			request.Fail(engine.RuleConflict, fmt.Sprintf("want at most the limit, %s, got %s", most.String(), asked.String()))
		}
	}
	pages, compute := false, false
	for _, list := range []engine.Node{limits, requests} {
		for name := range names(list) {
			pages = pages || hugePages(name)
			compute = compute || name == "cpu" || name == "memory"
		}
	}
	if pages && !compute {
		n.Fail(engine.RuleConflict, "want cpu or memory beside huge pages, got none")
	}
}

// overcommitted reports whether a container can use more of a resource than it requests.
func overcommitted(name string) bool { return nativeResource(name) && !hugePages(name) }

// amounts checks the amounts in a list of resources.
func amounts(n engine.Node, named func(string) []string) {
	for name, value := range n.Entries() {
		value.KeyProblems(named(name))
		q, ok := amount(value)
		switch {
		case !ok:
		case q.Sign() < 0:
			value.Fail(engine.RuleValue, "want no negative quantity, "+value.Got())
		case integerResource(name) && q.MilliValue()%1000 != 0:
			value.Fail(engine.RuleValue, "want a whole number, "+value.Got())
		case name == "memory", name == "ephemeral-storage":
			wholeBytes(value)
		case hugePages(name):
			wholePages(value, strings.TrimPrefix(name, "hugepages-"), q)
		}
	}
}

// wholePages requires a multiple of the size of a page.
func wholePages(n engine.Node, size string, q resource.Quantity) {
	page, err := resource.ParseQuantity(size)
	if err != nil || page.Sign() <= 0 || page.MilliValue()%1000 != 0 {
		n.Fail(engine.RuleFormat, "the key: want the size of a page after hugepages-, as hugepages-2Mi")
		return
	}
	if q.Value()%page.Value() != 0 {
		n.Fail(engine.RuleValue, "want a multiple of "+size+", "+n.Got())
	}
}

// amount reads a quantity of a list of resources. null counts as 0, and a fraction of a
// thousandth is rounded up (SetDefaults_ResourceList).
func amount(n engine.Node) (resource.Quantity, bool) {
	if !n.IsSet() {
		return resource.Quantity{}, true
	}
	q, ok := n.Quantity()
	if ok {
		q.RoundUp(resource.Milli)
	}
	return q, ok
}

// names returns the fields of an object.
func names(n engine.Node) map[string]any {
	m, _ := n.Value.(map[string]any)
	return m
}

// resourceField requires a resource of a container, and a divisor that it can be counted in
// (validateContainerResourceFieldSelector).
func resourceField(n engine.Node) {
	text := n.Field("resource").Text()
	if text == "" {
		return
	}
	fields := []string{
		"limits.cpu", "limits.memory", "limits.ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage",
	}
	if !strings.HasPrefix(text, "limits.hugepages-") && !strings.HasPrefix(text, "requests.hugepages-") {
		n.Field("resource").Run(engine.OneOf(fields...))
	}
	divisors := []string{"1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"}
	if strings.HasSuffix(text, ".cpu") {
		divisors = []string{"1m", "1"}
	}
	divisor := n.Field("divisor")
	q, ok := divisor.Quantity()
	if !ok || q.IsZero() {
		return
	}
	for _, d := range divisors {
		if q.String() == d {
			return
		}
	}
	divisor.Fail(engine.RuleValue, "want "+message.Alternatives(divisors)+", "+divisor.Got())
}

// podResources requires the resources of a pod as a whole, which must be enough for its
// containers (validatePodResources). Without the gate the API server drops them.
func podResources(n engine.Node) {
	r := n.Field("resources")
	if !n.Has(gates.PodLevelResources) || !r.IsSet() {
		return
	}
	if n.Field("os", "name").Text() == "windows" {
		r.Fail(engine.RuleConflict, "leave it out: the os is windows")
		return
	}
	r.Field("claims").Run(engine.Unset("only containers have claims"))
	resources(r, func(name string) []string {
		if problems := validation.IsQualifiedName(name); problems != nil {
			return problems
		}
		if name != "cpu" && name != "memory" && !hugePages(name) {
			return []string{"want a resource of pods: cpu, memory or hugepages-SIZE"}
		}
		return nil
	})
	requestsFitPod(n, r.Field("requests"))
	for _, container := range n.Field("containers").Items() {
		for name, limit := range container.Field("resources", "limits").Entries() {
			own, ok1 := amount(limit)
			most, ok2 := r.Field("limits", name).Quantity()
			if ok1 && ok2 && own.Cmp(most) > 0 {
				limit.Fail(engine.RuleConflict, fmt.Sprintf("want at most the limit of the pod, %s, got %s", most.String(), own.String()))
			}
		}
	}
}

// requestsFitPod requires that the requests of a pod are enough for those of its containers
// together. Init containers run before the others and one by one, except for those that are
// always restarted (k8s.io/component-helpers, resource: AggregateContainerRequests).
func requestsFitPod(n engine.Node, requests engine.Node) {
	for name, request := range requests.Entries() {
		all, ok := amount(request)
		if !ok {
			continue
		}
		var together, sidecars, most resource.Quantity
		for _, container := range n.Field("containers").Items() {
			together.Add(requestedOf(container, name))
		}
		for _, container := range n.Field("initContainers").Items() {
			q := requestedOf(container, name)
			if container.Field("restartPolicy").Text() == "Always" {
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
			request.Fail(engine.RuleConflict, fmt.Sprintf("want at least what the containers request, %s, got %s", together.String(), all.String()))
		}
	}
}

// requestedOf returns how much of a resource a container requests. In a Pod, but not in a
// template of one, the default is the limit (SetDefaults_Pod in
// pkg/apis/core/v1/defaults.go).
func requestedOf(n engine.Node, name string) resource.Quantity {
	request := n.Field("resources", "requests", name)
	if !request.IsSet() && n.Kind == "core.v1.Pod" {
		request = n.Field("resources", "limits", name)
	}
	q, _ := request.Quantity()
	return q
}

// These are the names of resources, such as cpu and memory (k8s.io/kubernetes,
// pkg/apis/core/helper and validateResourceName of pkg/apis/core/validation).

// resourceName says what is wrong with the name of a resource: it must be one of
// Kubernetes' own or have a prefix.
func resourceName(name string) []string {
	if problems := validation.IsQualifiedName(name); problems != nil {
		return problems
	}
	if !strings.Contains(name, "/") && name != "storage" && !quotaResource(name) {
		return []string{"want a resource of Kubernetes or one with a prefix as example.com/name"}
	}
	return nil
}

// containerResourceName says what is wrong with the name of a resource of a container.
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

// integerKinds are the resources that count objects.
var integerKinds = map[string]bool{
	"pods": true, "services": true, "replicationcontrollers": true, "resourcequotas": true, "secrets": true, "configmaps": true,
	"persistentvolumeclaims": true, "services.nodeports": true, "services.loadbalancers": true,
}

// integerResource reports whether a resource has only whole amounts.
func integerResource(name string) bool { return integerKinds[name] || extendedResource(name) }

// hugePages reports whether a resource is a size of huge pages.
func hugePages(name string) bool { return strings.HasPrefix(name, "hugepages-") }

// nativeResource reports whether a resource is one of Kubernetes' own.
func nativeResource(name string) bool {
	return !strings.Contains(name, "/") || strings.Contains(name, "kubernetes.io/")
}

// extendedResource reports whether a resource is not Kubernetes' own, but offered by a
// device plugin.
func extendedResource(name string) bool {
	return !nativeResource(name) && !strings.HasPrefix(name, "requests.") && validation.IsQualifiedName("requests."+name) == nil
}
