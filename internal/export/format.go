package export

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf8"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/naming"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Format names the files of objects by a template. It is immutable.
type Format struct {
	text     string
	template *template.Template
	// suffix is added to what the template gives.
	suffix string
	// changes says that the template may change its data.
	changes bool
}

// ParseFormat parses the template of a file's name, which uses the budget of ctx. extension
// is added to the name, with a dot; if it is "", the template gives the whole name. See
// [Options.Format]. The error is a [*diag.List].
func ParseFormat(ctx context.Context, text, extension string) (*Format, error) {
	var found diag.List
	if strings.ContainsFunc(extension, func(r rune) bool { return r == '/' || unicode.IsControl(r) }) {
		found = append(found, diag.Diagnostic{Subject: "extension", Problem: fmt.Sprintf("want no slash or control character, got %q", extension)})
	}
	t, err := naming.Parse(ctx, "format", text, template.FuncMap{"env": func() map[string]any { return nil }}, printed)
	if err != nil {
		found = append(found, diag.Diagnostic{Subject: "format " + text, Problem: strings.TrimPrefix(err.Error(), "template: ")})
		return nil, found.Err()
	}
	f := &Format{text: text, template: t, changes: naming.Changes(text)}
	if extension != "" {
		f.suffix = "." + extension
	}
	return f, found.Err()
}

// valueError is a value that cannot be part of a file's name.
type valueError struct {
	action, problem string
	code            string
}

func (e valueError) Error() string { return e.action + ": " + e.problem }

// printed returns the text of a value in a file's name. action is the template's text that
// gives the value.
func printed(action string, v any) (any, error) {
	value := reflect.ValueOf(v)
	switch {
	case v == nil:
		return "", valueError{action, "no value", failure.NoFileName}
	case value.Kind() == reflect.Map, value.Kind() == reflect.Slice:
		return "", valueError{action: action, problem: "want a string, a number or a boolean, got " + plain.Describe(v)}
	}
	text := fmt.Sprint(v)
	switch {
	case value.Kind() == reflect.Float64:
		// As in YAML: 1000000, not 1e+06.
		text = strconv.FormatFloat(value.Float(), 'f', -1, 64)
	case strings.Contains(text, "<nil>"), strings.Contains(text, "<no value>"), strings.Contains(text, "%!"):
		// The functions of text/template and sprig print missing values so.
		return "", valueError{action: action, problem: fmt.Sprintf("no value for a part of it, got %q", text)}
	}
	return strings.ReplaceAll(text, "/", "-"), nil
}

// With returns a copy of f for an environment: env returns the result of {{env}}.
func (f *Format) With(env func() (map[string]any, error)) *Format {
	// Cloning fails only for html/template.
	t := template.Must(f.template.Clone())
	t.Funcs(template.FuncMap{"env": func() (map[string]any, error) {
		m, err := env()
		if err != nil {
			return nil, err
		}
		return f.own(m).(map[string]any), nil
	}})
	return &Format{f.text, t, f.suffix, f.changes}
}

// Nameless is the error for an object that has no file.
type Nameless struct {
	// Problem is the text. Code is that of its diagnostic.
	Problem, Code string
}

func (n Nameless) Error() string { return n.Problem }

// File returns the path of an object's file below the directory. The error is a [Nameless] or
// that of the budget.
func (f *Format) File(ctx context.Context, o manifest.Object) (string, error) {
	value, _ := o.Lookup()
	given, err := naming.Execute(ctx, f.template, f.own(value))
	var spent *budget.Exceeded
	if errors.As(err, &spent) || err != nil && budget.Of(ctx).Err() != nil {
		return "", err
	}
	if v := (valueError{}); errors.As(err, &v) {
		return "", Nameless{"format " + v.Error(), v.code}
	}
	if err != nil {
		return "", Nameless{Problem: strings.TrimPrefix(err.Error(), "template: ")}
	}
	return Checked("format", given, f.suffix)
}

// Checked returns the path of the file to which somebody gave a name, with a suffix. It is
// below the directory and has no steps that are dots. The error is a [Nameless].
func Checked(by, given, suffix string) (string, error) {
	if len(given) > longestPath {
		return "", Nameless{Problem: fmt.Sprintf("%s gives a path of %s: want at most %s", by, budget.Bytes(uint64(len(given))), budget.Bytes(longestPath))}
	}
	name, problem := fileName(given, suffix)
	if problem != "" {
		return "", Nameless{Problem: fmt.Sprintf("%s gives %q: %s", by, given, problem)}
	}
	return name, nil
}

// own returns a value for the template: a copy if the template may change it.
func (f *Format) own(v any) any {
	if f.changes {
		return clone(v)
	}
	return v
}

// clone returns a deep copy of a value of encoding/json's types.
func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := make(map[string]any, len(v))
		for k, e := range v {
			m[k] = clone(e)
		}
		return m
	case []any:
		s := make([]any, len(v))
		for i, e := range v {
			s[i] = clone(e)
		}
		return s
	}
	return v
}

// longest is the length in bytes that common file systems allow for an element of a path,
// longestPath the one for a whole path.
const (
	longest     = 255
	longestPath = 4 << 10
)

// fileName checks a given name and returns the path of the file, with a suffix. The problem is
// "" if the path is inside the directory.
func fileName(result, suffix string) (name, problem string) {
	folders := strings.Split(result, "/")
	base := folders[len(folders)-1]
	folders = folders[:len(folders)-1]
	if len(folders) > 0 && folders[0] == "" {
		return "", "want a path below the directory, got an absolute one"
	}
	var path []string
	for _, folder := range folders {
		switch folder {
		case "":
			return "", "a folder's name is empty"
		case "..":
			return "", "want a path below the directory, got one that leaves it"
		case ".":
			continue
		}
		path = append(path, folder)
	}
	switch base {
	case "":
		return "", "the name is empty"
	case ".", "..":
		return "", "the name has no characters but dots"
	}
	path = append(path, base+suffix)
	for _, element := range path {
		if len(element) > longest {
			return "", fmt.Sprintf("want at most %d bytes between slashes, got %d", longest, len(element))
		}
	}
	name = strings.Join(path, "/")
	switch {
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "", "want printable characters"
	case slices.ContainsFunc(reserved, func(r string) bool { return strings.EqualFold(path[0], r) }):
		return "", fmt.Sprintf("the name %s is taken", path[0])
	case !filepath.IsLocal(filepath.FromSlash(name)):
		return "", "not a path on this system"
	}
	return name, ""
}

// reserved are the names in the directory that the export needs for itself.
var reserved = []string{indexFile, recordFile, insideLock, insideWork}
