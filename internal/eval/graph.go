package eval

import (
	"cmp"
	"context"
	"io/fs"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/pool"
	"github.com/mop-platform/mop/internal/syntax"
)

// Graph has the files that several evaluations could import, as [Imports] finds them for
// one evaluation. It reads each file once and splits it into tokens, without parsing it. It
// answers questions backwards, from files to the evaluations. It is immutable and safe for
// concurrent use.
type Graph struct {
	files  *Files
	inputs []Input
	nodes  map[nodeKey]*node
	// searches are the imports that go through the search path, by their paths.
	searches map[searched]*lookup
	dirs     map[string]*searchDir
	// paths are the search paths of the inputs, roots the nodes that they begin at.
	paths [][]*searchDir
	roots [][]*node
}

// nodeKey identifies a node. A file that is imported as code and as text has two nodes: as
// text it imports nothing.
type nodeKey struct {
	name string
	code bool
}

// node is a file that was looked for, or code that is in no file.
type node struct {
	nodeKey
	// once guards the results of reading. The text is kept until its imports are known.
	once   sync.Once
	text   string
	status status
	err    error
	// made says that the node is no file. seen says that the imports of its code are known
	// or about to be.
	made, seen bool

	// The imports of the code: files found beside it, names that were looked for there in
	// vain, and searches that go on from there.
	beside   []*node
	missing  []string
	searches []*lookup
	// pattern is the pattern of a glob.
	pattern string
	marked  bool

	// importers are the nodes that find this one beside them.
	importers []*node
	// found are the searches that find this node, with the inputs that they find it for.
	found []foundBy
}

type foundBy struct {
	search *lookup
	inputs bitset
}

// status is the result of looking for a file.
type status uint8

const (
	unknownFile status = iota
	foundFile
	missingFile
	// refusedFile is a file that the source refuses.
	refusedFile
	// failedFile is a file that cannot be read. It ends a search.
	failedFile
)

// searched identifies a search along the search paths. Code that is found is searched for
// imports in turn.
type searched struct {
	path string
	code bool
}

// lookup is the search for an import along the search paths.
type lookup struct {
	searched
	// users are the files with this import.
	users []*node
	// at has the node at the path in a directory, nil for none.
	at map[*searchDir]*node
	// looked is the number of directories of its search path that each input searches in
	// vain: all of them, or those before the directory with the file.
	looked []uint16
}

// searchDir is a directory of a search path. Most of the searched files are missing there,
// and asking for each takes longer than listing the directory once.
type searchDir struct {
	name string
	// once guards entries, the names in it in lower case, and listed, which says that they
	// are known.
	once    sync.Once
	listed  bool
	entries map[string]bool
}

// NewGraph makes the graph of inputs, which must have the same Dir and the same Builtins.
// mark reports whether [Graph.Marked] is to find the evaluations that read a text. It must
// be safe for concurrent use.
//
// The error is that of the budget of ctx. [Graph.Broken] returns the faults of files.
func NewGraph(ctx context.Context, files *Files, inputs []Input, mark func(text string) bool) (*Graph, error) {
	g := &Graph{
		files: files, inputs: inputs, nodes: map[nodeKey]*node{}, searches: map[searched]*lookup{}, dirs: map[string]*searchDir{},
		paths: make([][]*searchDir, len(inputs)), roots: make([][]*node, len(inputs)),
	}
	if len(inputs) == 0 {
		return g, nil
	}
	b := &graphBuilder{Graph: g, ctx: ctx, mark: mark}
	if err := b.build(); err != nil {
		return nil, err
	}
	return g, nil
}

// graphBuilder makes a graph.
type graphBuilder struct {
	*Graph
	ctx  context.Context
	mark func(text string) bool
	mu   sync.Mutex
	// next is the code to be searched for imports, open the searches to be made.
	next []*node
	open []*lookup
}

// parallel calls f with 0 to n-1, in as many goroutines as there are processors. about
// returns the file that f works on.
func (b *graphBuilder) parallel(n int, about func(i int) *node, f func(i int)) error {
	group, _ := pool.NewGroup(b.ctx)
	workers := min(n, runtime.GOMAXPROCS(0))
	ends := make([]error, workers)
	for w := range workers {
		group.Go(func() error {
			for i := w; i < n; i += workers {
				file := about(i).file()
				if err := budget.Of(b.ctx).Err(); err != nil {
					ends[w] = budget.At(file, 1, err)
					return nil
				}
				done := budget.Of(b.ctx).During(file + ":1")
				f(i)
				done()
			}
			return nil
		})
	}
	_ = group.Wait()
	return cmp.Or(ends...)
}

func (b *graphBuilder) build() error {
	for k, in := range b.inputs {
		for _, name := range in.SearchPath {
			b.paths[k] = append(b.paths[k], b.dir(name))
		}
		if in.File != "" {
			b.root(k, b.node(in.File, true))
		} else {
			b.root(k, b.snippet("snippet", in.Snippet))
		}
		for _, vars := range []map[string]Variable{in.ExtVars, in.TLAs} {
			for _, name := range slices.Sorted(maps.Keys(vars)) {
				if code := vars[name].code(); strings.Contains(code, "import") {
					b.root(k, b.snippet("variable "+name, code))
				}
			}
		}
	}
	for len(b.next) > 0 || len(b.open) > 0 {
		nodes := b.next
		b.next = nil
		if err := b.parallel(len(nodes), func(i int) *node { return nodes[i] }, func(i int) { b.look(nodes[i]) }); err != nil {
			return err
		}
		open := b.open
		b.open = nil
		if err := b.parallel(len(open), func(i int) *node { return open[i].users[0] }, func(i int) { b.search(open[i]) }); err != nil {
			return err
		}
	}
	b.finish()
	return nil
}

func (b *graphBuilder) root(k int, n *node) {
	b.roots[k] = append(b.roots[k], n)
	b.see(n)
}

// node returns the node of a file.
func (b *graphBuilder) node(name string, code bool) *node {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := nodeKey{name, code}
	n := b.nodes[key]
	if n == nil {
		n = &node{nodeKey: key}
		b.nodes[key] = n
	}
	return n
}

// snippet returns the node of code that is in no file.
func (b *graphBuilder) snippet(what, code string) *node {
	return b.generated(snippet(what), code, true)
}

// generated returns the node of a given text.
func (b *graphBuilder) generated(name, code string, asCode bool) *node {
	n := b.node(name+"\x00"+code, asCode)
	n.once.Do(func() { n.text, n.status, n.made = code, foundFile, true })
	return n
}

// file returns the name of a node's file.
func (n *node) file() string {
	name, _, _ := strings.Cut(n.name, "\x00")
	return name
}

// see queues n for the search for imports, if it is code.
func (b *graphBuilder) see(n *node) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n.code && !n.seen {
		n.seen = true
		b.next = append(b.next, n)
	}
}

// dir returns the directory of that name.
func (b *graphBuilder) dir(name string) *searchDir {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.dirs[name]
	if d == nil {
		d = &searchDir{name: name}
		b.dirs[name] = d
	}
	return d
}

// mayHold reports whether there may be a file at a path below d.
func (b *graphBuilder) mayHold(d *searchDir, file string) bool {
	d.once.Do(func() { b.list(d) })
	first, _, _ := strings.Cut(file, "/")
	if !d.listed || first == ".." || first == "." || strings.EqualFold(first, ".git") {
		// A source need not list files that it refuses.
		return true
	}
	for i := range len(first) {
		if first[i] >= utf8.RuneSelf {
			// File systems differ about which of these are the same.
			return true
		}
	}
	return d.entries[strings.ToLower(first)]
}

// list reads the names in a directory.
func (b *graphBuilder) list(d *searchDir) {
	source, ok := b.files.source.(interface {
		ReadDir(ctx context.Context, name string) ([]fs.DirEntry, error)
	})
	if !ok {
		return
	}
	entries, err := source.ReadDir(b.ctx, d.name)
	if err != nil && !isMissing(err) {
		return
	}
	d.listed, d.entries = true, make(map[string]bool, len(entries))
	for _, e := range entries {
		d.entries[strings.ToLower(e.Name())] = true
	}
}

// read reads the file of a node.
func (b *graphBuilder) read(n *node) status {
	n.once.Do(func() {
		data, err := b.files.source.ReadFile(b.ctx, n.name)
		switch {
		case err == nil:
			text := string(data)
			n.status, n.marked = foundFile, b.mark(text)
			if n.code {
				n.text = text
			}
		case isMissing(err):
			n.status = missingFile
		case isRefused(err):
			n.status, n.err = refusedFile, err
		default:
			n.status, n.err = failedFile, err
		}
	})
	return n.status
}

// look reads the imports of a file.
func (b *graphBuilder) look(n *node) {
	if b.read(n) != foundFile {
		return
	}
	references, err := references(b.ctx, n.file(), n.text)
	n.text = ""
	if err != nil {
		n.err = err
		return
	}
	for _, r := range references {
		b.follow(n, r)
	}
}

// references returns the imports of code. If the code cannot be split into tokens, the
// fault is the message of the parser.
func references(ctx context.Context, name, code string) ([]syntax.Reference, error) {
	found, err := syntax.Imports(code)
	if err == nil {
		return found, nil
	}
	nodes, err := parseImports(ctx, name, code)
	for _, i := range nodes {
		kind := syntax.ImportStr
		if i.code {
			kind = syntax.Import
		}
		found = append(found, syntax.Reference{Kind: kind, Path: i.path})
	}
	return found, err
}

// follow follows an import of n as long as it leads to the same file in each evaluation.
func (b *graphBuilder) follow(n *node, r syntax.Reference) {
	in := Input{Dir: b.inputs[0].Dir, Builtins: b.inputs[0].Builtins}
	imp := newImporter(b.ctx, b.files, in)
	asCode := r.Kind == syntax.Import
	if code, ok := in.Builtins[r.Path]; ok {
		b.found(n, b.generated(snippet(r.Path), code, asCode))
		return
	}
	if scheme, rest, ok := strings.Cut(r.Path, ":"); ok && schemes[scheme] != nil {
		contents, name, err := imp.generate(n.file(), r.Path, rest, schemes[scheme])
		if err != nil {
			return
		}
		made := b.generated(name, contents.String(), asCode)
		for pattern := range imp.globs {
			b.mu.Lock()
			made.pattern = pattern
			b.mu.Unlock()
		}
		b.found(n, made)
		return
	}
	first := imp.candidates(n.file(), r.Path)[0]
	if path.IsAbs(r.Path) || b.mayHold(b.dir(imp.dir(n.file())), path.Clean(r.Path)) {
		beside := b.node(first, asCode)
		switch b.read(beside) {
		case foundFile:
			b.found(n, beside)
			return
		case missingFile:
			n.missing = append(n.missing, first)
		case failedFile:
			return
		}
	} else {
		n.missing = append(n.missing, first)
	}
	if path.IsAbs(r.Path) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	key := searched{path.Clean(r.Path), asCode}
	s := b.searches[key]
	if s == nil {
		s = &lookup{searched: key, at: map[*searchDir]*node{}}
		b.searches[key] = s
		b.open = append(b.open, s)
	}
	if !slices.Contains(n.searches, s) {
		n.searches = append(n.searches, s)
		s.users = append(s.users, n)
	}
}

// found notes that n imports target.
func (b *graphBuilder) found(n, target *node) {
	n.beside = append(n.beside, target)
	b.see(target)
}

// search looks for a file in the search paths of all inputs.
func (b *graphBuilder) search(s *lookup) {
	s.looked = make([]uint16, len(b.inputs))
	found := map[*node]bitset{}
	for k, dirs := range b.paths {
		for i, d := range dirs {
			n, known := s.at[d]
			if !known {
				if b.mayHold(d, s.path) {
					n = b.node(path.Join(d.name, s.path), s.code)
				}
				s.at[d] = n
			}
			if n == nil {
				s.looked[k] = uint16(i + 1)
				continue
			}
			status := b.read(n)
			if status == foundFile {
				if found[n] == nil {
					found[n] = newBitset(len(b.inputs))
				}
				found[n].set(k)
			}
			if status == foundFile || status == failedFile {
				break
			}
			s.looked[k] = uint16(i + 1)
		}
	}
	for n, inputs := range found {
		b.mu.Lock()
		n.found = append(n.found, foundBy{s, inputs})
		b.mu.Unlock()
		b.see(n)
	}
}

// finish notes the importers of each node.
func (b *graphBuilder) finish() {
	for _, n := range b.nodes {
		for _, target := range n.beside {
			target.importers = append(target.importers, n)
		}
	}
}
