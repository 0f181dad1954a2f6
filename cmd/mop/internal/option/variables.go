package option

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/mop-platform/mop/internal/eval"
)

// Error is the error of an invalid value. Hint is "" for none.
type Error struct{ Problem, Hint string }

func (e Error) Error() string { return e.Problem }

// Variables are the values of the flags for one kind of variable. If two set the same name,
// the later field takes precedence, as in Tanka.
type Variables struct {
	Prefix                       string
	Code, Str, CodeFile, StrFile []string
}

// Read returns the variables by name, and the files from which they come. The error is an
// [Error].
func (f *Variables) Read(lookupEnv func(string) (string, bool)) (map[string]eval.Variable, []string, error) {
	vars := map[string]eval.Variable{}
	var files []string
	for _, form := range []struct {
		flag   string
		values []string
		make   func(string) eval.Variable
		isFile bool
	}{
		{"-code", f.Code, eval.Code, false},
		{"-str", f.Str, eval.String, false},
		{"-code-file", f.CodeFile, eval.CodeFile, true},
		{"-str-file", f.StrFile, eval.StringFile, true},
	} {
		for _, arg := range form.values {
			name, text, ok := strings.Cut(arg, "=")
			if !ok && form.flag == "-str" {
				if text, ok = lookupEnv(name); !ok {
					return nil, nil, Error{
						fmt.Sprintf("--%s-str %s: the environment has no variable %s", f.Prefix, name, name),
						fmt.Sprintf("give the text as --%s-str %s=TEXT", f.Prefix, name),
					}
				}
			}
			if !ok || name == "" {
				return nil, nil, Error{fmt.Sprintf("--%s%s: want NAME=VALUE, got %q", f.Prefix, form.flag, arg), ""}
			}
			if form.isFile {
				files = append(files, text)
				text = filepath.ToSlash(text)
			}
			vars[name] = form.make(text).GivenBy("--" + f.Prefix + form.flag + " " + name)
		}
	}
	return vars, files, nil
}

// Pairs parses the values FIRST=SECOND of a flag. The error is an [Error].
func Pairs(flag string, values []string) (map[string]string, error) {
	pairs := map[string]string{}
	for _, arg := range values {
		first, second, ok := strings.Cut(arg, "=")
		if !ok || first == "" || second == "" {
			return nil, Error{fmt.Sprintf("%s: want FIRST=SECOND, got %q", flag, arg), ""}
		}
		pairs[first] = second
	}
	return pairs, nil
}
