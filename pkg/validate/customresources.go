package validate

import (
	"fmt"
	"maps"
	"strings"

	"github.com/mop-platform/mop/pkg/crd"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/release"
	"github.com/mop-platform/mop/pkg/schema"
)

// definitions are CustomResourceDefinitions by the kinds that they define.
type definitions map[groupKind]*crd.Definition

func (d definitions) add(definition *crd.Definition) {
	d[groupKind{definition.Group(), definition.Kind()}] = definition
}

// definitionsOf reads definitions; of two of the same kind the later one counts.
// The error tells, as a [diag.List], what cannot be read.
func definitionsOf(crds []Object, r *release.Release) (definitions, error) {
	all := definitions{}
	var found diag.List
	for _, o := range crds {
		definition, problems := crd.Parse(o.Value, r)
		if definition != nil {
			all.add(definition)
			continue
		}
		result := Result{Object: o, ID: identify(o.Value)}
		for _, p := range problems {
			result.Findings = append(result.Findings, findingsOf([]finding{definitionFinding(p)})...)
		}
		found = append(found, result.Diagnostics()...)
	}
	return all, found.Err()
}

// defining returns the definitions that v has with those that are among the
// objects, which count more, and these by the index of the object, nil for any
// other.
func (v *Validator) defining(objects []Object) (definitions, []*crd.Definition) {
	defined := make([]*crd.Definition, len(objects))
	all := maps.Clone(v.definitions)
	for i, o := range objects {
		if defined[i] = v.definitionIn(o); defined[i] != nil {
			all.add(defined[i])
		}
	}
	return all, defined
}

// definitionIn returns what an object defines, nil if it is no
// CustomResourceDefinition, or one of which that cannot be read.
func (v *Validator) definitionIn(o Object) *crd.Definition {
	if id := identify(o.Value); !schema.IsCRD(id.Group, id.Kind) {
		return nil
	}
	definition, _ := crd.Parse(o.Value, v.engine.release)
	return definition
}

// checkDefinition tells what is wrong with the schemas of a
// CustomResourceDefinition. That they cannot even be decoded has been said
// better by those who looked at it as at any object.
func checkDefinition(n node, d *crd.Definition) {
	failed := len(n.found()) > 0
	problems, err := d.Problems(n.context())
	n.report(err)
	for _, p := range problems {
		if p.Kind != crd.Type || !failed {
			n.report(nil, definitionFinding(p))
		}
	}
}

func definitionFinding(p crd.Problem) finding {
	return finding{severity: diag.Error, rule: ruleCRD, path: p.Path, problem: p.Problem, hints: p.Hints}
}

// customResource checks an object of a kind that a definition defines, and returns
// its status but for findings.
func customResource(n node, d *crd.Definition, apiVersion string) Status {
	version, ok := d.Version(apiVersion)
	if !ok {
		n.field("apiVersion").fail(ruleUnknownKind, fmt.Sprintf("the CustomResourceDefinition of %s does not serve %s", d.Kind(), apiVersion),
			"it serves "+strings.Join(d.Served(), ", "))
		return UnknownKind
	}
	wrong, err := version.Problems(n.context())
	if err != nil {
		n.report(err)
		return Valid
	}
	if len(wrong) > 0 {
		problem := fmt.Sprintf("cannot be checked, its CustomResourceDefinition is wrong: %s: %s", wrong[0].Path, wrong[0].Problem)
		if more := len(wrong) - 1; more > 0 {
			problem += fmt.Sprintf(" (and %d more)", more)
		}
		n.fail(ruleCRD, problem)
		return Broken
	}
	n.metadataAlone(d.Scope())
	object, _ := n.value.(map[string]any)
	found, err := version.Check(n.context(), object)
	n.report(err)
	for _, p := range found {
		n.report(nil, finding{severity: diag.Error, rule: ruleOf(p.Kind), path: p.Path, problem: p.Problem, hints: p.Hints})
	}
	return Valid
}

// ruleOf returns the rule that stands for a kind of problem with a custom
// resource.
func ruleOf(k crd.Kind) identity {
	switch k {
	case crd.UnknownField:
		return ruleUnknownField
	case crd.Type:
		return ruleType
	case crd.Required:
		return ruleRequired
	case crd.Format:
		return ruleFormat
	case crd.Duplicate:
		return ruleDuplicate
	case crd.Conflict:
		return ruleConflict
	case crd.Expression:
		return ruleExpression
	}
	return ruleValue
}
