package eval

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/message"
)

// Importer finds files that are not in a [Source].
type Importer interface {
	// Import returns the name and the content of the file to which path leads in the file
	// named from. The name begins with a scheme, such as "https:", that has an Importer, and
	// equal names have equal contents. Import may panic, and it may be slow: nothing waits
	// for it longer than ctx lasts. It must be safe for concurrent use.
	Import(ctx context.Context, from, path string) (name string, content []byte, err error)
}

// elsewhere has the files that importers find, by their names.
type elsewhere struct {
	asked    answers[asked]
	mu       sync.Mutex
	contents map[string]jsonnet.Contents
}

// asked is a question for an importer: a path in the file from, which is "" for a path that
// means the same in each file.
type asked struct{ from, path string }

// scheme returns the scheme of a path or of the name of a file, if there is an importer for
// it, else "".
func (f *Files) scheme(path string) string {
	scheme, _, ok := strings.Cut(path, ":")
	if !ok || f.importers[scheme+":"] == nil {
		return ""
	}
	return scheme + ":"
}

// fetch returns the contents and the name of a file that the importer for a scheme finds. It
// asks for each path with a scheme once, and for other paths once for each file.
func (f *Files) fetch(ctx context.Context, scheme, from, path string) (jsonnet.Contents, string, error) {
	question := asked{from, path}
	if f.scheme(path) != "" {
		question.from = ""
	}
	found := f.elsewhere.asked.of(ctx, question, func() (string, jsonnet.Contents, error) {
		name, content, err := ask(ctx, f.importers[scheme], from, path)
		if err != nil {
			return "", jsonnet.Contents{}, err
		}
		if f.scheme(name) == "" {
			return "", jsonnet.Contents{}, fmt.Errorf("the importer: want a name that begins with %s, got %s", scheme, message.Quote(name))
		}
		contents, err := f.elsewhere.keep(name, jsonnet.MakeContents(string(content)))
		if err == nil {
			err = checkNesting(name, contents.Data())
		}
		return name, contents, err
	})
	return found.contents, found.name, found.err
}

// keep returns the contents of the named file, which are contents the first time, and the
// same each time.
func (e *elsewhere) keep(name string, contents jsonnet.Contents) (jsonnet.Contents, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	known, ok := e.contents[name]
	if !ok {
		known = contents
		if e.contents == nil {
			e.contents = map[string]jsonnet.Contents{}
		}
		e.contents[name] = known
	}
	if known.String() != contents.String() {
		return jsonnet.Contents{}, fmt.Errorf("the importer: %s has another content than before", message.Quote(name))
	}
	return known, nil
}
