package jsonnet

import (
	"context"
	"fmt"
	"strconv"

	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/internal/budget"
)

// compiler turns the desugared syntax tree of one file into nodes. It resolves variables,
// so that the evaluation does not look them up by name.
type compiler struct {
	natives map[string]*native
	// file is the name of std.thisFile, to which imports are relative.
	file string
	// source is the file of the sites in it.
	source *sourceFile
	// library is set for the code of std itself, whose std has no thisFile.
	library bool
	// profiled is set for a profile, else nil.
	profiled *profiledCode
	// meter asks the budget; a failure ends the compilation.
	meter *budget.Meter
	*scope
}

// compile returns the code of a file. The error is a [*SourceError], or the cause of the
// end of ctx.
func compile(ctx context.Context, natives map[string]*native, file string, tree ast.Node, profiled *profiledCode) (code *unit, err error) {
	meter := budget.Of(ctx).Meter()
	c := &compiler{natives: natives, file: file, source: sourceOf(tree), profiled: profiled, meter: &meter}
	defer func() {
		if r := recover(); r != nil {
			ended, ok := r.(thrown)
			if !ok {
				panic(r)
			}
			err = SpentAt(file, max(1, tree.Loc().Begin.Line), ended.err)
		}
	}()
	return c.unit(newGroup(nil), tree), nil
}

// unit compiles a piece of code that captures variables with a group.
func (c *compiler) unit(g *group, tree ast.Node) *unit {
	return c.within(g, tree, nil)
}

// within is unit with parameters in the first slots. It calls the functions inside while
// the parameters are visible.
func (c *compiler) within(g *group, tree ast.Node, parameters []string, inside ...func(*compiler)) *unit {
	in := *c
	in.scope = &scope{group: g}
	in.profiled = c.profiled.inside(tree)
	for _, p := range parameters {
		in.declare(p)
	}
	for _, f := range inside {
		f(&in)
	}
	u := &unit{body: in.node(tree, tail)}
	if k, ok := u.body.(*constant); ok && k.site != nil {
		u.site = k.site
	} else {
		u.site = c.placeOf(tree)
	}
	u.slots, u.height = int32(in.most), int32(in.height)
	return in.profiled.unit(u, tree)
}

// node compiles an expression.
func (c *compiler) node(tree ast.Node, at position) node {
	c.nesting++
	c.height = max(c.height, c.nesting)
	defer func() { c.nesting-- }()
	if err := c.meter.Work(1); err != nil {
		panic(thrown{err})
	}
	switch t := tree.(type) {
	case *ast.LiteralNull:
		return &constant{null, c.siteOf(t)}
	case *ast.LiteralBoolean:
		return &constant{boolean(t.Value), c.siteOf(t)}
	case *ast.LiteralNumber:
		n, err := strconv.ParseFloat(t.OriginalString, 64)
		if err != nil {
			return &failing{"overflow", c.siteOf(t)}
		}
		return &constant{number(n), c.siteOf(t)}
	case *ast.LiteralString:
		return &constant{literalText(t.Value), c.siteOf(t)}
	case *ast.Self:
		c.useSelf()
		return self{}
	case *ast.Var:
		return c.variable(t)
	case *ast.Array:
		return c.array(t)
	case *ast.Binary:
		return c.binary(t, at)
	case *ast.Unary:
		return &unary{c.node(t.Expr, at.operand()), t.Op, c.siteOf(t)}
	case *ast.Conditional:
		return &conditional{c.node(t.Cond, inner), c.node(t.BranchTrue, at), c.node(t.BranchFalse, at), c.siteOf(t)}
	case *ast.Error:
		return &raise{c.node(t.Expr, inner), c.siteOf(t)}
	case *ast.Index:
		return c.index(t)
	case *ast.SuperIndex:
		c.useSelf()
		return &superIndex{c.node(t.Index, inner), c.siteOf(t)}
	case *ast.InSuper:
		c.useSelf()
		return &inSuper{c.node(t.Index, inner), c.siteOf(t)}
	case *ast.Import:
		return &importing{path: t.File.Value, from: c.file, site: c.siteOf(t)}
	case *ast.ImportStr:
		return &importing{path: t.File.Value, from: c.file, as: importString, site: c.siteOf(t)}
	case *ast.ImportBin:
		return &importing{path: t.File.Value, from: c.file, as: importBytes, site: c.siteOf(t)}
	case *ast.Local:
		return c.local(t, at)
	case *ast.Function:
		return c.functionNode(t)
	case *ast.Apply:
		return c.apply(t, at)
	case *ast.DesugaredObject:
		return c.objectNode(t)
	}
	panic(fmt.Sprintf("jsonnet: syntax tree with a %T", tree))
}

func (c *compiler) variable(t *ast.Var) node {
	r, ok := c.resolve(string(t.Id))
	switch {
	case !ok && c.library:
		return librarySelf{}
	case !ok:
		// The analysis lets only std through.
		return &standard{c.file}
	case r >= 0:
		return &slotVariable{int(r), c.siteOf(t)}
	}
	return &envVariable{int(-r - 1), c.siteOf(t)}
}

// argument compiles an expression whose env is made with a group.
func (c *compiler) argument(g *group, tree ast.Node) argument {
	if v, ok := tree.(*ast.Var); ok {
		if r, ok := c.resolve(string(v.Id)); ok {
			return argument{variable: r}
		}
	}
	u := c.unit(g, tree)
	if k, ok := u.body.(*constant); ok {
		return argument{constant: &thunk{value: k.value, code: u}}
	}
	return argument{code: u}
}

func (c *compiler) array(t *ast.Array) node {
	g := newGroup(c.scope)
	n := &arrayLiteral{elements: make([]argument, len(t.Elements)), captures: g.captures}
	for i, e := range t.Elements {
		n.elements[i] = c.argument(g, e.Expr)
	}
	return n
}

func (c *compiler) binary(t *ast.Binary, where position) node {
	left, right, at := c.node(t.Left, inner), c.node(t.Right, where.operand()), c.siteOf(t)
	switch t.Op {
	case ast.BopAnd:
		return &and{left, right, at}
	case ast.BopOr:
		return &or{left, right, at}
	case ast.BopPlus:
		return &plus{left, right, at}
	case ast.BopManifestEqual:
		return &equal{left, right, false, at}
	case ast.BopManifestUnequal:
		return &equal{left, right, true, at}
	case ast.BopLess, ast.BopLessEq, ast.BopGreater, ast.BopGreaterEq:
		return &comparison{left, right, t.Op, at}
	}
	return &arithmetic{left, right, t.Op, at}
}

// literalText returns the value of a string literal.
func literalText(s string) value {
	t := newStr(validUTF8(s))
	// Goroutines share constants, so nothing may be computed later.
	if !t.isASCII() {
		t.characters()
	}
	return value{ref: t}
}

func literalString(tree ast.Node) (string, bool) {
	s, ok := tree.(*ast.LiteralString)
	if !ok {
		return "", false
	}
	return validUTF8(s.Value), true
}

// standardMember returns the name in std.name if std is the library.
func (c *compiler) standardMember(tree ast.Node) (string, bool) {
	t, ok := tree.(*ast.Index)
	if !ok {
		return "", false
	}
	v, ok := t.Target.(*ast.Var)
	if !ok || v.Id != "std" && v.Id != "$std" || c.bound(string(v.Id)) {
		return "", false
	}
	return literalString(t.Index)
}

// isDesugared reports whether the desugarer has made a member of std: programs cannot write
// $std.
func isDesugared(member ast.Node) bool {
	v, ok := member.(*ast.Index).Target.(*ast.Var)
	return ok && v.Id == "$std"
}

func (c *compiler) index(t *ast.Index) node {
	if name, ok := c.standardMember(t); ok {
		if n := c.natives[name]; n != nil {
			return &constant{value: n.value}
		}
	}
	target := c.node(t.Target, inner)
	if name, ok := literalString(t.Index); ok {
		return &fieldIndex{target, name, c.siteOf(t)}
	}
	return &index{target, c.node(t.Index, inner), c.siteOf(t)}
}

func (c *compiler) local(t *ast.Local, at position) node {
	names, slots := c.mark()
	defer c.reset(names, slots)
	n := &local{binds: make([]bind, len(t.Binds))}
	for i, b := range t.Binds {
		n.binds[i].slot = c.declare(string(b.Variable))
	}
	g := newGroup(c.scope)
	n.captures = g.captures
	for i, b := range t.Binds {
		bound := &n.binds[i]
		if f, ok := b.Body.(*ast.Function); ok {
			code, captures := c.function(f)
			bound.function, bound.captures = code, captures
			if captures.none() {
				bound.constant = ready(value{ref: &function{code: code}})
			}
			continue
		}
		bound.code = c.unit(g, b.Body)
		if k, ok := bound.code.body.(*constant); ok {
			bound.constant = &thunk{value: k.value, code: bound.code}
		}
	}
	n.body = c.node(t.Body, at)
	return n
}

// function compiles a function literal.
func (c *compiler) function(t *ast.Function) (*functionCode, *captures) {
	g := newGroup(c.scope)
	code := &functionCode{parameters: make([]parameter, len(t.Parameters))}
	names := make([]string, len(t.Parameters))
	for i, p := range t.Parameters {
		names[i] = string(p.Name)
		code.parameters[i].name = names[i]
	}
	code.body = c.within(g, t.Body, names, func(in *compiler) {
		defaults := newGroup(in.scope)
		code.defaults = defaults.captures
		for i, p := range t.Parameters {
			if p.DefaultArg != nil {
				code.parameters[i].value = in.unit(defaults, p.DefaultArg)
			}
		}
	})
	return code, g.captures
}

func (c *compiler) functionNode(t *ast.Function) node {
	code, captures := c.function(t)
	if captures.none() {
		return &constant{value: value{ref: &function{code: code}}}
	}
	return &closure{code, captures}
}

func (c *compiler) apply(t *ast.Apply, at position) node {
	if name, ok := c.standardMember(t.Target); ok {
		if isDesugared(t.Target) {
			switch name {
			case "$flatMapArray":
				return c.comprehension(t)
			case "$objectFlatMerge":
				return &merge{c.node(t.Arguments.Positional[0].Expr, inner), c.siteOf(t)}
			}
		}
		if n := c.natives[name]; n != nil && len(t.Arguments.Named) == 0 && n.accepts(len(t.Arguments.Positional)) && !t.TailStrict {
			return c.nativeCall(n, t)
		}
	}
	g := newGroup(c.scope)
	n := &apply{target: c.node(t.Target, inner), captures: g.captures, site: c.siteOf(t), position: at, strict: t.TailStrict}
	for _, a := range t.Arguments.Positional {
		n.positional = append(n.positional, c.argument(g, a.Expr))
	}
	for _, a := range t.Arguments.Named {
		n.named = append(n.named, namedArgument{string(a.Name), c.argument(g, a.Arg)})
	}
	return n
}

func (c *compiler) nativeCall(n *native, t *ast.Apply) node {
	g := newGroup(c.scope)
	call := &nativeCall{native: n, captures: g.captures, site: c.siteOf(t)}
	for i, a := range t.Arguments.Positional {
		if n.parameters[i].lazy {
			call.arguments = append(call.arguments, nativeArgument{lazy: c.argument(g, a.Expr)})
			continue
		}
		call.arguments = append(call.arguments, nativeArgument{node: c.node(a.Expr, inner)})
	}
	return call
}

// comprehension compiles the desugared form of [x for ...], calls of flatMapArray with a
// function for each step, to loops.
func (c *compiler) comprehension(t *ast.Apply) node {
	return c.loop(t)
}

func (c *compiler) loop(t *ast.Apply) *loop {
	c.nesting++
	defer func() { c.nesting-- }()
	step := t.Arguments.Positional[0].Expr.(*ast.Function)
	l := &loop{over: c.node(t.Arguments.Positional[1].Expr, inner), site: c.siteOf(t)}
	names, slots := c.mark()
	defer c.reset(names, slots)
	l.slot = c.declare(string(step.Parameters[0].Name))
	body := step.Body
	if branch, ok := body.(*ast.Conditional); ok {
		if none, ok := branch.BranchFalse.(*ast.Array); ok && len(none.Elements) == 0 {
			l.filter, l.filterSite = c.node(branch.Cond, inner), c.siteOf(branch)
			body = branch.BranchTrue
		}
	}
	switch body := body.(type) {
	case *ast.Array:
		if len(body.Elements) == 1 {
			g := newGroup(c.scope)
			l.captures = g.captures
			element := c.argument(g, body.Elements[0].Expr)
			l.element = &element
			return l
		}
	case *ast.Apply:
		if name, ok := c.standardMember(body.Target); ok && name == "$flatMapArray" {
			l.inner = c.loop(body)
			return l
		}
	}
	l.body = c.node(body, inner)
	return l
}

func (c *compiler) objectNode(t *ast.DesugaredObject) node {
	n := c.objectTable(t)
	if n.names == nil {
		n.table.shared = true
		n.table.complete()
		if n.captures.none() {
			n.layer = &layer{fields: n.table}
		}
	}
	return n
}

// objectTable compiles an object literal but does not complete the table of its fields.
func (c *compiler) objectTable(t *ast.DesugaredObject) *objectLiteral {
	n := &objectLiteral{table: &fieldTable{fields: make([]field, len(t.Fields))}, site: c.siteOf(t)}
	known := map[string]bool{}
	for i, f := range t.Fields {
		name, ok := literalString(f.Name)
		if !ok || known[name] {
			// A name that occurs twice is an error when the object is made.
			n.names = make([]node, len(t.Fields))
		}
		known[name] = true
		n.table.fields[i].name = name
	}
	for i := range n.names {
		n.names[i] = c.node(t.Fields[i].Name, inner)
	}
	g := newGroup(c.scope)
	g.object, g.locals = true, len(t.Locals)
	for i, l := range t.Locals {
		g.index[string(l.Variable)] = i
	}
	n.table.locals = make([]*unit, len(t.Locals))
	for i, l := range t.Locals {
		if _, ok := l.Body.(*ast.Self); !ok {
			n.table.locals[i] = c.unit(g, l.Body)
		}
	}
	for i, f := range t.Fields {
		to := &n.table.fields[i]
		to.hide, to.plus = f.Hide, f.PlusSuper
		to.code = c.fieldUnit(g, f.Body)
		if f.PlusSuper {
			to.site = c.siteOf(f.Body)
			to.site.context = &plusContext
		}
		if k, ok := to.code.body.(*constant); ok {
			to.constant = k.value
		}
	}
	for _, a := range t.Asserts {
		n.table.asserts = append(n.table.asserts, c.unit(g, a))
	}
	n.captures = g.captures
	return n
}

// fieldUnit compiles the value of a field. It compiles functions of std when they are first
// used, because most never are.
func (c *compiler) fieldUnit(g *group, tree ast.Node) *unit {
	f, ok := tree.(*ast.Function)
	if !ok || !c.library || g.outer.group.outer != nil {
		return c.unit(g, tree)
	}
	later := *c
	return &unit{body: &deferred{compile: func() node { return (&later).unit(g, f).body }}, site: c.placeOf(tree)}
}

// plusContext is the context of a field with +: in a stack trace.
var plusContext = "+:"
