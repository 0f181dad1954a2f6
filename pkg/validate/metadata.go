package validate

import (
	"fmt"
	"slices"
	"strings"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/pkg/schema"
)

// naming tells what is wrong with a name, or with the beginning of one that the
// API server completes (k8s.io/apimachinery, pkg/api/validation/generic.go).
type naming func(name string, prefix bool) []string

// checkMetadata applies the rules for the metadata of an object of a kind
// (k8s.io/apimachinery, pkg/api/validation/objectmeta.go).
func (n node) checkMetadata(scope schema.Scope) {
	m := n.field("metadata")
	if _, ok := m.value.(map[string]any); !ok && m.set() {
		return
	}
	named, ok := n.rules.namings[n.kind]
	if !ok {
		named = apivalidation.NameIsDNSSubdomain
	}
	m.checkName(named, n.kind == "core.v1.LimitRange")
	namespace := m.field("namespace")
	switch {
	case namespace.zero():
	case scope == schema.Cluster:
		namespace.warn(ruleConflict, fmt.Sprintf("a %s stands in no namespace, %s", n.field("kind").text(), namespace.got()), "leave it out")
	default:
		dnsLabel(namespace)
	}
	if version := m.field("resourceVersion"); !version.zero() {
		version.warn(ruleConflict, "the API server creates no object that has one", "leave it out")
	}
	m.field("labels").run(labelMap)
	m.field("annotations").run(annotationMap)
	m.field("ownerReferences").checkOwners()
	m.field("finalizers").checkFinalizers(bareFinalizers(n.kind))
}

// checkName asks for a name, or for the beginning of one. The API server gives
// some objects a name where they have none.
func (n node) checkName(named naming, optional bool) {
	name, generateName := n.field("name"), n.field("generateName")
	switch text := name.text(); {
	case text != "":
		name.problems(ruleFormat, named(text, false))
	case name.zero() && generateName.zero() && !optional:
		name.fail(ruleRequired, "is required, "+name.got(), "set metadata.name, or metadata.generateName to have one made")
	}
	if text := generateName.text(); text != "" {
		problems := named(text, true)
		if problems == nil && name.zero() {
			problems = named(generatedName(text), false)
		}
		generateName.problems(ruleFormat, problems)
	}
}

// generatedName is a name as the API server makes it
// (k8s.io/apiserver, pkg/storage/names).
func generatedName(prefix string) string {
	const most, random = 63, "bcdfg"
	return prefix[:min(len(prefix), most-len(random))] + random
}

// labelMap checks the keys and values of labels.
func labelMap(n node) {
	for key, value := range n.entries() {
		value.key(validation.IsQualifiedName(key))
		value.problems(ruleFormat, validation.IsValidLabelValue(value.text()))
	}
}

// annotationMap checks the keys of annotations, which may be in upper case, and
// their size.
func annotationMap(n node) {
	size := 0
	for key, value := range n.entries() {
		value.key(validation.IsQualifiedName(strings.ToLower(key)))
		size += len(key) + len(value.text())
	}
	if size > apivalidation.TotalAnnotationSizeLimitB {
		n.fail(ruleValue, fmt.Sprintf("want annotations of at most %d bytes in all, got %d", apivalidation.TotalAnnotationSizeLimitB, size))
	}
}

// checkOwners checks references to the objects that an object belongs to.
func (n node) checkOwners() {
	controller := -1
	for i, owner := range n.items() {
		owner.run(field("apiVersion", required), field("kind", required), field("name", required), field("uid", required))
		gv, err := runtimeschema.ParseGroupVersion(owner.field("apiVersion").text())
		if apiVersion := owner.field("apiVersion"); !apiVersion.zero() && (err != nil || gv.Version == "") {
			apiVersion.fail(ruleFormat, "want group/version or version, "+apiVersion.got())
		}
		if _, ok := apivalidation.BannedOwners[gv.WithKind(owner.field("kind").text())]; ok {
			owner.field("kind").fail(ruleValue, "an Event cannot be an owner")
		}
		if !owner.field("controller").truth() {
			continue
		}
		if controller >= 0 {
			owner.field("controller").fail(ruleConflict, fmt.Sprintf("want one controller, got item %d, too", controller))
		}
		controller = i
	}
}

// checkFinalizers checks the names of finalizers; bare ones are those without
// prefix that Kubernetes does not know.
func (n node) checkFinalizers(bare bool) {
	known := []string{"kubernetes", "orphan", "foregroundDeletion"}
	var names []string
	for _, finalizer := range n.items() {
		text := finalizer.text()
		if finalizer.zero() {
			finalizer.run(required)
			continue
		}
		if problems := validation.IsQualifiedName(text); problems != nil {
			finalizer.problems(ruleFormat, problems)
		} else if !bare && !strings.Contains(text, "/") && !slices.Contains(known, text) {
			finalizer.fail(ruleValue, "want a finalizer with a prefix as example.com/name, "+finalizer.got(), finalizer.didYouMean(text, known)...)
		}
		names = append(names, text)
	}
	if slices.Contains(names, "orphan") && slices.Contains(names, "foregroundDeletion") {
		n.fail(ruleConflict, "want orphan or foregroundDeletion, got both")
	}
}

// bareFinalizers reports whether objects of a kind may have finalizers without
// prefix. Those of most built-in kinds may not, since their validation is that
// of k8s.io/kubernetes, pkg/apis/core/validation: ValidateObjectMeta. Custom
// resources, which have no definition, may.
func bareFinalizers(definition string) bool {
	group, _, _ := strings.Cut(definition, ".")
	groups := []string{"", "admissionregistration", "apiextensions", "apiregistration", "coordination", "node"}
	return slices.Contains(groups, group) || definition == "core.v1.Event" || definition == "policy.v1.PodDisruptionBudget"
}
