package validate

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/mop-platform/mop/pkg/message"
	"github.com/mop-platform/mop/pkg/release/gates"
)

// The keys of annotations that mean something in pods; those that end in a slash
// are followed by the name of a container (k8s.io/api, core/v1/annotation_key_constants.go).
const (
	mirrorAnnotation            = "kubernetes.io/config.mirror"
	tolerationsAnnotation       = "scheduler.alpha.kubernetes.io/tolerations"
	deletionCostAnnotation      = "controller.kubernetes.io/pod-deletion-cost"
	seccompPodAnnotation        = "seccomp.security.alpha.kubernetes.io/pod"
	seccompContainerAnnotations = "container.seccomp.security.alpha.kubernetes.io/"
	appArmorAnnotations         = "container.apparmor.security.beta.kubernetes.io/"
)

// podAnnotations asks for annotations that pods can have
// (k8s.io/kubernetes, pkg/apis/core/validation: ValidatePodSpecificAnnotations,
// validateSeccompAnnotationsAndFields, validateAppArmorAnnotationsAndFieldsMatchOnCreate).
func podAnnotations(n node) {
	annotations, spec := n.field("metadata", "annotations"), n.field("spec")
	for key, value := range annotations.entries() {
		if _, ok := value.value.(string); !ok && value.set() {
			continue
		}
		container, ofAppArmor := strings.CutPrefix(key, appArmorAnnotations)
		switch {
		case key == mirrorAnnotation:
			if spec.field("nodeName").zero() {
				value.fail(ruleConflict, "want spec.nodeName for a mirror pod, "+spec.field("nodeName").got())
			}
		case key == tolerationsAnnotation:
			tolerations(value)
		case key == deletionCostAnnotation:
			if !isDeletionCost(value.text()) {
				value.fail(ruleFormat, "want a number of 32 bits, "+value.got())
			}
		case key == seccompPodAnnotation, strings.HasPrefix(key, seccompContainerAnnotations):
			seccompProfile(value)
		case ofAppArmor:
			if !hasContainer(spec, container) {
				value.fail(ruleReference, "the key: the pod has no container "+message.Quote(container))
			}
			appArmorProfile(value)
		}
	}
	spec.overlookedAs(func() {
		seccompMatches(spec, annotations)
		if n.whole() && n.has(gates.AppArmorFields) { // pods, not templates
			appArmorMatches(spec, annotations)
		}
	})
}

// hasContainer reports whether a pod has a container of a name.
func hasContainer(n node, name string) bool {
	for _, container := range containersOf(n) {
		if container.field("name").text() == name {
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

// tolerations asks for an array of tolerations as JSON, where there is one.
func tolerations(n node) {
	if n.zero() {
		return
	}
	var list []map[string]any
	if err := json.Unmarshal([]byte(n.text()), &list); err != nil {
		n.fail(ruleFormat, "want an array of tolerations as JSON, "+n.got())
		return
	}
	for _, value := range list {
		item := n
		item.value = value
		item.run(toleration)
	}
}

// seccompProfile asks for a profile as annotations have it (ValidateSeccompProfile).
func seccompProfile(n node) {
	local, isLocal := strings.CutPrefix(n.text(), "localhost/")
	switch {
	case isLocal:
		path := n
		path.value = local
		path.run(relativePath)
	case n.text() != "runtime/default" && n.text() != "docker/default" && n.text() != "unconfined":
		n.fail(ruleValue, `want "runtime/default", "unconfined" or "localhost/PATH", `+n.got())
	}
}

// appArmorProfile asks for a profile as annotations have it
// (ValidateAppArmorProfileFormat).
func appArmorProfile(n node) {
	text := n.text()
	if text != "" && text != "runtime/default" && text != "unconfined" && !strings.HasPrefix(text, "localhost/") {
		n.fail(ruleValue, `want "runtime/default", "unconfined" or "localhost/PROFILE", `+n.got())
	}
}

// seccompMatches asks for the same profiles in a pod's fields and annotations.
func seccompMatches(n node, annotations node) {
	matchesAnnotation(n.field("securityContext", "seccompProfile"), annotations, seccompPodAnnotation)
	for _, container := range containersOf(n) {
		matchesAnnotation(container.field("securityContext", "seccompProfile"), annotations, seccompContainerAnnotations+container.field("name").text())
	}
}

// appArmorMatches asks for the same profiles in fields of a pod's containers and
// in annotations. Those without the field get it of the annotation
// (applyAppArmorVersionSkew in pkg/registry/core/pod).
func appArmorMatches(n node, annotations node) {
	if n.field("os", "name").text() == "windows" {
		return
	}
	for _, container := range containersOf(n) {
		matchesAnnotation(container.field("securityContext", "appArmorProfile"), annotations, appArmorAnnotations+container.field("name").text())
	}
}

// matchesAnnotation asks a profile for what an annotation says, where there is
// one.
func matchesAnnotation(n node, annotations node, key string) {
	if _, ok := names(annotations)[key]; !ok || !n.set() {
		return
	}
	want := annotations.field(key).text()
	var matches bool
	switch n.field("type").text() {
	case "Unconfined":
		matches = want == "unconfined"
	case "RuntimeDefault":
		matches = want == "runtime/default" || want == "docker/default" && !strings.HasPrefix(key, appArmorAnnotations)
	case "Localhost":
		matches = want == "localhost/"+n.field("localhostProfile").text()
	default:
		return
	}
	if !matches {
		n.fail(ruleConflict, "want the same as the annotation "+key+" says, "+message.Quote(want)+", "+n.got())
	}
}
