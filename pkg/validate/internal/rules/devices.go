package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/release/changes"
	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// devices adds the rules for claims of devices and classes of them. The scheduler writes
// allocations into the status, which the API server drops.
func devices(s engine.Table) {
	for _, version := range []string{"v1beta1", "v1beta2", "v1"} {
		group := "resource." + version + "."
		s.On(group+"DeviceClassSpec", engine.Field("selectors", engine.AtMostItems(32)), engine.Field("config", engine.AtMostItems(32)),
			engine.When(gates.DRAExtendedResource, engine.Field("extendedResourceName", extendedResourceName)))
		s.On(group+"DeviceClassConfiguration", engine.Field("opaque", engine.Present))
		s.On(group+"OpaqueDeviceConfiguration", engine.Field("driver", engine.Required, driverName), engine.Field("parameters", engine.Present, engine.Object))
		s.On(group+"DeviceSelector", engine.Field("cel", engine.Present))
		s.On(group+"CELDeviceSelector", engine.Field("expression", expression, engine.AtMostBytes(10<<10)))

		s.On(group+"DeviceClaim",
			engine.Field("requests", engine.UniqueBy("name"), engine.AtMostItems(32)),
			engine.Field("constraints", engine.AtMostItems(32)),
			engine.Field("config", engine.AtMostItems(32)),
			requestReferences,
		)
		s.On(group+"DeviceConstraint", engine.Field("requests", engine.UniqueItems), deviceConstraint)
		s.On(group+"DeviceClaimConfiguration", engine.Field("requests", engine.UniqueItems), engine.Field("opaque", engine.Present))
		s.On(group+"DeviceRequest", engine.Field("name", engine.Required, engine.DNSLabel), engine.Field("firstAvailable", engine.UniqueBy("name"), engine.AtMostItems(8)))
		s.On(group+"DeviceSubRequest", engine.Field("name", engine.Required, engine.DNSLabel), deviceRequest)
		s.On(group+"DeviceToleration", deviceToleration)
		s.On(group+"ResourceClaimTemplateSpec",
			engine.Field("metadata", engine.Field("labels", engine.LabelMap), engine.Field("annotations", engine.AnnotationMap)),
		)
	}
	for _, version := range []string{"v1beta2", "v1"} {
		s.On("resource."+version+".ExactDeviceRequest", deviceRequest)
	}
	s.On("resource.v1beta1.DeviceRequest", func(n engine.Node) {
		switch first := n.Field("firstAvailable"); {
		case first.IsZero():
			deviceRequest(n)
		case !n.Field("deviceClassName").IsZero():
			first.Fail(engine.RuleConflict, "want deviceClassName or firstAvailable, got both")
		}
	})
	for _, version := range []string{"v1beta2", "v1"} {
		s.On("resource."+version+".DeviceRequest", func(n engine.Node) {
			exactly, first := n.Field("exactly"), n.Field("firstAvailable")
			switch {
			case exactly.IsSet() && !first.IsZero():
				n.Fail(engine.RuleConflict, "want exactly or firstAvailable, got both")
			case !exactly.IsSet() && first.IsZero():
				n.Fail(engine.RuleRequired, "want exactly or firstAvailable, got none")
			}
		})
	}
}

// deviceRequest: a request has a class of devices, and asks for a number of them or for
// all.
func deviceRequest(n engine.Node) {
	n.Field("deviceClassName").Run(engine.Required, engine.DNSSubdomain)
	n.Field("selectors").Run(engine.AtMostItems(32))
	mode, count := n.Field("allocationMode"), n.Field("count")
	mode.Run(engine.OneOf("ExactCount", "All"))
	if mode.Text() == "All" {
		count.Run(engine.Absent("the allocationMode is All"))
	} else {
		count.Run(engine.AtLeast(0))
	}
}

// deviceConstraint: devices share an attribute or differ in it.
func deviceConstraint(n engine.Node) {
	match, distinct := n.Field("matchAttribute"), n.Field("distinctAttribute")
	if keepsInClaims(n, gates.DRAConsumableCapacity) {
		if distinct.IsSet() {
			distinct.Run(engine.Required, engine.Written(attributeName))
		}
	} else {
		distinct = match
	}
	if match.IsSet() {
		match.Run(engine.Required, engine.Written(attributeName))
	} else if !distinct.IsSet() {
		n.Fail(engine.RuleRequired, "want matchAttribute, got none")
	}
}

// deviceToleration are the rules for a toleration of a claim.
func deviceToleration(n engine.Node) {
	if !keepsInClaims(n, gates.DRADeviceTaints) {
		return
	}
	n.Run(
		engine.Field("key", engine.QualifiedName),
		engine.Field("operator", engine.OneOf("Equal", "Exists")),
		engine.Field("value", engine.Written(validation.IsValidLabelValue)),
		engine.Field("effect", engine.OneOf(deviceEffects...)),
	)
	if n.Field("operator").Text() == "Exists" {
		n.Field("value").Run(engine.Absent("the operator is Exists"))
	}
}

// keepsInClaims reports whether the API server looks at the fields of a gate in the lists
// of a claim. Newer API servers drop them if the gate is off.
func keepsInClaims(n engine.Node, gate release.Fact) bool {
	return n.Has(gate) || !n.Has(changes.DroppedClaimFields)
}

// attributeName says what is wrong with the full name of an attribute: a domain
// and an identifier of C.
func attributeName(name string) []string {
	if !strings.Contains(name, "/") {
		return []string{"want a domain and a name as example.com/name"}
	}
	return attributeKey(name)
}

// attributeKey says what is wrong with the name of an attribute that need not have a
// domain. The API server accepts names with more than one slash.
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

// extendedResourceName requires the name of a resource that is not Kubernetes' own, if the
// field is set.
func extendedResourceName(n engine.Node) {
	if text, ok := n.Value.(string); ok && !extendedResource(text) {
		n.Fail(engine.RuleFormat, "want the name of an extended resource as example.com/name, "+n.Got())
	}
}

// requestReferences: a constraint or configuration names requests, or alternatives of a
// request: request/alternative.
func requestReferences(n engine.Node) {
	names := map[string]bool{}
	for _, request := range n.Field("requests").Items() {
		name := request.Field("name").Text()
		names[name] = true
		for _, alternative := range request.Field("firstAvailable").Items() {
			names[name+"/"+alternative.Field("name").Text()] = true
		}
	}
	for _, list := range []string{"constraints", "config"} {
		for _, item := range n.Field(list).Items() {
			for _, reference := range item.Field("requests").Items() {
				if text := reference.Text(); !names[text] {
					reference.Fail(engine.RuleReference, fmt.Sprintf("want a request of the claim, %s", reference.Got()), reference.DidYouMean(text, mapKeys(names))...)
				}
			}
		}
	}
}

// mapKeys returns the keys of a set, sorted.
func mapKeys(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
