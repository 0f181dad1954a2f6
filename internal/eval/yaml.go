package eval

import (
	"errors"
	"fmt"

	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/position"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// importedYAML is the native function with which the code for yaml: and yaml-stream: reads
// a file. Its arguments are the name of the code, the path of the import in it, the
// imported text, and whether all documents are wanted.
func importedYAML() Native {
	return Native{
		Name:   "yaml:",
		Params: []string{"from", "path", "text", "all"},
		Prompt: true,
		Func: func(c Call, args []any) (any, error) {
			from, _ := args[0].(string)
			file, _ := args[1].(string)
			text, _ := args[2].(string)
			all, _ := args[3].(bool)
			return c.yaml(from, file, text, all)
		},
	}
}

func yamlStream(_ *importer, _, file string) (string, error) { return yamlCode(file, true), nil }

func yamlDocument(_ *importer, _, file string) (string, error) { return yamlCode(file, false), nil }

func yamlCode(file string, all bool) string {
	file = Literal(file)
	return fmt.Sprintf("std.native('yaml:')(std.thisFile, %s, importstr %s, %t)", file, file, all)
}

// yaml returns the documents of a file, or its only document, with the values that kubectl
// would send, as values of Jsonnet. Null documents count only if there are no others.
//
// A key such as y becomes "true", with a warning: few files mean that, except those for
// kubectl.
//
// An error about the text has the lines. An integer that Jsonnet cannot hold is an error,
// because the user can quote it.
func (c Call) yaml(from, file, text string, all bool) (any, error) {
	name, data := file, []byte(text)
	imp := c.calling.imp
	for _, candidate := range imp.candidates(from, file) {
		if !imp.read[candidate] {
			continue
		}
		// text has lost the bytes that are not UTF-8.
		if contents, err := imp.files.get(imp.ctx, candidate); err == nil {
			name, data = candidate, contents.Data()
		}
		break
	}
	documents, err := document.YAML(c.Context(), data, document.Options{Doubles: true})
	var faults document.Faults
	if errors.As(err, &faults) {
		return nil, position.OfFaults(name, faults).Err()
	}
	if stopped := (*document.Interrupted)(nil); errors.As(err, &stopped) {
		return nil, fmt.Errorf("%s: %w", diag.Position{File: name, Line: stopped.Line}, stopped.Err)
	}
	if err != nil {
		return nil, err
	}
	var found diag.List
	values := []any{}
	for _, d := range documents {
		for _, i := range d.Changed {
			found = append(found, diag.Diagnostic{
				Code: failure.LargeInteger, At: diag.Position{File: name, Line: i.Line},
				Subject: manifest.Path(i.Path).String(), Problem: i.String(),
			})
		}
		for _, w := range d.Words {
			c.Warn(fmt.Sprintf("%s:%d: %s", name, w.Line, w.Problem), failure.OddWord)
		}
		if d.Value != nil {
			values = append(values, d.Value)
		}
	}
	switch {
	case found != nil:
		return nil, found.Err()
	case all:
		return values, nil
	case len(values) == 0 && len(documents) > 0:
		return nil, nil
	case len(values) != 1:
		return nil, fmt.Errorf("want one YAML document, got %d; yaml-stream: gives them all", len(values))
	}
	return values[0], nil
}
