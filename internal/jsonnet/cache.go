package jsonnet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"sync"
	"weak"

	"github.com/google/go-jsonnet/ast"
	"github.com/google/go-jsonnet/astgen"

	"github.com/mop-platform/mop/internal/budget"
)

// Cache keeps compiled files, so that a file is parsed once, or at most twice, for any
// number of evaluations that import it. A file that only one evaluation has imported is
// freed with its [Result]. A Cache is safe for concurrent use.
type Cache struct {
	natives map[string]*native
	library func() *library
	// profile records the evaluations; nil is none.
	profile *Profile
	// parsers limits the goroutines that parse ahead at a time to one less than there are
	// processors, because the evaluations need one.
	parsers chan struct{}

	// buffers are reused for results: growing a new buffer for each result takes three times
	// the memory.
	buffers sync.Pool

	mu       sync.Mutex
	programs programs
	// shapes are the shapes of sums of objects, by the shapes of the operands: most
	// environments of a project make the same sums. nil is for a sum that only one evaluation
	// has made.
	shapes map[weakShapes]*shape
	// sweep is the number of shapes at which those are deleted whose operands are gone.
	sweep int
}

// mostShapes is the number of shapes that a Cache keeps. With fewer than leastShapes it does
// not look which of them nobody can ask for any more.
const (
	mostShapes  = 1 << 16
	leastShapes = 1 << 6
)

// weakShapes is a shapePair that keeps neither shape alive.
type weakShapes struct{ left, right weak.Pointer[shape] }

// compilation is the code of a file, once it is compiled.
type compilation struct {
	// busy has an element while an evaluation compiles.
	busy chan struct{}
	// known is set with the code or the error, but not if a budget has ended.
	known bool
	code  *unit
	err   error
	// outline has the likely imports of the file.
	outline outline
}

func newCompilation() *compilation { return &compilation{busy: make(chan struct{}, 1)} }

// compile makes the code unless it exists. The error is that of the code, or the cause of
// the end of ctx.
func (p *compilation) compile(ctx context.Context, c *Cache, file programKey, by *profiler) error {
	select {
	case p.busy <- struct{}{}:
	case <-ctx.Done():
		return budget.Of(ctx).Err()
	}
	defer func() { <-p.busy }()
	if p.known {
		return p.err
	}
	code, outline, err := c.compileText(ctx, file.name, file.text, by)
	if spent := (*budget.Exceeded)(nil); errors.As(err, &spent) || err != nil && budget.Of(ctx).Err() != nil {
		// Another evaluation may have a larger budget.
		return err
	}
	p.code, p.outline, p.err, p.known = code, outline, err, true
	return err
}

// DefaultCache is how many bytes of code a Cache keeps by default.
const DefaultCache = 256 << 20

// NewCache returns an empty Cache, which keeps about that many bytes of code at most; 0
// stands for [DefaultCache]. It forgets the file that was not used for the longest time
// first.
func NewCache(bytes int64) *Cache { return newCache(nil, cmp.Or(bytes, DefaultCache)) }

func newCache(p *Profile, bytes int64) *Cache {
	c := &Cache{profile: p, parsers: make(chan struct{}, runtime.GOMAXPROCS(0)-1), natives: standardNatives(), programs: programs{limit: bytes, entries: map[programKey]*cached{}}, shapes: map[weakShapes]*shape{}, sweep: leastShapes}
	c.library = sync.OnceValue(c.compileLibrary)
	for _, n := range c.natives {
		p.follow(n, "std")
	}
	return c
}

// buffer returns a buffer for a result.
func (c *Cache) buffer() *[]byte {
	if b, ok := c.buffers.Get().(*[]byte); ok {
		return b
	}
	return new([]byte)
}

// compileSnippet compiles code that is in no file. The Cache does not keep it.
func (c *Cache) compileSnippet(ctx context.Context, name, code string, by *profiler) (*unit, error) {
	compiled, _, err := c.compileText(ctx, name, code, by)
	return compiled, err
}

func (c *Cache) compileText(ctx context.Context, name, code string, by *profiler) (*unit, outline, error) {
	by.begin()
	if c.profile == nil {
		if p, ok, err := compilePlain(ctx, name, code); ok || err != nil {
			by.end(parsing, name)
			return p, outline{}, err
		}
	}
	tree, err := Parse(ctx, name, code)
	by.end(parsing, name)
	if err != nil {
		return nil, outline{}, err
	}
	p, err := compile(ctx, c.natives, name, tree, c.profile.code(name, tree))
	by.end(compiling, name)
	if err != nil {
		return nil, outline{}, err
	}
	return p, outlineOf(tree), nil
}

// shape returns the shape of o, a sum of objects with the shapes of pair.
func (c *Cache) shape(pair shapePair, o *object) *shape {
	key := weakShapes{weak.Make(pair.left), weak.Make(pair.right)}
	c.mu.Lock()
	s, again := c.shapes[key]
	c.mu.Unlock()
	if s != nil {
		return s
	}
	s = mergedShape(o.flatten())
	c.mu.Lock()
	defer c.mu.Unlock()
	switch known := c.shapes[key]; {
	case known != nil:
		return known
	case again:
		c.shapes[key] = s
	case len(c.shapes) < mostShapes:
		c.shapes[key] = nil
	}
	if len(c.shapes) >= c.sweep {
		maps.DeleteFunc(c.shapes, func(k weakShapes, _ *shape) bool { return k.left.Value() == nil || k.right.Value() == nil })
		c.sweep = max(leastShapes, 2*len(c.shapes))
	}
	return s
}

// library is std: natives, and go-jsonnet's code for the other functions.
type library struct {
	layer *layer
	// written is all of go-jsonnet's code, by name.
	written map[string]*unit
}

// compileLibrary is called when a program first uses std as an object, or a function of
// go-jsonnet's code. Most programs use only natives, by name; small programs would
// otherwise take twice as long.
func (c *Cache) compileLibrary() *library {
	compiler := &compiler{
		natives: c.natives, library: true, meter: &budget.Meter{}, source: sourceOf(astgen.StdAst), scope: &scope{group: newGroup(nil)},
		profiled: c.profile.standard(astgen.StdAst, c.natives),
	}
	code := compiler.objectTable(astgen.StdAst).table
	table := &fieldTable{locals: code.locals, shared: true}
	written := make(map[string]*unit, len(code.fields))
	for _, f := range code.fields {
		written[f.name] = f.code
		if c.natives[f.name] == nil {
			table.fields = append(table.fields, f)
		}
	}
	for _, name := range sortedKeys(c.natives) {
		table.fields = append(table.fields, field{name: name, hide: ast.ObjectFieldHidden, constant: c.natives[name].value})
	}
	return &library{&layer{fields: table.complete()}, written}
}

// library returns std's code.
func (ev *evaluator) library() *library { return ev.cache.library() }

// standard returns std as its own code sees it.
func (ev *evaluator) standard() *object {
	if ev.std == nil {
		ev.profiler.begin()
		ev.std = newObject(ev.library().layer)
		ev.profiler.end(compiling, standardFile)
	}
	return ev.std
}

// stdFor returns std as a file sees it.
func (ev *evaluator) stdFor(file string) *object {
	if o, ok := ev.stdFiles[file]; ok {
		return o
	}
	thisFile := constantField("thisFile", text(validUTF8(file)))
	thisFile.hide = ast.ObjectFieldHidden
	table := &fieldTable{fields: []field{thisFile}}
	o := add(ev.standard(), newObject(&layer{fields: table.complete()}))
	ev.stdFiles[file] = o
	return o
}

// fetch returns the contents and the name of an imported file.
func (ev *evaluator) fetch(from, path string) (Contents, string, error) {
	if ev.importer == nil {
		return Contents{}, "", fmt.Errorf("couldn't open import %#v: no importer", path)
	}
	ev.profiler.begin()
	contents, name, err := callImporter(ev.importer, from, path)
	ev.profiler.end(reading, name)
	return contents, name, err
}

// callImporter calls the importer, and returns a panic of it as an error.
func callImporter(i Importer, from, path string) (contents Contents, name string, err error) {
	if panicked := budget.Guarded(func() { contents, name, err = i.Import(from, path) }); panicked != nil {
		return Contents{}, "", fmt.Errorf("couldn't open import %#v: the importer %w", path, panicked)
	}
	return contents, name, err
}

// importKey is a file that the importer has returned. An importer returns the same contents
// for a file that has not changed.
type importKey struct {
	name     string
	contents Contents
}

func (ev *evaluator) load(from, path string) (*compilation, error) {
	contents, name, err := ev.fetch(from, path)
	if err != nil {
		return nil, err
	}
	key := importKey{name, contents}
	if p := ev.loaded[key]; p != nil {
		return p, nil
	}
	p, err := ev.cache.compileFile(ev.bounds.ctx, programKey{name, contents.String()}, ev.imports, ev.profiler)
	if err == nil {
		ev.loaded[key] = p
		ev.ahead.follow(name, p)
	}
	return p, err
}

// importCode returns the thunk of an imported file, one for all imports of it.
func (ev *evaluator) importCode(n *importing) *thunk {
	p, err := ev.load(n.from, n.path)
	if err != nil {
		ev.importFailed(err, n.site)
	}
	t := ev.imports[p]
	if t == nil {
		t = &thunk{code: p.code}
		ev.imports[p] = t
	}
	return t
}

func (ev *evaluator) importData(n *importing) []byte {
	contents, _, err := ev.fetch(n.from, n.path)
	if err != nil {
		ev.importFailed(err, n.site)
	}
	return contents.Data()
}

// importFailed fails for an import at a site. If a budget is spent, a SourceError has the
// place in the code; any other error comes from the importer, which knows the file.
func (ev *evaluator) importFailed(err error, at *site) {
	var spent *budget.Exceeded
	var inside *SourceError
	switch {
	case !errors.As(err, &spent):
		ev.within(ev.bounds.Err(), at)
	case errors.As(err, &inside):
		panic(thrown{err})
	}
	ev.failOf(at, err)
}
