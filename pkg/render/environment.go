package render

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/eval"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/project"
)

// Environment is one environment that an entrypoint evaluates to.
type Environment struct {
	// Resource is the environment's Tanka resource with the defaults that Tanka
	// fills in: Metadata.Namespace is the entrypoint, and of a static
	// environment Metadata.Name is its directory.
	Resource project.Resource
	// Entry is where it comes from.
	Entry project.Environment
	// Inline is true for one that the Jsonnet evaluates to, false for one with
	// a spec.json or with nothing at all.
	Inline bool
	// Path is where an inline environment stands in the evaluated value.
	Path manifest.Path

	value any
	at    manifest.Path
	// read is what the environment was found in.
	read eval.Result
}

// Name returns what the environment is called: Metadata.Name.
func (e Environment) Name() string { return e.Resource.Metadata.Name }

// File is an evaluated entrypoint.
type File struct {
	// Environments are all that it holds, sorted by name.
	Environments []Environment
	// Chosen are those of them that are good for their objects; of the others only
	// the resource has been evaluated.
	Chosen []Environment
	// Read tells the files that had an influence; its Value is the whole.
	Read eval.Result
	// Warnings are about the environments' specs and about objects that belong
	// to no environment.
	Warnings diag.List
}

// Load evaluates the entrypoint of entry, once, and returns the environments
// that it holds: one if there is a spec.json or no Environment resource in the
// result, else one for each such resource.
//
// The error is a [diag.List] if the Jsonnet or a resource is at fault.
func (r *Renderer) Load(ctx context.Context, entry project.Environment) (File, error) {
	res, err := eval.Eval(ctx, r.files, r.input(entry))
	if err != nil {
		return File{}, err
	}
	f, outside, err := environments(entry, res)
	f.Chosen, f.Warnings = f.Environments, append(f.Warnings, outside...)
	return f, err
}

// LoadChosen is [Renderer.Load] of which only the environments are Chosen that
// choose returns of all that there are. Those of the others have no influence:
// an environment with a spec.json is not evaluated, of one in the result the
// data are not, so a fault in them does not matter.
func (r *Renderer) LoadChosen(ctx context.Context, entry project.Environment, choose func([]Environment) []Environment) (File, error) {
	f, err := r.List(ctx, entry)
	if err != nil {
		return f, err
	}
	chosen := choose(f.Environments)
	if len(chosen) == 0 {
		return f, nil
	}
	in := r.input(entry)
	if chosen[0].Inline {
		names := make([]string, len(chosen))
		for i, e := range chosen {
			names[i] = eval.Literal(e.Name())
		}
		in.Apply = selection + "select([" + strings.Join(names, ", ") + "])"
	}
	res, err := eval.Eval(ctx, r.files, in)
	if err != nil {
		return File{}, err
	}
	f, outside, err := environments(entry, res)
	f.Chosen, f.Warnings = choose(f.Environments), append(f.Warnings, outside...)
	return f, err
}

// List is [Renderer.Load] of the environments' resources alone: none is Chosen.
// One with a spec.json is not evaluated.
func (r *Renderer) List(ctx context.Context, entry project.Environment) (File, error) {
	if entry.Resource != nil {
		return File{Environments: []Environment{static(entry, nil)}, Warnings: entry.Warnings}, nil
	}
	in := r.input(entry)
	in.Apply = selection + "select([])"
	res, err := eval.Eval(ctx, r.files, in)
	if err != nil {
		return File{}, err
	}
	f, _, err := environments(entry, res)
	return f, err
}

// selection is Jsonnet in which select(names) is a function that keeps of a value
// the Environment resources and the objects and arrays that hold them, without
// the data of those that have other names. Of objects outside of them it keeps
// what tells that they are some.
const selection = `
local says(x, name) = std.objectHas(x, name) && std.member(['string', 'number', 'boolean'], std.type(x[name]));
local isEnvironment(x) = says(x, 'apiVersion') && std.startsWith('' + x.apiVersion, 'tanka.dev/') && says(x, 'kind') && x.kind == 'Environment';
local isList(x) = says(x, 'kind') && std.endsWith('' + x.kind, 'List') && std.objectHas(x, 'items') && std.isArray(x.items);
local nameOf(x) = local metadata = std.get(x, 'metadata'); if std.isObject(metadata) then std.get(metadata, 'name');
local select(names) =
  local prune(x) =
    if std.isArray(x) then [prune(element) for element in x]
    else if !std.isObject(x) then {}
    else if isEnvironment(x) then if std.member(names, nameOf(x)) then x else x { data:: null }
    else if isList(x) then { items: prune(x.items) }
    else if says(x, 'apiVersion') || says(x, 'kind') then { [name]: x[name] for name in ['apiVersion', 'kind'] if says(x, name) }
    else { [name]: prune(x[name]) for name in std.objectFields(x) };
  prune;
`

// environments finds the environments in what entry evaluates to. outside are
// warnings about objects that belong to none.
func environments(entry project.Environment, res eval.Result) (f File, outside diag.List, err error) {
	f = File{Read: res, Warnings: slices.Clip(entry.Warnings)}
	s := search{entry: entry, read: res}
	s.walk(nil, res.Value)
	switch {
	case len(s.found) > 0 && entry.Resource != nil:
		return f, nil, diag.List{{
			Subject: s.found[0].Path.String(),
			Problem: "an Environment resource, but the environment has a spec.json",
			Origins: append(place(res, s.found[0].Path, entry.Entrypoint), diag.Position{File: entry.SpecFile()}),
			Hints:   []string{"remove spec.json to make the environment an inline one, or the resource to keep it static"},
		}}
	case len(s.found) == 0:
		f.Environments = []Environment{static(entry, res.Value)}
		f.Environments[0].read = res
		return f, nil, nil
	case s.faults.Err() != nil:
		return f, nil, s.faults
	}
	f.Warnings = append(f.Warnings, s.faults...)
	for _, path := range s.outside {
		outside = append(outside, diag.Diagnostic{
			Severity: diag.Warning, Subject: path.String(), Problem: "belongs to no environment and is left out",
			Origins: place(res, path, entry.Entrypoint),
			Hints:   []string{"move it into the data of an Environment"},
		})
	}
	if err := sameName(s.found).Err(); err != nil {
		return f, nil, err
	}
	slices.SortStableFunc(s.found, func(a, b Environment) int { return strings.Compare(a.Name(), b.Name()) })
	f.Environments = s.found
	return f, outside, nil
}

// sameName reports environments that cannot be told apart.
func sameName(envs []Environment) diag.List {
	var found diag.List
	first := map[string]manifest.Path{}
	for _, e := range envs {
		if path, ok := first[e.Name()]; ok {
			found = append(found, diag.Diagnostic{
				Subject: e.Path.String(), Problem: fmt.Sprintf("an environment called %q stands at %s already", e.Name(), path),
				Origins: place(e.read, e.Path, e.Entry.Entrypoint),
				Hints:   []string{"give one of them another metadata.name"},
			})
			continue
		}
		first[e.Name()] = e.Path
	}
	return found
}

// static returns the environment of an entrypoint without inline ones.
func static(entry project.Environment, value any) Environment {
	env := Environment{Entry: entry, value: value}
	if entry.Resource != nil {
		env.Resource = *entry.Resource
	}
	env.Resource.Metadata.Name = entry.Dir
	env.Resource.Metadata.Namespace = entry.Entrypoint
	env.Resource.Spec.APIServer = withScheme(env.Resource.Spec.APIServer)
	return env
}

// withScheme returns the address of an API server with a scheme, which is https
// unless it says.
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
	found   []Environment
	outside []manifest.Path
	faults  diag.List
}

func (s *search) walk(at manifest.Path, value any) {
	switch value := value.(type) {
	case map[string]any:
		apiVersion, _ := value["apiVersion"].(string)
		kind, _ := value["kind"].(string)
		items, _, isList := manifest.ListItems(value)
		switch {
		case isEnvironment(apiVersion, kind):
			s.add(at, value)
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
		// What go-jsonnet made is JSON.
		panic("render: " + err.Error())
	}
	resource, found := project.ParseSpec(s.entry.Entrypoint, text)
	for _, d := range found {
		// Positions are those of text, which the user never sees.
		d.At = diag.Position{}
		// A key that is no plain name is not spelt as in a path: the origin is
		// then that of the environment.
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
		value: value["data"], at: at.Field("data"), read: s.read,
	})
}

// Select returns the environments of envs that name means: the one called so,
// else those whose name holds it; "" is all.
func Select(envs []Environment, name string) []Environment {
	if i := slices.IndexFunc(envs, func(e Environment) bool { return e.Name() == name }); i >= 0 {
		return envs[i : i+1]
	}
	var out []Environment
	for _, e := range envs {
		if strings.Contains(e.Name(), name) {
			out = append(out, e)
		}
	}
	return out
}

// One returns the only environment that name selects among envs, which come
// from the file called entrypoint. The error is a [diag.List] that names the
// candidates where there are none or several.
func One(envs []Environment, entrypoint, name string) (Environment, error) {
	found := Select(envs, name)
	if len(found) == 1 {
		return found[0], nil
	}
	names := func(envs []Environment) []string {
		var out []string
		for _, e := range envs {
			out = append(out, e.Name())
		}
		return out
	}
	d := diag.Diagnostic{Subject: entrypoint}
	if len(found) == 0 {
		d.Problem = fmt.Sprintf("no environment is called %q", name)
		d.Hints = []string{"its environments are " + strings.Join(names(envs), ", ")}
		if s := diag.Suggest(name, names(envs)); s != "" {
			d.Hints = []string{fmt.Sprintf("did you mean %q?", s)}
		}
		return Environment{}, diag.List{d}
	}
	d.Problem = "holds several environments"
	if name != "" {
		d.Problem = fmt.Sprintf("holds several environments called like %q", name)
	}
	d.Hints = []string{"select one by its name: " + strings.Join(names(found), ", ")}
	return Environment{}, diag.List{d}
}
