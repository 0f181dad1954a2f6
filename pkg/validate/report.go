package validate

import (
	"encoding/json"
	"slices"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// Report is the result of a check. It is safe for concurrent use. Its JSON is an object whose
// field results has a list of the [Result]s.
type Report struct {
	// Results has a result for each object, and for each item of a list, in their order.
	Results []Result `json:"results"`
}

// Findings returns what is wrong with the objects, in the order of these.
func (r *Report) Findings() []Finding {
	var all []Finding
	for _, result := range r.Results {
		all = append(all, result.Findings...)
	}
	return all
}

// OK reports whether all objects are [Valid]: there may be warnings, but no errors.
func (r *Report) OK() bool {
	return !slices.ContainsFunc(r.Results, func(result Result) bool { return result.Status != Valid })
}

// Finding is one thing that is wrong with an object.
type Finding struct {
	// Object is the identity of the object, as far as it can be read.
	Object   manifest.ID
	Severity diag.Severity
	Rule     Rule
	// Path is its place in the object, empty for the object as a whole.
	Path manifest.Path
	// Problem says what is wrong, as [diag.Diagnostic.Problem] does. Of the values of a
	// Secret, in data and stringData, it names only the types.
	Problem string
	// Hints are actions that may help.
	Hints []string
	// Origins are the places that made the value at the path, nearest first, from
	// [Object.Origins].
	Origins []diag.Position
}

// MarshalJSON returns the finding as an object: object has the fields group, kind,
// namespace and name, severity is "error" or "warning", rule the name of the rule, path the
// text of the path, problem the text, hints a list of texts, and origins one of objects
// with file, line and column. It leaves out what the finding does not have. The names are
// stable: a later version adds some, and takes none away.
func (f Finding) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Object   manifest.ID     `json:"object"`
		Severity diag.Severity   `json:"severity"`
		Rule     Rule            `json:"rule"`
		Path     string          `json:"path,omitempty"`
		Problem  string          `json:"problem"`
		Hints    []string        `json:"hints,omitempty"`
		Origins  []diag.Position `json:"origins,omitempty"`
	}{f.Object, f.Severity, f.Rule, pathText(f.Path), f.Problem, f.Hints, f.Origins})
}

// findingsOf returns what the engine has found as findings of a [Result].
func findingsOf(found []engine.Finding) []Finding {
	if len(found) == 0 {
		return nil
	}
	all := make([]Finding, len(found))
	for i, f := range found {
		all[i] = Finding{
			Severity: f.Severity, Rule: Rule(f.Rule.String()),
			Path: f.Path, Problem: f.Problem, Hints: f.Hints, Origins: f.Origins,
		}
	}
	return all
}

// kept returns the findings that are not ignored.
func (s *settings) kept(found []engine.Finding) []engine.Finding {
	if len(s.ignore) == 0 {
		return found
	}
	return slices.DeleteFunc(slices.Clone(found), func(f engine.Finding) bool {
		return slices.Contains(s.ignore, Rule(f.Rule.String()))
	})
}

// left returns the findings that are not ignored, and the status that remains with them.
func (s *settings) left(status Status, found []engine.Finding) (Status, []engine.Finding) {
	if len(s.ignore) == 0 {
		return status, found
	}
	found = s.kept(found)
	failed := slices.ContainsFunc(found, func(f engine.Finding) bool { return f.Severity == diag.Error })
	switch {
	case !failed:
		return Valid, found
	case status == UnknownKind && slices.Contains(s.ignore, RuleUnknownKind), status == Broken && slices.Contains(s.ignore, RuleCRD):
		return Invalid, found
	}
	return status, found
}
