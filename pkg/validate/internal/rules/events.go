package rules

import (
	"slices"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// events adds the rules for the Events of both groups.
func events(s engine.Table) {
	s.On("core.v1.Event", func(n engine.Node) {
		if n.Field("eventTime").IsSet() {
			newEvent(n, "involvedObject", "reportingComponent", "message")
		} else {
			oldEvent(n, "involvedObject")
		}
	})
	s.On("events.v1.Event", func(n engine.Node) {
		n.Field("eventTime").Run(engine.Present)
		n.Field("type").Run(engine.Required, engine.OneOf("Normal", "Warning"))
		for _, name := range []string{"deprecatedFirstTimestamp", "deprecatedLastTimestamp", "deprecatedCount"} {
			n.Field(name).Run(engine.Absent("it is for events of the core group"))
		}
		for _, name := range []string{"component", "host"} {
			n.Field("deprecatedSource", name).Run(engine.Absent("it is for events of the core group"))
		}
		if n.Field("eventTime").IsSet() {
			newEvent(n, "regarding", "reportingController", "note")
		} else {
			oldEvent(n, "regarding")
		}
	})
	s.On("events.v1.EventSeries", engine.Field("lastObservedTime", engine.Present), engine.Field("count", engine.Required, engine.AtLeast(2)))
}

// eventNamespace returns the event's namespace, "default" if it names none.
func eventNamespace(n engine.Node) string {
	if text := n.Field("metadata", "namespace").Text(); text != "" {
		return text
	}
	return "default"
}

// newEvent: an event with eventTime says who reports what.
func newEvent(n engine.Node, object, controller, note string) {
	if !slices.Contains([]string{"default", "kube-system"}, eventNamespace(n)) && n.Field(object, "namespace").IsZero() {
		n.Field(object, "namespace").Fail(engine.RuleRequired, "want the event's namespace, got none")
	}
	n.Field(controller).Run(engine.Required, engine.QualifiedName)
	for _, name := range []string{"reportingInstance", "action", "reason"} {
		n.Field(name).Run(engine.Required, engine.AtMostBytes(128))
	}
	n.Field(note).Run(engine.AtMostBytes(1024))
}

// oldEvent: an event without eventTime is in the namespace of its object.
func oldEvent(n engine.Node, object string) {
	namespace, own := n.Field(object, "namespace"), eventNamespace(n)
	if namespace.Text() != own && (!namespace.IsZero() || own != "default") && validation.IsDNS1123Label(own) == nil {
		namespace.Fail(engine.RuleConflict, "want the event's namespace, which is "+own+", "+namespace.Got())
	}
}
