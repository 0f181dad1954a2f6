package validate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/pkg/release/gates"
)

// devices adds the rules for claims of devices and classes of them. What the
// scheduler writes, allocations, is in the status, which is dropped
// (k8s.io/kubernetes, pkg/apis/resource/validation).
func devices(s table) {
	for _, version := range []string{"v1beta1", "v1beta2", "v1"} {
		group := "resource." + version + "."
		s.on(group+"DeviceClassSpec", field("selectors", atMostItems(32)), field("config", atMostItems(32)),
			when(gates.DRAExtendedResource, field("extendedResourceName", extendedResourceName)))
		s.on(group+"DeviceClassConfiguration", field("opaque", present))
		s.on(group+"OpaqueDeviceConfiguration", field("driver", required, driverName), field("parameters", present, object))
		s.on(group+"DeviceSelector", field("cel", present))
		s.on(group+"CELDeviceSelector", field("expression", expression, atMostBytes(10<<10)))

		s.on(group+"DeviceClaim",
			field("requests", uniqueBy("name"), atMostItems(32)),
			field("constraints", atMostItems(32)),
			field("config", atMostItems(32)),
			requestReferences,
		)
		s.on(group+"DeviceConstraint", field("requests", uniqueItems), deviceConstraint)
		s.on(group+"DeviceClaimConfiguration", field("requests", uniqueItems), field("opaque", present))
		s.on(group+"DeviceRequest", field("name", required, dnsLabel), field("firstAvailable", uniqueBy("name"), atMostItems(8)))
		s.on(group+"DeviceSubRequest", field("name", required, dnsLabel), deviceRequest)
		s.on(group+"ExactDeviceRequest", deviceRequest)
		s.on(group+"DeviceToleration", when(gates.DRADeviceTaints,
			field("key", qualifiedName),
			field("operator", oneOf("Equal", "Exists")),
			field("value", written(validation.IsValidLabelValue)),
			field("effect", oneOf(deviceEffects...)),
			func(n node) {
				if n.field("operator").text() == "Exists" {
					n.field("value").run(absent("the operator is Exists"))
				}
			},
		))
		s.on(group+"ResourceClaimTemplateSpec",
			field("metadata", field("labels", labelMap), field("annotations", annotationMap)),
		)
	}
	s.on("resource.v1beta1.DeviceRequest", func(n node) {
		switch first := n.field("firstAvailable"); {
		case first.zero():
			deviceRequest(n)
		case !n.field("deviceClassName").zero():
			first.fail(ruleConflict, "want deviceClassName or firstAvailable, got both")
		}
	})
	for _, version := range []string{"v1beta2", "v1"} {
		s.on("resource."+version+".DeviceRequest", func(n node) {
			exactly, first := n.field("exactly"), n.field("firstAvailable")
			switch {
			case exactly.set() && !first.zero():
				n.fail(ruleConflict, "want exactly or firstAvailable, got both")
			case !exactly.set() && first.zero():
				n.fail(ruleRequired, "want exactly or firstAvailable, got none")
			}
		})
	}
}

// deviceRequest: devices are of a class, and there are some of them or all.
func deviceRequest(n node) {
	n.field("deviceClassName").run(required, dnsSubdomain)
	mode, count := n.field("allocationMode"), n.field("count")
	mode.run(oneOf("ExactCount", "All"))
	if mode.text() == "All" {
		count.run(absent("the allocationMode is All"))
	} else {
		count.run(atLeast(0))
	}
}

// deviceConstraint: devices have an attribute in common or differ in it.
func deviceConstraint(n node) {
	if !n.field("matchAttribute").set() && !n.field("distinctAttribute").set() {
		n.fail(ruleRequired, "want matchAttribute, got none")
	}
	for _, name := range []string{"matchAttribute", "distinctAttribute"} {
		if attribute := n.field(name); attribute.set() {
			attribute.run(required, written(attributeName))
		}
	}
}

// attributeName says what is wrong with the full name of an attribute: a domain
// and an identifier of C.
func attributeName(name string) []string {
	if !strings.Contains(name, "/") {
		return []string{"want a domain and a name as example.com/name"}
	}
	return attributeKey(name)
}

// attributeKey says what is wrong with the name of an attribute that need not
// have a domain. The API server takes what has more than one slash.
func attributeKey(name string) []string {
	domain, identifier, ok := strings.Cut(name, "/")
	switch {
	case !ok:
		identifier = name
	case strings.Contains(identifier, "/"):
		return nil
	case len(domain) > 63:
		return []string{"the domain: " + validation.MaxLenError(63)}
	default:
		if problems := validation.IsDNS1123Subdomain(strings.ToLower(domain)); problems != nil {
			return problems
		}
	}
	if len(identifier) > 32 {
		return []string{"the name: " + validation.MaxLenError(32)}
	}
	if !cIdentifier().MatchString(identifier) {
		return []string{"want letters, digits and underscores, no digit first"}
	}
	return nil
}

var cIdentifier = pattern.New(`^[A-Za-z_][A-Za-z0-9_]*$`)

// extendedResourceName asks for the name of a resource that is none of
// Kubernetes, where the field is set.
func extendedResourceName(n node) {
	if text, ok := n.value.(string); ok && !extendedResource(text) {
		n.fail(ruleFormat, "want the name of an extended resource as example.com/name, "+n.got())
	}
}

// requestReferences: what a constraint or configuration is for is one of the
// requests, or one of the alternatives of a request: request/alternative.
func requestReferences(n node) {
	names := map[string]bool{}
	for _, request := range n.field("requests").items() {
		name := request.field("name").text()
		names[name] = true
		for _, alternative := range request.field("firstAvailable").items() {
			names[name+"/"+alternative.field("name").text()] = true
		}
	}
	for _, list := range []string{"constraints", "config"} {
		for _, item := range n.field(list).items() {
			for _, reference := range item.field("requests").items() {
				if text := reference.text(); !names[text] {
					reference.fail(ruleReference, fmt.Sprintf("want a request of the claim, %s", reference.got()), reference.didYouMean(text, mapKeys(names))...)
				}
			}
		}
	}
}

// mapKeys returns the keys of a set, sorted.
func mapKeys(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
