// Bench measures the speed of mop, and compares it with go-jsonnet. Run it in the module's
// root with "make bench": it writes the tables of docs/performance.md. It is no part of
// mop.
//
// Every figure is of a separate process: the time between its start and its end, its
// processor time and its peak memory, from the system. Compared processes take turns, and
// the figures are medians, because the machine may have other work. The programs are
// generated into a temporary directory, the same in every run.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// document is the file with the tables, between two comments.
const document = "docs/performance.md"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
}

func run() error {
	if len(os.Args) > 2 {
		switch os.Args[1] {
		case evaluateCommand:
			return evaluate(os.Args[2:])
		case libraryCommand:
			return writeLibrary(os.Args[2])
		}
	}
	rounds := flag.Int("rounds", 7, "run each program this `N` times, slow ones less often")
	only := flag.String("only", "", "measure only tables whose titles contain `TEXT`")
	write := flag.Bool("write", false, "write the tables to "+document)
	keep := flag.String("keep", "", "generate into the directory `DIR` and keep it")
	flag.Parse()

	dir := *keep
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp(memory(), "mop-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	b, err := newBench(dir, *rounds)
	if err != nil {
		return err
	}
	var all []string
	for _, t := range b.tables() {
		if !strings.Contains(t.title, *only) {
			continue
		}
		text, err := t.make()
		if err != nil {
			return fmt.Errorf("%s: %w", t.title, err)
		}
		text = "## " + t.title + "\n\n" + text
		fmt.Println(text)
		all = append(all, text)
	}
	if *write {
		return writeDocument(strings.Join(all, "\n"))
	}
	return nil
}

// memory returns a directory in the machine's memory, "" if there is none. A disk would
// take longer to create ten thousand files than mop takes for everything else, and a
// different time in each run.
func memory() string {
	const dir = "/dev/shm"
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return ""
	}
	return dir
}

// The comments around the tables in the document.
const (
	tablesBegin = "<!-- make bench writes from here -->\n"
	tablesEnd   = "<!-- to here -->\n"
)

func writeDocument(tables string) error {
	data, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(data), tablesBegin)
	_, after, ended := strings.Cut(rest, tablesEnd)
	if !ok || !ended {
		return errors.New(document + ": no place for the tables")
	}
	return os.WriteFile(document, []byte(before+tablesBegin+"\n"+tables+"\n"+tablesEnd+after), 0o644)
}

// bench has the settings and programs for the tables.
type bench struct {
	rounds int
	// root is the module's directory, dir that of generated files.
	root, dir string
	// self is this program, mop the command.
	self, mop string
	// exports is the number of export processes so far.
	exports int
	// goJsonnet is the directory with the source of go-jsonnet.
	goJsonnet string
	// library is the directory with the library for Kubernetes' objects.
	library string
}

func newBench(dir string, rounds int) (*bench, error) {
	b := &bench{rounds: rounds, dir: dir, mop: filepath.Join(dir, "mop")}
	var err error
	if b.root, err = os.Getwd(); err != nil {
		return nil, err
	}
	if b.self, err = os.Executable(); err != nil {
		return nil, err
	}
	if out, err := exec.Command("go", "build", "-o", b.mop, "./cmd/mop").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build ./cmd/mop: %w\n%s", err, out)
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/google/go-jsonnet").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	b.goJsonnet = strings.TrimSpace(string(out))
	// The peak memory of a process includes that of the process that started it, so this
	// one must take little.
	b.library = filepath.Join(dir, "library")
	if out, err := exec.Command(b.self, libraryCommand, b.library).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", libraryCommand, err, out)
	}
	return b, nil
}
