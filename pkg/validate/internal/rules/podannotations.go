package rules

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/release/gates"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// The keys of annotations that mean something in pods. A key that ends in a slash is
// followed by the name of a container (k8s.io/api, core/v1/annotation_key_constants.go).
const (
	mirrorAnnotation            = "kubernetes.io/config.mirror"
	tolerationsAnnotation       = "scheduler.alpha.kubernetes.io/tolerations"
	deletionCostAnnotation      = "controller.kubernetes.io/pod-deletion-cost"
	seccompPodAnnotation        = "seccomp.security.alpha.kubernetes.io/pod"
	seccompContainerAnnotations = "container.seccomp.security.alpha.kubernetes.io/"
	appArmorAnnotations         = "container.apparmor.security.beta.kubernetes.io/"
)

// podAnnotations requires annotations that pods can have
// (k8s.io/kubernetes, pkg/apis/core/validation: ValidatePodSpecificAnnotations,
// validateSeccompAnnotationsAndFields, validateAppArmorAnnotationsAndFieldsMatchOnCreate).
func podAnnotations(n engine.Node) {
	annotations, spec := n.Field("metadata", "annotations"), n.Field("spec")
	for key, value := range annotations.Entries() {
		if _, ok := value.Value.(string); !ok && value.IsSet() {
			continue
		}
		container, ofAppArmor := strings.CutPrefix(key, appArmorAnnotations)
		switch {
		case key == mirrorAnnotation:
			if spec.Field("nodeName").IsZero() {
				value.Fail(engine.RuleConflict, "want spec.nodeName for a mirror pod, "+spec.Field("nodeName").Got())
			}
		case key == tolerationsAnnotation:
			tolerations(value)
		case key == deletionCostAnnotation:
			if !isDeletionCost(value.Text()) {
				value.Fail(engine.RuleFormat, "want a number of 32 bits, "+value.Got())
			}
		case key == seccompPodAnnotation, strings.HasPrefix(key, seccompContainerAnnotations):
			seccompProfile(value)
		case ofAppArmor:
			if !hasContainer(spec, container) {
				value.Fail(engine.RuleReference, "the key: the pod has no container "+message.Quote(container))
			}
			appArmorProfile(value)
		}
	}
	spec.OverlookedAs(func() {
		seccompMatches(spec, annotations)
		if n.IsWhole() && n.Has(gates.AppArmorFields) { // pods, not templates
			appArmorMatches(spec, annotations)
		}
	})
}

// hasContainer reports whether a pod has a container of a name.
func hasContainer(n engine.Node, name string) bool {
	for _, container := range containersOf(n) {
		if container.Field("name").Text() == name {
			return true
		}
	}
	return false
}

// isDeletionCost reports whether a text is a number without + or leading zeros
// (GetDeletionCostFromPodAnnotations).
func isDeletionCost(text string) bool {
	if text == "" || text[0] == '+' || text[0] == '0' && text != "0" {
		return false
	}
	_, err := strconv.ParseInt(text, 10, 32)
	return err == nil
}

// tolerations requires an array of tolerations as JSON, if there is any text.
func tolerations(n engine.Node) {
	if n.IsZero() {
		return
	}
	var list []map[string]any
	if err := json.Unmarshal([]byte(n.Text()), &list); err != nil {
		n.Fail(engine.RuleFormat, "want an array of tolerations as JSON, "+n.Got())
		return
	}
	for _, value := range list {
		item := n
		item.Value = value
		item.Run(toleration)
	}
}

// seccompProfile requires a profile in the form of annotations (ValidateSeccompProfile).
func seccompProfile(n engine.Node) {
	local, isLocal := strings.CutPrefix(n.Text(), "localhost/")
	switch {
	case isLocal:
		path := n
		path.Value = local
		path.Run(relativePath)
	case n.Text() != "runtime/default" && n.Text() != "docker/default" && n.Text() != "unconfined":
		n.Fail(engine.RuleValue, `want "runtime/default", "unconfined" or "localhost/PATH", `+n.Got())
	}
}

// appArmorProfile requires a profile in the form of annotations
// (ValidateAppArmorProfileFormat).
func appArmorProfile(n engine.Node) {
	text := n.Text()
	if text != "" && text != "runtime/default" && text != "unconfined" && !strings.HasPrefix(text, "localhost/") {
		n.Fail(engine.RuleValue, `want "runtime/default", "unconfined" or "localhost/PROFILE", `+n.Got())
	}
}

// seccompMatches requires the same profiles in a pod's fields and annotations.
func seccompMatches(n engine.Node, annotations engine.Node) {
	matchesAnnotation(n.Field("securityContext", "seccompProfile"), annotations, seccompPodAnnotation)
	for _, container := range containersOf(n) {
		matchesAnnotation(container.Field("securityContext", "seccompProfile"), annotations, seccompContainerAnnotations+container.Field("name").Text())
	}
}

// appArmorMatches requires the same profiles in fields of a pod's containers and in
// annotations. A container without the field gets the profile of its annotation
// (applyAppArmorVersionSkew in pkg/registry/core/pod).
func appArmorMatches(n engine.Node, annotations engine.Node) {
	if n.Field("os", "name").Text() == "windows" {
		return
	}
	for _, container := range containersOf(n) {
		matchesAnnotation(container.Field("securityContext", "appArmorProfile"), annotations, appArmorAnnotations+container.Field("name").Text())
	}
}

// matchesAnnotation requires that a profile is the same as in the annotation with the key, if
// both are there.
func matchesAnnotation(n engine.Node, annotations engine.Node, key string) {
	if _, ok := names(annotations)[key]; !ok || !n.IsSet() {
		return
	}
	want := annotations.Field(key).Text()
	var matches bool
	switch n.Field("type").Text() {
	case "Unconfined":
		matches = want == "unconfined"
	case "RuntimeDefault":
		matches = want == "runtime/default" || want == "docker/default" && !strings.HasPrefix(key, appArmorAnnotations)
	case "Localhost":
		matches = want == "localhost/"+n.Field("localhostProfile").Text()
	default:
		return
	}
	if !matches {
		n.Fail(engine.RuleConflict, "want the same as the annotation "+key+" says, "+message.Quote(want)+", "+n.Got())
	}
}
