package rules

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/release/changes"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// quotas adds the rules for LimitRanges and ResourceQuotas.
func quotas(s engine.Table) {
	s.On("core.v1.LimitRangeSpec", engine.Field("limits", engine.UniqueBy("type")))
	s.On("core.v1.LimitRangeItem", limitRangeItem)
	s.On("core.v1.ResourceQuotaSpec", resourceQuota)
}

// limitFields are the fields of an item of a LimitRange that hold quantities, by resource.
var limitFields = []string{"min", "max", "default", "defaultRequest", "maxLimitRequestRatio"}

func limitRangeItem(n engine.Node) {
	kind := n.Field("type")
	kind.Run(engine.Required, engine.QualifiedName)
	perContainer := kind.Text() == "Pod" || kind.Text() == "Container"
	if text := kind.Text(); validation.IsQualifiedName(text) == nil && !slices.Contains([]rune(text), '/') {
		kind.Run(engine.OneOf("Pod", "Container", "PersistentVolumeClaim"))
	}
	if kind.Text() == "Pod" {
		for _, name := range []string{"default", "defaultRequest"} {
			n.Field(name).Run(engine.Absent("a Pod has no defaults, its containers have"))
		}
	}
	if kind.Text() == "PersistentVolumeClaim" && !n.Field("min", "storage").IsSet() && !n.Field("max", "storage").IsSet() {
		n.Fail(engine.RuleRequired, "want storage in min or max, got none")
	}
	for _, name := range limitFields {
		for key, value := range n.Field(name).Entries() {
			if perContainer {
				value.KeyProblems(containerResourceName(key))
			} else {
				value.KeyProblems(resourceName(key))
			}
		}
	}
	limitOrder(n, kind.Text())
}

// limitOrder requires that min <= defaultRequest <= default <= max, and that the ratio fits.
func limitOrder(n engine.Node, kind string) {
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
				n.Field(pair[0], key).Fail(engine.RuleConflict, fmt.Sprintf("want no more than %s has, which is %s, got %s", pair[1], more.String(), less.String()))
			}
		}
		limit, limitOK := limits["default"][key]
		request, requestOK := limits["defaultRequest"][key]
		if !overcommitted(key) && limitOK && requestOK && limit.Cmp(request) != 0 {
			n.Field("defaultRequest", key).Fail(engine.RuleConflict, fmt.Sprintf("want the same as default, which is %s, got %s", limit.String(), request.String()))
		}
		limitRatio(n, key, limits)
	}
}

// limits reads the quantities of the item, with the defaults that the API
// server sets (pkg/apis/core/v1/defaults.go: SetDefaults_LimitRangeItem).
func limits(n engine.Node, defaults bool) map[string]map[string]resource.Quantity {
	limits := map[string]map[string]resource.Quantity{}
	for _, name := range limitFields {
		limits[name] = map[string]resource.Quantity{}
		for key, value := range n.Field(name).Entries() {
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

// fillIn adds to into the quantities that it lacks.
func fillIn(into, from map[string]resource.Quantity) {
	for key, q := range from {
		if _, ok := into[key]; !ok {
			into[key] = q
		}
	}
}

// limitRatio requires that a ratio of limit to request be 1 or more, and no more
// than max and min allow.
func limitRatio(n engine.Node, key string, limits map[string]map[string]resource.Quantity) {
	ratio, ok := limits["maxLimitRequestRatio"][key]
	if !ok {
		return
	}
	at := n.Field("maxLimitRequestRatio", key)
	if ratio.Cmp(resource.MustParse("1")) < 0 {
		at.Fail(engine.RuleValue, "want a ratio of 1 or more, "+at.Got())
	}
	least, leastOK := limits["min"][key]
	most, mostOK := limits["max"][key]
	if !leastOK || !mostOK {
		return
	}
	if widest := most.AsApproximateFloat64() / least.AsApproximateFloat64(); ratio.AsApproximateFloat64() > widest {
		at.Fail(engine.RuleConflict, fmt.Sprintf("want a ratio of no more than max to min, which is %.3g, %s", widest, at.Got()))
	}
}

// resourceQuota: a quota limits what it can count, in scopes that fit.
func resourceQuota(n engine.Node) {
	hard := n.Field("hard")
	for key, value := range hard.Entries() {
		value.KeyProblems(resourceName(key))
		if resourceName(key) == nil && !slices.Contains([]rune(key), '/') && !quotaResource(key) {
			value.KeyProblems([]string{"want a resource that a quota can limit"})
		}
		value.Run(resourceAmount(key))
	}
	for _, scope := range n.Field("scopes").Items() {
		checkScope(scope, hard)
	}
	exclusiveScopes(n.Field("scopes"), func(item engine.Node) string { return item.Text() })
	expressions := n.Field("scopeSelector", "matchExpressions")
	for _, expression := range expressions.Items() {
		checkScope(expression.Field("scopeName"), hard)
		checkScopeOperator(expression)
	}
	exclusiveScopes(expressions, func(item engine.Node) string { return item.Field("scopeName").Text() })
}

// resourceAmount requires a possible amount of a resource: 0 or more, and a whole number if
// the resource is counted.
func resourceAmount(resource string) engine.Constraint {
	return func(n engine.Node) {
		n.Run(engine.NotNegative)
		if q, ok := n.Quantity(); ok && integerResource(resource) && q.MilliValue()%1000 != 0 {
			n.Fail(engine.RuleValue, "want a whole number, "+n.Got())
		}
	}
}

// checkScope requires a scope that fits all the resources of a quota.
func checkScope(n engine.Node, hard engine.Node) {
	scopes := []string{"Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"}
	if n.Has(changes.AttributesClassQuota) {
		scopes = append(scopes, "VolumeAttributesClass")
	}
	n.Run(engine.Required, engine.OneOf(scopes...))
	var fit []string
	switch scope := n.Text(); {
	case !slices.Contains(scopes, scope):
		return
	case scope == "BestEffort":
		fit = []string{"pods"}
	case scope == "VolumeAttributesClass":
		fit = []string{"persistentvolumeclaims", "requests.storage"}
	default:
		fit = []string{"pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"}
	}
	for key := range hard.Entries() {
		if quotaResource(key) && !slices.Contains(fit, key) {
			n.Fail(engine.RuleConflict, fmt.Sprintf("the scope %s does not fit %s, which the quota limits", n.Text(), key))
		}
	}
}

// checkScopeOperator: most scopes take only the operator Exists.
func checkScopeOperator(n engine.Node) {
	operator, values := n.Field("operator"), n.Field("values")
	operator.Run(engine.Required, engine.OneOf("In", "NotIn", "Exists", "DoesNotExist"))
	switch n.Field("scopeName").Text() {
	case "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "CrossNamespacePodAffinity":
		operator.Run(engine.OneOf("Exists"))
	}
	switch operator.Text() {
	case "In", "NotIn":
		values.Run(engine.Required)
	case "Exists", "DoesNotExist":
		values.Run(engine.Absent("the operator is " + operator.Text()))
	}
}

// exclusiveScopes requires that no scope exclude another.
func exclusiveScopes(n engine.Node, scope func(item engine.Node) string) {
	seen := map[string]bool{}
	for _, item := range n.Items() {
		seen[scope(item)] = true
	}
	for _, name := range []string{"BestEffort", "Terminating"} {
		if seen[name] && seen["Not"+name] {
			n.Fail(engine.RuleConflict, fmt.Sprintf("want %s or Not%s, got both", name, name))
		}
	}
}
