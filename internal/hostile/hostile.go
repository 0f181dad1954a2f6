// Package hostile holds what the input controls to the budget: [Areas] is the
// table of the loops and recursions whose length or depth the input decides, of
// programs that drive them as far as a stranger can, and of large but honest ones
// that the same limits must let through.
//
// The tests walk the table: a function that it names is there and asks what it is
// said to ask, no cycle of calls in a package goes past it, what goes through one
// list for each part of another asks or has a reason in [Repeats], and the command
// ends each hostile program within its limits. "make hostile" runs all of them and
// measures; the ordinary tests run those of [Ordinary].
package hostile

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A Loop is a loop or recursion whose length or depth the input controls. Whoever
// writes one adds a row for it to the area that it belongs to.
type Loop struct {
	// Func is "pkg/document.decoder.sequence": the package's directory, the type of
	// the receiver if there is one, and the function. Of a function literal it is
	// the function around it.
	Func string
	// Input is what of the input drives it: "nesting", "items of an array",
	// "the width of a format".
	Input string
	// Asks is what bounds it: identifiers, one of which must stand in the function
	// or in one of its package that it calls. "Work", "Reserve", "Wrote" and "Err"
	// are methods of the budget, "Away", "Read" and "Walk" functions of its package; others
	// are a check or a constant of the package itself: "CheckNesting", "mostDepth".
	Asks []string
	// Programs are the names of those that meet it, one at least.
	Programs []string
}

// Bounded is a function that calls itself, or comes back to itself through
// others, as the input says, and needs no bound of its own.
type Bounded struct {
	// Func is as of a Loop; "*" stands for any type or name.
	Func string
	// By tells what bounds it: "values of the decoder, at most 10,000 deep".
	By string
}

// bounded returns a row for each function.
func bounded(by string, funcs ...string) []Bounded {
	var out []Bounded
	for _, f := range funcs {
		out = append(out, Bounded{f, by})
	}
	return out
}

// A Program is one use of the command.
type Program struct {
	// Name is a few words with hyphens; a test has it.
	Name string
	// Files are those of the directory in which the command runs, a project's root.
	Files []File
	// Prepare makes what Files cannot: links, pipes, a repository. nil makes nothing.
	Prepare func(dir string) error
	// Args are the command's, without the limits. Stdin is its standard input, nil
	// is empty; Open says that it has no end.
	Args  []string
	Stdin Text
	Open  bool
	// Env has variables of the process's environment, NAME=VALUE, in which $DIR
	// stands for the directory.
	Env []string
	// Exit lists the statuses with which it may end; none means 2. A status other
	// than 0 needs a message with Place in it, but that of differences.
	Exit []int
	// Place is what the message has to name, one of several between bars. Behind a
	// colon at its end a number must follow; "" is "main.jsonnet:". "-" needs none,
	// where what is wrong stands in no file.
	Place string
}

// A File has a name, relative to the project's root, and a text. What is in bin/
// can be executed.
type File struct {
	Name string
	Text Text
}

// A Text writes itself, so that one of 100 MB needs no memory. Its errors are the
// writer's.
type Text func(w *bufio.Writer)

// Write makes the files of the program in dir, and a jsonnetfile.json, which
// makes it a project.
func (p Program) Write(dir string) error {
	for _, f := range append([]File{{"jsonnetfile.json", text("{}")}}, p.Files...) {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		out, err := os.Create(name)
		if err != nil {
			return err
		}
		if err := f.Text.writeTo(out); err != nil {
			return err
		}
		if err := out.Close(); err != nil {
			return err
		}
		if strings.HasPrefix(f.Name, "bin/") {
			if err := os.Chmod(name, 0o777); err != nil {
				return err
			}
		}
	}
	if p.Prepare != nil {
		return p.Prepare(dir)
	}
	return nil
}

func (t Text) writeTo(w io.Writer) error {
	buffered := bufio.NewWriterSize(w, 1<<16)
	t(buffered)
	return buffered.Flush()
}

func text(s string) Text { return repeat(s, 1) }

func repeat(s string, n int) Text {
	return func(w *bufio.Writer) {
		for range n {
			// A writer that has failed stays so, and Flush tells.
			_, _ = w.WriteString(s)
		}
	}
}

// each writes make(0) to make(n-1).
func each(n int, make func(i int) string) Text {
	return func(w *bufio.Writer) {
		for i := range n {
			_, _ = w.WriteString(make(i))
		}
	}
}

// numbered is each, with # in s as the number.
func numbered(n int, s string) Text {
	return each(n, func(i int) string { return strings.ReplaceAll(s, "#", strconv.Itoa(i)) })
}

func join(texts ...Text) Text {
	return func(w *bufio.Writer) {
		for _, t := range texts {
			t(w)
		}
	}
}

// nested is n times open, then inner, then n times close.
func nested(open, inner, end string, n int) Text {
	return join(repeat(open, n), text(inner), repeat(end, n))
}

func one(name string, t Text) []File { return []File{{name, t}} }

// code is a file main.jsonnet.
func code(t Text) []File { return one("main.jsonnet", t) }

// eval is a program that evaluates the text of main.jsonnet.
func eval(name, source string) Program {
	return Program{Name: name, Files: code(text(source)), Args: []string{"eval", "main.jsonnet"}}
}

func nestedString(open, inner, end string, n int) string {
	return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
}

// chain makes n files, each of which imports the next one.
func chain(n int) func(dir string) error {
	return func(dir string) error {
		for i := range n {
			t := "import '" + strconv.Itoa(i+1) + ".jsonnet'"
			if i == n-1 {
				t = "{}"
			}
			if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)+".jsonnet"), []byte(t), 0o666); err != nil {
				return err
			}
		}
		return nil
	}
}

// links makes symbolic links, each given as its name and its target.
func links(pairs ...string) func(dir string) error {
	return func(dir string) error {
		for i := 0; i < len(pairs); i += 2 {
			name := filepath.Join(dir, filepath.FromSlash(pairs[i]))
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				return err
			}
			if err := os.Symlink(pairs[i+1], name); err != nil {
				return err
			}
		}
		return nil
	}
}

// pipe makes a named pipe, which nobody writes to.
func pipe(name string) func(dir string) error {
	return func(dir string) error {
		name := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		return unix.Mkfifo(name, 0o666)
	}
}

// spread makes n files: their name is the pattern with the number in the place of
// #, in their text too.
func spread(n int, pattern, text string) func(dir string) error {
	return func(dir string) error {
		for i := range n {
			number := strconv.Itoa(i)
			name := filepath.Join(dir, filepath.FromSlash(strings.ReplaceAll(pattern, "#", number)))
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				return err
			}
			if err := os.WriteFile(name, []byte(strings.ReplaceAll(text, "#", number)), 0o666); err != nil {
				return err
			}
		}
		return nil
	}
}
