package rules

import (
	"fmt"
	"math/big"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// deviceSlices adds the rules for the devices that drivers offer and for taints of them.
// Fields that an API server drops without their gates are not checked.
func deviceSlices(s engine.Table) {
	for _, version := range []string{"v1beta1", "v1beta2", "v1"} {
		group := "resource." + version + "."
		s.On(group+"ResourceSliceSpec",
			engine.Field("driver", engine.Required, driverName),
			engine.Field("devices", engine.UniqueBy("name"), sliceSize),
			sliceNodes,
			engine.When(gates.DRAPartitionableDevices, engine.Field("sharedCounters", engine.UniqueBy("name"), engine.AtMostItems(8)), countersOrDevices),
		)
		s.On(group+"ResourcePool",
			engine.Field("name", engine.Required, poolName),
			engine.Field("resourceSliceCount", engine.Present, engine.AtLeast(1)),
			engine.Field("generation", engine.AtLeast(0)),
		)
		s.On(group+"Device", engine.Field("name", engine.Required, engine.DNSLabel))
		s.On(group+deviceDefinition(version),
			engine.Field("attributes", attributeKeys),
			engine.Field("capacity", attributeKeys),
			attributesAndCapacity,
			engine.When(gates.DRAConsumableCapacity, capacityPolicies),
			engine.When(gates.DRADeviceBindingConditions, bindingConditions),
			engine.When(gates.DRADeviceTaints, engine.Field("taints", engine.AtMostItems(16))),
			engine.When(gates.DRAPartitionableDevices, engine.Field("consumesCounters", engine.UniqueBy("counterSet"), engine.AtMostItems(2))),
		)
		s.On(group+"DeviceAttribute",
			// The API server drops the lists.
			engine.ExactlyOne("bool", "int", "string", "version"),
			engine.Field("string", engine.AtMostBytes(64)),
			engine.Field("version", attributeVersion, engine.AtMostBytes(64)),
		)
		s.On(group+"CounterSet", engine.When(gates.DRAPartitionableDevices, engine.Field("name", engine.Required, engine.DNSLabel), engine.Field("counters", engine.Required, engine.AtMostItems(32), labelKeys)))
		s.On(group+"DeviceCounterConsumption", engine.When(gates.DRAPartitionableDevices, engine.Field("counterSet", engine.Required, engine.DNSLabel), engine.Field("counters", engine.Required, engine.AtMostItems(32), labelKeys)))
	}
	for _, version := range []string{"v1alpha3", "v1beta1", "v1beta2", "v1"} {
		group := "resource." + version + "."
		s.On(group+"DeviceTaint", engine.When(gates.DRADeviceTaints,
			engine.Field("key", engine.Required, engine.QualifiedName),
			engine.Field("value", engine.Written(validation.IsValidLabelValue)),
			engine.Field("effect", engine.Required, engine.OneOf(deviceEffects...)),
		))
	}
	for _, version := range []string{"v1alpha3", "v1beta2", "v1"} {
		s.On("resource."+version+".DeviceTaintSelector",
			engine.Field("driver", engine.NotEmpty, driverName),
			engine.Field("pool", engine.NotEmpty, poolName),
			engine.Field("device", engine.NotEmpty, engine.DNSLabel),
		)
	}
}

// deviceEffects are what a taint does to pods that do not tolerate it.
var deviceEffects = []string{"None", "NoSchedule", "NoExecute"}

// deviceDefinition returns the name of the definition with the contents of a device.
func deviceDefinition(version string) string {
	if version == "v1beta1" {
		return "BasicDevice"
	}
	return "Device"
}

// poolName requires DNS subdomains with slashes between them.
var poolName = engine.Written(func(name string) []string {
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

// sliceSize: a slice may have fewer devices if they are more costly to allocate.
func sliceSize(n engine.Node) {
	most := 128
	for _, device := range n.Items() {
		if basic := device.Field("basic"); basic.IsSet() {
			device = basic
		}
		if n.Has(gates.DRADeviceTaints) && !device.Field("taints").IsZero() || n.Has(gates.DRAPartitionableDevices) && !device.Field("consumesCounters").IsZero() {
			most = 64
		}
	}
	n.Run(engine.AtMostItems(most))
}

// sliceNodes: the devices can be used on one node, on selected ones, on all, or each device
// says where.
func sliceNodes(n engine.Node) {
	names := []string{"nodeName", "nodeSelector", "allNodes"}
	perDevice := false
	if n.Has(gates.DRAPartitionableDevices) {
		names = append(names, "perDeviceNodeSelection")
		perDevice = n.Field("perDeviceNodeSelection").Truth()
		n.Field("perDeviceNodeSelection").Run(notFalse)
	}
	nodesOf(n, names)
	if selector := n.Field("nodeSelector"); selector.IsSet() {
		if terms := selector.Field("nodeSelectorTerms"); terms.Len() != 1 {
			terms.Fail(engine.RuleValue, fmt.Sprintf("want one term, got %d", terms.Len()))
		}
	}
	if !n.Has(gates.DRAPartitionableDevices) {
		return
	}
	for _, device := range n.Field("devices").Items() {
		if basic := device.Field("basic"); basic.IsSet() {
			device = basic
		}
		if perDevice {
			nodesOf(device, []string{"nodeName", "nodeSelector", "allNodes"})
			continue
		}
		for _, name := range []string{"nodeName", "nodeSelector", "allNodes"} {
			device.Field(name).Run(engine.Unset("the slice has no perDeviceNodeSelection"))
		}
	}
}

// nodesOf requires one of the fields that select nodes.
func nodesOf(n engine.Node, names []string) {
	n.Field("nodeName").Run(engine.NotEmpty, engine.DNSSubdomain)
	n.Field("allNodes").Run(notFalse)
	n.Run(engine.ExactlyOne(names...))
}

// notFalse requires true if the field is set.
func notFalse(n engine.Node) {
	if n.Value == false {
		n.Fail(engine.RuleValue, "want true or none, got false")
	}
}

func countersOrDevices(n engine.Node) {
	if counters := n.Field("sharedCounters"); counters.IsSet() && n.Field("devices").IsSet() {
		counters.Fail(engine.RuleConflict, "want sharedCounters or devices, got both")
	}
}

// attributeKeys: names have a domain or the driver's.
func attributeKeys(n engine.Node) {
	for key, value := range n.Entries() {
		value.KeyProblems(attributeKey(key))
	}
}

func labelKeys(n engine.Node) {
	for key, value := range n.Entries() {
		value.KeyProblems(validation.IsDNS1123Label(key))
	}
}

// droppedOfDevices are the parts of a ResourceSlice that the API server drops while a gate
// is off. device is the path to the contents of a device.
func droppedOfDevices(device string) []engine.Part {
	parts := []engine.Part{
		{Path: "spec.sharedCounters", Judged: gates.DRAPartitionableDevices},
		{Path: "spec.perDeviceNodeSelection", Judged: gates.DRAPartitionableDevices},
		{Path: device + "taints", Judged: gates.DRADeviceTaints},
		{Path: device + "capacity.*.requestPolicy", Judged: gates.DRAConsumableCapacity},
		{Path: device + "allowMultipleAllocations", Judged: gates.DRAConsumableCapacity},
	}
	for _, name := range []string{"consumesCounters", "nodeName", "nodeSelector", "allNodes"} {
		parts = append(parts, engine.Part{Path: device + name, Judged: gates.DRAPartitionableDevices})
	}
	for _, name := range []string{"bindingConditions", "bindingFailureConditions", "bindsToNode"} {
		parts = append(parts, engine.Part{Path: device + name, Judged: gates.DRADeviceBindingConditions})
	}
	return parts
}

func attributesAndCapacity(n engine.Node) {
	if sum := n.Field("attributes").Len() + n.Field("capacity").Len(); sum > 32 {
		n.Fail(engine.RuleValue, fmt.Sprintf("want at most 32 attributes and capacities, got %d", sum))
	}
}

// attributeVersion requires a version as semver.org defines it, if there is one.
func attributeVersion(n engine.Node) {
	if text, ok := n.Value.(string); ok && !versionPattern().MatchString(text) {
		n.Fail(engine.RuleFormat, "want a semantic version as 1.2.3, "+n.Got())
	}
}

var versionPattern = pattern.New(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)` +
	`(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?` +
	`(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$`)

// bindingConditions: conditions of success and of failure need each other and differ.
func bindingConditions(n engine.Node) {
	success, failure := n.Field("bindingConditions"), n.Field("bindingFailureConditions")
	seen := map[string]bool{}
	for _, list := range []engine.Node{success, failure} {
		list.Run(engine.UniqueItems, engine.AtMostItems(4), engine.Each(engine.Required, engine.QualifiedName))
	}
	for _, item := range success.Items() {
		seen[item.Text()] = true
	}
	for _, item := range failure.Items() {
		if seen[item.Text()] {
			item.Fail(engine.RuleConflict, "leave it out: it is one of bindingConditions")
		}
	}
	switch {
	case success.IsZero() && !failure.IsZero():
		success.Fail(engine.RuleRequired, "is required with bindingFailureConditions, "+success.Got())
	case failure.IsZero() && !success.IsZero():
		failure.Fail(engine.RuleRequired, "is required with bindingConditions, "+failure.Got())
	}
}

// capacityPolicies: the share of a claim in a capacity matters only if many claims share
// the device.
func capacityPolicies(n engine.Node) {
	shared := n.Field("allowMultipleAllocations").Truth()
	for _, capacity := range n.Field("capacity").Entries() {
		policy := capacity.Field("requestPolicy")
		switch {
		case !policy.IsSet():
		case !shared:
			policy.Fail(engine.RuleConflict, "leave it out: allowMultipleAllocations is not true")
		default:
			requestPolicy(policy, quantityOrZero(capacity.Field("value")))
		}
	}
}

// quantityOrZero returns a quantity, 0 for another value.
func quantityOrZero(n engine.Node) resource.Quantity {
	q, _ := n.Quantity()
	return q
}

// requestPolicy: there are some values or a range, and the default is one of
// them.
func requestPolicy(n engine.Node, capacity resource.Quantity) {
	values, span, standard := n.Field("validValues"), n.Field("validRange"), n.Field("default")
	switch {
	case !values.IsZero() && span.IsSet():
		n.Fail(engine.RuleConflict, "want validValues or validRange, got both")
	case values.IsZero() && !span.IsSet():
	case !standard.IsSet():
		standard.Run(engine.Present)
	case span.IsSet():
		requestRange(span, standard, capacity)
	default:
		requestValues(values, standard, capacity)
	}
}

func requestValues(n engine.Node, standard engine.Node, capacity resource.Quantity) {
	n.Run(engine.AtMostItems(10))
	known := false
	var before resource.Quantity
	for i, item := range n.Items() {
		q := quantityOrZero(item)
		atMostQuantity(item, capacity, "the capacity")
		switch {
		case i > 0 && q.Cmp(before) < 0:
			item.Fail(engine.RuleValue, "want the values sorted, "+item.Got())
		case i > 0 && q.Cmp(before) == 0:
			item.Fail(engine.RuleDuplicate, "is the same as the item before")
		}
		known = known || q.Cmp(quantityOrZero(standard)) == 0
		before = q
	}
	if !known {
		standard.Fail(engine.RuleValue, "want one of validValues, "+standard.Got())
	}
}

func requestRange(n engine.Node, standard engine.Node, capacity resource.Quantity) {
	least, most, step := n.Field("min"), n.Field("max"), n.Field("step")
	if !least.IsSet() {
		least.Run(engine.Present)
		return
	}
	atMostQuantity(least, capacity, "the capacity")
	atLeastQuantity(standard, quantityOrZero(least))
	if most.IsSet() {
		atMostQuantity(most, capacity, "the capacity")
		atLeastQuantity(most, quantityOrZero(least))
		atMostQuantity(standard, quantityOrZero(most), "max")
	}
	if !step.IsSet() {
		return
	}
	step.Run(engine.Positive)
	size := quantityOrZero(step)
	if size.Sign() <= 0 {
		return
	}
	first := quantityOrZero(least)
	first.Add(size)
	if first.Cmp(capacity) > 0 {
		step.Fail(engine.RuleValue, "want a step that fits into the capacity, "+step.Got())
	}
	for _, value := range []engine.Node{least, standard, most} {
		value.Run(engine.NotNegative)
		if value.IsSet() && !wholeSteps(quantityOrZero(value), quantityOrZero(least), size) {
			value.Fail(engine.RuleValue, "want min and a multiple of step more, "+value.Got())
		}
	}
}

func atMostQuantity(n engine.Node, most resource.Quantity, what string) {
	if q := quantityOrZero(n); q.Cmp(most) > 0 {
		n.Fail(engine.RuleValue, fmt.Sprintf("want at most %s, %s, %s", what, most.String(), n.Got()))
	}
}

func atLeastQuantity(n engine.Node, least resource.Quantity) {
	if q := quantityOrZero(n); q.Cmp(least) < 0 {
		n.Fail(engine.RuleValue, fmt.Sprintf("want at least min, %s, %s", least.String(), n.Got()))
	}
}

// wholeSteps reports whether a quantity is a whole number of steps from another. Each is
// rounded up to a whole number while DRAFractionalCapacityRange is off
// (validateRequestPolicyRangeStep).
func wholeSteps(q, from, step resource.Quantity) bool {
	ratio := func(q resource.Quantity) *big.Rat {
		q = q.DeepCopy()
		q.RoundUp(0)
		r, _ := new(big.Rat).SetString(q.AsDec().String())
		return r
	}
	distance := new(big.Rat).Sub(ratio(q), ratio(from))
	return distance.Quo(distance, ratio(step)).IsInt()
}
