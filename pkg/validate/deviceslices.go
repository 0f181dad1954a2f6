package validate

import (
	"fmt"
	"math/big"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/pkg/release/gates"
)

// deviceSlices adds the rules for the devices that drivers offer and for taints
// of them. What the gates have an API server drop is not looked at
// (k8s.io/kubernetes, pkg/apis/resource/validation: ValidateResourceSlice and
// ValidateDeviceTaintRule; dropDisabledFields in
// pkg/registry/resource/resourceslice/strategy.go).
func deviceSlices(s table) {
	for _, version := range []string{"v1beta1", "v1beta2", "v1"} {
		group := "resource." + version + "."
		s.on(group+"ResourceSliceSpec",
			field("driver", required, driverName),
			field("devices", uniqueBy("name"), sliceSize),
			sliceNodes,
			when(gates.DRAPartitionableDevices, field("sharedCounters", uniqueBy("name"), atMostItems(8)), countersOrDevices),
		)
		s.on(group+"ResourcePool",
			field("name", required, poolName),
			field("resourceSliceCount", present, atLeast(1)),
			field("generation", atLeast(0)),
		)
		s.on(group+"Device", field("name", required, dnsLabel))
		s.on(group+deviceDefinition(version),
			field("attributes", attributeKeys),
			field("capacity", attributeKeys),
			attributesAndCapacity,
			when(gates.DRAConsumableCapacity, capacityPolicies),
			when(gates.DRADeviceBindingConditions, bindingConditions),
			when(gates.DRADeviceTaints, field("taints", atMostItems(16))),
			when(gates.DRAPartitionableDevices, field("consumesCounters", uniqueBy("counterSet"), atMostItems(2))),
		)
		s.on(group+"DeviceAttribute",
			// The API server drops the lists.
			exactlyOne("bool", "int", "string", "version"),
			field("string", atMostBytes(64)),
			field("version", attributeVersion, atMostBytes(64)),
		)
		s.on(group+"CounterSet", when(gates.DRAPartitionableDevices, field("name", required, dnsLabel), field("counters", required, atMostItems(32), labelKeys)))
		s.on(group+"DeviceCounterConsumption", when(gates.DRAPartitionableDevices, field("counterSet", required, dnsLabel), field("counters", required, atMostItems(32), labelKeys)))
	}
	for _, version := range []string{"v1alpha3", "v1beta1", "v1beta2", "v1"} {
		group := "resource." + version + "."
		s.on(group+"DeviceTaint", when(gates.DRADeviceTaints,
			field("key", required, qualifiedName),
			field("value", written(validation.IsValidLabelValue)),
			field("effect", required, oneOf(deviceEffects...)),
		))
		s.on(group+"DeviceTaintSelector",
			field("driver", notEmpty, driverName),
			field("pool", notEmpty, poolName),
			field("device", notEmpty, dnsLabel),
		)
	}
}

// deviceEffects are what a taint does to pods that do not tolerate it.
var deviceEffects = []string{"None", "NoSchedule", "NoExecute"}

// deviceDefinition is the definition that holds what a device has.
func deviceDefinition(version string) string {
	if version == "v1beta1" {
		return "BasicDevice"
	}
	return "Device"
}

// poolName asks for DNS subdomains with slashes between them.
var poolName = written(func(name string) []string {
	if len(name) > validation.DNS1123SubdomainMaxLength {
		return []string{validation.MaxLenError(validation.DNS1123SubdomainMaxLength)}
	}
	for part := range strings.SplitSeq(name, "/") {
		if problems := validation.IsDNS1123Subdomain(part); problems != nil {
			return problems
		}
	}
	return nil
})

// sliceSize: there may be fewer devices where they are more costly to allocate.
func sliceSize(n node) {
	most := 128
	for _, device := range n.items() {
		if basic := device.field("basic"); basic.set() {
			device = basic
		}
		if n.has(gates.DRADeviceTaints) && !device.field("taints").zero() || n.has(gates.DRAPartitionableDevices) && !device.field("consumesCounters").zero() {
			most = 64
		}
	}
	n.run(atMostItems(most))
}

// sliceNodes: the devices can be used on one node, on selected ones, on all, or
// each says where.
func sliceNodes(n node) {
	names := []string{"nodeName", "nodeSelector", "allNodes"}
	perDevice := false
	if n.has(gates.DRAPartitionableDevices) {
		names = append(names, "perDeviceNodeSelection")
		perDevice = n.field("perDeviceNodeSelection").truth()
		n.field("perDeviceNodeSelection").run(notFalse)
	}
	nodesOf(n, names)
	if selector := n.field("nodeSelector"); selector.set() {
		if terms := selector.field("nodeSelectorTerms"); terms.len() != 1 {
			terms.fail(ruleValue, fmt.Sprintf("want one term, got %d", terms.len()))
		}
	}
	if !n.has(gates.DRAPartitionableDevices) {
		return
	}
	for _, device := range n.field("devices").items() {
		if basic := device.field("basic"); basic.set() {
			device = basic
		}
		if perDevice {
			nodesOf(device, []string{"nodeName", "nodeSelector", "allNodes"})
			continue
		}
		for _, name := range []string{"nodeName", "nodeSelector", "allNodes"} {
			device.field(name).run(unset("the slice has no perDeviceNodeSelection"))
		}
	}
}

// nodesOf asks for one of some fields that say which nodes.
func nodesOf(n node, names []string) {
	n.field("nodeName").run(notEmpty, dnsSubdomain)
	n.field("allNodes").run(notFalse)
	n.run(exactlyOne(names...))
}

// notFalse asks for true where the field is set.
func notFalse(n node) {
	if n.value == false {
		n.fail(ruleValue, "want true or none, got false")
	}
}

func countersOrDevices(n node) {
	if counters := n.field("sharedCounters"); counters.set() && n.field("devices").set() {
		counters.fail(ruleConflict, "want sharedCounters or devices, got both")
	}
}

// attributeKeys: names have a domain or the driver's.
func attributeKeys(n node) {
	for key, value := range n.entries() {
		value.key(attributeKey(key))
	}
}

func labelKeys(n node) {
	for key, value := range n.entries() {
		value.key(validation.IsDNS1123Label(key))
	}
}

func attributesAndCapacity(n node) {
	if sum := n.field("attributes").len() + n.field("capacity").len(); sum > 32 {
		n.fail(ruleValue, fmt.Sprintf("want at most 32 attributes and capacities, got %d", sum))
	}
}

// attributeVersion asks for a version as semver.org has it, where there is one.
func attributeVersion(n node) {
	if text, ok := n.value.(string); ok && !versionPattern().MatchString(text) {
		n.fail(ruleFormat, "want a semantic version as 1.2.3, "+n.got())
	}
}

var versionPattern = pattern.New(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)` +
	`(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?` +
	`(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$`)

// bindingConditions: conditions of success and of failure are there together and
// differ.
func bindingConditions(n node) {
	success, failure := n.field("bindingConditions"), n.field("bindingFailureConditions")
	seen := map[string]bool{}
	for _, list := range []node{success, failure} {
		list.run(uniqueItems, atMostItems(4), each(required, qualifiedName))
	}
	for _, item := range success.items() {
		seen[item.text()] = true
	}
	for _, item := range failure.items() {
		if seen[item.text()] {
			item.fail(ruleConflict, "leave it out: it is one of bindingConditions")
		}
	}
	switch {
	case success.zero() && !failure.zero():
		success.fail(ruleRequired, "is required with bindingFailureConditions, "+success.got())
	case failure.zero() && !success.zero():
		failure.fail(ruleRequired, "is required with bindingConditions, "+failure.got())
	}
}

// capacityPolicies: how much of a capacity a claim can have matters only where
// many claims share the device.
func capacityPolicies(n node) {
	shared := n.field("allowMultipleAllocations").truth()
	for _, capacity := range n.field("capacity").entries() {
		policy := capacity.field("requestPolicy")
		switch {
		case !policy.set():
		case !shared:
			policy.fail(ruleConflict, "leave it out: allowMultipleAllocations is not true")
		default:
			requestPolicy(policy, quantityOrZero(capacity.field("value")))
		}
	}
}

// quantityOrZero returns a quantity, 0 for another value.
func quantityOrZero(n node) resource.Quantity {
	q, _ := n.quantity()
	return q
}

// requestPolicy: there are some values or a range, and the default is one of
// them.
func requestPolicy(n node, capacity resource.Quantity) {
	values, span, standard := n.field("validValues"), n.field("validRange"), n.field("default")
	switch {
	case !values.zero() && span.set():
		n.fail(ruleConflict, "want validValues or validRange, got both")
	case values.zero() && !span.set():
	case !standard.set():
		standard.run(present)
	case span.set():
		requestRange(span, standard, capacity)
	default:
		requestValues(values, standard, capacity)
	}
}

func requestValues(n node, standard node, capacity resource.Quantity) {
	n.run(atMostItems(10))
	known := false
	var before resource.Quantity
	for i, item := range n.items() {
		q := quantityOrZero(item)
		atMostQuantity(item, capacity, "the capacity")
		switch {
		case i > 0 && q.Cmp(before) < 0:
			item.fail(ruleValue, "want the values sorted, "+item.got())
		case i > 0 && q.Cmp(before) == 0:
			item.fail(ruleDuplicate, "is the same as the item before")
		}
		known = known || q.Cmp(quantityOrZero(standard)) == 0
		before = q
	}
	if !known {
		standard.fail(ruleValue, "want one of validValues, "+standard.got())
	}
}

func requestRange(n node, standard node, capacity resource.Quantity) {
	least, most, step := n.field("min"), n.field("max"), n.field("step")
	if !least.set() {
		least.run(present)
		return
	}
	atMostQuantity(least, capacity, "the capacity")
	atLeastQuantity(standard, quantityOrZero(least))
	if most.set() {
		atMostQuantity(most, capacity, "the capacity")
		atLeastQuantity(most, quantityOrZero(least))
		atMostQuantity(standard, quantityOrZero(most), "max")
	}
	if !step.set() {
		return
	}
	step.run(positive)
	size := quantityOrZero(step)
	if size.Sign() <= 0 {
		return
	}
	first := quantityOrZero(least)
	first.Add(size)
	if first.Cmp(capacity) > 0 {
		step.fail(ruleValue, "want a step that fits into the capacity, "+step.got())
	}
	for _, value := range []node{least, standard, most} {
		value.run(notNegative)
		if value.set() && !wholeSteps(quantityOrZero(value), quantityOrZero(least), size) {
			value.fail(ruleValue, "want min and a multiple of step more, "+value.got())
		}
	}
}

func atMostQuantity(n node, most resource.Quantity, what string) {
	if q := quantityOrZero(n); q.Cmp(most) > 0 {
		n.fail(ruleValue, fmt.Sprintf("want at most %s, %s, %s", what, most.String(), n.got()))
	}
}

func atLeastQuantity(n node, least resource.Quantity) {
	if q := quantityOrZero(n); q.Cmp(least) < 0 {
		n.fail(ruleValue, fmt.Sprintf("want at least min, %s, %s", least.String(), n.got()))
	}
}

// wholeSteps reports whether a quantity is some steps from another.
func wholeSteps(q, from, step resource.Quantity) bool {
	ratio := func(q resource.Quantity) *big.Rat {
		r, _ := new(big.Rat).SetString(q.AsDec().String())
		return r
	}
	distance := new(big.Rat).Sub(ratio(q), ratio(from))
	return distance.Quo(distance, ratio(step)).IsInt()
}
