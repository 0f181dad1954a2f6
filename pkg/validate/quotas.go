package validate

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/pkg/release/changes"
)

// quotas adds the rules for LimitRanges and ResourceQuotas
// (k8s.io/kubernetes, pkg/apis/core/validation).
func quotas(s table) {
	s.on("core.v1.LimitRangeSpec", field("limits", uniqueBy("type")))
	s.on("core.v1.LimitRangeItem", limitRangeItem)
	s.on("core.v1.ResourceQuotaSpec", resourceQuota)
}

// limitFields are the fields of an item of a LimitRange that hold quantities by
// resource.
var limitFields = []string{"min", "max", "default", "defaultRequest", "maxLimitRequestRatio"}

func limitRangeItem(n node) {
	kind := n.field("type")
	kind.run(required, qualifiedName)
	perContainer := kind.text() == "Pod" || kind.text() == "Container"
	if text := kind.text(); validation.IsQualifiedName(text) == nil && !slices.Contains([]rune(text), '/') {
		kind.run(oneOf("Pod", "Container", "PersistentVolumeClaim"))
	}
	if kind.text() == "Pod" {
		for _, name := range []string{"default", "defaultRequest"} {
			n.field(name).run(absent("a Pod has no defaults, its containers have"))
		}
	}
	if kind.text() == "PersistentVolumeClaim" && !n.field("min", "storage").set() && !n.field("max", "storage").set() {
		n.fail(ruleRequired, "want storage in min or max, got none")
	}
	for _, name := range limitFields {
		for key, value := range n.field(name).entries() {
			if perContainer {
				value.key(containerResourceName(key))
			} else {
				value.key(resourceName(key))
			}
		}
	}
	limitOrder(n, kind.text())
}

// limitOrder asks that min <= defaultRequest <= default <= max, and that the
// ratio fits in between.
func limitOrder(n node, kind string) {
	limits := limits(n, kind == "Container")
	keys := map[string]bool{}
	for _, quantities := range limits {
		for key := range quantities {
			keys[key] = true
		}
	}
	for _, key := range mapKeys(keys) {
		for _, pair := range [][2]string{
			{"min", "max"}, {"min", "defaultRequest"}, {"defaultRequest", "max"}, {"defaultRequest", "default"}, {"min", "default"}, {"default", "max"},
		} {
			less, lessOK := limits[pair[0]][key]
			more, moreOK := limits[pair[1]][key]
			if lessOK && moreOK && less.Cmp(more) > 0 {
				n.field(pair[0], key).fail(ruleConflict, fmt.Sprintf("want no more than %s has, which is %s, got %s", pair[1], more.String(), less.String()))
			}
		}
		limit, limitOK := limits["default"][key]
		request, requestOK := limits["defaultRequest"][key]
		if !overcommitted(key) && limitOK && requestOK && limit.Cmp(request) != 0 {
			n.field("defaultRequest", key).fail(ruleConflict, fmt.Sprintf("want the same as default, which is %s, got %s", limit.String(), request.String()))
		}
		limitRatio(n, key, limits)
	}
}

// limits reads the quantities of the item, with the defaults that the API
// server sets (pkg/apis/core/v1/defaults.go: SetDefaults_LimitRangeItem).
func limits(n node, defaults bool) map[string]map[string]resource.Quantity {
	limits := map[string]map[string]resource.Quantity{}
	for _, name := range limitFields {
		limits[name] = map[string]resource.Quantity{}
		for key, value := range n.field(name).entries() {
			if q, ok := amount(value); ok {
				limits[name][key] = q
			}
		}
	}
	if defaults {
		fillIn(limits["default"], limits["max"])
		fillIn(limits["defaultRequest"], limits["default"])
		fillIn(limits["defaultRequest"], limits["min"])
	}
	return limits
}

// fillIn adds what into lacks.
func fillIn(into, from map[string]resource.Quantity) {
	for key, q := range from {
		if _, ok := into[key]; !ok {
			into[key] = q
		}
	}
}

// limitRatio asks that a ratio of limit to request be 1 or more, and no more
// than max and min allow.
func limitRatio(n node, key string, limits map[string]map[string]resource.Quantity) {
	ratio, ok := limits["maxLimitRequestRatio"][key]
	if !ok {
		return
	}
	at := n.field("maxLimitRequestRatio", key)
	if ratio.Cmp(resource.MustParse("1")) < 0 {
		at.fail(ruleValue, "want a ratio of 1 or more, "+at.got())
	}
	least, leastOK := limits["min"][key]
	most, mostOK := limits["max"][key]
	if !leastOK || !mostOK {
		return
	}
	if widest := most.AsApproximateFloat64() / least.AsApproximateFloat64(); ratio.AsApproximateFloat64() > widest {
		at.fail(ruleConflict, fmt.Sprintf("want a ratio of no more than max to min, which is %.3g, %s", widest, at.got()))
	}
}

// resourceQuota: a quota limits what it can count, in scopes that fit.
func resourceQuota(n node) {
	hard := n.field("hard")
	for key, value := range hard.entries() {
		value.key(resourceName(key))
		if resourceName(key) == nil && !slices.Contains([]rune(key), '/') && !quotaResource(key) {
			value.key([]string{"want a resource that a quota can limit"})
		}
		value.run(resourceAmount(key))
	}
	for _, scope := range n.field("scopes").items() {
		checkScope(scope, hard)
	}
	exclusiveScopes(n.field("scopes"), func(item node) string { return item.text() })
	expressions := n.field("scopeSelector", "matchExpressions")
	for _, expression := range expressions.items() {
		checkScope(expression.field("scopeName"), hard)
		checkScopeOperator(expression)
	}
	exclusiveScopes(expressions, func(item node) string { return item.field("scopeName").text() })
}

// resourceAmount asks for what there can be of a resource: 0 or more, and a
// whole number of what is counted.
func resourceAmount(resource string) constraint {
	return func(n node) {
		n.run(notNegative)
		if q, ok := n.quantity(); ok && integerResource(resource) && q.MilliValue()%1000 != 0 {
			n.fail(ruleValue, "want a whole number, "+n.got())
		}
	}
}

// checkScope asks for a scope that fits all the resources of a quota.
func checkScope(n node, hard node) {
	scopes := []string{"Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"}
	if n.has(changes.AttributesClassQuota) {
		scopes = append(scopes, "VolumeAttributesClass")
	}
	n.run(required, oneOf(scopes...))
	var fit []string
	switch scope := n.text(); {
	case !slices.Contains(scopes, scope):
		return
	case scope == "BestEffort":
		fit = []string{"pods"}
	case scope == "VolumeAttributesClass":
		fit = []string{"persistentvolumeclaims", "requests.storage"}
	default:
		fit = []string{"pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"}
	}
	for key := range hard.entries() {
		if quotaResource(key) && !slices.Contains(fit, key) {
			n.fail(ruleConflict, fmt.Sprintf("the scope %s does not fit %s, which the quota limits", n.text(), key))
		}
	}
}

// checkScopeOperator: scopes other than PriorityClass are there or not.
func checkScopeOperator(n node) {
	operator, values := n.field("operator"), n.field("values")
	operator.run(required, oneOf("In", "NotIn", "Exists", "DoesNotExist"))
	switch n.field("scopeName").text() {
	case "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity":
		operator.run(oneOf("Exists"))
	}
	switch operator.text() {
	case "In", "NotIn":
		values.run(required)
	case "Exists", "DoesNotExist":
		values.run(absent("the operator is " + operator.text()))
	}
}

// exclusiveScopes asks that no scope exclude another.
func exclusiveScopes(n node, scope func(item node) string) {
	seen := map[string]bool{}
	for _, item := range n.items() {
		seen[scope(item)] = true
	}
	for _, name := range []string{"BestEffort", "Terminating"} {
		if seen[name] && seen["Not"+name] {
			n.fail(ruleConflict, fmt.Sprintf("want %s or Not%s, got both", name, name))
		}
	}
}
