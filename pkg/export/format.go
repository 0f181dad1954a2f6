package export

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode"
	"unicode/utf8"

	"github.com/Masterminds/sprig/v3"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// format names the files of objects. It is immutable.
type format struct {
	template  *template.Template
	extension string
	// changes says that the template may change what it is given.
	changes bool
}

// changing matches the names of sprig's functions that change a map.
var changing = regexp.MustCompile(`(?i)set|merge`)

// printer is the name of the function through which every value goes that a
// template prints.
const printer = "_print"

// parseFormat parses the template of a file's name. The error is a
// [diag.List].
func parseFormat(text, extension string) (*format, error) {
	var found diag.List
	if strings.ContainsFunc(extension, func(r rune) bool { return r == '/' || unicode.IsControl(r) }) {
		found = append(found, diag.Diagnostic{Subject: "extension", Problem: fmt.Sprintf("want no slash or control character, got %q", extension)})
	}
	t, err := template.New("format").Funcs(functions()).Parse(text)
	if err != nil {
		found = append(found, diag.Diagnostic{Subject: "format " + text, Problem: strings.TrimPrefix(err.Error(), "template: ")})
		return nil, found.Err()
	}
	for _, t := range t.Templates() {
		throughPrinter(t.Root)
	}
	return &format{t, extension, changing.MatchString(text)}, found.Err()
}

// functions returns what a template may call. Functions that read the clock,
// the environment, the network or a random source are left out: equal objects
// must have equal names.
func functions() template.FuncMap {
	m := sprig.HermeticTxtFuncMap()
	for _, name := range []string{
		"ago", "bcrypt", "encryptAES", "genCA", "genCAWithKey", "genPrivateKey", "genSelfSignedCert",
		"genSelfSignedCertWithKey", "genSignedCert", "genSignedCertWithKey", "htpasswd", "randInt", "shuffle",
	} {
		delete(m, name)
	}
	// Sprig's follow the order of a map.
	m["keys"] = sortedKeys
	m["values"] = func(dict map[string]any) []any {
		var values []any
		for _, k := range sortedKeys(dict) {
			values = append(values, dict[k])
		}
		return values
	}
	m[printer] = printed
	m["env"] = func() map[string]any { return nil }
	return m
}

func sortedKeys(dicts ...map[string]any) []string {
	var keys []string
	for _, dict := range dicts {
		keys = append(keys, slices.Sorted(maps.Keys(dict))...)
	}
	return keys
}

// throughPrinter appends the printer to the pipelines below n that print. This
// tells values from the template's own text whatever either holds, and sees
// the values before they are text.
func throughPrinter(n parse.Node) {
	branch := func(b *parse.BranchNode) {
		throughPrinter(b.List)
		if b.ElseList != nil {
			throughPrinter(b.ElseList)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, n := range n.Nodes {
			throughPrinter(n)
		}
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.ActionNode:
		if len(n.Pipe.Decl) > 0 {
			return
		}
		action := n.String()
		n.Pipe.Cmds = append(n.Pipe.Cmds, &parse.CommandNode{
			NodeType: parse.NodeCommand,
			Pos:      n.Pos,
			Args: []parse.Node{
				parse.NewIdentifier(printer).SetPos(n.Pos),
				&parse.StringNode{NodeType: parse.NodeString, Pos: n.Pos, Quoted: strconv.Quote(action), Text: action},
			},
		})
	}
}

// valueError is a value that cannot be part of a file's name.
type valueError struct{ action, problem string }

func (e valueError) Error() string { return e.action + ": " + e.problem }

// printed returns the text of a value in a file's name. action is the
// template's text that gives the value.
func printed(action string, v any) (string, error) {
	text := fmt.Sprint(v)
	value := reflect.ValueOf(v)
	switch {
	case v == nil:
		return "", valueError{action, "no value"}
	case value.Kind() == reflect.Map, value.Kind() == reflect.Slice:
		return "", valueError{action, "want a string, a number or a boolean, got " + manifest.Describe(v)}
	case value.Kind() == reflect.Float64:
		// As in YAML: 1000000, not 1e+06.
		text = strconv.FormatFloat(value.Float(), 'f', -1, 64)
	case strings.Contains(text, "<nil>"), strings.Contains(text, "<no value>"), strings.Contains(text, "%!"):
		// How the functions of text/template and sprig print what is missing.
		return "", valueError{action, fmt.Sprintf("no value for a part of it, got %q", text)}
	}
	return strings.ReplaceAll(text, "/", "-"), nil
}

// with returns a copy of f for an environment.
func (f *format) with(env map[string]any) *format {
	// Cloning fails only for html/template.
	t := template.Must(f.template.Clone())
	t.Funcs(template.FuncMap{"env": func() map[string]any { return f.own(env).(map[string]any) }})
	return &format{t, f.extension, f.changes}
}

// file returns the path of an object's file below the directory. The problem
// is "" if there is one.
func (f *format) file(o manifest.Object) (name, problem string) {
	value, _ := o.Lookup()
	var b strings.Builder
	err := f.template.Execute(&b, f.own(value))
	if v := (valueError{}); errors.As(err, &v) {
		return "", "format " + v.Error()
	}
	if err != nil {
		return "", strings.TrimPrefix(err.Error(), "template: ")
	}
	name, problem = fileName(b.String(), f.extension)
	if problem != "" {
		problem = fmt.Sprintf("format gives %q: %s", b.String(), problem)
	}
	return name, problem
}

// own returns a value for the template to use: a copy where it may change it.
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

// longest is the length in bytes that common file systems allow an element of
// a path.
const longest = 255

// fileName checks what a format gives and returns the path of the file. The
// problem is "" if it is one inside of the directory.
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

// reserved are the names in the directory that the export itself needs.
var reserved = []string{indexFile, recordFile, insideLock, insideWork}
