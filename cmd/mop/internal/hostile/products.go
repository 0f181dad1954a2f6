package hostile

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A Product is a loop over one list inside the loop over another, which takes the product
// of their lengths in time. It is no product if the inner loop is over a part of the outer
// loop's item, such as the fields of each object. Then the time grows only with the input,
// and the limit of memory bounds the input. A recursion that calls another recursion is a
// product too, such as a walk through a tree at each node of it.
type Product struct {
	// Func is the function, as in a [Loop].
	Func string
	// Over is the list of the inner loop, or the called recursion; Line is its line.
	Over string
	Line int
	// Asks says that the outer loop, or a function that it calls, asks the budget.
	Asks bool
}

func (p Product) String() string { return fmt.Sprintf("%s:%d: %s", p.Func, p.Line, p.Over) }

// body is the declaration of a function.
type body struct {
	name string
	decl *ast.FuncDecl
	info *types.Info
	fset *token.FileSet
	// params are the receiver and the parameters.
	params []*types.Var
	// walks has the parameters that the function loops over, by their index in params. Each
	// has the paths of the fields that are looped over, "" for the parameter itself.
	walks map[int]map[string]bool
}

func newBody(name string, f *types.Func, decl *ast.FuncDecl, info *types.Info, fset *token.FileSet) *body {
	s := &body{name: name, decl: decl, info: info, fset: fset, walks: map[int]map[string]bool{}}
	if recv := f.Signature().Recv(); recv != nil {
		s.params = append(s.params, recv)
	}
	for v := range f.Signature().Params().Variables() {
		s.params = append(s.params, v)
	}
	return s
}

// goesThrough reports whether a function of the standard library loops over its first
// argument.
func goesThrough(f *types.Func) bool {
	if f.Pkg() == nil {
		return false
	}
	switch f.Pkg().Path() {
	case "slices":
		switch f.Name() {
		case "BinarySearch", "BinarySearchFunc", "Grow", "Clip":
			return false
		}
		return true
	case "maps":
		return true
	case "strings", "bytes":
		switch f.Name() {
		case "HasPrefix", "HasSuffix", "TrimPrefix", "TrimSuffix", "NewReader", "NewReplacer", "CutPrefix", "CutSuffix", "TrimLeft", "TrimRight", "TrimSpace", "Trim":
			return false
		}
		return f.Signature().Recv() == nil
	case "sort":
		return true
	}
	return false
}

// pathOf returns the variable of which an expression is a part, and the path of fields from
// the variable to it. The variable is nil if there is none.
func pathOf(e ast.Expr, info *types.Info) (root *types.Var, fields string) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return pathOf(e.X, info)
	case *ast.StarExpr:
		return pathOf(e.X, info)
	case *ast.UnaryExpr:
		return pathOf(e.X, info)
	case *ast.Ident:
		v, _ := info.Uses[e].(*types.Var)
		return v, ""
	case *ast.SelectorExpr:
		if _, ok := info.Selections[e]; !ok {
			return nil, ""
		}
		root, fields = pathOf(e.X, info)
		return root, fields + "." + e.Sel.Name
	case *ast.SliceExpr:
		return pathOf(e.X, info)
	case *ast.IndexExpr:
		return pathOf(e.X, info)
	case *ast.CallExpr:
		// This is a conversion, or a method that returns a part.
		if len(e.Args) == 1 {
			if tv, ok := info.Types[e.Fun]; ok && tv.IsType() {
				return pathOf(e.Args[0], info)
			}
		}
		if s, ok := e.Fun.(*ast.SelectorExpr); ok && info.Selections[s] != nil {
			root, fields = pathOf(s.X, info)
			return root, fields + "." + s.Sel.Name + "()"
		}
	}
	return nil, ""
}

func static(e ast.Expr, info *types.Info) *types.Func {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		f, _ := info.Uses[e].(*types.Func)
		return f
	case *ast.SelectorExpr:
		f, _ := info.Uses[e.Sel].(*types.Func)
		return f
	case *ast.IndexExpr:
		return static(e.X, info)
	}
	return nil
}

// sized reports whether the input can decide how many parts a value of a type has.
func sized(t types.Type) bool {
	if t == nil {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Slice, *types.Map, *types.Chan:
		return true
	case *types.Basic:
		return u.Info()&types.IsString != 0
	case *types.Signature, *types.Interface, *types.Pointer, *types.Struct:
		return true
	}
	return false
}

// walked calls f with each expression below n that is looped over: by a range, by a
// function of the standard library or by one of the module.
func (g *Graph) walked(s *body, n ast.Node, f func(at ast.Node, e ast.Expr, what string)) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.RangeStmt:
			if sized(s.info.TypeOf(n.X)) {
				f(n, n.X, "")
			}
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && n.Ellipsis.IsValid() && id.Name == "append" {
				f(n, n.Args[1], "")
				return true
			}
			called := static(n.Fun, s.info)
			if called == nil {
				return true
			}
			if goesThrough(called) && len(n.Args) > 0 {
				// maps.Copy loops over its last argument.
				f(n, n.Args[min(len(n.Args)-1, strings.Count(called.Name(), "Copy"))], "")
				return true
			}
			for _, callee := range g.callees(called) {
				args := n.Args
				if called.Signature().Recv() != nil {
					if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok {
						args = append([]ast.Expr{sel.X}, args...)
					}
				}
				for i, fields := range callee.walks {
					if i < len(args) {
						for _, field := range sortedKeys(fields) {
							f(n, args[i], field)
						}
					}
				}
			}
		}
		return true
	})
}

func sortedKeys(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func (g *Graph) callees(f *types.Func) []*body {
	f = f.Origin()
	if f.Pkg() == nil {
		return nil
	}
	short := strings.TrimPrefix(f.Pkg().Path(), module+"/")
	if s := g.sources[short+"."+nameOf(f)]; s != nil {
		return []*body{s}
	}
	return nil
}

// summarize finds the parameters that each function loops over, itself or through the
// functions that it calls, up to one call away.
func (g *Graph) summarize() {
	for range 2 {
		walks := map[*body]map[int]map[string]bool{}
		for _, s := range g.sources {
			walks[s] = map[int]map[string]bool{}
			g.walked(s, s.decl.Body, func(_ ast.Node, e ast.Expr, what string) {
				root, fields := pathOf(e, s.info)
				i := slices.Index(s.params, root)
				if root == nil || i < 0 {
					return
				}
				if walks[s][i] == nil {
					walks[s][i] = map[string]bool{}
				}
				walks[s][i][fields+what] = true
			})
		}
		for s, w := range walks {
			s.walks = w
		}
	}
}

// given returns the variables that differ in each iteration of a loop: the seeds, which the
// loop declares, and variables of its body whose values come from them.
func given(s *body, body ast.Node, seeds []*types.Var) map[*types.Var]bool {
	dep := map[*types.Var]bool{}
	for _, v := range seeds {
		dep[v] = true
	}
	inside := func(v *types.Var) bool { return v.Pos() >= body.Pos() && v.Pos() < body.End() }
	mark := func(id ast.Expr, from bool) bool {
		i, ok := id.(*ast.Ident)
		if !ok || !from {
			return false
		}
		v, _ := cmp.Or(s.info.Defs[i], s.info.Uses[i]).(*types.Var)
		if v == nil || dep[v] || !inside(v) {
			return false
		}
		dep[v] = true
		return true
	}
	for changed := true; changed; {
		changed = false
		ast.Inspect(body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				from := false
				for _, r := range n.Rhs {
					from = from || mentions(r, s.info, dep)
				}
				for _, l := range n.Lhs {
					changed = mark(l, from) || changed
					// A variable that is set to a part of itself is consumed.
					if i, ok := l.(*ast.Ident); ok && len(n.Rhs) == 1 {
						v, _ := s.info.Uses[i].(*types.Var)
						if v != nil && !dep[v] && consumes(n.Rhs[0], v, s.info) {
							dep[v] = true
							changed = true
						}
					}
				}
			case *ast.RangeStmt:
				from := mentions(n.X, s.info, dep)
				if n.Key != nil {
					changed = mark(n.Key, from) || changed
				}
				if n.Value != nil {
					changed = mark(n.Value, from) || changed
				}
			case *ast.ValueSpec:
				from := false
				for _, r := range n.Values {
					from = from || mentions(r, s.info, dep)
				}
				for _, l := range n.Names {
					changed = mark(l, from) || changed
				}
			case *ast.TypeSwitchStmt:
				if a, ok := n.Assign.(*ast.AssignStmt); ok && mentions(a.Rhs[0], s.info, dep) {
					for _, c := range n.Body.List {
						if v, ok := s.info.Implicits[c].(*types.Var); ok && !dep[v] {
							dep[v], changed = true, true
						}
					}
				}
			case *ast.FuncLit:
				// The caller sets the parameters anew in each call.
				for _, field := range n.Type.Params.List {
					for _, name := range field.Names {
						changed = mark(name, true) || changed
					}
				}
			}
			return true
		})
	}
	return dep
}

func consumes(e ast.Expr, v *types.Var, info *types.Info) bool {
	switch e := e.(type) {
	case *ast.SliceExpr:
		root, fields := pathOf(e, info)
		return root == v && fields == ""
	case *ast.CallExpr:
		for _, a := range e.Args {
			if id, ok := a.(*ast.Ident); ok && info.Uses[id] == v {
				return static(e.Fun, info) != nil
			}
		}
	}
	return false
}

func mentions(e ast.Node, info *types.Info, set map[*types.Var]bool) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if v, ok := info.Uses[id].(*types.Var); ok && set[v] {
				found = true
			}
		}
		return !found
	})
	return found
}

// Products returns the products of all functions, sorted.
func (g *Graph) Products() []Product {
	g.summarize()
	seen := map[Product]bool{}
	var out []Product
	for _, s := range g.sources {
		in := func(loop, body ast.Node, seeds []*types.Var) {
			dep := given(s, body, seeds)
			asks := g.asks(s.info, loop, 2)
			g.walked(s, body, func(at ast.Node, e ast.Expr, what string) {
				// A slice of a list is a part of the same list, whatever its bounds.
				for sliced, ok := e.(*ast.SliceExpr); ok; sliced, ok = e.(*ast.SliceExpr) {
					e = sliced.X
				}
				if mentions(e, s.info, dep) || fixed(e, s.info) {
					return
				}
				root, fields := pathOf(e, s.info)
				if root == nil {
					return
				}
				if root.Parent() == root.Pkg().Scope() {
					return
				}
				if root.Pos() >= body.Pos() && root.Pos() < body.End() {
					return
				}
				p := Product{Func: s.name, Over: root.Name() + fields + what, Line: s.fset.Position(at.Pos()).Line, Asks: asks}
				if !seen[p] {
					seen[p] = true
					out = append(out, p)
				}
			})
		}
		ast.Inspect(s.decl.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.RangeStmt:
				if !sized(s.info.TypeOf(n.X)) || fixed(n.X, s.info) {
					return true
				}
				var seeds []*types.Var
				for _, e := range []ast.Expr{n.Key, n.Value} {
					if id, ok := e.(*ast.Ident); ok {
						if v, ok := cmp.Or(s.info.Defs[id], s.info.Uses[id]).(*types.Var); ok {
							seeds = append(seeds, v)
						}
					}
				}
				in(n, n.Body, seeds)
			case *ast.ForStmt:
				var seeds []*types.Var
				for _, part := range []ast.Node{n.Init, n.Post} {
					if a, ok := part.(*ast.AssignStmt); ok && a != nil {
						for _, l := range a.Lhs {
							if id, ok := l.(*ast.Ident); ok {
								if v, ok := cmp.Or(s.info.Defs[id], s.info.Uses[id]).(*types.Var); ok {
									seeds = append(seeds, v)
								}
							}
						}
					}
				}
				in(n, n.Body, seeds)
			}
			return true
		})
	}
	out = append(out, g.walks()...)
	slices.SortFunc(out, func(a, b Product) int {
		return cmp.Or(cmp.Compare(a.Func, b.Func), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Over, b.Over))
	})
	return out
}

// questions are the names of functions that ask the budget, or a caller, whether to go on.
var questions = map[string]bool{"Work": true, "work": true, "Reserve": true, "Wrote": true, "Err": true, "Away": true, "push": true, "descend": true}

// asks reports whether a part of a function asks the budget, itself or through functions
// that are up to away calls away.
func (g *Graph) asks(info *types.Info, part ast.Node, away int) bool {
	found := false
	ast.Inspect(part, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || found {
			return !found
		}
		f, ok := info.Uses[id].(*types.Func)
		if !ok {
			return true
		}
		if questions[f.Name()] {
			found = true
			return false
		}
		if away > 0 {
			for _, callee := range g.callees(f) {
				found = found || g.asks(callee.info, callee.decl.Body, away-1)
			}
		}
		return !found
	})
	return found
}

// walks returns the recursions that call another recursion.
func (g *Graph) walks() []Product {
	set := map[string]int{}
	for i, cycle := range g.Cycles(func(string) bool { return false }) {
		for _, name := range cycle {
			set[name] = i + 1
		}
	}
	var out []Product
	for name := range set {
		s := g.sources[name]
		for callee := range g.funcs[name].refers {
			if set[callee] != 0 && set[callee] != set[name] {
				out = append(out, Product{Func: name, Over: callee, Line: s.fset.Position(s.decl.Pos()).Line, Asks: g.asks(s.info, s.decl.Body, 1)})
			}
		}
	}
	return out
}

// fixed reports whether the code, not the input, decides how many parts an expression has.
func fixed(e ast.Expr, info *types.Info) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit, *ast.BasicLit:
		return true
	case *ast.Ident:
		if v, ok := info.Uses[e].(*types.Var); ok && v.Pkg() != nil {
			return v.Parent() == v.Pkg().Scope()
		}
		_, ok := info.Uses[e].(*types.Const)
		return ok
	}
	_, ok := info.TypeOf(e).(*types.Array)
	return ok
}
