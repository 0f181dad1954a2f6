package native

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/internal/spelling"
	"github.com/mop-platform/mop/pkg/diag"
)

// ofStrings returns a native function whose parameters are all strings.
func ofStrings(name string, f func(c eval.Call, args []string) (any, error), params ...string) eval.Native {
	return eval.Native{Name: name, Params: params, Func: func(c eval.Call, args []any) (any, error) {
		texts := make([]string, len(params))
		for i, param := range params {
			var err error
			if texts[i], err = stringArgument(param, args[i]); err != nil {
				return nil, err
			}
		}
		return f(c, texts)
	}}
}

func stringArgument(param string, v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", wrongType("argument "+param, "a string", v)
	}
	return s, nil
}

func wrongType(subject, want string, got any) diag.Diagnostic {
	return diag.Diagnostic{Subject: subject, Problem: "want " + want + ", got " + plain.Describe(got)}
}

// decodeOptions stores the fields of the argument opts in the variables to which fields
// points, by the field's name: a string, bool, []string or map[string]any. As in Tanka,
// names match without regard to case, and null counts as no field. The error is a
// [*diag.List] with every fault.
func decodeOptions(opts any, fields map[string]any) error {
	object, ok := opts.(map[string]any)
	if !ok {
		return diag.List{wrongType("argument opts", "an object", opts)}.Err()
	}
	known := slices.Sorted(maps.Keys(fields))
	given := map[string]string{}
	var found diag.List
	for _, key := range slices.Sorted(maps.Keys(object)) {
		subject := "argument opts." + key
		i := slices.IndexFunc(known, func(name string) bool { return strings.EqualFold(name, key) })
		if i < 0 {
			values := map[string]any{"known": known}
			if s := spelling.Suggest(key, known); s != "" {
				values["near"] = message.Quote(s)
			}
			found = append(found, diag.Diagnostic{Code: failure.UnknownOption, Values: values, Subject: subject, Problem: "unknown field"})
			continue
		}
		if other, ok := given[known[i]]; ok {
			found = append(found, diag.Diagnostic{Subject: subject, Problem: fmt.Sprintf("set twice: as %s too", message.Quote(other))})
			continue
		}
		given[known[i]] = key
		found = append(found, decodeOption(subject, object[key], fields[known[i]])...)
	}
	return found.Err()
}

// decodeOption stores v in the variable to which field points.
func decodeOption(subject string, v, field any) diag.List {
	if v == nil {
		return nil
	}
	var ok bool
	var want string
	switch field := field.(type) {
	case *string:
		want = "a string"
		*field, ok = v.(string)
	case *bool:
		want = "a boolean"
		*field, ok = v.(bool)
	case *map[string]any:
		want = "an object"
		*field, ok = v.(map[string]any)
	case *[]string:
		want = "an array"
		var elements []any
		elements, ok = v.([]any)
		for i, e := range elements {
			s, ok := e.(string)
			if !ok {
				return diag.List{wrongType(fmt.Sprintf("%s[%d]", subject, i), "a string", e)}
			}
			*field = append(*field, s)
		}
	}
	if !ok {
		return diag.List{wrongType(subject, want, v)}
	}
	return nil
}
