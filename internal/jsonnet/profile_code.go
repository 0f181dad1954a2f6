package jsonnet

import (
	"github.com/google/go-jsonnet/ast"
	"github.com/google/go-jsonnet/toolutils"
)

// standardFile is the name of the file with the functions of std.
const standardFile = "<std>"

// profiledCode is a file that is compiled for a profile. nil is for no profile.
type profiledCode struct {
	profile *Profile
	file    string
	members map[ast.Node]*profiled
	// within is the function that contains the code that is being compiled.
	within *profiled
}

// code returns the functions of a file.
func (p *Profile) code(file string, tree ast.Node) *profiledCode {
	if p == nil {
		return nil
	}
	c := &profiledCode{profile: p, file: file, members: map[ast.Node]*profiled{}}
	c.within = &profiled{function: p.function(file, 1, "(file)"), line: 1}
	c.walk(tree, true)
	return c
}

// walk finds the functions in a tree and, outside of them, the outermost fields
// and locals.
func (c *profiledCode) walk(tree ast.Node, outside bool) {
	switch t := tree.(type) {
	case *ast.Function:
		c.function(t, "function", t.Loc())
		return
	case *ast.Local:
		for i := range t.Binds {
			c.member(string(t.Binds[i].Variable), t.Binds[i].Body, &t.Binds[i].LocRange, outside)
		}
		c.walk(t.Body, outside)
		return
	case *ast.DesugaredObject:
		for i := range t.Locals {
			c.member(string(t.Locals[i].Variable), t.Locals[i].Body, &t.Locals[i].LocRange, outside)
		}
		for i := range t.Fields {
			f := &t.Fields[i]
			c.walk(f.Name, outside)
			name, ok := literalString(f.Name)
			if !ok {
				name = "[computed]"
			}
			c.member(name, f.Body, &f.LocRange, outside)
		}
		for _, a := range t.Asserts {
			c.walk(a, outside)
		}
		return
	}
	for _, child := range toolutils.Children(tree) {
		c.walk(child, outside)
	}
}

// member is walk for the value of a field or local.
func (c *profiledCode) member(name string, body ast.Node, at *ast.LocationRange, outside bool) {
	switch f, ok := body.(*ast.Function); {
	case ok:
		c.function(f, name, at)
		return
	case outside:
		line := firstLine(at, body.Loc())
		c.members[body] = &profiled{function: c.profile.function(c.file, line, name), line: line}
	}
	c.walk(body, false)
}

func (c *profiledCode) function(f *ast.Function, name string, at *ast.LocationRange) {
	line := firstLine(at, f.Loc(), f.Body.Loc())
	c.members[f.Body] = &profiled{function: c.profile.function(c.file, line, name), line: f.Body.Loc().Begin.Line, call: true}
	for _, p := range f.Parameters {
		if p.DefaultArg != nil {
			c.walk(p.DefaultArg, false)
		}
	}
	c.walk(f.Body, false)
}

// firstLine returns the line of the first location that is set: the desugarer drops some.
func firstLine(locations ...*ast.LocationRange) int {
	for _, at := range locations {
		if at.IsSet() {
			return at.Begin.Line
		}
	}
	return 1
}

// standard returns the functions of std. A function that has a native counts as the native.
func (p *Profile) standard(tree ast.Node, natives map[string]*native) *profiledCode {
	if p == nil {
		return nil
	}
	c := &profiledCode{profile: p, file: standardFile, members: map[ast.Node]*profiled{}}
	c.within = &profiled{function: p.function(standardFile, 0, "std")}
	for _, f := range tree.(*ast.DesugaredObject).Fields {
		name, _ := literalString(f.Name)
		if t, ok := f.Body.(*ast.Function); ok {
			c.members[t.Body] = &profiled{function: p.function(standardFile, 0, "std."+name), call: natives[name] == nil}
		}
	}
	return c
}

// inside returns c for the code of a tree.
func (c *profiledCode) inside(tree ast.Node) *profiledCode {
	if c == nil || c.members[tree] == nil {
		return c
	}
	in := *c
	in.within = c.members[tree]
	return &in
}

// unit returns the code of a tree such that the profiler follows it.
func (c *profiledCode) unit(u *unit, tree ast.Node) *unit {
	if c == nil {
		return u
	}
	switch u.body.(type) {
	case *constant, *closure:
		return u
	}
	code := &profiled{function: c.within.function, line: tree.Loc().Begin.Line}
	if c.members[tree] != nil {
		code = c.within
	}
	u.body = &followed{code, u.body}
	u.height++
	return u
}

// followed is code that the profiler follows.
type followed struct {
	code *profiled
	body node
}

func (n *followed) eval(ev *evaluator, f *frame) value {
	var at *site
	if ev.depth > 0 {
		at = ev.calls[ev.depth-1]
	}
	ev.profiler.enter(n.code, at)
	v := n.body.eval(ev, f)
	ev.profiler.leave()
	return v
}

// follow makes the profiler follow a native of a library.
func (p *Profile) follow(n *native, library string) *native {
	if p == nil {
		return n
	}
	code := &profiled{function: p.function(standardFile, 0, library+"."+n.name), call: true}
	run := n.run
	n.run = func(ev *evaluator, a []value, at *site) value {
		ev.profiler.enter(code, at)
		v := run(ev, a, at)
		ev.profiler.leave()
		return v
	}
	return n
}
