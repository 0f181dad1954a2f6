package jsonnet

import (
	"fmt"
	"sync"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"
	"github.com/google/go-jsonnet/astgen"
)

// Cache keeps what has been compiled: each text once, however many evaluations
// import it. It is safe for concurrent use.
type Cache struct {
	natives map[string]*native
	library func() *library
	// profile is that of the evaluations; nil is none.
	profile *Profile

	mu       sync.Mutex
	programs map[programKey]*compilation
	// shapes are those of sums of objects, which most environments of a project
	// make the same way.
	shapes map[shapePair]*shape
}

// mostShapes is the number of shapes that a Cache keeps.
const mostShapes = 1 << 16

// programKey is a file and its text: a Cache may outlive a change of the file.
type programKey struct {
	name     string
	contents gojsonnet.Contents
}

// compilation is a program once it is known.
type compilation struct {
	once    sync.Once
	program *program
	err     error
}

// NewCache returns an empty Cache.
func NewCache() *Cache { return newCache(nil) }

func newCache(p *Profile) *Cache {
	c := &Cache{profile: p, natives: standardNatives(), programs: map[programKey]*compilation{}, shapes: map[shapePair]*shape{}}
	c.library = sync.OnceValue(c.compileLibrary)
	for _, n := range c.natives {
		p.follow(n, "std")
	}
	return c
}

// compileSnippet compiles code that is in no file; it is not kept.
func (c *Cache) compileSnippet(name, code string, by *profiler) (*program, error) {
	by.begin()
	tree, err := Parse(name, code)
	by.end(parsing, name)
	if err != nil {
		return nil, err
	}
	p := compile(c.natives, name, tree, c.profile.code(name, tree))
	by.end(compiling, name)
	return p, nil
}

// compileFile compiles a file, or returns what became of it before.
func (c *Cache) compileFile(name string, contents gojsonnet.Contents, by *profiler) (*program, error) {
	key := programKey{name, contents}
	c.mu.Lock()
	p, ok := c.programs[key]
	if !ok {
		p = &compilation{}
		c.programs[key] = p
	}
	c.mu.Unlock()
	p.once.Do(func() { p.program, p.err = c.compileSnippet(name, contents.String(), by) })
	by.waited(name)
	return p.program, p.err
}

// shape returns the shape of o, a sum of objects with the shapes of pair.
func (c *Cache) shape(pair shapePair, o *object) *shape {
	c.mu.Lock()
	s := c.shapes[pair]
	c.mu.Unlock()
	if s == nil {
		s = mergedShape(o.flatten())
		c.mu.Lock()
		if known := c.shapes[pair]; known != nil {
			s = known
		} else if len(c.shapes) < mostShapes {
			c.shapes[pair] = s
		}
		c.mu.Unlock()
	}
	return s
}

// library is std: natives, and go-jsonnet's own code for the rest.
type library struct {
	layer *layer
	// written is all of go-jsonnet's code, by name.
	written map[string]*unit
}

func (c *Cache) compileLibrary() *library {
	compiler := &compiler{
		natives: c.natives, library: true, scope: &scope{group: newGroup(nil)}, profiled: c.profile.standard(astgen.StdAst, c.natives),
	}
	code := compiler.objectNode(astgen.StdAst).(*objectLiteral).table
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

// stdFor returns std as a file sees it.
func (ev *evaluator) stdFor(file string) *object {
	if o, ok := ev.stdFiles[file]; ok {
		return o
	}
	thisFile := constantField("thisFile", text(validUTF8(file)))
	thisFile.hide = ast.ObjectFieldHidden
	table := &fieldTable{fields: []field{thisFile}}
	o := add(ev.std, newObject(&layer{fields: table.complete()}))
	ev.stdFiles[file] = o
	return o
}

// find returns the contents and the name of what is imported.
func (ev *evaluator) fetch(from, path string) (gojsonnet.Contents, string, error) {
	if ev.importer == nil {
		return gojsonnet.Contents{}, "", fmt.Errorf("couldn't open import %#v: no importer", path)
	}
	ev.profiler.begin()
	contents, name, err := ev.importer.Import(from, path)
	ev.profiler.end(reading, name)
	return contents, name, err
}

func (ev *evaluator) load(from, path string) (*program, error) {
	contents, name, err := ev.fetch(from, path)
	if err != nil {
		return nil, err
	}
	return ev.cache.compileFile(name, contents, ev.profiler)
}

// importCode returns the thunk of an imported file, one for all imports of it.
func (ev *evaluator) importCode(n *importing) *thunk {
	p, err := ev.load(n.from, n.path)
	if err != nil {
		ev.fail(n.site, err.Error())
	}
	t, ok := ev.imports[p.file]
	if !ok {
		t = &thunk{code: p.unit}
		ev.imports[p.file] = t
	}
	return t
}

func (ev *evaluator) importData(n *importing) []byte {
	contents, _, err := ev.fetch(n.from, n.path)
	if err != nil {
		ev.fail(n.site, err.Error())
	}
	return contents.Data()
}
