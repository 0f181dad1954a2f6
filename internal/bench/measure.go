package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage is the time and memory that a process took.
type usage struct {
	wall, cpu time.Duration
	// memory is the peak of the resident memory, in bytes.
	memory int64
}

// process is a process to be measured.
type process struct {
	name string
	args []string
	dir  string
	env  []string
	// rounds is how often it runs; 0 means in all rounds.
	rounds int
	// prepare is called before each run.
	prepare func() error
	// printed says that the process prints its wall time in seconds, without the start of
	// the process.
	printed bool
}

func (p process) run() (usage, error) {
	if p.prepare != nil {
		if err := p.prepare(); err != nil {
			return usage{}, err
		}
	}
	cmd := exec.Command(p.args[0], p.args[1:]...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), p.env...)
	var out, errors bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errors
	begin := time.Now()
	err := cmd.Run()
	u := usage{wall: time.Since(begin)}
	if err != nil {
		return u, fmt.Errorf("%s: %w\n%.1000s", strings.Join(p.args[:2], " "), err, errors.String())
	}
	if p.printed {
		seconds, err := strconv.ParseFloat(strings.TrimSpace(out.String()), 64)
		if err != nil {
			return u, err
		}
		u.wall = time.Duration(seconds * float64(time.Second))
	}
	state := cmd.ProcessState
	u.cpu = state.UserTime() + state.SystemTime()
	u.memory = state.SysUsage().(*syscall.Rusage).Maxrss << 10
	return u, nil
}

// measure runs the processes in turns and returns the medians for each.
func (b *bench) measure(processes ...process) ([]usage, error) {
	all := make([][]usage, len(processes))
	for round := range b.rounds {
		for i, p := range processes {
			if p.rounds > 0 && round >= p.rounds {
				continue
			}
			u, err := p.run()
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], u)
		}
	}
	medians := make([]usage, len(processes))
	for i, us := range all {
		medians[i] = usage{
			wall:   median(us, func(u usage) time.Duration { return u.wall }),
			cpu:    median(us, func(u usage) time.Duration { return u.cpu }),
			memory: median(us, func(u usage) int64 { return u.memory }),
		}
	}
	return medians, nil
}

func median[T ~int64](us []usage, of func(usage) T) T {
	values := make([]T, len(us))
	for i, u := range us {
		values[i] = of(u)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
