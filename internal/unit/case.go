package unit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/emitter"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/swap"
	"github.com/mop-platform/mop/pkg/diag"
)

// Case is one case of a test file.
type Case struct {
	// File is the test file's name in the project.
	File string
	// Path is the names of the groups that hold the case, then its own.
	Path []string

	suite *Suite
	// want is the name of the field with the expected result, one of wants.
	want string
}

// String returns the file and the path, for messages.
func (c Case) String() string { return c.File + ": " + strings.Join(c.Path, "/") }

// wants are the fields of which a case has exactly one.
var wants = []string{"expected", "fails", "golden"}

// outline lists the fields of each case of a test file, without evaluating them. A case
// becomes an array of names, a group an object, and anything else a string with its type.
const outline = `
local outline(x) =
  if !std.isObject(x) then std.type(x)
  else if std.objectHasAll(x, 'actual') then std.objectFieldsAll(x)
  else { [name]: outline(x[name]) for name in std.objectFields(x) };
outline(test)`

// Cases returns the cases of a test file, sorted by path. The error is a [*diag.List] if the
// file cannot be evaluated, holds no case, or holds a case or group with wrong fields.
func (s *Suite) Cases(ctx context.Context, file string) ([]Case, error) {
	value, err := s.project.Eval(ctx, file, nil, outline)
	if err != nil {
		return nil, err
	}
	var cases []Case
	var found diag.List
	report := func(names []string, problem string, args ...any) {
		found = append(found, diag.Diagnostic{
			At: diag.Position{File: file}, Subject: strings.Join(names, "/"), Problem: fmt.Sprintf(problem, args...),
		})
	}
	var walk func(names []string, v any)
	walk = func(names []string, v any) {
		switch v := v.(type) {
		case string:
			report(names, "want a case or a group of cases, got %s", v)
		case []any:
			c := Case{File: file, Path: names, suite: s}
			for _, field := range v {
				field := field.(string)
				switch {
				case field == "actual":
				case !slices.Contains(wants, field):
					report(names, "unknown field %s; a case has actual and one of %s", message.Quote(field), strings.Join(wants, ", "))
				case c.want != "":
					report(names, "want one of %s, got both %s and %s", strings.Join(wants, ", "), c.want, field)
				default:
					c.want = field
				}
			}
			if c.want == "" {
				report(names, "says nothing to expect: want one of %s beside actual", strings.Join(wants, ", "))
			}
			cases = append(cases, c)
		case map[string]any:
			if len(v) == 0 {
				report(names, "holds no case")
			}
			for _, name := range slices.Sorted(maps.Keys(v)) {
				walk(append(slices.Clip(names), name), v[name])
			}
		}
	}
	walk(nil, value)
	if err := found.Err(); err != nil {
		return nil, err
	}
	return cases, nil
}

// Check runs the case. failure is "" if the case passes. Otherwise it says over several
// lines what was wanted and what came. An error means that there is no verdict, for example
// because a golden file cannot be written or ctx has ended.
func (c Case) Check(ctx context.Context) (failure string, err error) {
	switch c.want {
	case "fails":
		return c.checkError(ctx)
	case "golden":
		return c.checkGolden(ctx)
	}
	v, err := c.eval(ctx, "{ actual: test.actual, expected: test.expected }")
	if err != nil {
		return c.suite.failed(ctx, err)
	}
	pair := v.(map[string]any)
	if reflect.DeepEqual(pair["actual"], pair["expected"]) {
		return "", nil
	}
	actual, err := emitter.Marshal(ctx, pair["actual"], emitter.Style{})
	if err != nil {
		return "", err
	}
	expected, err := emitter.Marshal(ctx, pair["expected"], emitter.Style{})
	if err != nil {
		return "", err
	}
	return "not as expected\n" + string(diff.Diff("expected", expected, "actual", actual)), nil
}

func (c Case) checkError(ctx context.Context) (string, error) {
	v, err := c.eval(ctx, "test.fails")
	if err != nil {
		return c.suite.failed(ctx, err)
	}
	want, ok := v.(string)
	if !ok || want == "" {
		return "fails: want a part of the message, a non-empty string", nil
	}
	v, err = c.eval(ctx, "test.actual")
	if err == nil {
		got, err := emitter.Marshal(ctx, v, emitter.Style{})
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("want an error with %s, got a value\n%s", message.Quote(want), got), nil
	}
	l, ok := diag.From(err)
	if !ok || budget.Of(ctx).Err() != nil {
		return "", err
	}
	if !slices.ContainsFunc(l, func(d diag.Diagnostic) bool { return strings.Contains(d.Problem, want) }) {
		return fmt.Sprintf("want an error with %s, got\n%s", message.Quote(want), c.suite.Text(err)), nil
	}
	return "", nil
}

func (c Case) checkGolden(ctx context.Context) (string, error) {
	v, err := c.eval(ctx, "{ actual: test.actual, golden: test.golden }")
	if err != nil {
		return c.suite.failed(ctx, err)
	}
	pair := v.(map[string]any)
	golden, ok := pair["golden"].(string)
	if !ok || !fs.ValidPath(golden) {
		return fmt.Sprintf("golden: want a path below the test file's directory, got %v", pair["golden"]), nil
	}
	name := path.Join(path.Dir(c.File), golden)
	got, problem, err := encode(ctx, golden, pair["actual"])
	if err != nil || problem != "" {
		return problem, err
	}
	if c.suite.options.Update {
		return "", c.suite.write(ctx, name, got)
	}
	want, err := c.suite.project.ReadFile(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("golden file %s does not exist; run the test with --update to write it", c.suite.displayed(name)), nil
	}
	if err != nil {
		return "", err
	}
	if bytes.Equal(got, want) {
		return "", nil
	}
	return "not as in the golden file\n" + string(diff.Diff(c.suite.displayed(name), want, "actual", got)), nil
}

// encode returns the contents of a golden file with that name for v, or a problem if v has
// no such form.
func encode(ctx context.Context, name string, v any) (data []byte, problem string, err error) {
	switch path.Ext(name) {
	case ".yaml", ".yml":
		data, err = emitter.Marshal(ctx, v, emitter.Style{})
	case ".json":
		data, err = json.MarshalIndent(v, "", "  ")
		data = append(data, '\n')
	default:
		s, ok := v.(string)
		if !ok {
			return nil, fmt.Sprintf("golden: %s is plain text, so actual must be a string; end the name in .yaml or .json for values", name), nil
		}
		data = []byte(s)
	}
	return data, "", err
}

func (s *Suite) displayed(name string) string {
	if s.options.Path == nil {
		return name
	}
	return s.options.Path(name)
}

// write writes a golden file, also through symbolic links, but not outside the project. If
// the process is killed, the file has the old or the new contents.
func (s *Suite) write(ctx context.Context, name string, data []byte) error {
	if err := s.replace(ctx, name, data); err != nil {
		return fmt.Errorf("golden file %s: %w", name, err)
	}
	return nil
}

var errNoDisk = errors.New("cannot be written: the project is not on disk")

func (s *Suite) replace(ctx context.Context, name string, data []byte) error {
	if _, err := s.project.ReadFile(ctx, name); errors.Is(err, project.ErrOutside) {
		return project.ErrOutside
	}
	osPath, ok := s.project.Path(".")
	if !ok {
		return errNoDisk
	}
	root, err := os.OpenRoot(osPath)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll(filepath.FromSlash(path.Dir(name)), 0o777); err != nil {
		return err
	}
	top, err := swap.Resolve(osPath)
	if err != nil {
		return err
	}
	real, err := swap.Resolve(filepath.Join(osPath, filepath.FromSlash(name)))
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(top, real); err != nil || !filepath.IsLocal(rel) {
		return project.ErrOutside
	}
	return swap.Write(ctx, real, data)
}

// eval evaluates code in which test is the case.
func (c Case) eval(ctx context.Context, code string) (any, error) {
	return c.suite.project.Eval(ctx, c.File, c.Path, code)
}

// failed turns an evaluation's diagnostics into a failure of the case.
func (s *Suite) failed(ctx context.Context, err error) (string, error) {
	if budget.Of(ctx).Err() != nil {
		// The end of the budget is no fault of the case.
		return "", err
	}
	if _, ok := diag.From(err); ok {
		return "cannot be evaluated\n" + s.Text(err), nil
	}
	return "", err
}
