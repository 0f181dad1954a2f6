package validate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mop-platform/mop/internal/verdict"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Judged returns r with the verdict of an API server on its object alone, which takes
// precedence over the findings of r. release is the server's.
//
//   - An object that the server accepts is valid: errors become warnings.
//   - An object that it refuses is invalid. If no error is about a field, the server's
//     message about it becomes a finding of [RuleAPIServer]. Errors that the server does
//     not mention stay, because it stops at the end of a step with errors, such as
//     decoding.
//   - An object of a kind that it does not serve, such as a custom resource, stays as it
//     is.
//
// r is not changed.
func (r Result) Judged(v verdict.Verdict, release string) Result {
	if !v.Served {
		return r
	}
	findings := slices.Clone(r.Findings)
	if v.Valid {
		for i, f := range findings {
			if f.Severity == diag.Error {
				findings[i].Severity = diag.Warning
				findings[i].Hints = append(slices.Clip(f.Hints), fmt.Sprintf("the API server of kubernetes %s takes it", release))
			}
		}
		return r.with(Valid, findings)
	}
	causes := v.Causes
	if len(causes) == 0 && r.Status != Invalid {
		causes = []verdict.Cause{{Message: v.Message}}
	}
	for _, c := range causes {
		path := r.pathOf(c.Path)
		if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return says(f, path, c) }) {
			findings = append(findings, Finding{Severity: diag.Error, Rule: RuleAPIServer, Path: path, Problem: c.Message})
		}
	}
	return r.with(Invalid, findings)
}

// pathOf reads a path as the API server spells it. Brackets hold an index or, in an object,
// a field's name.
func (r Result) pathOf(text string) manifest.Path {
	// The server's own types have these fields at another place.
	text = strings.NewReplacer(
		".template.labels", ".template.metadata.labels", ".template.annotations", ".template.metadata.annotations",
		".resources.storage", ".resources.requests.storage",
	).Replace(text)
	var path manifest.Path
	var value any = r.Object.Value
	for text != "" {
		var step any
		if inner, ok := strings.CutPrefix(text, "["); ok {
			inner, text, _ = strings.Cut(inner, "]")
			step = inner
			if _, isObject := value.(map[string]any); !isObject {
				if i, err := strconv.Atoi(inner); err == nil {
					step = i
				}
			}
		} else {
			name := strings.TrimPrefix(text, ".")
			end := strings.IndexAny(name, ".[")
			if end < 0 {
				end = len(name)
			}
			step, text = name[:end], name[end:]
		}
		path = append(path, step)
		value = at(value, step)
	}
	return path
}

// at returns the part of a value that a step leads to, nil if there is none.
func at(value any, step any) any {
	switch value := value.(type) {
	case map[string]any:
		if name, ok := step.(string); ok {
			return value[name]
		}
	case []any:
		if i, ok := step.(int); ok && 0 <= i && i < len(value) {
			return value[i]
		}
	}
	return nil
}

// says reports whether an error says the same as a cause about the field at path. It is
// about the same field or, if the API server blames the whole for a part or a part for the
// whole, about the one next to it.
func says(f Finding, path manifest.Path, c verdict.Cause) bool {
	own := f.Path
	if c.Type == verdict.FieldMistyped {
		own, path = withoutIndexes(own), withoutIndexes(path)
	}
	switch {
	case f.Severity != diag.Error:
		return false
	case comparePaths(own, path) == 0:
		return true
	case f.Rule == RuleRequired && len(own) < len(path) && comparePaths(own, path[:len(own)]) == 0:
		// A missing value has no parts.
		return true
	case isParent(own, path):
		// For a duplicate item the server blames the field that distinguishes the items.
		return f.Rule == RuleDuplicate && (c.Type == verdict.ValueDuplicate || c.Type == verdict.ValueInvalid)
	case isParent(path, own):
		// For an entry of a map or an item of a set the server blames the whole.
		if c.Type == verdict.ValueDuplicate {
			return f.Rule == RuleDuplicate
		}
		return slices.Contains([]Rule{RuleType, RuleFormat, RuleValue}, f.Rule) &&
			slices.Contains([]string{verdict.FieldMistyped, verdict.ValueInvalid, verdict.ValueUnsupported}, c.Type)
	}
	return false
}

// isParent reports whether child is one step below parent.
func isParent(parent, child manifest.Path) bool {
	return len(parent)+1 == len(child) && comparePaths(parent, child[:len(parent)]) == 0
}

func withoutIndexes(path manifest.Path) manifest.Path {
	return slices.DeleteFunc(slices.Clone(path), func(step any) bool {
		_, isIndex := step.(int)
		return isIndex
	})
}
