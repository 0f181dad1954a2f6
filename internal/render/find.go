package render

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// environments finds the environments in the value of entry, or in an outline of it; from
// computes the rest of an outline. outside are warnings about objects that belong to no
// environment.
func environments(entry project.Environment, res eval.Result, from *eval.Opened) (f File, outside diag.List, err error) {
	f = File{Read: res, Warnings: slices.Clip(entry.Warnings)}
	s := search{entry: entry, read: res, from: from}
	s.walk(nil, res.Value)
	switch {
	case len(s.found) > 0 && entry.Resource != nil:
		return f, nil, diag.List{{
			Code:    failure.TwoSpecs,
			Subject: s.found[0].Path.String(),
			Problem: "an Environment resource, but the environment has a spec.json",
			Origins: append(place(res, s.found[0].Path, entry.Entrypoint), diag.Position{File: entry.SpecFile()}),
		}}.Err()
	case len(s.found) == 0:
		env := static(entry)
		env.data, env.read = &data{value: res.Value}, res
		f.Environments = []Environment{env}
		return f, nil, nil
	case s.faults.Err() != nil:
		return f, nil, s.faults.Err()
	}
	f.Warnings = append(f.Warnings, s.faults...)
	for _, path := range s.outside {
		outside = append(outside, diag.Diagnostic{
			Code: failure.OutsideEnvironment, Severity: diag.Warning, Subject: path.String(), Problem: "belongs to no environment and is left out",
			Origins: place(res, path, entry.Entrypoint),
		})
	}
	if err := sameName(s.found).Err(); err != nil {
		return f, nil, err
	}
	slices.SortStableFunc(s.found, func(a, b Environment) int { return strings.Compare(a.Name(), b.Name()) })
	f.Environments = s.found
	return f, outside, nil
}

// cut keeps the part of a value that environments looks at: the Environment resources
// without their data, and the fields that show that others are objects.
func cut(look func(name string) any) (extent func(name string) jsonnet.Extent, apart bool) {
	value := map[string]any{"apiVersion": look("apiVersion"), "kind": look("kind")}
	apiVersion, _ := value["apiVersion"].(string)
	kind, _ := value["kind"].(string)
	if isEnvironment(apiVersion, kind) {
		return func(name string) jsonnet.Extent {
			if name == "data" {
				return jsonnet.Omitted
			}
			return jsonnet.Whole
		}, true
	}
	if !meantAsManifest(value) {
		return func(string) jsonnet.Extent { return jsonnet.Outlined }, false
	}
	return func(name string) jsonnet.Extent {
		switch {
		case name == "apiVersion", name == "kind":
			return jsonnet.Whole
		case name == "items" && strings.HasSuffix(kind, "List"):
			return jsonnet.Outlined
		}
		return jsonnet.Omitted
	}, false
}

// sameName reports environments with the same name.
func sameName(envs []Environment) diag.List {
	var found diag.List
	first := map[string]manifest.Path{}
	for _, e := range envs {
		if path, ok := first[e.Name()]; ok {
			found = append(found, diag.Diagnostic{
				Code: failure.SameEnvironment, Subject: e.Path.String(), Problem: fmt.Sprintf("an environment called %s stands at %s already", message.Quote(e.Name()), path),
				Origins: place(e.read, e.Path, e.Entry.Entrypoint),
			})
			continue
		}
		first[e.Name()] = e.Path
	}
	return found
}

// static returns the environment of an entrypoint without inline ones.
func static(entry project.Environment) Environment {
	env := Environment{Entry: entry}
	if entry.Resource != nil {
		env.Resource = *entry.Resource
	}
	env.Resource.Metadata.Name = entry.Dir
	env.Resource.Metadata.Namespace = entry.Entrypoint
	env.Resource.Spec.APIServer = withScheme(env.Resource.Spec.APIServer)
	return env
}

// withScheme returns the address of an API server with a scheme, https by default.
func withScheme(server string) string {
	if server == "" || strings.Contains(server, "://") {
		return server
	}
	return "https://" + server
}

// search collects the Environment resources in a value.
type search struct {
	entry   project.Environment
	read    eval.Result
	from    *eval.Opened
	found   []Environment
	outside []manifest.Path
	faults  diag.List
}

func (s *search) walk(at manifest.Path, value any) {
	switch value := value.(type) {
	case map[string]any:
		apiVersion, _ := value["apiVersion"].(string)
		kind, _ := value["kind"].(string)
		items, _, isList := plain.Items(value)
		switch {
		case isEnvironment(apiVersion, kind):
			s.add(at, value)
		case isList && plain.TooNested(at) != "":
			// Flatten reports it.
		case isList:
			s.walk(at.Field("items"), items)
		case meantAsManifest(value):
			s.outside = append(s.outside, at)
		default:
			for _, name := range slices.Sorted(maps.Keys(value)) {
				s.walk(at.Field(name), value[name])
			}
		}
	case []any:
		for i, element := range value {
			s.walk(at.Index(i), element)
		}
	}
}

// isEnvironment reports whether an object is Tanka's Environment; other API
// groups have kinds of that name too.
func isEnvironment(apiVersion, kind string) bool {
	return strings.HasPrefix(apiVersion, "tanka.dev/") && kind == project.Kind
}

func (s *search) add(at manifest.Path, value map[string]any) {
	header := maps.Clone(value)
	delete(header, "data")
	text, err := json.Marshal(header)
	if err != nil {
		// The values of Jsonnet are valid JSON.
		panic("render: " + err.Error())
	}
	resource, found := project.ParseSpec(s.entry.Entrypoint, text)
	for _, d := range found {
		// The positions are in text, which the user never sees.
		d.At = diag.Position{}
		// The subject does not spell a key with special characters as a path does. Such a
		// field gets the origin of the environment.
		field, _ := manifest.ParsePath(d.Subject)
		d.Origins = place(s.read, slices.Concat(at, field), s.entry.Entrypoint)
		d.Subject = strings.TrimPrefix(at.String()+"."+d.Subject, "..")
		s.faults = append(s.faults, d)
	}
	if resource.Metadata.Name == "" && found.Err() == nil {
		s.faults = append(s.faults, diag.Diagnostic{
			Subject: at.Field("metadata").Field("name").String(), Problem: "want a non-empty string, got none",
			Origins: place(s.read, at.Field("metadata").Field("name"), s.entry.Entrypoint),
		})
	}
	resource.Metadata.Namespace = s.entry.Entrypoint
	resource.Spec.APIServer = withScheme(resource.Spec.APIServer)
	s.found = append(s.found, Environment{
		Resource: resource, Entry: s.entry, Inline: true, Path: at,
		data: &data{value: value["data"], from: s.from, path: at}, at: at.Field("data"), read: s.read,
	})
}
