package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mop-platform/mop/cmd/mop/internal/report"
	"github.com/mop-platform/mop/internal/verdict"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// judged returns r with the verdict of an API server on its object alone, which takes
// precedence over the findings of r. release is the server's.
//
//   - An object that the server accepts is valid: errors become warnings.
//   - An object that it refuses is invalid. If no error is about a field, the server's
//     message about it becomes a finding of [report.RuleAPIServer]. Errors that the server
//     does not mention stay, because it stops at the end of a step with errors, such as
//     decoding.
//   - An object of a kind that it does not serve, such as a custom resource, stays as it
//     is.
//
// r is not changed.
func judged(r validate.Result, v verdict.Verdict, release string) validate.Result {
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
		r.Status, r.Findings = validate.Valid, findings
		return r.With(nil)
	}
	causes := v.Causes
	if len(causes) == 0 && r.Status != validate.Invalid {
		causes = []verdict.Cause{{Message: v.Message}}
	}
	for _, c := range causes {
		path := pathOf(r.Object.Value, c.Path)
		if slices.ContainsFunc(r.Findings, func(f validate.Finding) bool { return says(f, path, c) }) {
			continue
		}
		f := validate.Finding{Severity: diag.Error, Rule: report.RuleAPIServer, Path: path, Problem: c.Message}
		if r.Object.Origins != nil {
			f.Origins = r.Object.Origins(path)
		}
		findings = append(findings, f)
	}
	r.Status = validate.Invalid
	return r.With(findings[len(r.Findings):])
}

// pathOf reads a path in an object as the API server spells it. Brackets hold an index or,
// in an object, a field's name.
func pathOf(value any, text string) manifest.Path {
	// The server's own types have these fields at another place.
	text = strings.NewReplacer(
		".template.labels", ".template.metadata.labels", ".template.annotations", ".template.metadata.annotations",
		".resources.storage", ".resources.requests.storage",
	).Replace(text)
	var path manifest.Path
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
func says(f validate.Finding, path manifest.Path, c verdict.Cause) bool {
	own := f.Path
	if c.Type == verdict.FieldMistyped {
		own, path = withoutIndexes(own), withoutIndexes(path)
	}
	switch {
	case f.Severity != diag.Error:
		return false
	case slices.Equal(own, path):
		return true
	case f.Rule == validate.RuleRequired && len(own) < len(path) && slices.Equal(own, path[:len(own)]):
		// A missing value has no parts.
		return true
	case isParent(own, path):
		// For a duplicate item the server blames the field that distinguishes the items.
		return f.Rule == validate.RuleDuplicate && (c.Type == verdict.ValueDuplicate || c.Type == verdict.ValueInvalid)
	case isParent(path, own):
		// For an entry of a map or an item of a set the server blames the whole.
		if c.Type == verdict.ValueDuplicate {
			return f.Rule == validate.RuleDuplicate
		}
		return slices.Contains([]validate.Rule{validate.RuleType, validate.RuleFormat, validate.RuleValue}, f.Rule) &&
			slices.Contains([]string{verdict.FieldMistyped, verdict.ValueInvalid, verdict.ValueUnsupported}, c.Type)
	}
	return false
}

// isParent reports whether child is one step below parent.
func isParent(parent, child manifest.Path) bool {
	return len(parent)+1 == len(child) && slices.Equal(parent, child[:len(parent)])
}

func withoutIndexes(path manifest.Path) manifest.Path {
	return slices.DeleteFunc(slices.Clone(path), func(step any) bool {
		_, isIndex := step.(int)
		return isIndex
	})
}
