package bundler

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"reflect"
	"strings"

	"github.com/jsonnet-bundler/jsonnet-bundler/pkg/jsonnetfile"
	v0 "github.com/jsonnet-bundler/jsonnet-bundler/spec/v0"
	v1 "github.com/jsonnet-bundler/jsonnet-bundler/spec/v1"
	"github.com/jsonnet-bundler/jsonnet-bundler/spec/v1/deps"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/position"
	"github.com/mop-platform/mop/pkg/diag"
)

// The names of the files in the root of a project.
const (
	File     = jsonnetfile.File
	LockFile = jsonnetfile.LockFile
)

// mostPackages is the limit of packages in a file, far above any real number.
const mostPackages = 10_000

// Parse reads data, the contents of a jsonnetfile.json or a jsonnetfile.lock.json, of
// version 1 or of the older one without a number; file is its name in messages. Empty
// contents declare no packages. Unlike jsonnet-bundler, Parse refuses packages that would
// lie outside of the vendor directory or in another package's place, and more than 10,000
// packages.
//
// The error is a [*diag.List].
func Parse(file string, data []byte) (v1.JsonnetFile, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return v1.New(), nil
	}
	p := parser{file: file, data: data}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return v1.New(), p.fault(err)
	}
	if whole[0] != '{' {
		return v1.New(), p.list(0, "", "want an object").Err()
	}
	var version struct{ Version uint }
	if err := json.Unmarshal(data, &version); err != nil {
		return v1.New(), p.fault(err)
	}
	items := p.dependencies()
	if len(items) > mostPackages {
		return v1.New(), p.list(items[mostPackages].offset, "dependencies", fmt.Sprintf("want at most %d packages, got %d", mostPackages, len(items))).Err()
	}
	var found diag.List
	for i, item := range items {
		found = append(found, p.check(i, item)...)
	}
	if err := found.Err(); err != nil {
		return v1.New(), err
	}
	f := v1.New()
	var err error
	switch version.Version {
	case v0.Version:
		f, err = parseOld(data)
	case v1.Version:
		err = json.Unmarshal(data, &f)
	default:
		return f, diag.List{{
			Code: failure.NewerFile, At: diag.Position{File: file}, Subject: "version",
			Problem: fmt.Sprintf("want 1, got %d", version.Version),
		}}.Err()
	}
	if err != nil {
		return v1.New(), p.fault(err)
	}
	return f, p.collisions(f, items)
}

// parseOld reads a file of the older version, whose dependencies were checked.
// jsonnet-bundler's own function panics if a local directory does not exist.
func parseOld(data []byte) (v1.JsonnetFile, error) {
	var old v0.JsonnetFile
	if err := json.Unmarshal(data, &old); err != nil {
		return v1.New(), err
	}
	f := v1.New()
	for _, name := range old.Dependencies.Keys() {
		o, _ := old.Dependencies.Get(name)
		d := deps.Dependency{Version: o.Version, Sum: o.Sum, LegacyNameCompat: name}
		if o.Source.GitSource != nil {
			d.Source = deps.Parse("", o.Source.GitSource.Remote).Source
			if o.Source.GitSource.Subdir != "" {
				d.Source.GitSource.Subdir = path.Clean("/" + o.Source.GitSource.Subdir)
			}
		} else {
			d.Source.LocalSource = &deps.Local{Directory: path.Clean(o.Source.LocalSource.Directory)}
		}
		f.Dependencies.Set(d.Name(), d)
	}
	return f, nil
}

// NewFile returns the contents of the jsonnetfile.json of a new project, as jb
// writes it.
func NewFile(packages ...deps.Dependency) ([]byte, error) {
	f := v1.New()
	for _, d := range packages {
		f.Dependencies.Set(d.Name(), d)
	}
	return encode(f)
}

// encode returns the contents of a file as jb writes them.
func encode(f v1.JsonnetFile) ([]byte, error) {
	data, err := json.MarshalIndent(f, "", "  ")
	return append(data, '\n'), err
}

// changed returns the contents with f for the named file, whose contents are data, and
// whether they differ. As in jb, another layout alone is no difference unless strict is
// set. The error is a [*diag.List] if Parse would not read f from the new contents.
func changed(ctx context.Context, name string, data []byte, f v1.JsonnetFile, strict bool) ([]byte, bool, error) {
	before, err := parse(ctx, name, data)
	if err == nil && !strict && reflect.DeepEqual(before, f) {
		return data, false, nil
	}
	out, err := encode(f)
	if err != nil {
		return nil, false, err
	}
	again, err := parse(ctx, name, out)
	if err != nil {
		return nil, false, err
	}
	if lost, ok := firstLost(f, again); ok {
		return nil, false, diag.List{{
			At: diag.Position{File: name}, Subject: fmt.Sprintf("package %s", message.Quote(lost)),
			Problem: "cannot be written so that it reads the same: want texts of UTF-8",
		}}.Err()
	}
	return out, !bytes.Equal(out, data), nil
}

// firstLost returns the name of the first package that is not the same after it is written
// and read.
func firstLost(wrote, read v1.JsonnetFile) (string, bool) {
	for _, name := range wrote.Dependencies.Keys() {
		a, _ := wrote.Dependencies.Get(name)
		b, ok := read.Dependencies.Get(name)
		if !ok || !sameDependency(a, b) || a.Sum != b.Sum {
			return name, true
		}
	}
	return "", false
}

// parser finds positions in a file, which encoding/json does not give.
type parser struct {
	file string
	data []byte
}

// item is one of the dependencies.
type item struct {
	offset int64
	text   json.RawMessage
}

// dependencies returns the elements of the field dependencies of the object.
func (p parser) dependencies() []item {
	dec := json.NewDecoder(bytes.NewReader(p.data))
	_, _ = dec.Token()
	var items []item
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			break
		}
		begin := dec.InputOffset()
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			break
		}
		if name, _ := key.(string); strings.EqualFold(name, "dependencies") && value[0] == '[' {
			items = p.elements(p.next(begin))
		}
	}
	return items
}

// elements returns the elements of the array at offset, which is valid JSON.
func (p parser) elements(offset int64) []item {
	dec := json.NewDecoder(bytes.NewReader(p.data[offset:]))
	_, _ = dec.Token()
	var items []item
	for dec.More() {
		i := item{offset: p.next(offset + dec.InputOffset())}
		if err := dec.Decode(&i.text); err != nil {
			break
		}
		items = append(items, i)
	}
	return items
}

// next returns the offset at which the next token begins.
func (p parser) next(offset int64) int64 {
	return int64(len(p.data) - len(bytes.TrimLeft(p.data[offset:], " \t\r\n,:")))
}

// check returns the faults of a dependency.
func (p parser) check(i int, it item) diag.List {
	subject := fmt.Sprintf("dependencies[%d]", i)
	// The fields of both versions. The type of a git remote checks it below.
	var d struct {
		Name    string
		Version string
		Single  bool
		Sum     string
		Source  struct {
			Git *struct {
				Remote, Subdir string
			}
			Local *struct{ Directory string }
		}
	}
	if err := json.Unmarshal(it.text, &d); err != nil {
		var typ *json.UnmarshalTypeError
		if errors.As(err, &typ) {
			return p.list(it.offset+typ.Offset-1, subject+"."+strings.ToLower(typ.Field), fmt.Sprintf("want %s, got %s", jsonType(typ.Type), typ.Value))
		}
		return p.list(it.offset, subject, err.Error())
	}
	switch {
	case d.Source.Git == nil && d.Source.Local == nil:
		return p.list(it.offset, subject, "want source.git or source.local")
	case d.Source.Git != nil && d.Source.Local != nil:
		return p.list(it.offset, subject, "want either source.git or source.local, got both")
	case d.Source.Local != nil && d.Source.Local.Directory == "":
		return p.list(it.offset, subject+".source.local.directory", `want a directory, got ""`)
	case d.Source.Local != nil:
		local := deps.Dependency{Source: deps.Source{LocalSource: &deps.Local{Directory: d.Source.Local.Directory}}, LegacyNameCompat: d.Name}
		return p.checkNames(it, subject, local)
	}
	var git deps.Git
	remote, err := json.Marshal(map[string]string{"remote": d.Source.Git.Remote, "subdir": d.Source.Git.Subdir})
	if err == nil {
		err = git.UnmarshalJSON(remote)
	}
	if err != nil {
		l := p.list(it.offset, subject+".source.git.remote", fmt.Sprintf("want the address of a git repository, got %s", message.Quote(d.Source.Git.Remote)))
		l[0].Code = failure.BadRemote
		return l
	}
	return p.checkNames(it, subject, deps.Dependency{Source: deps.Source{GitSource: &git}, LegacyNameCompat: d.Name})
}

func (p parser) checkNames(it item, subject string, d deps.Dependency) diag.List {
	if problem := checkName(d); problem != "" {
		return p.list(it.offset, subject, problem)
	}
	return nil
}

// collisions returns a [*diag.List] of the packages that lie in each other's place.
func (p parser) collisions(f v1.JsonnetFile, items []item) error {
	at := map[string]int64{}
	for _, it := range items {
		var d deps.Dependency
		if json.Unmarshal(it.text, &d) == nil {
			at[d.Name()] = it.offset
		}
	}
	var found diag.List
	for _, c := range collisions(f.Dependencies) {
		found = append(found, p.list(at[c.name], c.name, c.problem)...)
	}
	return found.Err()
}

// fault returns the diagnostic for an error of encoding/json.
func (p parser) fault(err error) error {
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(p.data)) && strings.HasPrefix(syntax.Error(), "unexpected end"):
		return p.list(int64(len(p.data)), "", "unexpected end of file").Err()
	case errors.As(err, &syntax):
		return p.list(max(syntax.Offset-1, 0), "", syntax.Error()).Err()
	case errors.As(err, &typ):
		return p.list(max(typ.Offset-1, 0), strings.ToLower(typ.Field), fmt.Sprintf("want %s, got %s", jsonType(typ.Type), typ.Value)).Err()
	}
	return p.list(0, "", err.Error()).Err()
}

// list returns the diagnostic about the token at offset.
func (p parser) list(offset int64, subject, problem string) diag.List {
	return diag.List{{At: position.At(p.file, p.data, offset), Subject: subject, Problem: problem}}
}

// jsonType returns JSON's name for the values of a type.
func jsonType(typ reflect.Type) string {
	switch typ.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "a boolean"
	case reflect.Slice:
		return "an array"
	case reflect.Struct, reflect.Pointer, reflect.Map:
		return "an object"
	}
	return "a number"
}
