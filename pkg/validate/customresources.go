package validate

import (
	"fmt"
	"maps"
	"strings"

	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/validate/internal/crd"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
	"github.com/mop-platform/mop/pkg/validate/internal/refer"
)

// definitions are CustomResourceDefinitions by the kinds that they define.
type definitions map[refer.GroupKind]*crd.Definition

func (d definitions) add(definition *crd.Definition) {
	d[refer.GroupKind{Group: definition.Group(), Kind: definition.Kind()}] = definition
}

// definitionsOf reads definitions; of two of the same kind the later one counts. The error
// is a [*diag.List] of those that cannot be read.
func definitionsOf(crds []received, r *release.Release) (definitions, error) {
	all := definitions{}
	var found diag.List
	for _, o := range crds {
		faults := o.faults
		if len(faults) == 0 {
			definition, problems := crd.Parse(o.value, r)
			if definition != nil {
				all.add(definition)
				continue
			}
			for _, p := range problems {
				faults = append(faults, definitionFinding(p))
			}
		}
		result := Result{Object: o.Object, ID: identify(o.value), Findings: findingsOf(faults)}
		found = append(found, result.Diagnostics()...)
	}
	return all, found.Err()
}

// defining returns the definitions of c and those among the objects, which take precedence.
func (c *checker) defining(objects []received) definitions {
	all := maps.Clone(c.definitions)
	for _, o := range objects {
		if o.defined != nil {
			all.add(o.defined)
		}
	}
	return all
}

// checkDefinition reports the faults of the schemas of a CustomResourceDefinition. It does
// not report schemas that cannot be decoded, because the check of the object has done so
// better.
func checkDefinition(n engine.Node, d *crd.Definition) {
	failed := len(n.Findings()) > 0
	problems, err := d.Problems(n.Context())
	n.Report(err)
	for _, p := range problems {
		if p.Kind != crd.Type || !failed {
			n.Report(nil, definitionFinding(p))
		}
	}
}

func definitionFinding(p crd.Problem) engine.Finding {
	return engine.Finding{Severity: diag.Error, Rule: engine.RuleCRD, Path: p.Path, Problem: p.Problem, Hints: p.Hints}
}

// customResource checks an object of a defined kind, and returns its status without regard
// to findings.
func customResource(n engine.Node, d *crd.Definition, apiVersion string) Status {
	version, ok := d.Version(apiVersion)
	if !ok {
		n.Field("apiVersion").Fail(engine.RuleUnknownKind, fmt.Sprintf("the CustomResourceDefinition of %s does not serve %s", d.Kind(), apiVersion),
			"it serves "+strings.Join(d.Served(), ", "))
		return UnknownKind
	}
	wrong, err := version.Problems(n.Context())
	if err != nil {
		n.Report(err)
		return Valid
	}
	if len(wrong) > 0 {
		problem := fmt.Sprintf("cannot be checked, its CustomResourceDefinition is wrong: %s: %s", wrong[0].Path, wrong[0].Problem)
		if more := len(wrong) - 1; more > 0 {
			problem += fmt.Sprintf(" (and %d more)", more)
		}
		n.Fail(engine.RuleCRD, problem)
		return Broken
	}
	n.CheckCustom(d.Scope())
	object, _ := n.Value.(map[string]any)
	found, err := version.Check(n.Context(), object)
	n.Report(err)
	for _, p := range found {
		n.Report(nil, engine.Finding{Severity: diag.Error, Rule: ruleOf(p.Kind), Path: p.Path, Problem: p.Problem, Hints: p.Hints})
	}
	return Valid
}

// ruleOf returns the rule for a kind of problem with a custom resource.
func ruleOf(k crd.Kind) engine.Rule {
	switch k {
	case crd.UnknownField:
		return engine.RuleUnknownField
	case crd.Type:
		return engine.RuleType
	case crd.Required:
		return engine.RuleRequired
	case crd.Format:
		return engine.RuleFormat
	case crd.Duplicate:
		return engine.RuleDuplicate
	case crd.Conflict:
		return engine.RuleConflict
	case crd.Expression:
		return engine.RuleExpression
	}
	return engine.RuleValue
}
