// Package hostile tests that the budget bounds everything that the input controls. [Areas]
// is a table of the loops and recursions whose length or depth the input decides, and of
// programs that drive them as far as a stranger can. [Honest] returns large programs that
// mean no harm, which must pass within the same limits.
//
// The tests check the table. Each function in it exists and asks the budget as the table
// says. Each cycle of calls in a package contains a function of the table. A loop over one
// list for each part of another asks the budget or has a reason in [Repeats]. The command
// ends each hostile program within its limits. "make hostile" runs all programs and
// measures them; the ordinary tests run those of [Ordinary].
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

// A Loop is a loop or recursion whose length or depth the input controls. The author of one
// adds a row to its area.
type Loop struct {
	// Func is the package's directory, the type of the receiver if there is one, and the
	// name of the function: "internal/document.decoder.sequence". For a function literal it is
	// the function around it.
	Func string
	// Input is the part of the input that drives it: "nesting", "items of an array", "the
	// width of a format".
	Input string
	// Asks are identifiers that bound it. One of them must be in the function, or in a
	// function of its package that it refers to. "Work", "Reserve", "Wrote" and "Err" are
	// methods of the budget, "Away", "Read" and "Walk" functions of its package. Others are
	// a check or a constant of the package itself: "CheckNesting", "mostDepth".
	Asks []string
	// Programs are the names of the programs that reach it, at least one.
	Programs []string
}

// Bounded is a function that calls itself, directly or through others, and that needs no
// bound of its own although the input controls it.
type Bounded struct {
	// Func is as in a Loop; "*" stands for any type or name.
	Func string
	// By says what bounds it: "values of the decoder, at most 10,000 deep".
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
	// Name is a few words with hyphens, unique in the table. It is the name of a subtest.
	Name string
	// Files are the files of the directory in which the command runs, a project's root.
	Files []File
	// Prepare makes things that Files cannot: links, pipes, a repository. nil makes nothing.
	Prepare func(dir string) error
	// Args are the arguments of the command, without the limits. Stdin is its standard
	// input; nil is empty. Open says that Stdin has no end.
	Args  []string
	Stdin Text
	Open  bool
	// Env are variables of the process's environment, NAME=VALUE. $DIR in them stands for
	// the directory.
	Env []string
	// Exit lists the statuses with which it may end; nil means 2. Unless the status is 0, or
	// 1 of mop diff, the command must print a message with Place.
	Exit []int
	// Place is a text that the message must contain, or several with bars between them, of
	// which it must contain one. A digit must follow a colon at the end of one. "" is
	// "main.jsonnet:". "-" means that the message needs no place, because the fault is in
	// no file.
	Place string
}

// A File has a name, relative to the project's root, and a text. Files in bin/ are
// executable.
type File struct {
	Name string
	Text Text
}

// A Text writes itself, so that one of 100 MB needs no memory. The writer keeps its errors.
type Text func(w *bufio.Writer)

// Write makes the files of the program in dir, and an empty jsonnetfile.json unless there
// is one, which makes dir a project. Then it calls Prepare.
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
			// A writer keeps its first error, and Flush returns it.
			_, _ = w.WriteString(s)
		}
	}
}

// each is make(0) to make(n-1), one after the other.
func each(n int, make func(i int) string) Text {
	return func(w *bufio.Writer) {
		for i := range n {
			_, _ = w.WriteString(make(i))
		}
	}
}

// numbered is n times s. The number of the copy, from 0, replaces # in it.
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

// pipe makes a named pipe to which nobody writes.
func pipe(name string) func(dir string) error {
	return func(dir string) error {
		name := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
		return unix.Mkfifo(name, 0o666)
	}
}

// spread makes n files. The number of the file replaces # in the pattern of its name and in
// its text.
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
