package jsonnet

import (
	"context"
	"weak"
)

// programKey is a file and its text: a Cache outlives changes of files.
type programKey struct{ name, text string }

// programs are the compiled files of a Cache, within a limit of bytes.
type programs struct {
	// limit is how many bytes the entries may take, size how many they take, by the
	// estimate of [cached.bytes].
	limit, size int64
	entries     map[programKey]*cached
	// newest and oldest are the entries that were used last and least recently. They are
	// linked by their fields older and newer.
	newest, oldest *cached
}

// cached is the entry of a file in a Cache.
//
// It keeps no file that only one evaluation imported. Such files are most of the code of
// many projects: 35 libraries of dashboards and alerts take a third of the memory that they
// would take if they were kept.
type cached struct {
	key    programKey
	latest weak.Pointer[compilation]
	// used is set once an evaluation has used latest. From the second one on, kept is latest.
	used bool
	kept *compilation

	older, newer *cached
}

// codeSize is about how many bytes the code for a byte of text takes, and entrySize how
// many an entry takes besides its text.
const (
	codeSize  = 45
	entrySize = 300
)

// bytes returns about how many bytes the entry keeps.
func (k *cached) bytes() int64 {
	n := int64(len(k.key.text))
	if k.kept != nil {
		n += codeSize * n
	}
	return entrySize + n
}

// use returns the entry of a file, which becomes the newest one.
func (p *programs) use(key programKey) *cached {
	k := p.entries[key]
	if k == nil {
		k = &cached{key: key}
		p.entries[key] = k
		p.size += k.bytes()
	} else {
		p.unlink(k)
	}
	k.older, k.newer = p.newest, nil
	if p.newest != nil {
		p.newest.newer = k
	}
	p.newest = k
	if p.oldest == nil {
		p.oldest = k
	}
	return k
}

func (p *programs) unlink(k *cached) {
	if k.newer != nil {
		k.newer.older = k.older
	} else {
		p.newest = k.older
	}
	if k.older != nil {
		k.older.newer = k.newer
	} else {
		p.oldest = k.newer
	}
}

// keep keeps the code of an entry, unless it is larger than the limit.
func (p *programs) keep(k *cached, code *compilation) {
	p.size -= k.bytes()
	k.kept = code
	if k.bytes() > p.limit {
		k.kept = nil
	}
	p.size += k.bytes()
}

// shrink forgets the oldest entries until the limit holds, but not the newest one.
func (p *programs) shrink() {
	for p.size > p.limit && p.oldest != p.newest {
		k := p.oldest
		p.unlink(k)
		delete(p.entries, k.key)
		p.size -= k.bytes()
	}
}

// compileFile returns the compilation of a file, a new or an earlier one, for an evaluation
// with some imports.
func (c *Cache) compileFile(ctx context.Context, key programKey, imports map[*compilation]*thunk, by *profiler) (*compilation, error) {
	p := c.compilation(key, imports)
	err := p.compile(ctx, c, key, by)
	by.waited(key.name)
	return p, err
}

func (c *Cache) compilation(key programKey, imports map[*compilation]*thunk) *compilation {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.programs.use(key)
	p := known.compilation()
	if _, again := imports[p]; !again && known.used && known.kept == nil {
		c.programs.keep(known, p)
	}
	known.used = true
	c.programs.shrink()
	return p
}

// compilation returns the compilation of the file, a new one if there is none.
func (k *cached) compilation() *compilation {
	if k.kept != nil {
		return k.kept
	}
	p := k.latest.Value()
	if p == nil {
		p = newCompilation()
		k.latest = weak.Make(p)
	}
	return p
}

// Contents returns the text of a file as the Cache keeps it, if an evaluation has imported
// this text as code: the text need not be kept twice.
func (c *Cache) Contents(name string, text []byte) (contents Contents, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry := c.programs.entries[programKey{name, string(text)}]
	if entry == nil {
		return Contents{}, false
	}
	return MakeContents(entry.key.text), true
}

// peek returns the compilation of a file. It does not count as a use by an evaluation.
func (c *Cache) peek(key programKey) *compilation {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.programs.shrink()
	return c.programs.use(key).compilation()
}
