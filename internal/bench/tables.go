package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// table is a part of the document.
type table struct {
	title string
	make  func() (string, error)
}

func (b *bench) tables() []table {
	return []table{
		{"Against go-jsonnet", b.gates},
		{"Programs", b.programs},
		{"Growth", b.growth},
		{"Environments of one file", b.inlineEnvironments},
		{"What imports a file", b.importers},
	}
}

// evaluation returns a process that evaluates files.
func (b *bench) evaluation(engine, dir string, repeat int, files []string) process {
	paths := []string{filepath.Join(dir, "vendor"), filepath.Join(dir, "lib")}
	args := []string{b.self, evaluateCommand, "-engine", engine, "-path", strings.Join(paths, ":"), "-repeat", fmt.Sprint(repeat)}
	return process{name: engine, args: append(args, files...), printed: true}
}

// export returns a process that runs mop export for the environments of a project.
func (b *bench) export(dir string, env ...string) process {
	// Each run has a new directory, because file systems are slow to create files in a
	// directory from which many have just been removed.
	b.exports++
	out := filepath.Join(b.dir, fmt.Sprintf("out%d-%d", os.Getpid(), b.exports))
	run := 0
	p := process{
		args: []string{b.mop, "export", "", filepath.Join(dir, "environments"), "-r",
			"--format", "{{env.metadata.name}}/{{.kind}}-{{.metadata.name}}"},
		dir: dir, env: env,
	}
	p.prepare = func() error {
		run++
		p.args[2] = fmt.Sprintf("%s-%d", out, run)
		return nil
	}
	return p
}

func mains(dirs []string) []string {
	files := make([]string, len(dirs))
	for i, d := range dirs {
		files[i] = filepath.Join(d, "main.jsonnet")
	}
	return files
}

// slowRounds is how often slow processes run.
const slowRounds = 3

func (b *bench) gates() (string, error) {
	plain, err := b.many(true)
	if err != nil {
		return "", err
	}
	many, err := b.many(false)
	if err != nil {
		return "", err
	}
	command := process{args: []string{b.mop, "eval", "environments/production"}, dir: b.root}
	interpreter := command
	interpreter.args = append(slices.Clone(command.args), "--engine=go-jsonnet")
	// These processes take so little time that they can run more often.
	often := *b
	often.rounds *= 5
	one, err := often.measure(interpreter, command)
	if err != nil {
		return "", err
	}
	mixinDir, entrypoints, err := b.mixins(35)
	if err != nil {
		return "", err
	}
	mixins, err := b.measure(b.evaluation("go-jsonnet", mixinDir, 1, entrypoints), b.evaluation("mop", mixinDir, 1, entrypoints))
	if err != nil {
		return "", err
	}
	var t markdown
	t.row("", "go-jsonnet", "mop", "time", "processor", "memory", "to reach")
	t.line(7)
	compare := func(what string, theirs, ours usage, goal string) {
		t.row(what, theirs.String(), ours.String(), ratio(theirs.wall, ours.wall), ratio(theirs.cpu, ours.cpu), ratio(theirs.memory, ours.memory), goal)
	}
	compare("200 environments of 51 plain objects, values as JSON", plain[0], plain[1], "time 0.03")
	compare("`mop export` of them, against go-jsonnet's values alone", plain[0], plain[2], "time 0.08, 120 MB")
	compare("200 environments of 51 objects, a dozen calls for each", many[0], many[1], "")
	compare("`mop export` of them", many[0], many[2], "")
	compare("`mop eval environments/production`, from start to end", one[0], one[1], "time 0.6")
	compare("35 mixins", mixins[0], mixins[1], "1")
	return t.String() + "\nEach cell: time / processor time / memory; the ratios are mop's share of go-jsonnet's.\n", nil
}

// many measures 200 environments: go-jsonnet, mop and mop export.
func (b *bench) many(plain bool) ([]usage, error) {
	dir, environments, err := b.project(fmt.Sprintf("project-%t", plain), 200, 51, plain)
	if err != nil {
		return nil, err
	}
	theirs := b.evaluation("go-jsonnet", dir, 1, mains(environments))
	theirs.rounds = slowRounds
	return b.measure(theirs, b.evaluation("mop", dir, 1, mains(environments)), b.export(dir))
}

// programs compares the programs for which go-jsonnet needs a millisecond or more.
func (b *bench) programs() (string, error) {
	dir := filepath.Join(b.dir, "programs")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if err := os.CopyFS(dir, programFiles); err != nil {
		return "", err
	}
	var all []string
	for _, pattern := range []string{
		filepath.Join(b.goJsonnet, "builtin-benchmarks/*.jsonnet"), filepath.Join(b.goJsonnet, "testdata/*.jsonnet"),
		filepath.Join(dir, "programs/*.jsonnet"),
	} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		all = append(all, files...)
	}
	mixinDir, entrypoints, err := b.mixins(35)
	if err != nil {
		return "", err
	}
	var t markdown
	t.row("", "go-jsonnet", "mop", "time", "memory")
	t.line(5)
	type row struct {
		name         string
		theirs, ours usage
	}
	var rows []row
	for _, file := range append(all, entrypoints...) {
		at := mixinDir
		if strings.HasSuffix(file, "_cyclic.jsonnet") {
			// This is an endless recursion, which takes hours with a deep stack.
			continue
		}
		first, err := b.evaluation("go-jsonnet", at, 1, []string{file}).run()
		if err != nil || first.wall < time.Millisecond {
			// The program fails or is too short.
			continue
		}
		repeat := max(1, min(40, int(60*time.Millisecond/first.wall)))
		slow := b.evaluation("go-jsonnet", at, repeat, []string{file})
		if first.wall > 2*time.Second {
			slow.rounds = slowRounds
		}
		u, err := b.measure(slow, b.evaluation("mop", at, repeat, []string{file}))
		if err != nil {
			return "", err
		}
		if u[0].wall < time.Millisecond {
			continue
		}
		name := filepath.Base(filepath.Dir(file)) + "/" + filepath.Base(file)
		fmt.Fprintln(os.Stderr, name, u[0].brief(), u[1].brief())
		rows = append(rows, row{name, u[0], u[1]})
	}
	slices.SortFunc(rows, func(x, y row) int {
		return cmp.Compare(float64(y.ours.wall)/float64(y.theirs.wall), float64(x.ours.wall)/float64(x.theirs.wall))
	})
	slower, hungrier := 0, 0
	for _, r := range rows {
		if r.ours.wall > r.theirs.wall {
			slower++
		}
		if float64(r.ours.memory) > 1.3*float64(r.theirs.memory) {
			hungrier++
		}
		t.row(r.name, r.theirs.brief(), r.ours.brief(), ratio(r.theirs.wall, r.ours.wall), ratio(r.theirs.memory, r.ours.memory))
	}
	return fmt.Sprintf("%d programs: %d slower than with go-jsonnet, %d with more than 1.3 times its memory.\n\n", len(rows), slower, hungrier) + t.String(), nil
}

// growth measures mop alone.
func (b *bench) growth() (string, error) {
	var t markdown
	t.row("environments", "objects in each", "processors", "time", "processor time", "memory")
	t.line(6)
	var labels [][3]int
	var processes []process
	add := func(n, objects, processors int) error {
		dir, _, err := b.project(fmt.Sprintf("grow-%d-%d", n, objects), n, objects, false)
		labels = append(labels, [3]int{n, objects, processors})
		processes = append(processes, b.export(dir, fmt.Sprintf("GOMAXPROCS=%d", processors)))
		return err
	}
	all := min(2, runtime.GOMAXPROCS(0))
	for _, n := range []int{1, 50, 100, 200, 400} {
		if err := add(n, 51, all); err != nil {
			return "", err
		}
	}
	for _, objects := range []int{10, 50, 200} {
		if err := add(100, objects, all); err != nil {
			return "", err
		}
	}
	if err := add(200, 51, 1); err != nil {
		return "", err
	}
	usages, err := b.measure(processes...)
	if err != nil {
		return "", err
	}
	for i, u := range usages {
		t.row(fmt.Sprint(labels[i][0]), fmt.Sprint(labels[i][1]), fmt.Sprint(labels[i][2]), seconds(u.wall), seconds(u.cpu), megabytes(u.memory))
	}
	return t.String(), nil
}

// inlineEnvironments measures mop export of files with several environments.
func (b *bench) inlineEnvironments() (string, error) {
	var t markdown
	t.row("environments", "objects in each", "processors", "time", "processor time", "memory")
	t.line(6)
	const objects = 300
	sizes := []int{8, 64}
	var processes []process
	for _, n := range sizes {
		dir, err := b.inline(n, objects)
		if err != nil {
			return "", err
		}
		for _, processors := range []int{1, 2} {
			processes = append(processes, b.export(dir, fmt.Sprintf("GOMAXPROCS=%d", processors)))
		}
	}
	usages, err := b.measure(processes...)
	if err != nil {
		return "", err
	}
	for i, u := range usages {
		t.row(fmt.Sprint(sizes[i/2]), fmt.Sprint(objects), fmt.Sprint(1+i%2), seconds(u.wall), seconds(u.cpu), megabytes(u.memory))
	}
	few, many := usages[:2], usages[2:]
	return t.String() + fmt.Sprintf("\nMemory of %d in the place of %d: %s times as much with one processor, %s with two (to reach: 1.4). Two\nprocessors are %s times as fast as one (to reach: 1.7).\n",
		sizes[1], sizes[0], ratio(few[0].memory, many[0].memory), ratio(few[1].memory, many[1].memory), ratio(many[1].wall, many[0].wall)), nil
}

func ratio[T ~int64](theirs, ours T) string {
	return fmt.Sprintf("%.3g", float64(ours)/float64(theirs))
}

func seconds(d time.Duration) string {
	if d < 100*time.Millisecond {
		return fmt.Sprintf("%.3g ms", 1000*d.Seconds())
	}
	return fmt.Sprintf("%.3g s", d.Seconds())
}

func megabytes(n int64) string { return fmt.Sprintf("%d MB", (n+5e5)/1e6) }

func (u usage) brief() string { return seconds(u.wall) + " / " + megabytes(u.memory) }

func (u usage) String() string {
	return seconds(u.wall) + " / " + seconds(u.cpu) + " / " + megabytes(u.memory)
}

// markdown is a table.
type markdown struct{ strings.Builder }

func (m *markdown) row(cells ...string) { m.WriteString("| " + strings.Join(cells, " | ") + " |\n") }

func (m *markdown) line(n int) { m.WriteString(strings.Repeat("|---", n) + "|\n") }
