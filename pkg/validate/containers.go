package validate

import (
	"fmt"
	"slices"
	"strings"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/release/gates"
)

// containers adds the rules for containers and init containers, as far as they
// do not depend on the pod (k8s.io/kubernetes, pkg/apis/core/validation:
// validateContainerCommon and what it calls; pkg/apis/core/v1/defaults.go).
// Ephemeral containers cannot be in a manifest.
func containers(s table) {
	s.on("core.v1.Container",
		field("name", required, dnsLabel),
		field("image", required),
		field("imagePullPolicy", pullPolicy),
		field("terminationMessagePolicy", oneOf("File", "FallbackToLogsOnError")),
		field("ports", uniqueBy("name")),
		field("resources", containerResources),
		field("resizePolicy", resizePolicy),
		field("livenessProbe", succeedsOnce),
		field("startupProbe", succeedsOnce),
		field("readinessProbe", field("terminationGracePeriodSeconds", unset("only liveness and startup probes end containers"))),
		mountPropagation,
		mountsAndDevices,
	)
	s.on("core.v1.ContainerPort",
		field("containerPort", present, portNumber),
		field("hostPort", between(0, 65535)),
		field("name", written(validation.IsValidPortName)),
		field("protocol", protocol),
	)
	s.on("core.v1.VolumeMount",
		field("name", required),
		field("mountPath", required),
		field("subPath", relativePath),
		field("subPathExpr", relativePath),
		oneSubPath,
		when(gates.RecursiveReadOnlyMounts, recursiveReadOnly),
	)
	s.on("core.v1.VolumeDevice",
		field("name", required),
		field("devicePath", required, noBacksteps),
	)
	environmentVariables(s)
	handlers(s)
}

// The values of enumerations that several fields have.
var (
	portNumber = between(1, 65535)
	protocol   = oneOf("TCP", "UDP", "SCTP")
	pullPolicy = oneOf("Always", "IfNotPresent", "Never")
)

// environmentVariables adds the rules for the variables of containers (ValidateEnv and
// ValidateEnvFrom).
func environmentVariables(s table) {
	s.on("core.v1.EnvVar",
		field("name", required, variableName),
		valueOrSource,
	)
	s.on("core.v1.EnvVarSource",
		variableSource,
		field("fieldRef", podField(environmentFields)),
	)
	for _, selector := range []string{"core.v1.ConfigMapKeySelector", "core.v1.SecretKeySelector"} {
		s.on(selector,
			field("name", required, dnsSubdomain),
			field("key", required, written(validation.IsConfigMapKey)),
		)
	}
	s.on("core.v1.FileKeySelector", when(gates.EnvFiles,
		field("key", required, written(validation.IsRelaxedEnvVarName)),
		field("volumeName", required, dnsLabel),
		field("path", required, noBacksteps),
	))
	s.on("core.v1.EnvFromSource",
		field("prefix", variableName),
		exactlyOne("configMapRef", "secretRef"),
	)
	reference := field("name", required, written(func(name string) []string { return apivalidation.NameIsDNSSubdomain(name, true) }))
	s.on("core.v1.ConfigMapEnvSource", reference)
	s.on("core.v1.SecretEnvSource", reference)
	s.on("core.v1.ResourceFieldSelector", field("resource", required), resourceField)
}

// valueOrSource: a variable has a value or a source of one.
func valueOrSource(n node) {
	if from := n.field("valueFrom"); from.set() && n.field("value").text() != "" {
		from.fail(ruleConflict, "leave it out: there is a value")
	}
}

func variableSource(n node) {
	sources := []string{"configMapKeyRef", "fieldRef", "resourceFieldRef", "secretKeyRef"}
	if n.has(gates.EnvFiles) {
		sources = append(sources, "fileKeyRef")
	}
	n.run(exactlyOne(sources...))
}

// variableName asks for the name of an environment variable. Relaxed, it may
// have any printable character but =.
func variableName(n node) {
	if n.has(gates.RelaxedEnvironmentVariableValidation) {
		n.run(written(validation.IsRelaxedEnvVarName))
		return
	}
	n.run(written(validation.IsEnvVarName))
}

// The fields of a pod that its containers can get as environment variables and
// as files (validEnvDownwardAPIFieldPathExpressions,
// validVolumeDownwardAPIFieldPathExpressions).
var (
	environmentFields = []string{
		"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.host", "spec.serviceAccountName",
		"status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
	}
	fileFields = []string{"metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid"}
)

// podField asks for a field of the pod: one of some, or a single label or
// annotation as metadata.labels['key'] (validateObjectFieldSelector).
func podField(fields []string) constraint {
	return func(n node) {
		if !n.set() {
			return
		}
		if version := n.field("apiVersion"); version.text() != "" && version.text() != "v1" {
			version.fail(ruleValue, `want "v1", `+version.got())
			return
		}
		path := n.field("fieldPath")
		if !path.required() || path.text() == "" {
			return
		}
		head, rest, subscripted := strings.Cut(path.text(), "['")
		key, closed := strings.CutSuffix(rest, "']")
		switch {
		case !subscripted || !closed || head == "":
			if !slices.Contains(fields, path.text()) {
				path.fail(ruleValue, "want "+diag.Alternatives(fields)+", or a single label or annotation as metadata.labels['key'], "+path.got(),
					path.didYouMean(path.text(), fields)...)
			}
		case head == "metadata.annotations":
			path.problems(ruleFormat, validation.IsQualifiedName(strings.ToLower(key)))
		case head == "metadata.labels":
			path.problems(ruleFormat, validation.IsQualifiedName(key))
		default:
			path.fail(ruleValue, "only metadata.labels and metadata.annotations have keys, "+path.got())
		}
	}
}

// oneSubPath: a part of a volume is named in one of two ways.
func oneSubPath(n node) {
	if expression := n.field("subPathExpr"); !expression.zero() && !n.field("subPath").zero() {
		expression.fail(ruleConflict, "leave it out: there is a subPath")
	}
}

// mountPropagation: what a container mounts is seen by the host only where it is
// privileged (validateMountPropagation).
func mountPropagation(n node) {
	privileged := n.field("securityContext", "privileged").truth()
	for _, mount := range n.field("volumeMounts").items() {
		propagation := mount.field("mountPropagation")
		propagation.run(oneOfGiven("None", "HostToContainer", "Bidirectional"))
		if propagation.text() == "Bidirectional" && !privileged {
			propagation.fail(ruleConflict, "only privileged containers can have it Bidirectional")
		}
	}
}

// recursiveReadOnly: what is mounted below is read-only where the volume is, and
// is not seen elsewhere (validateMountRecursiveReadOnly).
func recursiveReadOnly(n node) {
	recursive := n.field("recursiveReadOnly")
	recursive.run(oneOfGiven("Disabled", "IfPossible", "Enabled"))
	if text := recursive.text(); text != "IfPossible" && text != "Enabled" {
		return
	}
	if !n.field("readOnly").truth() {
		recursive.fail(ruleConflict, "want readOnly: true beside it")
	}
	if propagation := n.field("mountPropagation"); propagation.set() && propagation.text() != "None" {
		recursive.fail(ruleConflict, "want no mountPropagation beside it but None, "+propagation.got())
	}
}

// mountsAndDevices asks that a container has no path twice, and no volume as a
// mount and a device (ValidateVolumeMounts, ValidateVolumeDevices).
func mountsAndDevices(n node) {
	mounts, devices := n.field("volumeMounts"), n.field("volumeDevices")
	mounts.run(uniqueBy("mountPath"))
	devices.run(uniqueBy("devicePath"), uniqueBy("name"))
	for _, device := range devices.items() {
		name, path := device.field("name"), device.field("devicePath")
		for _, mount := range mounts.items() {
			if text := name.text(); text != "" && text == mount.field("name").text() {
				name.fail(ruleConflict, "a volume is a mount or a device, not both, "+name.got())
			}
			if text := path.text(); text != "" && text == mount.field("mountPath").text() {
				path.fail(ruleConflict, "a volume is mounted there, too, "+path.got())
			}
		}
	}
}

// resizePolicy is about how a container is given other resources
// (validateResizePolicy).
var resizePolicy = when(gates.InPlacePodVerticalScaling,
	uniqueBy("resourceName"),
	each(
		field("resourceName", required, oneOf("cpu", "memory")),
		field("restartPolicy", required, oneOf("NotRequired", "RestartContainer")),
	),
)

// handlers adds the rules for probes and for what is done when a container
// starts and stops (k8s.io/kubernetes, pkg/apis/core/validation: validateProbe,
// validateLifecycle, validateHandler).
func handlers(s table) {
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
	for _, container := range containersOf(n) {
		for _, event := range []string{"postStart", "preStop"} {
			sleep := container.field("lifecycle", event, "sleep")
			seconds, ok := sleep.field("seconds").integer()
			if sleep.set() && (ok || !sleep.field("seconds").set()) && (seconds < least || seconds > grace) {
				sleep.field("seconds").fail(ruleValue, fmt.Sprintf("want a number from %d to %d, the terminationGracePeriodSeconds, got %d", least, grace, seconds))
			}
		}
	}
}
