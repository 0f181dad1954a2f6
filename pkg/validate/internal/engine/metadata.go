package engine

import (
	"fmt"
	"slices"
	"strings"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/mop-platform/mop/internal/schema"
)

// Naming returns the faults of a name, or of the beginning of a name that the API server
// completes (k8s.io/apimachinery, pkg/api/validation/generic.go).
type Naming func(name string, prefix bool) []string

// checkMetadata applies the rules for the metadata of an object of a kind
// (k8s.io/apimachinery, pkg/api/validation/objectmeta.go).
func (n Node) checkMetadata(scope schema.Scope) {
	m := n.Field("metadata")
	if _, ok := m.Value.(map[string]any); !ok && m.IsSet() {
		return
	}
	named, ok := n.Catalogue.Namings[n.Kind]
	if !ok {
		named = apivalidation.NameIsDNSSubdomain
	}
	m.checkName(named, n.Kind == "core.v1.LimitRange")
	namespace := m.Field("namespace")
	switch {
	case namespace.IsZero():
	case scope == schema.Cluster:
		namespace.Warn(RuleConflict, fmt.Sprintf("a %s stands in no namespace, %s", n.Field("kind").Text(), namespace.Got()), "leave it out")
	default:
		DNSLabel(namespace)
	}
	if version := m.Field("resourceVersion"); !version.IsZero() {
		version.Warn(RuleConflict, "the API server creates no object that has one", "leave it out")
	}
	m.Field("labels").Run(LabelMap)
	m.Field("annotations").Run(AnnotationMap)
	m.Field("ownerReferences").checkOwners()
	m.Field("finalizers").CheckFinalizers(bareFinalizers(n.Kind))
}

// checkName requires a name, or the beginning of one. The API server names some objects
// that have no name.
func (n Node) checkName(named Naming, optional bool) {
	name, generateName := n.Field("name"), n.Field("generateName")
	switch text := name.Text(); {
	case text != "":
		name.Problems(RuleFormat, named(text, false))
	case name.IsZero() && generateName.IsZero() && !optional:
		name.Fail(RuleRequired, "is required, "+name.Got(), "set metadata.name, or metadata.generateName to have one made")
	}
	if text := generateName.Text(); text != "" {
		problems := named(text, true)
		if problems == nil && name.IsZero() {
			problems = named(generatedName(text), false)
		}
		generateName.Problems(RuleFormat, problems)
	}
}

// generatedName returns a name as the API server makes it (k8s.io/apiserver,
// pkg/storage/names).
func generatedName(prefix string) string {
	const most, random = 63, "bcdfg"
	return prefix[:min(len(prefix), most-len(random))] + random
}

// LabelMap checks the keys and values of labels.
func LabelMap(n Node) {
	for key, value := range n.Entries() {
		value.KeyProblems(validation.IsQualifiedName(key))
		value.Problems(RuleFormat, validation.IsValidLabelValue(value.Text()))
	}
}

// AnnotationMap checks the keys of annotations, which may be in upper case, and
// their size.
func AnnotationMap(n Node) {
	size := 0
	for key, value := range n.Entries() {
		value.KeyProblems(validation.IsQualifiedName(strings.ToLower(key)))
		size += len(key) + len(value.Text())
	}
	if size > apivalidation.TotalAnnotationSizeLimitB {
		n.Fail(RuleValue, fmt.Sprintf("want annotations of at most %d bytes in all, got %d", apivalidation.TotalAnnotationSizeLimitB, size))
	}
}

// checkOwners checks references to the objects that an object belongs to.
func (n Node) checkOwners() {
	controller := -1
	for i, owner := range n.Items() {
		owner.Run(Field("apiVersion", Required), Field("kind", Required), Field("name", Required), Field("uid", Required))
		gv, err := runtimeschema.ParseGroupVersion(owner.Field("apiVersion").Text())
		if apiVersion := owner.Field("apiVersion"); !apiVersion.IsZero() && (err != nil || gv.Version == "") {
			apiVersion.Fail(RuleFormat, "want group/version or version, "+apiVersion.Got())
		}
		if _, ok := apivalidation.BannedOwners[gv.WithKind(owner.Field("kind").Text())]; ok {
			owner.Field("kind").Fail(RuleValue, "an Event cannot be an owner")
		}
		if !owner.Field("controller").Truth() {
			continue
		}
		if controller >= 0 {
			owner.Field("controller").Fail(RuleConflict, fmt.Sprintf("want one controller, got item %d, too", controller))
		}
		controller = i
	}
}

// CheckFinalizers checks the names of finalizers. bare allows names without prefix that
// Kubernetes does not know.
func (n Node) CheckFinalizers(bare bool) {
	known := []string{"kubernetes", "orphan", "foregroundDeletion"}
	var names []string
	for _, finalizer := range n.Items() {
		text := finalizer.Text()
		if finalizer.IsZero() {
			finalizer.Run(Required)
			continue
		}
		if problems := validation.IsQualifiedName(text); problems != nil {
			finalizer.Problems(RuleFormat, problems)
		} else if !bare && !strings.Contains(text, "/") && !slices.Contains(known, text) {
			finalizer.Fail(RuleValue, "want a finalizer with a prefix as example.com/name, "+finalizer.Got(), finalizer.DidYouMean(text, known)...)
		}
		names = append(names, text)
	}
	if slices.Contains(names, "orphan") && slices.Contains(names, "foregroundDeletion") {
		n.Fail(RuleConflict, "want orphan or foregroundDeletion, got both")
	}
}

// bareFinalizers reports whether objects of a kind may have finalizers without prefix.
// Objects of most built-in kinds may not, because k8s.io/kubernetes validates them in
// pkg/apis/core/validation: ValidateObjectMeta. Custom resources, which have no definition,
// may.
func bareFinalizers(definition string) bool {
	group, _, _ := strings.Cut(definition, ".")
	groups := []string{"", "admissionregistration", "apiextensions", "apiregistration", "coordination", "node"}
	return slices.Contains(groups, group) || definition == "core.v1.Event" || definition == "policy.v1.PodDisruptionBudget"
}
