package main

import (
	"context"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/k8s"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
)

// libraryCommand is an argument. With it this program only writes the library.
const libraryCommand = "library"

func writeLibrary(dir string) error {
	files, err := flatLibrary(release.Default)
	if err != nil {
		return err
	}
	vendor := map[string]string{"doc-util/main.libsonnet": docUtil}
	for file, text := range files {
		vendor[filepath.Join(library(), file)] = text
	}
	return writeFiles(dir, vendor)
}

// flatLibrary returns the files of a library for Kubernetes' objects in the style of
// jsonnet-libs/k8s-libsonnet, which mop's users have in their repositories. Each kind has
// its own file, with a function and its documentation for each field at any depth.
func flatLibrary(minor schema.Minor) (map[string]string, error) {
	document, err := schema.Open(minor)
	if err != nil {
		return nil, err
	}
	definitions := k8s.Definitions(document)
	generated, err := k8s.Generate(context.Background(), definitions, k8s.Options{})
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, f := range generated {
		files[f.Name] = f.Text
	}
	l := flat{map[string]k8s.Definition{}}
	for _, d := range definitions {
		l.definitions["#/definitions/"+d.Name] = d
	}
	for _, d := range definitions {
		parts := strings.Split(d.Name, ".")
		kind := parts[len(parts)-1]
		file := path.Join("_gen", parts[len(parts)-3], parts[len(parts)-2], strings.ToLower(kind[:1])+kind[1:]+".libsonnet")
		if _, ok := files[file]; ok {
			files[file] = l.file(d)
		}
	}
	return files, nil
}

// docUtil is the library with which the documentation is written.
const docUtil = `{
  T:: { string: 'string', number: 'number', int: self.number, integer: self.number, boolean: 'bool', object: 'object', array: 'array', any: 'any' },
  pkg(name, url, help):: { name: name, url: url, help: help },
  obj(help, fields={}):: { object: { help: help, fields: fields } },
  arg(name, type, default=null):: { name: name, type: type, default: default },
  fn(help, args=[]):: { 'function': { help: help, args: args } },
}
`

type flat struct{ definitions map[string]k8s.Definition }

func (l flat) file(d k8s.Definition) string {
	var b strings.Builder
	b.WriteString("{\n  local d = (import 'doc-util/main.libsonnet'),\n")
	fmt.Fprintf(&b, "  '#':: d.pkg(name='', url='', help=%s),\n", quote(d.Description))
	l.functions(&b, "  ", d.Properties, func(body string) string { return "{ " + body + " }" }, []string{d.Name})
	if len(d.Kinds) > 0 {
		k := d.Kinds[0]
		fmt.Fprintf(&b, "  '#new':: d.fn(help='new returns an instance of %[1]s', args=[d.arg(name='name', type=d.T.string)]),\n"+
			"  new(name): { apiVersion: '%[2]s', kind: '%[1]s' } + self.metadata.withName(name),\n", k.Kind, strings.TrimPrefix(k.Group+"/"+k.Version, "/"))
	}
	b.WriteString("  '#mixin': 'ignore',\n  mixin: self,\n}\n")
	return b.String()
}

var plain = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9]*$`)

// functions writes the functions that set properties. within returns the Jsonnet that puts
// a field in its place.
func (l flat) functions(b *strings.Builder, indent string, properties map[string]k8s.Schema, within func(string) string, above []string) {
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		s := properties[name]
		if !plain.MatchString(name) || slices.Contains([]string{"apiVersion", "kind", "status"}, name) && len(above) == 1 {
			continue
		}
		if d, ok := l.definitions[s.Ref]; ok {
			d.Description, s = s.Description, d.Schema
			if slices.Contains(above, d.Name) {
				s.Properties = nil
			} else if len(s.Properties) > 0 {
				fmt.Fprintf(b, "%[1]s'#%[2]s':: d.obj(help=%[3]s),\n%[1]s'%[2]s': {\n", indent, name, quote(d.Description))
				l.functions(b, indent+"  ", s.Properties, func(body string) string { return within(name + "+: { " + body + " }") }, append(slices.Clone(above), d.Name))
				fmt.Fprintf(b, "%s},\n", indent)
				continue
			}
			s.Description = d.Description
		}
		l.setter(b, indent, name, s, within)
	}
}

func (l flat) setter(b *strings.Builder, indent, name string, s k8s.Schema, within func(string) string) {
	function, parameter, value := "with"+strings.ToUpper(name[:1])+name[1:], "p_"+name, "p_"+name
	if s.Type == "array" {
		value = fmt.Sprintf("if std.isArray(v=%[1]s) then %[1]s else [%[1]s]", parameter)
	}
	write := func(function, add, note string) {
		fmt.Fprintf(b, "%s'#%s':: d.fn(help=%s, args=[d.arg(name='%s', type=d.T['%s'])]),\n", indent, function, quote(s.Description+note), name, s.Type)
		fmt.Fprintf(b, "%s%s(%s): %s,\n", indent, function, parameter, within(fmt.Sprintf("'%s'%s: %s", name, add, value)))
	}
	write(function, "", "")
	if s.Type == "array" || s.Type == "object" {
		write(function+"Mixin", "+", "\n\n**Note:** This function appends passed data to existing values")
	}
}

func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "\n", `\n`, "'", `\'`).Replace(`"`+s+`"`) + "'"
}
