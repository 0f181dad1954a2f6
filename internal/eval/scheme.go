package eval

import (
	"fmt"
	"path"
	"strings"

	"github.com/mop-platform/mop/internal/jsonnet"
)

// schemes are the prefixes of import paths for which Jsonnet is generated. Each function
// returns the code for the text behind the prefix. The code is in a file beside the
// importing one, so its imports are found and tracked as if the user had written them
// there.
//
//	yaml:FILE               the one document of a YAML file
//	yaml-stream:FILE        all documents, an array
//	glob-import:PATTERN     an object: the import of each file that matches
//	glob-importstr:PATTERN  the same, as text
//
// Patterns are relative to the importing file, and so are the names in the result.
var schemes = map[string]func(i *importer, importedFrom, rest string) (string, error){
	"yaml":           yamlDocument,
	"yaml-stream":    yamlStream,
	"glob-import":    globImport,
	"glob-importstr": globImportStr,
}

// IsScheme reports whether paths that begin with a scheme, such as "yaml:", have a meaning
// without an importer.
func IsScheme(scheme string) bool {
	name, ok := strings.CutSuffix(scheme, ":")
	return ok && schemes[name] != nil
}

// generate returns the contents of a scheme's file.
func (i *importer) generate(importedFrom, importedPath, rest string, code func(*importer, string, string) (string, error)) (jsonnet.Contents, string, error) {
	// The name has no slash behind the directory, to which imports are relative. It differs
	// for each importing file, because a glob leaves that file out.
	name := snippet(strings.ReplaceAll(path.Base(importedFrom)+" "+importedPath, "/", "|"))
	if dir := i.dir(importedFrom); dir != "." {
		name = strings.TrimSuffix(dir, "/") + "/" + name
	}
	i.generated[name] = importedPath
	text, err := code(i, importedFrom, rest)
	if err != nil {
		return i.fail(importedPath, "", err)
	}
	return i.files.code(name, text), name, nil
}

func globImport(i *importer, importedFrom, pattern string) (string, error) {
	return glob(i, importedFrom, pattern, func(file string) string {
		if ext := path.Ext(file); ext == ".yaml" || ext == ".yml" {
			file = "yaml:" + file
		}
		return "import " + Literal(file)
	})
}

func globImportStr(i *importer, importedFrom, pattern string) (string, error) {
	return glob(i, importedFrom, pattern, func(file string) string { return "importstr " + Literal(file) })
}

// literally escapes the characters that are special in a pattern.
var literally = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `{`, `\{`)

// glob returns an object with a field for each file that matches, except the importing one.
func glob(i *importer, importedFrom, pattern string, value func(file string) string) (string, error) {
	dir := i.dir(importedFrom)
	full := path.Join(literally.Replace(dir), pattern)
	names, err := i.files.glob(i.ctx, full)
	if err != nil {
		return "", err
	}
	i.globs[full] = true
	var b strings.Builder
	b.WriteString("{\n")
	for _, name := range names {
		if name == importedFrom {
			continue
		}
		file := relative(dir, name)
		fmt.Fprintf(&b, "  [%s]: %s,\n", Literal(file), value(file))
	}
	b.WriteString("}\n")
	return b.String(), nil
}

// relative returns name relative to dir; both are relative to the root.
func relative(dir, name string) string {
	up := ""
	for dir != "." && !strings.HasPrefix(name, dir+"/") {
		dir = path.Dir(dir)
		up += "../"
	}
	if dir == "." {
		return up + name
	}
	return up + strings.TrimPrefix(name, dir+"/")
}
