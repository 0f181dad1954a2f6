package validate

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// Status is the outcome of the check of an object.
type Status int

const (
	// Valid objects have no findings except warnings. It is the zero value.
	Valid Status = iota
	// Invalid objects are refused by the API server.
	Invalid
	// UnknownKind objects have a kind that nothing defines.
	UnknownKind
	// Broken objects could not be checked: the definition of their kind is wrong, or they
	// could not be read.
	Broken
)

// String returns "valid", "invalid", "unknown-kind" or "error", or the number of another
// status.
func (s Status) String() string {
	names := [...]string{"valid", "invalid", "unknown-kind", "error"}
	if s < 0 || int(s) >= len(names) {
		return "status " + strconv.Itoa(int(s))
	}
	return names[s]
}

// Result is the result of the check of one object. It is safe for concurrent use.
type Result struct {
	// Object is the object. Its fields are set as far as they are known.
	Object Object
	// ID is the object's identity, as far as it can be read.
	ID manifest.ID
	// APIVersion is its apiVersion, "" if that is no string.
	APIVersion string
	Status     Status
	// Findings are sorted by path and problem.
	Findings []Finding
}

// MarshalJSON returns the result as an object: object has the fields group, kind, namespace
// and name, apiVersion is the text, status that of [Status.String], source the place with
// file, line and column, path the text of the path in it, and findings a list of them. It
// leaves out what the result does not have, and always the content of the object, which may
// be secret. The names are stable: a later version adds some, and takes none away. The error
// is that of [json.Marshal], which results of a check do not give.
func (r Result) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Object     manifest.ID   `json:"object"`
		APIVersion string        `json:"apiVersion,omitempty"`
		Status     string        `json:"status"`
		Source     diag.Position `json:"source,omitzero"`
		Path       string        `json:"path,omitempty"`
		Findings   []Finding     `json:"findings,omitempty"`
	}{r.ID, r.APIVersion, r.Status.String(), r.Object.Source, pathText(r.Object.Path), r.Findings})
}

// pathText returns the text of a path, "" for an empty one.
func pathText(p manifest.Path) string {
	if len(p) == 0 {
		return ""
	}
	return p.String()
}

// Diagnostics returns the findings as diagnostics about the object. For an object in a file
// they are at the line of the field. For an object of an environment the last origin is the
// entrypoint, unless one before it is in the same file.
func (r Result) Diagnostics() diag.List {
	var l diag.List
	for _, f := range r.Findings {
		subject := r.subject()
		if len(f.Path) > 0 {
			subject += ": " + f.Path.String()
		}
		d := diag.Diagnostic{Severity: f.Severity, Subject: subject, Problem: f.Problem, Hints: f.Hints, Origins: slices.Clip(f.Origins)}
		source := r.Object.Source
		if source.Line > 0 {
			d.At, d.Origins = source, nil
			if len(f.Origins) > 0 {
				d.At = f.Origins[0]
			}
		} else if source.File != "" && !slices.ContainsFunc(f.Origins, func(p diag.Position) bool { return p.File == source.File }) {
			d.Origins = append(d.Origins, source)
		}
		l = append(l, d)
	}
	return l
}

// subject names the object: by its identity, if it has one, and by its path,
// if that is not the whole source.
func (r Result) subject() string {
	subject := r.ID.String()
	switch {
	case r.ID.Kind == "":
		subject = "object"
	case r.ID.Name == "":
		subject = r.ID.Kind + " without a name"
	}
	if len(r.Object.Path) > 0 {
		subject += " (" + r.Object.Path.String() + ")"
	}
	return subject
}

// version is the version of the API that the object names.
func (r Result) version() string {
	_, version := plain.APIVersion(r.APIVersion)
	return version
}

// With returns r with more findings, such as those of [Set.Together], sorted and without
// repetitions. A [Valid] result with errors becomes [Invalid]. r is not changed.
func (r Result) With(more []Finding) Result {
	return r.with(r.Status, slices.Concat(r.Findings, more))
}

// with returns r with findings, which it changes; a Valid one with errors becomes Invalid.
func (r Result) with(s Status, findings []Finding) Result {
	findings = withoutRepeats(findings)
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(comparePaths(a.Path, b.Path), strings.Compare(a.Problem, b.Problem))
	})
	// A missing field that both the schema and a rule ask for is reported once.
	findings = slices.CompactFunc(findings, func(a, b Finding) bool {
		return comparePaths(a.Path, b.Path) == 0 && (a.Rule == RuleRequired && b.Rule == RuleRequired || a.Problem == b.Problem)
	})
	for i := range findings {
		findings[i].Object = r.ID
	}
	if s == Valid && slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == diag.Error }) {
		s = Invalid
	}
	r.Status, r.Findings = s, findings
	return r
}

// withoutRepeats leaves out warnings of items with the same key if a rule has found them
// too.
func withoutRepeats(findings []Finding) []Finding {
	if len(findings) < 2 {
		return findings
	}
	// refused are the lists and items with an error about a duplicate.
	var refused map[string]bool
	for _, f := range findings {
		if f.Severity != diag.Error || f.Rule != RuleDuplicate {
			continue
		}
		if refused == nil {
			refused = map[string]bool{}
		}
		for key := range engine.KeysTo(f.Path) {
			refused[key] = true
		}
	}
	if refused == nil {
		return findings
	}
	return slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool {
		return f.Severity == diag.Warning && f.Rule == RuleDuplicate && len(f.Path) > 0 && refused[engine.KeyOf(f.Path)]
	})
}

// comparePaths orders by steps: indexes by number and before names.
func comparePaths(a, b manifest.Path) int {
	return slices.CompareFunc(a, b, func(x, y any) int {
		switch x := x.(type) {
		case int:
			if y, ok := y.(int); ok {
				return cmp.Compare(x, y)
			}
			return -1
		case string:
			if y, ok := y.(string); ok {
				return strings.Compare(x, y)
			}
		}
		return 1
	})
}

// identify reads the identity of a manifest as far as it has one.
func identify(value map[string]any) manifest.ID {
	text := func(m map[string]any, name string) string {
		s, _ := m[name].(string)
		return s
	}
	metadata, _ := value["metadata"].(map[string]any)
	group, _ := plain.APIVersion(text(value, "apiVersion"))
	return manifest.ID{Group: group, Kind: text(value, "kind"), Namespace: text(metadata, "namespace"), Name: text(metadata, "name")}
}
