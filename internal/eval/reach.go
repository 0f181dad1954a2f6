package eval

import (
	"context"
	"path"
	"slices"

	"github.com/mop-platform/mop/internal/budget"
	mopjsonnet "github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/pkg/diag"
)

// bitset is a set of inputs.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

func (s bitset) set(i int)      { s[i/64] |= 1 << (i % 64) }
func (s bitset) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

// add adds to s the inputs that are in both other and mask, nil for all. It reports whether
// s lacked any of them.
func (s bitset) add(other, mask bitset) (more bool) {
	for i, word := range other {
		if mask != nil {
			word &= mask[i]
		}
		more = more || word&^s[i] != 0
		s[i] |= word
	}
	return more
}

// reach is a search for the inputs that reach files by their imports.
type reach struct {
	*Graph
	all bitset
	// inputs has for each node the inputs that reach it.
	inputs map[*node]bitset
	next   []*node
	meter  budget.Meter
	// err is the reason why the work has to end.
	err error
}

func (g *Graph) newReach(ctx context.Context) *reach {
	all := newBitset(len(g.inputs))
	for k := range g.inputs {
		all.set(k)
	}
	return &reach{Graph: g, all: all, inputs: map[*node]bitset{}, meter: budget.Of(ctx).Meter()}
}

// work notes work for n inputs, and reports whether the budget allows for more.
func (r *reach) work(n int) bool {
	if r.err == nil {
		r.err = r.meter.Work(n)
	}
	return r.err == nil
}

// add adds those of the inputs that are in mask to the inputs that reach n.
func (r *reach) add(n *node, inputs, mask bitset) {
	if !r.work(64 + len(inputs)) {
		return
	}
	has := r.inputs[n]
	if has == nil {
		has = newBitset(len(r.Graph.inputs))
		r.inputs[n] = has
	}
	if has.add(inputs, mask) {
		r.next = append(r.next, n)
	}
}

// back goes from the added nodes to the evaluations, and reports for each input whether it
// reaches any. The error is that of the budget.
func (r *reach) back() ([]bool, error) {
	for len(r.next) > 0 && r.err == nil {
		n := r.next[len(r.next)-1]
		r.next = r.next[:len(r.next)-1]
		has := r.inputs[n]
		for _, importer := range n.importers {
			r.add(importer, has, nil)
		}
		for _, f := range n.found {
			for _, user := range f.search.users {
				r.add(user, has, f.inputs)
			}
		}
	}
	out := make([]bool, len(r.roots))
	for k, roots := range r.roots {
		out[k] = slices.ContainsFunc(roots, func(n *node) bool { return r.inputs[n] != nil && r.inputs[n].has(k) })
	}
	return out, r.err
}

// Question is a question about files. Its functions are called for many files, by one
// goroutine at a time.
type Question struct {
	// File reports whether the question is about an existing file. Missing reports whether
	// it is about one that does not exist, with the name dir/file; dir may be "." or begin
	// with ../ .
	File    func(name string) bool
	Missing func(dir, file string) bool
	// Glob reports whether an expanded pattern matches a file of the question.
	Glob func(pattern string) bool
}

// Importers reports for each input whether it could read a file of q. The error is that of
// the budget of ctx.
func (g *Graph) Importers(ctx context.Context, q Question) ([]bool, error) {
	r := g.newReach(ctx)
	for _, n := range g.nodes {
		if n.status == foundFile && !n.made && q.File(n.name) || n.pattern != "" && q.Glob(n.pattern) {
			r.add(n, r.all, nil)
		}
		for _, name := range n.missing {
			if q.Missing(path.Dir(name), path.Base(name)) {
				r.add(n, r.all, nil)
			}
		}
	}
	for _, s := range g.searches {
		meant := map[*searchDir]bool{}
		inputs := newBitset(len(g.inputs))
		any := false
		for k, dirs := range g.paths {
			if !r.work(len(dirs)) {
				return nil, r.err
			}
			for _, d := range dirs[:s.looked[k]] {
				is, known := meant[d]
				if !known {
					n := s.at[d]
					is = (n == nil || n.status == missingFile) && q.Missing(d.name, s.path)
					meant[d] = is
				}
				if is {
					inputs.set(k)
					any = true
					break
				}
			}
		}
		if !any {
			continue
		}
		for _, user := range s.users {
			r.add(user, inputs, nil)
		}
	}
	return r.back()
}

// Marked reports for each input whether it could read a marked text. The error is that of
// the budget of ctx.
func (g *Graph) Marked(ctx context.Context) ([]bool, error) {
	r := g.newReach(ctx)
	for _, n := range g.nodes {
		if n.marked {
			r.add(n, r.all, nil)
		}
	}
	return r.back()
}

// Broken returns the faults of the code of files, and those of the inputs' entrypoints. It
// reports for each input whether it could read such a file, because the other imports of
// the file are unknown. Code that has tokens but is no program is not broken; its tokens
// give its imports, see [Graph.Check]. The error is that of the budget of ctx.
func (g *Graph) Broken(ctx context.Context) (found diag.List, inputs []bool, err error) {
	r := g.newReach(ctx)
	for _, n := range g.nodes {
		if n.status == foundFile && n.err != nil {
			r.add(n, r.all, nil)
			found = append(found, g.diagnose(ctx, n.file(), n.err)...)
		}
	}
	if inputs, err = r.back(); err != nil {
		return nil, nil, err
	}
	for k, in := range g.inputs {
		if g.roots[k][0].status == foundFile {
			continue
		}
		inputs[k] = true
		_, err := Imports(ctx, g.files, in)
		l, _ := diag.From(err)
		found = append(found, l...)
	}
	return found.Sorted(), inputs, nil
}

// Check parses the named files that are imported as code, and returns their faults.
func (g *Graph) Check(ctx context.Context, names []string) diag.List {
	var found diag.List
	for _, name := range names {
		n := g.nodes[nodeKey{name, true}]
		if n == nil || n.status != foundFile || n.err != nil {
			continue
		}
		data, err := g.files.source.ReadFile(ctx, name)
		if err == nil {
			_, err = mopjsonnet.Parse(ctx, name, string(data))
		}
		if err != nil {
			found = append(found, g.diagnose(ctx, name, err)...)
		}
	}
	return found.Sorted()
}

// diagnose describes the fault of a file.
func (g *Graph) diagnose(ctx context.Context, name string, err error) diag.List {
	in := Input{File: name}
	run := run{imp: newImporter(ctx, g.files, in), in: in}
	if l, ok := diag.From(run.diagnose(err)); ok {
		return l
	}
	return diag.List{{Subject: name, Problem: err.Error()}}
}
