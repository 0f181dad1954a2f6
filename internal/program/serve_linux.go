package program

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"
)

// Serve runs the process of a guard, until the process that started it is gone and the
// programs have ended.
func Serve() error {
	unix.CloseOnExec(guardFD)
	conn, err := connOf(os.NewFile(guardFD, "guard"))
	if err != nil {
		return fmt.Errorf("guard: %w", err)
	}
	// Processes whose parent is gone become our children.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("guard: %w", os.NewSyscallError("prctl", err))
	}
	var s server
	for {
		c, files, err := receive(conn)
		if err != nil {
			s.wait.Wait()
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("guard: %w", err)
		}
		s.wait.Go(func() { s.run(c, files) })
	}
}

// server holds the programs of a guard.
type server struct {
	wait sync.WaitGroup

	mu sync.Mutex
	// running is the number of programs. If it is 0, all our children are remains of
	// programs.
	running int
}

// receive reads a request.
func receive(conn *net.UnixConn) (c Command, files []*os.File, err error) {
	header, rights := make([]byte, 4), make([]byte, unix.CmsgSpace(4*4))
	n, nr, _, _, err := conn.ReadMsgUnix(header, rights)
	if err != nil {
		return c, nil, err
	}
	if _, err := io.ReadFull(conn, header[n:]); err != nil {
		return c, nil, err
	}
	messages, err := unix.ParseSocketControlMessage(rights[:nr])
	if err != nil {
		return c, nil, err
	}
	for _, m := range messages {
		fds, err := unix.ParseUnixRights(&m)
		if err != nil {
			return c, nil, err
		}
		for _, fd := range fds {
			files = append(files, os.NewFile(uintptr(fd), "request"))
		}
	}
	if len(files) != 4 {
		return c, nil, fmt.Errorf("want 4 descriptors, got %d", len(files))
	}
	body := make([]byte, binary.BigEndian.Uint32(header))
	if _, err := io.ReadFull(conn, body); err != nil {
		return c, nil, err
	}
	var r request
	err = json.Unmarshal(body, &r)
	return Command{Path: r.Path, Args: r.Args, Env: r.Env, Dir: r.Dir}, files, err
}

// run runs a program until nothing is left of it.
func (s *server) run(c Command, files []*os.File) {
	std := [3]*os.File(files[:3])
	socket, err := connOf(files[3])
	if err != nil {
		closeAll(std)
		return
	}
	defer socket.Close()
	// It does not matter if nobody reads the answers.
	answers := json.NewEncoder(socket)
	s.mu.Lock()
	ch, err := c.spawn(std)
	if err == nil {
		s.running++
	}
	s.mu.Unlock()
	closeAll(std)
	if err != nil {
		_ = answers.Encode(answer{Error: err.Error()})
		return
	}
	_ = answers.Encode(answer{})
	go func() {
		_, _ = io.Copy(io.Discard, socket)
		ch.end()
	}()
	<-ch.exited
	_ = answers.Encode(answer{})
	<-ch.gone
	s.mu.Lock()
	if s.running--; s.running == 0 {
		endChildren()
	}
	s.mu.Unlock()
	_ = answers.Encode(answer{Status: ch.status})
}

// endChildren kills all children of this process, then the processes that have become its
// children by this, and so on. The system does not reuse the number of a child until this
// process waits for it.
func endChildren() {
	// Mostly there are none, and looking for them takes longer than most programs run.
	options := unix.WNOHANG
	for {
		if _, err := unix.Wait4(-1, nil, options, nil); errors.Is(err, unix.ECHILD) {
			return
		}
		numbers := children()
		for _, pid := range numbers {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
		options = 0
		if len(numbers) == 0 {
			// A process may have become a child just now.
			options = unix.WNOHANG
		}
	}
}

// children returns the numbers of this process's children.
func children() []int {
	self := []byte(strconv.Itoa(unix.Getpid()))
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var numbers []int
	for _, stat := range stats {
		data, err := os.ReadFile(stat)
		if err != nil {
			continue
		}
		// "<pid> (<name>) <state> <parent> ...", where the name may hold anything:
		// proc_pid_stat(5).
		fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
		if len(fields) < 2 || !bytes.Equal(fields[1], self) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(stat))); err == nil {
			numbers = append(numbers, pid)
		}
	}
	return numbers
}
