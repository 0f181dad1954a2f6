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
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// format names the files of objects. It is immutable.
type format struct {
	text      string
	template  *template.Template
	extension string
	// changes says that the template may change its data.
	changes bool
}

// parseFormat parses the template of a file's name, which uses the budget of ctx. The error
// is a [*diag.List].
func parseFormat(ctx context.Context, text, extension string) (*format, error) {
	var found diag.List
	if strings.ContainsFunc(extension, func(r rune) bool { return r == '/' || unicode.IsControl(r) }) {
		found = append(found, diag.Diagnostic{Subject: "extension", Problem: fmt.Sprintf("want no slash or control character, got %q", extension)})
	}
	t, err := naming.Parse(ctx, "format", text, template.FuncMap{"env": func() map[string]any { return nil }}, printed)
	if err != nil {
		found = append(found, diag.Diagnostic{Subject: "format " + text, Problem: strings.TrimPrefix(err.Error(), "template: ")})
		return nil, found.Err()
	}
	return &format{text, t, extension, naming.Changes(text)}, found.Err()
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
		return "", valueError{action: action, problem: "want a string, a number or a boolean, got " + manifest.Describe(v)}
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

// with returns a copy of f for an environment.
func (f *format) with(env map[string]any) *format {
	// Cloning fails only for html/template.
	t := template.Must(f.template.Clone())
	t.Funcs(template.FuncMap{"env": func() map[string]any { return f.own(env).(map[string]any) }})
	return &format{f.text, t, f.extension, f.changes}
}

// nameless is why an object has no file. The zero value is no reason.
type nameless struct {
	problem string
	code    string
}

// file returns the path of an object's file below the directory, or why there is none.
// The error is that of the budget.
func (f *format) file(ctx context.Context, o manifest.Object) (name string, none nameless, err error) {
	value, _ := o.Lookup()
	given, err := naming.Execute(ctx, f.template, f.own(value))
	var spent *budget.Exceeded
	if errors.As(err, &spent) || err != nil && budget.Of(ctx).Err() != nil {
		return "", none, err
	}
	if v := (valueError{}); errors.As(err, &v) {
		return "", nameless{"format " + v.Error(), v.code}, nil
	}
	if err != nil {
		return "", nameless{problem: strings.TrimPrefix(err.Error(), "template: ")}, nil
	}
	if len(given) > longestPath {
		return "", nameless{problem: fmt.Sprintf("format gives a path of %s: want at most %s", budget.Bytes(uint64(len(given))), budget.Bytes(longestPath))}, nil
	}
	name, problem := fileName(given, f.extension)
	if problem != "" {
		none.problem = fmt.Sprintf("format gives %q: %s", given, problem)
	}
	return name, none, nil
}

// own returns a value for the template: a copy if the template may change it.
func (f *format) own(v any) any {
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

// fileName checks the result of a format and returns the path of the file. The problem is
// "" if the path is inside the directory.
func fileName(result, extension string) (name, problem string) {
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
	path = append(path, base+"."+extension)
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
