package validate

import (
	"fmt"

	"github.com/mop-platform/mop/pkg/release/gates"
	"k8s.io/apimachinery/pkg/util/validation"
)

// handlers adds the rules for probes and for what is done when a container
// starts and stops (k8s.io/kubernetes, pkg/apis/core/validation: validateProbe,
// validateLifecycle, validateHandler).
func (s table) handlers() {
	s.on("core.v1.Probe",
		exactlyOne("exec", "grpc", "httpGet", "tcpSocket"),
		field("initialDelaySeconds", atLeast(0)),
		field("timeoutSeconds", atLeast(0)),
		field("periodSeconds", atLeast(0)),
		field("successThreshold", atLeast(0)),
		field("failureThreshold", atLeast(0)),
		field("terminationGracePeriodSeconds", atLeast(1)),
	)
	s.on("core.v1.LifecycleHandler", lifecycleHandler)
	s.on("core.v1.ExecAction", field("command", required))
	s.on("core.v1.HTTPGetAction",
		field("port", portNumberOrName),
		field("scheme", oneOf("HTTP", "HTTPS")),
	)
	s.on("core.v1.HTTPHeader", field("name", required, written(validation.IsHTTPHeaderName)))
	s.on("core.v1.TCPSocketAction", field("port", portNumberOrName))
	s.on("core.v1.GRPCAction", field("port", present, portNumber))
}

// lifecycleHandler: without the gate sleep is dropped, and then the handler has no
// action.
func lifecycleHandler(n node) {
	actions := []string{"exec", "httpGet", "tcpSocket"}
	if n.has(gates.PodLifecycleSleepAction) {
		actions = append(actions, "sleep")
	}
	n.run(exactlyOne(actions...))
}

// portNumberOrName asks for the number or the name of a port
// (ValidatePortNumOrName).
func portNumberOrName(n node) {
	n.run(portNumber)
	if text, ok := n.value.(string); ok {
		n.problems(ruleFormat, validation.IsValidPortName(text))
	}
}

// succeedsOnce: one success is enough for liveness and startup probes.
func succeedsOnce(n node) {
	threshold := n.field("successThreshold")
	if i, ok := threshold.integer(); ok && i > 1 {
		threshold.fail(ruleValue, fmt.Sprintf("want 1, got %d", i), "only readiness probes can ask for more")
	}
}

// sleeps asks the handlers of the containers of a pod not to sleep for longer
// than the pod may take to end (validateSleepAction).
func sleeps(n node) {
	if !n.has(gates.PodLifecycleSleepAction) {
		return
	}
	grace, ok := n.field("terminationGracePeriodSeconds").integer()
	if !ok {
		grace = 30
	}
	least := int64(0)
	if !n.has(gates.PodLifecycleSleepActionAllowZero) {
		least = 1
	}
	for _, container := range n.containers() {
		for _, event := range []string{"postStart", "preStop"} {
			sleep := container.field("lifecycle", event, "sleep")
			seconds, ok := sleep.field("seconds").integer()
			if sleep.set() && (ok || !sleep.field("seconds").set()) && (seconds < least || seconds > grace) {
				sleep.field("seconds").fail(ruleValue, fmt.Sprintf("want a number from %d to %d, the terminationGracePeriodSeconds, got %d", least, grace, seconds))
			}
		}
	}
}
