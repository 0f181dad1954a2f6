package jsonnet

import (
	"slices"

	"github.com/google/go-jsonnet/ast"
	"github.com/google/go-jsonnet/toolutils"
)

// outline has the likely imports of a file, according to its text. It may be wrong: then a
// file is parsed in vain, which only costs time.
type outline struct {
	// needs are the imports that most evaluations of the file need: those outside of fields,
	// functions and branches.
	needs []likelyImport
	// base are the imports that are the value of the file or its operands. fields are the
	// imports that are the values of fields of its object.
	base   []likelyImport
	fields map[string][]likelyImport
}

// likelyImport is an import of Jsonnet with the fields that the code takes from it, as in
// (import 'k.libsonnet').apps.v1.
type likelyImport struct {
	path   string
	fields []string
}

// of returns the imports that the file needs if code takes fields from it. Each field is
// one of the field before.
func (o *outline) of(fields []string) []likelyImport {
	all := slices.Clone(o.needs)
	if len(fields) == 0 {
		return all
	}
	for _, i := range o.base {
		all = append(all, i.field(fields...))
	}
	for _, i := range o.fields[fields[0]] {
		all = append(all, i.field(fields[1:]...))
	}
	return all
}

func (i likelyImport) field(names ...string) likelyImport {
	return likelyImport{i.path, slices.Concat(i.fields, names)}
}

func outlineOf(tree ast.Node) outline {
	var o outline
	locals := map[ast.Identifier]likelyImport{}
	for {
		local, ok := tree.(*ast.Local)
		if !ok {
			break
		}
		o.locals(local.Binds, locals)
		tree = local.Body
	}
	o.value(tree, locals)
	return o
}

// locals notes the imports that variables need, and the variables that are imports.
func (o *outline) locals(binds ast.LocalBinds, locals map[ast.Identifier]likelyImport) {
	for _, b := range binds {
		if i, ok := importOf(b.Body, locals); ok {
			locals[b.Variable] = i
		}
	}
	for _, b := range binds {
		o.need(b.Body, locals)
	}
}

// value notes the imports that make the value of the file.
func (o *outline) value(tree ast.Node, locals map[ast.Identifier]likelyImport) {
	switch n := tree.(type) {
	case *ast.Binary:
		if n.Op == ast.BopPlus {
			o.value(n.Left, locals)
			o.value(n.Right, locals)
			return
		}
	case *ast.DesugaredObject:
		o.locals(n.Locals, locals)
		if o.fields == nil {
			o.fields = map[string][]likelyImport{}
		}
		for _, f := range n.Fields {
			name, ok := literalString(f.Name)
			if i, imports := importOf(f.Body, locals); ok && imports {
				o.fields[name] = append(o.fields[name], i)
			}
		}
		return
	}
	if i, ok := importOf(tree, locals); ok {
		o.base = append(o.base, i)
	}
	o.need(tree, locals)
}

// need notes the imports in an expression.
func (o *outline) need(tree ast.Node, locals map[ast.Identifier]likelyImport) {
	if i, ok := importOf(tree, locals); ok {
		o.needs = append(o.needs, i)
		return
	}
	switch n := tree.(type) {
	case *ast.Function, *ast.DesugaredObject:
		return
	case *ast.Conditional:
		o.need(n.Cond, locals)
		return
	case *ast.Index:
		if from := takenFrom(n); from != tree {
			o.need(from, locals)
			return
		}
	}
	for _, child := range toolutils.Children(tree) {
		o.need(child, locals)
	}
}

// importOf returns the import that an expression is, or from which it takes fields.
func importOf(tree ast.Node, locals map[ast.Identifier]likelyImport) (i likelyImport, ok bool) {
	from := takenFrom(tree)
	switch n := from.(type) {
	case *ast.Import:
		i, ok = likelyImport{path: n.File.Value}, true
	case *ast.Var:
		i, ok = locals[n.Id]
	}
	if !ok || from == tree {
		return i, ok
	}
	var fields []string
	for tree != from {
		index := tree.(*ast.Index)
		name, _ := literalString(index.Index)
		fields = append(fields, name)
		tree = index.Target
	}
	slices.Reverse(fields)
	return i.field(fields...), true
}

// takenFrom returns the expression from which tree takes fields, or tree itself.
func takenFrom(tree ast.Node) ast.Node {
	for {
		index, ok := tree.(*ast.Index)
		if !ok {
			return tree
		}
		if _, ok := literalString(index.Index); !ok {
			return tree
		}
		tree = index.Target
	}
}
