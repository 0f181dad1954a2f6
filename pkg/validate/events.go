package validate

import (
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"
)

// events adds the rules for the Events of both groups
// (k8s.io/kubernetes, pkg/apis/core/validation/events.go).
func events(s table) {
	s.on("core.v1.Event", func(n node) {
		if n.field("eventTime").set() {
			newEvent(n, "involvedObject", "reportingComponent", "message")
		} else {
			oldEvent(n, "involvedObject")
		}
	})
	s.on("events.v1.Event", func(n node) {
		n.field("eventTime").run(present)
		n.field("type").run(required, oneOf("Normal", "Warning"))
		for _, name := range []string{"deprecatedFirstTimestamp", "deprecatedLastTimestamp", "deprecatedCount"} {
			n.field(name).run(absent("it is for events of the core group"))
		}
		for _, name := range []string{"component", "host"} {
			n.field("deprecatedSource", name).run(absent("it is for events of the core group"))
		}
		if n.field("eventTime").set() {
			newEvent(n, "regarding", "reportingController", "note")
		} else {
			oldEvent(n, "regarding")
		}
	})
	s.on("events.v1.EventSeries", field("lastObservedTime", present), field("count", required, atLeast(2)))
}

// eventNamespace is where the event is to be; where it says nothing, that is
// taken for the default namespace.
func eventNamespace(n node) string {
	if text := n.field("metadata", "namespace").text(); text != "" {
		return text
	}
	return "default"
}

// newEvent: an event with eventTime says who reports what.
func newEvent(n node, object, controller, note string) {
	if !slices.Contains([]string{"default", "kube-system"}, eventNamespace(n)) && n.field(object, "namespace").zero() {
		n.field(object, "namespace").fail(ruleRequired, "want the event's namespace, got none")
	}
	n.field(controller).run(required, qualifiedName)
	for _, name := range []string{"reportingInstance", "action", "reason"} {
		n.field(name).run(required, atMostBytes(128))
	}
	n.field(note).run(atMostBytes(1024))
}

// oldEvent: an event without eventTime stands where its object does.
func oldEvent(n node, object string) {
	namespace, own := n.field(object, "namespace"), eventNamespace(n)
	if namespace.text() != own && (!namespace.zero() || own != "default") && validation.IsDNS1123Label(own) == nil {
		namespace.fail(ruleConflict, "want the event's namespace, which is "+own+", "+namespace.got())
	}
}
