package rules

import (
	"fmt"
	"slices"
	"strings"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// containers adds the rules for containers and init containers, as far as they do
// not depend on the pod. Ephemeral containers cannot be in a manifest.
func containers(s engine.Table) {
	s.On("core.v1.Container",
		engine.Field("name", engine.Required, engine.DNSLabel),
		engine.Field("image", engine.Required),
		engine.Field("imagePullPolicy", pullPolicy),
		engine.Field("terminationMessagePolicy", engine.OneOf("File", "FallbackToLogsOnError")),
		engine.Field("ports", engine.UniqueBy("name")),
		engine.Field("resources", containerResources),
		engine.Field("resizePolicy", resizePolicy),
		engine.Field("livenessProbe", succeedsOnce),
		engine.Field("startupProbe", succeedsOnce),
		engine.Field("readinessProbe", engine.Field("terminationGracePeriodSeconds", engine.Unset("only liveness and startup probes end containers"))),
		mountPropagation,
		mountsAndDevices,
	)
	s.On("core.v1.ContainerPort",
		engine.Field("containerPort", engine.Present, portNumber),
		engine.Field("hostPort", engine.Between(0, 65535)),
		engine.Field("name", engine.Written(validation.IsValidPortName)),
		engine.Field("protocol", protocol),
	)
	s.On("core.v1.VolumeMount",
		engine.Field("name", engine.Required),
		engine.Field("mountPath", engine.Required),
		engine.Field("subPath", relativePath),
		engine.Field("subPathExpr", relativePath),
		oneSubPath,
		engine.When(gates.RecursiveReadOnlyMounts, recursiveReadOnly),
	)
	s.On("core.v1.VolumeDevice",
		engine.Field("name", engine.Required),
		engine.Field("devicePath", engine.Required, noBacksteps),
	)
	environmentVariables(s)
	handlers(s)
}

// The values of enumerations that several fields have.
var (
	portNumber = engine.Between(1, 65535)
	protocol   = engine.OneOf("TCP", "UDP", "SCTP")
	pullPolicy = engine.OneOf("Always", "IfNotPresent", "Never")
)

// environmentVariables adds the rules for the variables of containers (ValidateEnv and
// ValidateEnvFrom).
func environmentVariables(s engine.Table) {
	s.On("core.v1.EnvVar",
		engine.Field("name", engine.Required, variableName),
		valueOrSource,
	)
	s.On("core.v1.EnvVarSource",
		variableSource,
		engine.Field("fieldRef", podField(environmentFields)),
	)
	for _, selector := range []string{"core.v1.ConfigMapKeySelector", "core.v1.SecretKeySelector"} {
		s.On(selector,
			engine.Field("name", engine.Required, engine.DNSSubdomain),
			engine.Field("key", engine.Required, engine.Written(validation.IsConfigMapKey)),
		)
	}
	s.On("core.v1.FileKeySelector", engine.When(gates.EnvFiles,
		engine.Field("key", engine.Required, engine.Written(validation.IsRelaxedEnvVarName)),
		engine.Field("volumeName", engine.Required, engine.DNSLabel),
		engine.Field("path", engine.Required, noBacksteps),
	))
	s.On("core.v1.EnvFromSource",
		engine.Field("prefix", variableName),
		engine.ExactlyOne("configMapRef", "secretRef"),
	)
	reference := engine.Field("name", engine.Required, engine.Written(func(name string) []string { return apivalidation.NameIsDNSSubdomain(name, true) }))
	s.On("core.v1.ConfigMapEnvSource", reference)
	s.On("core.v1.SecretEnvSource", reference)
	s.On("core.v1.ResourceFieldSelector", engine.Field("resource", engine.Required), resourceField)
}

// valueOrSource: a variable has a value or a source of one.
func valueOrSource(n engine.Node) {
	if from := n.Field("valueFrom"); from.IsSet() && n.Field("value").Text() != "" {
		from.Fail(engine.RuleConflict, "leave it out: there is a value")
	}
}

func variableSource(n engine.Node) {
	sources := []string{"configMapKeyRef", "fieldRef", "resourceFieldRef", "secretKeyRef"}
	if n.Has(gates.EnvFiles) {
		sources = append(sources, "fileKeyRef")
	}
	n.Run(engine.ExactlyOne(sources...))
}

// variableName requires the name of an environment variable. Relaxed, it may
// have any printable character but =.
func variableName(n engine.Node) {
	if n.Has(gates.RelaxedEnvironmentVariableValidation) {
		n.Run(engine.Written(validation.IsRelaxedEnvVarName))
		return
	}
	n.Run(engine.Written(validation.IsEnvVarName))
}

// The fields of a pod that its containers can get as environment variables and files
// (validEnvDownwardAPIFieldPathExpressions, validVolumeDownwardAPIFieldPathExpressions).
var (
	environmentFields = []string{
		"metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.host", "spec.serviceAccountName",
		"status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
	}
	fileFields = []string{"metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations", "metadata.uid"}
)

// podField requires a field of the pod: one of fields, or a single label or annotation,
// such as metadata.labels['key'] (validateObjectFieldSelector).
func podField(fields []string) engine.Constraint {
	return func(n engine.Node) {
		if !n.IsSet() {
			return
		}
		if version := n.Field("apiVersion"); version.Text() != "" && version.Text() != "v1" {
			version.Fail(engine.RuleValue, `want "v1", `+version.Got())
			return
		}
		path := n.Field("fieldPath")
		if !path.Required() || path.Text() == "" {
			return
		}
		head, rest, subscripted := strings.Cut(path.Text(), "['")
		key, closed := strings.CutSuffix(rest, "']")
		switch {
		case !subscripted || !closed || head == "":
			if !slices.Contains(fields, path.Text()) {
				path.Fail(engine.RuleValue, "want "+message.Alternatives(fields)+", or a single label or annotation as metadata.labels['key'], "+path.Got(),
					path.DidYouMean(path.Text(), fields)...)
			}
		case head == "metadata.annotations":
			path.Problems(engine.RuleFormat, validation.IsQualifiedName(strings.ToLower(key)))
		case head == "metadata.labels":
			path.Problems(engine.RuleFormat, validation.IsQualifiedName(key))
		default:
			path.Fail(engine.RuleValue, "only metadata.labels and metadata.annotations have keys, "+path.Got())
		}
	}
}

// oneSubPath: only one of two fields names a part of a volume.
func oneSubPath(n engine.Node) {
	if expression := n.Field("subPathExpr"); !expression.IsZero() && !n.Field("subPath").IsZero() {
		expression.Fail(engine.RuleConflict, "leave it out: there is a subPath")
	}
}

// mountPropagation: the host sees the mounts of a container only if the container is
// privileged (validateMountPropagation).
func mountPropagation(n engine.Node) {
	privileged := n.Field("securityContext", "privileged").Truth()
	for _, mount := range n.Field("volumeMounts").Items() {
		propagation := mount.Field("mountPropagation")
		propagation.Run(engine.OneOfGiven("None", "HostToContainer", "Bidirectional"))
		if propagation.Text() == "Bidirectional" && !privileged {
			propagation.Fail(engine.RuleConflict, "only privileged containers can have it Bidirectional")
		}
	}
}

// recursiveReadOnly: mounts below a volume can be read-only only if the volume is, and if
// it is not propagated (validateMountRecursiveReadOnly).
func recursiveReadOnly(n engine.Node) {
	recursive := n.Field("recursiveReadOnly")
	recursive.Run(engine.OneOfGiven("Disabled", "IfPossible", "Enabled"))
	if text := recursive.Text(); text != "IfPossible" && text != "Enabled" {
		return
	}
	if !n.Field("readOnly").Truth() {
		recursive.Fail(engine.RuleConflict, "want readOnly: true beside it")
	}
	if propagation := n.Field("mountPropagation"); propagation.IsSet() && propagation.Text() != "None" {
		recursive.Fail(engine.RuleConflict, "want no mountPropagation beside it but None, "+propagation.Got())
	}
}

// mountsAndDevices requires that a container has no path twice, and no volume as a
// mount and a device (ValidateVolumeMounts, ValidateVolumeDevices).
func mountsAndDevices(n engine.Node) {
	mounts, devices := n.Field("volumeMounts"), n.Field("volumeDevices")
	mounts.Run(engine.UniqueBy("mountPath"))
	devices.Run(engine.UniqueBy("devicePath"), engine.UniqueBy("name"))
	for _, device := range devices.Items() {
		name, path := device.Field("name"), device.Field("devicePath")
		for _, mount := range mounts.Items() {
			if text := name.Text(); text != "" && text == mount.Field("name").Text() {
				name.Fail(engine.RuleConflict, "a volume is a mount or a device, not both, "+name.Got())
			}
			if text := path.Text(); text != "" && text == mount.Field("mountPath").Text() {
				path.Fail(engine.RuleConflict, "a volume is mounted there, too, "+path.Got())
			}
		}
	}
}

// resizePolicy checks how a container gets other resources (validateResizePolicy).
var resizePolicy = engine.When(gates.InPlacePodVerticalScaling,
	engine.UniqueBy("resourceName"),
	engine.Each(
		engine.Field("resourceName", engine.Required, engine.OneOf("cpu", "memory")),
		engine.Field("restartPolicy", engine.Required, engine.OneOf("NotRequired", "RestartContainer")),
	),
)

// handlers adds the rules for probes and for the handlers of a container's start and stop
// (k8s.io/kubernetes, pkg/apis/core/validation: validateProbe, validateLifecycle,
// validateHandler).
func handlers(s engine.Table) {
	s.On("core.v1.Probe",
		engine.ExactlyOne("exec", "grpc", "httpGet", "tcpSocket"),
		engine.Field("initialDelaySeconds", engine.AtLeast(0)),
		engine.Field("timeoutSeconds", engine.AtLeast(0)),
		engine.Field("periodSeconds", engine.AtLeast(0)),
		engine.Field("successThreshold", engine.AtLeast(0)),
		engine.Field("failureThreshold", engine.AtLeast(0)),
		engine.Field("terminationGracePeriodSeconds", engine.AtLeast(1)),
	)
	s.On("core.v1.LifecycleHandler", lifecycleHandler)
	s.On("core.v1.ExecAction", engine.Field("command", engine.Required))
	s.On("core.v1.HTTPGetAction",
		engine.Field("port", portNumberOrName),
		engine.Field("scheme", engine.OneOf("HTTP", "HTTPS")),
	)
	s.On("core.v1.HTTPHeader", engine.Field("name", engine.Required, engine.Written(validation.IsHTTPHeaderName)))
	s.On("core.v1.TCPSocketAction", engine.Field("port", portNumberOrName))
	s.On("core.v1.GRPCAction", engine.Field("port", engine.Present, portNumber))
}

// lifecycleHandler: without the gate the API server drops sleep, and then the handler has
// no action.
func lifecycleHandler(n engine.Node) {
	actions := []string{"exec", "httpGet", "tcpSocket"}
	if n.Has(gates.PodLifecycleSleepAction) {
		actions = append(actions, "sleep")
	}
	n.Run(engine.ExactlyOne(actions...))
}

// portNumberOrName requires the number or the name of a port
// (ValidatePortNumOrName).
func portNumberOrName(n engine.Node) {
	n.Run(portNumber)
	if text, ok := n.Value.(string); ok {
		n.Problems(engine.RuleFormat, validation.IsValidPortName(text))
	}
}

// succeedsOnce: one success is enough for liveness and startup probes.
func succeedsOnce(n engine.Node) {
	threshold := n.Field("successThreshold")
	if i, ok := threshold.Integer(); ok && i > 1 {
		threshold.Fail(engine.RuleValue, fmt.Sprintf("want 1, got %d", i), "only readiness probes can ask for more")
	}
}

// sleeps asks the handlers of the containers of a pod not to sleep for longer
// than the pod may take to end (validateSleepAction).
func sleeps(n engine.Node) {
	if !n.Has(gates.PodLifecycleSleepAction) {
		return
	}
	grace, ok := n.Field("terminationGracePeriodSeconds").Integer()
	if !ok {
		grace = 30
	}
	least := int64(0)
	if !n.Has(gates.PodLifecycleSleepActionAllowZero) {
		least = 1
	}
	for _, container := range containersOf(n) {
		for _, event := range []string{"postStart", "preStop"} {
			sleep := container.Field("lifecycle", event, "sleep")
			seconds, ok := sleep.Field("seconds").Integer()
			if sleep.IsSet() && (ok || !sleep.Field("seconds").IsSet()) && (seconds < least || seconds > grace) {
				sleep.Field("seconds").Fail(engine.RuleValue, fmt.Sprintf("want a number from %d to %d, the terminationGracePeriodSeconds, got %d", least, grace, seconds))
			}
		}
	}
}
